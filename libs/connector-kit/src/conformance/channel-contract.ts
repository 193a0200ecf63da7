import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { validateInput } from '@fanin/contracts';
import type { ErrorCode, FaninError } from '@fanin/kernel';
import type { OutboundMessageV1 } from '@fanin/contracts';
import type { WebhookRequest } from '../capture.js';
import type { RemoteAttachment } from '../media.js';
import type { Channel, ChannelInstance } from '../channel.js';
import type { TestHost, TestHostOptions } from '../testing/test-host.js';
import { captureChecks } from './capture-checks.js';
import { channelFolderProblems } from './channel-folder.js';
import { checkAllErrorsAtOnce, undocumentedDefaults, undocumentedFields } from './config-checks.js';
import { credentialsChecks } from './credentials-checks.js';
import { demand, demandNone } from './demand.js';
import { errorProblems } from './error-checks.js';
import { fixtureChecks } from './fixture-checks.js';
import { mediaChecks } from './media-checks.js';
import { manifestProblems, memberProblems } from './manifest-checks.js';
import { reconcileChecks } from './reconcile-checks.js';
import { sendingChecks } from './sending-checks.js';
import { README_SECTIONS, readmeTables, sameTable, sectionOf, withSection } from './readme.js';
import { createSubject, type ContractSubject } from './subject.js';

/** One line of the error table: what the provider did, as the client throws it, and the code it must become. */
export interface ErrorCase {
  /** For people, e.g. `wrong password (535)`. */
  readonly what: string;
  readonly error: unknown;
  readonly code: ErrorCode;
}

export interface ErrorCatalogue {
  /** The channel's own translation, from src/errors.ts. */
  readonly translate: (error: unknown) => FaninError;
  readonly cases: readonly ErrorCase[];
}

export interface WebhookDriver {
  /** The request by which the provider delivers this body, signed as it signs. */
  request(body: Buffer, contentType: string): WebhookRequest;
  /** Lower-case names of the headers that carry the proof. The suite takes each away and expects a refusal. */
  readonly signatureHeaders: readonly string[];
  /** A rightly signed request that is too old; only where the provider signs a time. */
  readonly stale?: (body: Buffer, contentType: string) => WebhookRequest;
  /**
   * Where the provider shows a shared secret and signs nothing: why an altered body cannot be told. Takes the place of the check that
   * alters one.
   */
  readonly bodyIsNotSigned?: string;
}

export interface PollDriver {
  /** Brings the scripted provider to: at least two messages wait, whatever was read before. */
  fill(): Promise<void>;
  /** From now on the provider takes requests and answers nothing. */
  hang(): Promise<void>;
}

export interface StreamDriver {
  /**
   * Has the outside world hand one new delivery to the running capture. Resolves with what the other side was told:
   * `acknowledged` (it may forget the delivery) or `refused` (it keeps it and comes again); not before it was told.
   */
  offer(instance: ChannelInstance, host: TestHost): Promise<'acknowledged' | 'refused'>;
}

/** With the capability 'media'. */
export interface MediaDriver {
  /** An attachment that the provider holds, and its bytes. */
  present(): Promise<{ readonly attachment: RemoteAttachment; readonly content: Buffer }>;
  /** An attachment that the provider no longer has (or, where addresses expire, one that no new address can be had for). */
  gone(): Promise<RemoteAttachment>;
  /** From now on the provider takes requests for attachments and answers nothing. */
  hang(): Promise<void>;
}

/** With the capability 'reconcile'. */
export interface ReconcileDriver {
  /** Has customers send `count` messages that are never pushed to us; resolves with their provider message ids. */
  missed(count: number): Promise<readonly string[]>;
  /** Has a customer send a message, and gives the request by which the provider pushes it; it is listed too. */
  pushed(): Promise<{ readonly request: WebhookRequest }>;
}

/** With credentials that the provider checks (capabilities 'reconcile' or 'connection_check' of a webhook channel). */
export interface CredentialsDriver {
  revoke(): Promise<void>;
  repair(): Promise<void>;
}

/** With the capability 'replies' of a webhook channel. */
export interface SendingDriver {
  /** A reply that the provider takes, another one at each call. */
  reply(): Promise<OutboundMessageV1>;
  /** The ids of all messages that the provider took from us. */
  sent(): Promise<readonly string[]>;
  /** The next send is carried out by the provider, and its answer never arrives. */
  cutOff(): Promise<void>;
  /** With 'reply_windows': a reply that comes too late. */
  closed?(): Promise<OutboundMessageV1>;
}

/** What a channel's contract.spec.ts tells the suite. */
export interface ChannelContract {
  readonly channel: Channel;
  /** `import.meta.dirname` of contract.spec.ts. */
  readonly source: string;
  /** A configuration that works, as it stands in the YAML file, secrets in plain (at least 8 characters each). */
  readonly config: Readonly<Record<string, unknown>> | (() => Promise<Readonly<Record<string, unknown>>>);
  /** The error table, or why there is none: nobody is called who could fail (a door that only we keep open). */
  readonly errors: ErrorCatalogue | { readonly none: string };
  /** The driver of the channel's shape of capture is required. */
  readonly webhook?: WebhookDriver;
  readonly poll?: PollDriver;
  readonly stream?: StreamDriver;
  /** Those that the manifest's capabilities ask for are required; the suite says which. */
  readonly media?: MediaDriver;
  readonly reconcile?: ReconcileDriver;
  readonly credentials?: CredentialsDriver;
  readonly sending?: SendingDriver;
  /**
   * Webhook channels: another configuration with other secrets, for a second account of the same process. What is signed for the
   * one must be refused by the other.
   */
  readonly otherConfig?: Readonly<Record<string, unknown>>;
  /** Why our own messages can never come back on this channel; otherwise a fixture with `"own": true` must show it. */
  readonly ownMessagesNeverReturn?: string;
  readonly host?: TestHostOptions;
  /** Damaged bodies tried per fixture (default 100). */
  readonly fuzzRuns?: number;
  /** Closes what `config` and the drivers opened. */
  readonly close?: () => Promise<void>;
}

interface Switches {
  readonly updateFixtures?: boolean;
  readonly updateDocs?: boolean;
}

/** Set by `npm run conformance` through Jest's --globals. */
function switches(): Switches {
  return (globalThis as { FANIN_CONFORMANCE?: Switches }).FANIN_CONFORMANCE ?? {};
}

/**
 * Registers the conformance suite of a channel with Jest. Called once, at the top level of the channel's contract.spec.ts.
 * Each failing line says what to write.
 */
export function channelContract(contract: ChannelContract): void {
  const { manifest } = contract.channel;
  const folder = dirname(contract.source);
  const subject = createSubject(contract);
  const update = switches();

  describe(`channel ${manifest.slug}`, () => {
    afterAll(() => subject.close());

    it('has the files of a channel', () => demandNone(channelFolderProblems(folder, manifest)));
    it('has a manifest that fits together', () => demandNone(manifestProblems(manifest)));
    configChecks(contract, subject);
    it('has the members that its capabilities name', async () => {
      demandNone(memberProblems(manifest, (await subject.running()).instance));
    });
    fixtureChecks(contract, subject, folder, update.updateFixtures === true);
    captureChecks(contract, subject, folder);
    abilityChecks(contract, subject);
    it('translates the errors of its provider', () => demandNone(errorProblems(contract)));
    it('has current tables in its README', () => checkReadme(contract, folder, update.updateDocs === true));
    it('keeps its secrets out of logs and errors', () => checkSecrets(subject));
  });
}

/** The checks of what the capabilities promise beside capture. */
function abilityChecks(contract: ChannelContract, subject: ContractSubject): void {
  const { manifest } = contract.channel;
  const has = (name: (typeof manifest.capabilities)[number]): boolean => manifest.capabilities.includes(name);
  if (has('reconcile')) reconcileChecks(contract.reconcile, subject);
  // Hanging providers come last: the others are served by the same one.
  if (manifest.capture === 'webhook' && has('replies')) sendingChecks(manifest, contract.sending, subject);
  if (manifest.capture === 'webhook' && (has('reconcile') || has('connection_check')))
    credentialsChecks(contract.credentials, subject);
  if (has('media')) mediaChecks(contract.media, subject);
}

function configChecks(contract: ChannelContract, subject: ContractSubject): void {
  const { Config } = contract.channel;
  it('documents every field of its configuration', () => {
    demandNone([...undocumentedFields(Config), ...undocumentedDefaults(Config)]);
  });
  it('reports everything that is wrong with a configuration at once', () => checkAllErrorsAtOnce(Config));
  it('accepts the configuration of its contract.spec.ts', async () => {
    const result = validateInput(Config, await subject.rawConfig());
    demandNone(
      result.ok ? [] : result.problems.map(({ path, message }) => `contract.spec.ts: config.${path} ${message}`),
    );
  });
}

function checkReadme(contract: ChannelContract, folder: string, update: boolean): void {
  const path = join(folder, 'README.md');
  demand(existsSync(path), 'README.md is missing');
  let readme = readFileSync(path, 'utf8');
  const tables = readmeTables(
    contract.channel.manifest,
    contract.channel.Config,
    'none' in contract.errors ? [] : contract.errors.cases,
  );
  if (update) {
    for (const section of README_SECTIONS) readme = withSection(readme, section, tables[section]);
    writeFileSync(path, readme);
  }
  const stale = README_SECTIONS.filter((section) => !sameTable(sectionOf(readme, section) ?? '', tables[section]));
  demandNone(
    stale.map(
      (section) =>
        `README.md: the table of ${section} is not current: npm run conformance -- ${contract.channel.manifest.slug} --update-docs`,
    ),
  );
  const words = readme.replace(/<!-- generated:(\w+) -->[\s\S]*?<!-- \/generated:\1 -->/g, '').split(/\s+/).length;
  demand(
    words >= 60,
    'README.md: write what the channel ingests, how to set it up at the provider, its limits and what it costs',
  );
}

async function checkSecrets(subject: ContractSubject): Promise<void> {
  const { secrets, host } = await subject.running();
  const short = secrets.filter((secret) => secret.length < 8).length;
  demand(
    short === 0,
    'contract.spec.ts: give each secret of `config` at least 8 characters, so that a leak can be told from chance',
  );
  const said = [...host.logged, ...host.measured, ...subject.heard];
  demand(
    !secrets.some((secret) => said.some((line) => line.includes(secret))),
    'a secret of the configuration was logged or stands in an error message: log ids, never values',
  );
}
