import type { ChannelHost, SealedState } from '@fanin/connector-kit';
import { clock, HostFixture, type RunningHost } from './spec-support/host-fixture.js';
import { account } from './spec-support/samples.js';
import { ScriptedProvider, scriptedChannel } from './spec-support/scripted-channels.js';

describe('sealed secrets', () => {
  let fixture: HostFixture;
  let hosts: RunningHost[] = [];

  beforeAll(async () => {
    fixture = await HostFixture.start();
    await fixture.topics('seal');
  });
  afterEach(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    hosts = [];
  });
  afterAll(() => fixture.stop());

  const secret = (name: string): string => `${name} `.repeat(12);
  const process = async (...secrets: string[]): Promise<ChannelHost> => {
    let given: ChannelHost | undefined;
    const onOpen = (host: ChannelHost): void => void (given = host);
    const channel = scriptedChannel(new ScriptedProvider(), { slug: 'social-seal', capture: 'webhook', onOpen });
    const accounts = [account('seal-a', 'social-seal'), account('seal-b', 'social-seal')];
    hosts.push(await fixture.host(fixture.parts('seal'), [channel], accounts, secrets));
    if (given === undefined) throw new Error('the channel was not opened');
    return given;
  };
  const stored = (name: string) =>
    fixture.rows<{ content: string }>('SELECT * FROM channels.sealed WHERE name = $1', name);

  it('are not readable in the database, nor in another row, and outlive a rotation', async () => {
    const old = (await process(secret('old'))).sealed('seal-a', 'token');
    expect(await old.read()).toBeNull();
    await expect(old.update(async (current) => `${current} refresh-1 ü`)).resolves.toBe('null refresh-1 ü');
    expect(JSON.stringify(await stored('token'))).not.toContain('refresh-1');
    const both = (await process(secret('new'), secret('old'))).sealed('seal-a', 'token');
    expect(await both.read()).toBe('null refresh-1 ü');
    await both.update(async (current) => `${current} and 2`);
    expect(await (await process(secret('new'))).sealed('seal-a', 'token').read()).toBe('null refresh-1 ü and 2');
    await expect(old.read()).rejects.toMatchObject({ code: 'CONFIG' });
    await fixture.rows(
      `INSERT INTO channels.sealed (account_id, name, tenant, content)
       SELECT 'seal-b', name, tenant, content FROM channels.sealed WHERE account_id = 'seal-a' AND name = 'token'`,
    );
    const moved = (await process(secret('new'))).sealed('seal-b', 'token');
    await expect(moved.read()).rejects.toMatchObject({ code: 'BUG' });
  });

  it('are changed by one process at a time', async () => {
    const states: SealedState[] = [];
    for (const host of [await process(secret('s')), await process(secret('s'))])
      states.push(host.sealed('seal-a', 'n'));
    let changing = 0;
    const change = async (current: string | null): Promise<string> => {
      expect((changing += 1)).toBe(1);
      await clock.sleep(10);
      changing -= 1;
      return String(Number(current ?? 0) + 1);
    };
    await Promise.all(states.flatMap((state) => Array.from({ length: 5 }, () => state.update(change))));
    expect(await states[0]?.read()).toBe('10');
  });

  it('stay as they were when the change fails, and let the next one in', async () => {
    const state = (await process(secret('s'))).sealed('seal-a', 'failing');
    await state.update(async () => 'first');
    await expect(state.update(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    expect(await state.read()).toBe('first');
    await expect(state.update(async (current) => `${current} second`)).resolves.toBe('first second');
  });

  it('are stored all the same when the database breaks off after the provider gave them', async () => {
    const state = (await process(secret('s'))).sealed('seal-a', 'torn');
    await state.update(async () => 'used up');
    const made = await state.update(async () => {
      await fixture.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE '%channels.sealed%'`,
      );
      return 'the only one';
    });
    expect(made).toBe('the only one');
    expect(await state.read()).toBe('the only one');
  });

  it('need a signing secret, and say so', async () => {
    const state = (await process()).sealed('seal-a', 'none');
    await expect(state.update(async () => 'x')).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('auth.signing_secrets'),
    });
  });
});
