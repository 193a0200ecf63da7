import type { SmallDisk, TcpProxy } from '@fanin/test-kit';
import type { KafkaCluster } from '@fanin/dev-kafka';
import type { Recorder } from '../oracle/recorder.js';
import type { ClusterSystem } from '../system/cluster-system.js';
import type { DatabaseServer } from '../system/database-server.js';
import type { EmbeddedSystem } from '../system/embedded-system.js';
import type { Part, SystemUnderTest } from '../system/system.js';
import type { Random } from './random.js';
import type { Supervisor } from './supervisor.js';
import type { Stream, Traffic } from './traffic.js';

export type Form = 'cluster' | 'standalone';

/** A running system with everything below it that a case may break. */
export interface Stage {
  readonly form: Form;
  readonly system: SystemUnderTest;
  /** The cluster form only. */
  readonly cluster: ClusterSystem | undefined;
  readonly embedded: EmbeddedSystem | undefined;
  readonly kafka: KafkaCluster | undefined;
  readonly database: DatabaseServer | undefined;
  /** The line between the connector and the mailbox. */
  readonly imapLine: TcpProxy | undefined;
  /** What the object store lies on, for cases that want one. */
  readonly disk: SmallDisk | undefined;
  /** Processes that can be killed. The embedded form is one. */
  readonly parts: readonly Part[];
  /** Copies what the processes wrote. */
  saveLogs(folder: string): void;
  stop(): Promise<void>;
}

/** What a case works with while the traffic flows. */
export interface FaultRun extends Stage {
  readonly random: Random;
  /** How long it may break things; a rolling restart may take longer. */
  readonly seconds: number;
  readonly supervisor: Supervisor;
  readonly traffic: Traffic;
  readonly recorder: Recorder;
  /** Something that belongs in the table: how many were killed, how long something took. */
  note(figure: string): void;
  /** Something that makes the run red whatever the oracle says. */
  fault(line: string): void;
}

/** Something that breaks, under load. What it broke it mends before it resolves. */
export interface FaultCase {
  readonly name: string;
  /** For the table. */
  readonly what: string;
  readonly forms: readonly Form[];
  /** Default 1. */
  readonly brokers?: 1 | 3;
  /** The object store lies on a disk that can be made full. */
  readonly smallDisk?: boolean;
  /** Default: every stream. */
  readonly streams?: readonly Stream[];
  /** Streams whose order what is broken takes away: each of their messages is a conversation of its own. */
  readonly unordered?: readonly Stream[];
  /** What is broken is what services leave for, and are started again. Else one that leaves by itself makes the run red. */
  readonly mayLeave?: true;
  /** How long a short run of it breaks things (default 10 s). */
  readonly seconds?: number;
  breakThings(run: FaultRun): Promise<void>;
}

/** A trial that brings a system of its own and judges it itself. Red when `problems` is not empty. */
export interface OwnCase {
  readonly name: string;
  readonly what: string;
  readonly forms: readonly Form[];
  prove(options: OwnCaseOptions): Promise<{ readonly problems: readonly string[]; readonly figures: string }>;
}

export interface OwnCaseOptions {
  readonly form: Form;
  readonly seed: number;
  /** Undefined: the short form. */
  readonly minutes: number | undefined;
  /** Where it tells how far it is. */
  readonly say: (line: string) => void;
}
