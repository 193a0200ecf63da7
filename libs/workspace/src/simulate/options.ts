import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { VENDORS, type VendorName } from '@fanin/simulated-accounts';

export interface SimulateOptions {
  readonly vendor: VendorName;
  readonly port: number;
  /** Address of the Fanin whose accounts are called, without a trailing slash. */
  readonly fanin: string;
  readonly prefix: string;
  readonly tenant: string;
  /** Absolute. */
  readonly caFile: string;
  readonly seed: number | undefined;
}

export const DEFAULT_PORTS: Readonly<Record<VendorName, number>> = { twilio: 4010, meta: 4020, x: 4030 };

export const USAGE = `A vendor on loopback: it speaks the vendor's API, signs webhooks as the vendor does, keeps what was sent, and breaks on demand.

  npm run simulate -- VENDOR           VENDOR is ${VENDORS.join(', ')}; runs until Ctrl-C

  --port N          (default: twilio ${DEFAULT_PORTS.twilio}, meta ${DEFAULT_PORTS.meta}, x ${DEFAULT_PORTS.x}; 0: any free one)
  --fanin URL       whose webhooks it calls (default http://127.0.0.1:8080)
  --prefix TEXT     first part of the account ids (default my)
  --tenant ID       tenant of the accounts (default default)
  --ca-file FILE    where the certificate of the simulated X goes (default .fanin/simulated-x-ca.pem)
  --seed N          the same ids in every run
`;

/** Throws an Error that names everything that is wrong with the command line. Undefined when help is wanted. */
export function parseOptions(argv: readonly string[], workingDir: string): SimulateOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      fanin: { type: 'string', default: 'http://127.0.0.1:8080' },
      prefix: { type: 'string', default: 'my' },
      tenant: { type: 'string', default: 'default' },
      'ca-file': { type: 'string', default: '.fanin/simulated-x-ca.pem' },
      seed: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const problems: string[] = [];
  const [named, ...more] = positionals;
  const vendor = VENDORS.find((known) => known === named);
  if (vendor === undefined || more.length > 0)
    problems.push(`name one vendor: ${VENDORS.join(', ')}, e.g. npm run simulate -- twilio`);
  const wanted = values.port ?? String(vendor === undefined ? 0 : DEFAULT_PORTS[vendor]);
  const port = Number(wanted);
  if (!/^\d+$/.test(wanted) || port > 65_535) problems.push(`--port takes a number from 0 to 65535, not ${wanted}`);
  if (!URL.canParse(values.fanin) || !/^https?:/.test(values.fanin))
    problems.push(`--fanin takes an address, e.g. http://127.0.0.1:8080, not ${values.fanin}`);
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(values.prefix))
    problems.push(`--prefix takes small letters, digits and -, not ${values.prefix}`);
  if (values.seed !== undefined && !/^\d{1,9}$/.test(values.seed))
    problems.push(`--seed takes a number, e.g. 7, not ${values.seed}`);
  if (problems.length > 0 || vendor === undefined) throw new Error(problems.join('\n'));
  return {
    vendor,
    port,
    fanin: values.fanin.replace(/\/+$/, ''),
    prefix: values.prefix,
    tenant: values.tenant,
    caFile: resolve(workingDir, values['ca-file']),
    seed: values.seed === undefined ? undefined : Number(values.seed),
  };
}
