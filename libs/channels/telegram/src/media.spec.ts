import { inspect } from 'node:util';
import type { MediaSource } from '@fanin/connector-kit';
import { TOKEN } from './spec-support/bot-api-server.js';
import { startBot, type RunningBot } from './spec-support/running-bot.js';

const file = (ref: string) => ({ ref, name: 'a.bin', content_type: 'application/octet-stream', inline: false });

describe('files', () => {
  let bot: RunningBot;
  let media: MediaSource;
  const fetching = (ref: string) => media.fetch(file(ref), { signal: AbortSignal.timeout(10_000) });
  beforeAll(async () => {
    bot = await startBot();
    media = bot.instance.media as MediaSource;
  });
  afterAll(() => bot.server.stop());

  it('are fetched up to 20 MB', async () => {
    bot.server.files.set('fits', Buffer.alloc(20 * 1024 * 1024, 7));
    bot.server.files.set('too-large', Buffer.alloc(20 * 1024 * 1024 + 1, 7));
    expect((await fetching('fits')).content).toHaveLength(20 * 1024 * 1024);
    await expect(fetching('too-large')).rejects.toMatchObject({ code: 'BAD_PAYLOAD' });
  });

  it.each([
    ['Bad Request: file is too big', 'BAD_PAYLOAD'],
    ['Bad Request: wrong file_id or the file is temporarily unavailable', 'TRANSIENT'],
  ])('that getFile refuses with "%s" are %s', async (description, code) => {
    bot.server.refuse('getFile', { status: 400, description });
    await expect(fetching('any')).rejects.toMatchObject({ code });
  });

  it('have their address asked for anew each time: it holds for an hour', async () => {
    bot.server.files.set('again', Buffer.from('here'));
    const before = bot.server.calls.length;
    await fetching('again');
    expect((await fetching('again')).content.toString()).toBe('here');
    expect(bot.server.calls.slice(before)).toEqual(['getFile', 'getFile']);
  });

  it('leave the token in no error, however deep one looks', async () => {
    const away = await startBot();
    away.server.files.set('cut', Buffer.alloc(10));
    away.server.hangFiles();
    const stop = new AbortController();
    const cut = away.instance.media?.fetch(file('cut'), { signal: stop.signal }).catch((reason: unknown) => reason);
    setTimeout(() => stop.abort(), 50);
    const errors = [await cut];
    await away.server.stop();
    errors.push(
      await away.instance.media?.fetch(file('cut'), { signal: AbortSignal.timeout(5000) }).catch((e: unknown) => e),
    );
    errors.push(await fetching('none').catch((e: unknown) => e));
    for (const error of errors) {
      expect(error).toMatchObject({ name: expect.stringMatching(/FaninError|HttpRefusal/) as string });
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(TOKEN);
    }
  });
});
