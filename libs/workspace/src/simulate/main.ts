import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  startSimulatedMeta,
  startSimulatedTwilio,
  startSimulatedX,
  type SimulatedVendor,
} from '@fanin/simulated-accounts';
import { stringify } from 'yaml';
import { parseOptions, USAGE, type SimulateOptions } from './options.js';

/** A customer's message in each vendor's words, for the example that is printed. */
const EXAMPLES: Readonly<Record<SimulateOptions['vendor'], object>> = {
  twilio: { from: '+14155550123', body: 'Where is my order?' },
  x: { kind: 'mention', from: 'ada', text: 'where is my parcel?' },
  meta: { channel: 'messenger', from: { name: 'Ada' }, text: 'Is the blue chair in stock?' },
};

async function startVendor({ vendor, port, seed, caFile }: SimulateOptions): Promise<SimulatedVendor> {
  const options = { port, ...(seed === undefined ? {} : { seed }) };
  if (vendor === 'twilio') return startSimulatedTwilio(options);
  if (vendor === 'meta') return startSimulatedMeta(options);
  mkdirSync(dirname(caFile), { recursive: true });
  return startSimulatedX({ ...options, caFile });
}

const RETRY_MS = 2_000;

/** Enters the hook addresses as soon as Fanin answers there: it may be started after the vendor. */
async function connect(running: SimulatedVendor, options: SimulateOptions, signal: AbortSignal): Promise<void> {
  if (running.name === 'x') return console.log('The account registers its webhook by itself when Fanin starts.');
  let told = '';
  while (!signal.aborted) {
    try {
      await running.connect(options.prefix, (id) => `${options.fanin}/hooks/${id}`);
      console.log(`The hook addresses of ${options.fanin} are entered.`);
      return;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== told) console.log(`The hook addresses are not taken yet: ${reason}. Trying again.`);
      told = reason;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
    }
  }
}

function introduction(running: SimulatedVendor, options: SimulateOptions): string {
  const accounts = stringify({ accounts: running.accounts(options.tenant, options.prefix) });
  const insecure = running.url.startsWith('https') ? '-k ' : '';
  const templates = running.templates().map((template) => `  ${template}`);
  const example = JSON.stringify(EXAMPLES[running.name]);
  return [
    `The simulated ${running.name} is ready: ${running.url}`,
    '',
    'Put this into the configuration of Fanin (npm start -- --config FILE):',
    '',
    accounts,
    'Have a customer write:',
    `  curl ${insecure}-X POST ${running.url}/_control/inbound -H 'content-type: application/json' -d '${example}'`,
    'See what was sent to customers, and what it can do:',
    `  curl ${insecure}${running.url}/_control/sent`,
    `  curl ${insecure}${running.url}/_control/`,
    ...(templates.length === 0 ? [] : ['Templates for WhatsApp:', ...templates]),
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), process.cwd());
  if (options === undefined) return console.log(USAGE);
  const running = await startVendor(options);
  console.log(introduction(running, options));
  const ending = new AbortController();
  const ended = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve());
  });
  void connect(running, options, ending.signal);
  await ended;
  ending.abort();
  await running.close();
}

try {
  await main();
} catch (error) {
  const taken = (error as { code?: string } | null)?.code === 'EADDRINUSE';
  const reason = error instanceof Error ? error.message : String(error);
  console.error(taken ? `${reason}. Name another port: --port N (0: any free one).` : `${reason}\n\n${USAGE}`);
  process.exitCode = 1;
}
