import type { PollCapture } from '@fanin/connector-kit';
import { SECRET, startBot, type RunningBot } from './spec-support/running-bot.js';

const ADDRESS = 'https://fanin.example/hooks/shop%20bot';
const signal = (): AbortSignal => AbortSignal.timeout(10_000);
const setsOf = ({ server }: RunningBot): number => server.calls.filter((method) => method === 'setWebhook').length;

describe('the second door of a webhook', () => {
  let bot: RunningBot;
  let door: PollCapture;
  beforeEach(async () => {
    bot = await startBot();
    door = bot.instance.reconcile as PollCapture;
  });
  afterEach(() => bot.server.stop());

  it('sets the webhook once, with secret and kinds of updates', async () => {
    const { cursor, notices } = await door.poll(null, signal());
    expect(bot.server.webhook).toEqual({
      url: ADDRESS,
      secret_token: SECRET,
      allowed_updates: ['message', 'edited_message', 'callback_query', 'my_chat_member'],
    });
    expect(notices).toEqual([]);
    await door.poll(cursor, signal());
    expect(setsOf(bot)).toBe(1);
  });

  it('sets it again when it is gone', async () => {
    const { cursor } = await door.poll(null, signal());
    bot.server.webhook = { url: '' };
    const { notices } = await door.poll(cursor, signal());
    expect(bot.server.webhook.url).toBe(ADDRESS);
    expect(notices).toEqual([{ code: 'REPAIRED', message: expect.stringContaining('set again') as string }]);
  });

  it('takes it back from another address, and names the host only', async () => {
    bot.server.webhook = { url: 'https://elsewhere.example/hook?key=of-theirs' };
    const { notices } = await door.poll(null, signal());
    expect(bot.server.webhook.url).toBe(ADDRESS);
    expect(notices).toEqual([{ code: 'CONFIG', message: expect.stringContaining('elsewhere.example for') as string }]);
    expect(JSON.stringify(notices)).not.toContain('of-theirs');
  });

  it('sets it anew when the secret was changed', async () => {
    const { cursor } = await door.poll(null, signal());
    const changed = await startBot({ webhook_secret: 'another-secret-of-the-tests', api_url: bot.apiUrl });
    await changed.instance.reconcile?.poll(cursor, signal());
    expect(bot.server.webhook.secret_token).toBe('another-secret-of-the-tests');
    await changed.server.stop();
  });

  it('shows what Telegram says about failed calls, and what waits there', async () => {
    const { cursor } = await door.poll(null, signal());
    bot.server.write('waits');
    const last_error_date = Math.floor(bot.host.clock.now() / 1000);
    bot.server.lastError = {
      last_error_date,
      last_error_message: 'Wrong response from the webhook: 503 Service Unavailable',
    };
    const { notices } = await door.poll(cursor, signal());
    expect(notices?.[0]?.message).toMatch(/503 Service Unavailable.*1 wait/);
    expect(bot.host.measured).toContain('fanin_telegram_pending_updates{"account":"shop bot"}');
    expect(setsOf(bot)).toBe(1);
    bot.server.lastError = { last_error_date: last_error_date - 3600, last_error_message: 'Connection timed out' };
    expect((await door.poll(cursor, signal())).notices).toEqual([]);
  });

  it('tells Telegram the secret again when our door refused it', async () => {
    const { cursor } = await door.poll(null, signal());
    const last_error_date = Math.floor(bot.host.clock.now() / 1000);
    bot.server.lastError = { last_error_date, last_error_message: 'Wrong response from the webhook: 401 Unauthorized' };
    await door.poll(cursor, signal());
    expect(setsOf(bot)).toBe(2);
  });

  it('calls an address that Telegram does not take a fault of the configuration', async () => {
    bot.server.refuse('setWebhook', { status: 400, description: 'Bad Request: bad webhook: IP address is reserved' });
    await expect(door.poll(null, signal())).rejects.toMatchObject({ code: 'CONFIG' });
  });

  it('wants a secret', async () => {
    await bot.server.stop();
    await expect(startBot({ webhook_secret: undefined }, bot.server)).rejects.toMatchObject({ code: 'CONFIG' });
  });
});
