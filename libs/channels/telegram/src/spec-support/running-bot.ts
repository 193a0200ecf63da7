import { createTestHost, type ChannelInstance, type TestHost } from '@fanin/connector-kit';
import { validateInput } from '@fanin/contracts';
import { channel } from '../index.js';
import { BotApiServer, TOKEN } from './bot-api-server.js';

export const SECRET = 'a-secret-of-the-tests-only';

export interface RunningBot {
  readonly server: BotApiServer;
  readonly host: TestHost;
  readonly instance: ChannelInstance;
  readonly apiUrl: string;
}

/** An account of the channel beside a Bot API server of its own. */
export async function startBot(
  config: Readonly<Record<string, unknown>> = {},
  server = new BotApiServer(),
): Promise<RunningBot> {
  const apiUrl = await server.start();
  const raw = { bot_token: TOKEN, webhook_secret: SECRET, poll_seconds: 0, api_url: apiUrl, ...config };
  const result = validateInput(channel.Config, raw);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const host = createTestHost();
  const instance = channel.create({ id: 'shop bot', tenant: 'default', config: result.value }, host, undefined);
  return { server, host, instance, apiUrl };
}
