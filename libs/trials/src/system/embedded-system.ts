import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPostgresBus } from '@fanin/bus-postgres';
import { freePorts } from '@fanin/dev-kafka';
import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import { dovecotUnavailable, startTcpProxy, startTestDovecot, temporaryFolder } from '@fanin/test-kit';
import { stringify } from 'yaml';
import { Api } from './api.js';
import { createKey, Program, type Environment } from './program.js';
import { Relay } from './relay.js';
import { accountsOf, TENANTS, type SystemOptions, type SystemUnderTest } from './system.js';
import { startVendors } from './vendors.js';

/** The embedded server's own superuser, whose password lies beside the data. */
function adminUrlOf(dataDir: string, serviceUrl: string): string {
  const url = new URL(serviceUrl);
  const folder = join(dataDir, 'postgres');
  const elsewhere = join(folder, 'elsewhere');
  const file = join(existsSync(elsewhere) ? elsewhere : folder, 'password');
  url.username = 'fanin';
  url.password = encodeURIComponent(readFileSync(file, 'utf8').trim());
  return url.href;
}

export interface EmbeddedSystem extends SystemUnderTest {
  readonly dataDir: string;
  readonly configFile: string;
  program(): Program;
  /** What all programs of it have written, one after the other. */
  written(): string;
}

/** `npm start` with a configuration of two shops, as a child process. */
export async function startEmbedded(options: SystemOptions = {}): Promise<EmbeddedSystem> {
  const folder = await temporaryFolder('fanin-e2e-');
  const [httpPort = 0, smtpPort = 0, relayPort = 0] = await freePorts(3);
  const relay = await Relay.start(relayPort);
  const withDovecot = dovecotUnavailable() === undefined && (options.channels?.includes('email-imap') ?? true);
  const dovecot = withDovecot ? await startTestDovecot() : undefined;
  const imapLine = dovecot === undefined || options.onImapLine === undefined ? undefined : await startTcpProxy(dovecot);
  if (imapLine !== undefined) options.onImapLine?.(imapLine);
  const vendors = await startVendors(folder.path, options.channels, options.metaRetryScale);
  const [dataDir, configFile] = [join(folder.path, 'data'), join(folder.path, 'fanin.yaml')];
  const accounts = accountsOf(relayPort, dovecot, vendors, { ...options, imapPort: imapLine?.port });
  writeFileSync(configFile, stringify({ ...options.config, tenants: TENANTS, accounts }));
  const place = ['--data', dataDir, '--config', configFile];
  const ports = ['--http-port', String(httpPort), '--smtp-port', String(smtpPort)];
  const launch = (environment: Environment = {}): Program =>
    new Program('standalone', [...place, ...ports], { ...options.environment, ...environment });
  let program = launch();
  const written: string[] = [];
  const stop = async (): Promise<void> => {
    await program.end('SIGTERM');
    await Promise.all([relay.close(), imapLine?.close(), dovecot?.close(), vendors.close()]);
    await folder.remove();
  };
  try {
    const url = await program.ready();
    await vendors.connect(url);
    const [a, b, reader] = await Promise.all([
      createKey('standalone', place, 'a', 'all'),
      createKey('standalone', place, 'b', 'all'),
      createKey('standalone', place, 'a', 'tickets:read'),
    ]);
    const databaseUrl = (): string => readFileSync(join(dataDir, 'database-url'), 'utf8').trim();
    return {
      form: 'embedded',
      url,
      addressOf: () => url,
      smtpPort,
      operatorToken: /token=(\S+)/.exec(program.output)?.[1] ?? '',
      topicPrefix: 'fanin',
      // The embedded server takes another port with each start.
      get databaseUrl() {
        return databaseUrl();
      },
      get adminUrl() {
        return adminUrlOf(dataDir, databaseUrl());
      },
      relay,
      dovecot,
      vendors,
      keys: { a, b },
      api: { a: new Api(url, a), b: new Api(url, b) },
      readOnly: new Api(url, reader),
      documents: [`${url}/docs/openapi.json`],
      dataDir,
      configFile,
      program: () => program,
      written: () => [...written, program.output].join('\n'),
      openBus: () =>
        Promise.resolve(
          createPostgresBus({
            url: databaseUrl(),
            clock: createSystemClock(),
            logger: silentLogger,
            metrics: noMetrics,
          }),
        ),
      metrics: async () => (await fetch(`${url}/metrics`)).text(),
      kill: async () => void (await program.end('SIGKILL')),
      revive: async (_part, environment) => {
        if (program.running) return;
        written.push(program.output);
        program = launch(environment);
        await program.ready();
      },
      end: async () => {
        const began = performance.now();
        return { codes: [await program.end('SIGTERM')], tookMs: performance.now() - began };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
