import { createSystemClock, FaninError } from '@fanin/kernel';
import { createLogger } from './logger.js';

function logged(format: 'json' | 'pretty', use: (logger: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = [];
  const clock = { ...createSystemClock(), now: () => Date.UTC(2026, 10, 22, 12, 3, 4) };
  use(
    createLogger({
      service: 'test',
      level: 'info',
      format,
      clock,
      destination: { write: (line) => void lines.push(line) },
    }),
  );
  return lines;
}

describe('the logger', () => {
  it('writes one JSON object a line, with what a child adds', () => {
    const lines = logged('json', (logger) =>
      logger.child({ group: 'g' }).info('batch done', { topic: 't', offset: 5n, count: 3 }),
    );
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: '2026-11-22T12:03:04.000Z',
      service: 'test',
      group: 'g',
      topic: 't',
      offset: '5',
      count: 3,
      message: 'batch done',
    });
    expect(lines[0]).toMatch(/\n$/);
  });

  it('leaves out what is below its level', () => {
    expect(logged('json', (logger) => logger.debug('chatter'))).toEqual([]);
  });

  it('hides every text under a name that nobody has allowed, and addresses and numbers anywhere', () => {
    const canaries = ['ada@shop.example', '+49 170 1234567', 'Ada Lovelace', 'my parcel', 'tok-123'];
    const [line = ''] = logged('json', (logger) =>
      logger.error('went wrong', {
        subject: canaries[3],
        customer: { name: canaries[2], account_id: canaries[0] },
        reason: `could not reach ${canaries[0]} or ${canaries[1]}`,
        token: canaries[4],
        list: [canaries[0]],
        error: new Error(`invalid input syntax: "${canaries[3]}" of ${canaries[0]}`, {
          cause: new Error(`'${canaries[2]}'`),
        }),
      }),
    );
    for (const canary of canaries) expect(line).not.toContain(canary);
    expect(line).toContain('could not reach [hidden] or [hidden]');
    expect(JSON.parse(line).error).toMatchObject({
      name: 'Error',
      message: expect.stringContaining('invalid input syntax'),
      cause: { name: 'Error' },
    });
  });

  it('shows what a channel tells people and which permissions are missing, without addresses and numbers', () => {
    const [line = ''] = logged('json', (logger) =>
      logger.warn('a channel has something to say', {
        notice: 'the mail of ada@shop.example rests',
        permissions: 'pages_manage_engagement, pages_messaging',
        body: 'my parcel',
      }),
    );
    expect(JSON.parse(line)).toMatchObject({
      notice: 'the mail of [hidden] rests',
      permissions: 'pages_manage_engagement, pages_messaging',
      body: '[hidden]',
    });
  });

  it('keeps our own messages and codes whole', () => {
    const [line = ''] = logged('json', (logger) =>
      logger.warn('again', { error: new FaninError('TRANSIENT', 'the topic "x" is away') }),
    );
    expect(JSON.parse(line).error).toMatchObject({
      name: 'FaninError',
      code: 'TRANSIENT',
      message: 'the topic "x" is away',
    });
  });

  it('writes one readable line for people', () => {
    const [line] = logged('pretty', (logger) =>
      logger.warn('poll failed', { account: 'a', reason: 'no answer', error: new FaninError('AUTH', 'refused') }),
    );
    expect(line).toMatch(
      /^12:03:04 WARN {2}poll failed account=a reason="no answer" error="AUTH: refused \(at .*\)"\n$/,
    );
  });
});
