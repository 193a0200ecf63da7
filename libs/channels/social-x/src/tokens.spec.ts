import { createTestHost } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { createUserTokens, type UserTokens } from './tokens.js';
import { MovedClock, XWorld } from './testing/x-world.js';

describe('the tokens of an account', () => {
  it('are renewed by one of two holders, and the other one uses what it got', async () => {
    const world = await XWorld.open();
    try {
      const other = world.another('shop-x', {});
      world.x.expire();
      const signal = AbortSignal.timeout(20_000);
      await Promise.all([world.instance.connection?.check(signal), other.connection?.check(signal)]);
      const first = world.x.tokens().refreshToken;
      world.x.expire();
      await Promise.all([world.instance.connection?.check(signal), other.connection?.check(signal)]);
      expect(world.x.tokens().refreshToken).not.toBe(first);
      // A third process, started later with the seed that X would not take any more.
      await world.another('shop-x', {}).connection?.check(signal);
    } finally {
      await world.close();
    }
  });

  it('that the user revoked are AUTH, without the service stopping; new ones in the configuration win', async () => {
    const world = await XWorld.open({ config: { receive_by: 'polling' } });
    try {
      await world.reconcile();
      world.x.inbound({ kind: 'mention', from: 'ada', text: 'while revoked' });
      world.x.revoke();
      world.clock.advance(120_000);
      await expect(world.reconcile()).rejects.toMatchObject({
        code: 'AUTH',
        message: expect.stringContaining('refresh_token'),
      });
      await world.stop();
      world.renew({ refresh_token: world.x.authorise().refreshToken });
      world.start();
      await world.reconcile();
      expect(world.desk.texts()).toEqual(['@AcmeHelp while revoked']);
    } finally {
      await world.close();
    }
  });

  describe('by themselves', () => {
    const clock = new MovedClock();
    let asked: string[] = [];
    beforeEach(() => {
      asked = [];
    });
    const tokens = (
      sealed: Parameters<typeof createUserTokens>[0]['sealed'],
      configured: { accessToken?: string; refreshToken?: string },
    ): UserTokens =>
      createUserTokens({
        sealed,
        clock,
        configured: { accessToken: configured.accessToken, refreshToken: configured.refreshToken },
        refresh: (refreshToken) => {
          asked.push(refreshToken);
          const n = asked.length;
          return Promise.resolve({ accessToken: `access-${n}`, refreshToken: `refresh-${n}`, expiresInSeconds: 7200 });
        },
      });

    it('are renewed a minute before their end, with the newest refresh token', async () => {
      const account = tokens(createTestHost().sealed('a', 't'), { refreshToken: 'seed' });
      expect(await account.current()).toBe('access-1');
      expect(await account.current()).toBe('access-1');
      clock.advance(7_150_000);
      expect(await account.current()).toBe('access-2');
      expect(asked).toEqual(['seed', 'refresh-1']);
    });

    it('fall back to the seed when X does not know those kept (a database restored from a backup)', async () => {
      const sealed = createTestHost().sealed('a', 't');
      const known = new Set(['seed']);
      const refresh = (refreshToken: string): ReturnType<Parameters<typeof createUserTokens>[0]['refresh']> =>
        known.has(refreshToken)
          ? Promise.resolve({
              accessToken: `for ${refreshToken}`,
              refreshToken: 'unknown to X',
              expiresInSeconds: 7200,
            })
          : Promise.reject(new FaninError('AUTH', 'invalid'));
      const configured = { accessToken: undefined, refreshToken: 'seed' };
      const account = createUserTokens({ sealed, clock, configured, refresh });
      const first = await account.current();
      expect(await account.renew(first)).toBe('for seed');
      known.clear();
      await expect(account.renew('for seed')).rejects.toMatchObject({ code: 'AUTH' });
    });

    it('newly configured win over those kept', async () => {
      const sealed = createTestHost().sealed('a', 't');
      await tokens(sealed, { refreshToken: 'old' }).current();
      await tokens(sealed, { refreshToken: 'new' }).current();
      expect(asked).toEqual(['old', 'new']);
    });

    it('without a refresh token work until X refuses them', async () => {
      const account = tokens(createTestHost().sealed('a', 't'), { accessToken: 'trial' });
      expect(await account.current()).toBe('trial');
      await expect(account.renew('trial')).rejects.toEqual(
        new FaninError('AUTH', 'X does not take the access token, and there is no refresh_token to renew it with'),
      );
    });
  });
});
