import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPostgresBus } from '@fanin/bus-postgres';
import { freePorts } from '@fanin/dev-kafka';
import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import { dovecotUnavailable, startTestDovecot, temporaryFolder } from '@fanin/test-kit';
import { stringify } from 'yaml';
import { Api } from './api.js';
import { createKey, Program } from './program.js';
import { Relay } from './relay.js';
import { accountsOf, TENANTS, type SystemUnderTest } from './system.js';
import { startVendors } from './vendors.js';

export interface EmbeddedSystem extends SystemUnderTest {
  readonly dataDir: string;
  readonly configFile: string;
  program(): Program;
}

/** `npm start` with a configuration of two shops, as a child process. */
export async function startEmbedded(): Promise<EmbeddedSystem> {
  const folder = await temporaryFolder('fanin-e2e-');
  const [httpPort = 0, smtpPort = 0, relayPort = 0] = await freePorts(3);
  const relay = await Relay.start(relayPort);
  const dovecot = dovecotUnavailable() === undefined ? await startTestDovecot() : undefined;
  const vendors = await startVendors(folder.path);
  const [dataDir, configFile] = [join(folder.path, 'data'), join(folder.path, 'fanin.yaml')];
  writeFileSync(configFile, stringify({ tenants: TENANTS, accounts: accountsOf(relayPort, dovecot, vendors) }));
  const place = ['--data', dataDir, '--config', configFile];
  const ports = ['--http-port', String(httpPort), '--smtp-port', String(smtpPort)];
  const launch = (): Program => new Program('standalone', [...place, ...ports]);
  let program = launch();
  const stop = async (): Promise<void> => {
    await program.end('SIGTERM');
    await Promise.all([relay.close(), dovecot?.close(), vendors.close()]);
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
      smtpPort,
      operatorToken: /token=(\S+)/.exec(program.output)?.[1] ?? '',
      topicPrefix: 'fanin',
      // The embedded server takes another port with each start.
      get databaseUrl() {
        return databaseUrl();
      },
      relay,
      dovecot,
      vendors,
      api: { a: new Api(url, a), b: new Api(url, b) },
      readOnly: new Api(url, reader),
      documents: [`${url}/docs/openapi.json`],
      dataDir,
      configFile,
      program: () => program,
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
      revive: async () => {
        if (program.running) return;
        program = launch();
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
