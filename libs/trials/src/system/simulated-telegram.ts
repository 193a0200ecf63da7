import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AccountEntry } from '@fanin/simulated-accounts';

const TOKEN = '640118277:AAF2x9LqTnWv0RkYbCdEfGhIjKlMnOpQrSt';
const BOT = { id: 640_118_277, is_bot: true, first_name: 'Shop A', username: 'shop_a_example_bot' };

/**
 * The Bot API of one bot (core.telegram.org/bots/api) on loopback, as far as a bot calls it that customers write to and
 * nobody answers for: it says who it is, and keeps the address of its webhook.
 */
export class SimulatedTelegram {
  /** What Telegram shows with every call of the webhook. */
  readonly secret = 'secret-of-the-bot-of-shop-a';
  private webhook = '';

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.once('end', () => {
        const result = this.answer(request.url ?? '', Buffer.concat(chunks).toString() || '{}');
        const refusal = { ok: false, error_code: 404, description: 'Not Found' };
        response.writeHead(result === undefined ? 404 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(result === undefined ? refusal : { ok: true, result }));
      });
    });
  }

  static async start(): Promise<SimulatedTelegram> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new SimulatedTelegram(server);
  }

  /** For the configuration file. */
  account(id: string, tenant: string): AccountEntry {
    const url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    const config = { bot_token: TOKEN, webhook_secret: this.secret, api_url: url };
    return { id, tenant, channel: 'telegram', config };
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private answer(path: string, body: string): unknown {
    switch (path) {
      case `/bot${TOKEN}/getMe`:
        return BOT;
      case `/bot${TOKEN}/getWebhookInfo`:
        return { url: this.webhook, has_custom_certificate: false, pending_update_count: 0 };
      case `/bot${TOKEN}/setWebhook`:
        this.webhook = (JSON.parse(body) as { url: string }).url;
        return true;
      default:
        return undefined;
    }
  }
}
