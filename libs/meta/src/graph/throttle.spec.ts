import { GraphClient } from './graph-client.js';
import { Throttle } from './throttle.js';
import { read } from './check-token.js';

const THROTTLED = JSON.stringify({ error: { message: 'Calls to this api have exceeded the rate limit', code: 613 } });

describe('a check while Meta wants no calls', () => {
  it('fails at once with what Meta said, for all clients of the account, and asks again afterwards', async () => {
    let now = 1_000;
    let pausedUntil = 0;
    let body = THROTTLED;
    const asked: string[] = [];
    const common = {
      apiUrl: 'https://graph.example',
      version: 'v25.0',
      appSecrets: ['secret'],
      accessToken: 'token',
      throttle: new Throttle({ monotonicMs: () => now }),
      limiter: {
        // As the host's: it would wait for longer than a check may take.
        take: () => (now < pausedUntil ? new Promise<void>(() => undefined) : Promise.resolve()),
        pause: (ms: number) => void (pausedUntil = now + ms),
      },
      http: {
        call: ({ url }: { readonly url: URL }) => {
          asked.push(url.pathname);
          return Promise.resolve({ status: body === THROTTLED ? 400 : 200, headers: {}, body });
        },
        close: () => undefined,
      },
    };
    const [graph, app] = [new GraphClient(common), new GraphClient(common)];
    const { signal } = new AbortController();
    await expect(read(app, 'debug_token', {}, signal)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    now += 20_000;
    await expect(read(graph, 'me', {}, signal)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: expect.stringContaining('exceeded the rate limit'),
      retryAfterMs: 40_000,
    });
    expect(asked).toEqual(['/v25.0/debug_token']);
    now += 40_000;
    body = '{"id":"1"}';
    await expect(read(graph, 'me', {}, signal)).resolves.toEqual({ id: '1' });
  });
});
