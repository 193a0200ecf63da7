import { parseArgs } from 'node:util';

export interface SoakOptions {
  readonly minutes: number;
  /** Messages a second; undefined: half of the top rate, which is measured first. */
  readonly rate: number | undefined;
  readonly form: 'cluster' | 'standalone';
  readonly overload: boolean;
  /** Length of the overload. */
  readonly seconds: number;
  readonly json: string | undefined;
  readonly svg: string | undefined;
}

export const USAGE = `npm run soak -- [--minutes N] [--rate N] [--form cluster|standalone] [--json FILE] [--svg FILE]
npm run soak -- --overload [--seconds N] [--rate N] …

Runs the whole system as separate processes, drives every door at once (mails by SMTP and IMAP, ${'1,000'} chat sockets, signed
webhooks of Twilio, voice among them, Messenger, the Page's comments, Instagram, WhatsApp, Telegram and X, agents' replies and desks,
people reading the numbers) and samples what could grow. Exits with 1 when something does grow after the warm-up, or when the
verdict of the faults on all that was acknowledged is red.

  --minutes N     length of the soak, warm-up included (default 10); the first half, at most 300,000 messages, is warm-up
  --rate N        messages a second in all; default: half the top rate, which is measured first
  --form FORM     cluster (default; needs KAFKA_BROKERS, or Java and Maven) or standalone
  --overload      instead of a soak: twice the top rate (or twice --rate), then half of it
  --seconds N     length of the overload (default 120)
  --json FILE     every sample and finding
  --svg FILE      a picture (default: none)
`;

/** Throws an Error whose message says what is wrong. Undefined when help is wanted. */
export function parseOptions(args: readonly string[]): SoakOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      rate: { type: 'string' },
      form: { type: 'string', default: 'cluster' },
      overload: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '120' },
      json: { type: 'string' },
      svg: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.form !== 'cluster' && values.form !== 'standalone')
    throw new Error(`--form takes cluster or standalone, not "${values.form}"`);
  return {
    minutes: positive('--minutes', values.minutes),
    rate: values.rate === undefined ? undefined : positive('--rate', values.rate),
    form: values.form,
    overload: values.overload,
    seconds: positive('--seconds', values.seconds),
    json: values.json,
    svg: values.svg,
  };
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`${option} takes a number above 0, not "${text}"`);
  return value;
}
