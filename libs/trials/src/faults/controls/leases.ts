import { setTimeout as sleep } from 'node:timers/promises';
import type { StatementChange } from '@fanin/test-kit';
import type { Part } from '../../system/system.js';
import { BOTH_FORMS, type ControlWorld, type LiveControl } from './control.js';
import { drive, driveReplies } from './live-traffic.js';
import { expectAltered, withStatements } from './loaded.js';
import { withTrigger } from './trigger.js';

/** A second replica of a service while `work` is done, with other statements than the first. */
async function besideAnother(
  { stage, isOff }: ControlWorld,
  part: Part,
  changes: readonly StatementChange[],
  work: () => Promise<void>,
): Promise<void> {
  const { cluster } = stage;
  if (cluster === undefined) throw new Error('needs the cluster form');
  const { program } = await cluster.replica(part, withStatements(changes));
  try {
    await work();
    if (isOff) expectAltered(program, changes);
  } finally {
    await program.end('SIGTERM');
  }
}

const SLOW_READ_MS = 1_000;

/** A machine that stops for a moment between reading the outbox and publishing does the same. */
const READS_SLOWLY: StatementChange = [
  'SELECT id, topic, records FROM platform.outbox',
  `WITH slowly AS MATERIALIZED (SELECT pg_sleep(${SLOW_READ_MS / 1000})) SELECT id, topic, records FROM slowly, platform.outbox`,
];

const ASKS_NO_LEASE: StatementChange = [
  'SELECT pg_try_advisory_lock($1, hashtext($2)) AS taken',
  'SELECT true OR ($1::int, $2::text) IS NULL AS taken',
];

export const relayLease: LiveControl = {
  name: 'relay-lease',
  off: 'the lease of an outbox: a second relay, which reads slowly, publishes beside its holder',
  forms: ['cluster'],
  count: ({ metricsAgree }) => (metricsAgree ? 0 : 1),
  async drive(world) {
    const changes = world.isOff ? [ASKS_NO_LEASE, READS_SLOWLY] : [READS_SLOWLY];
    await besideAnother(world, 'analytics', changes, async () => {
      await drive(world, { streams: ['smtp', 'twilio', 'desk'], ms: 12_000 });
      await sleep(3 * SLOW_READ_MS);
    });
  },
};

/** Leases under a name that nobody else asks for. */
const LEASES_OF_ITS_OWN: readonly StatementChange[] = [
  ['VALUES ($1, $2, $3, 1, clock_timestamp()', "VALUES ($1 || ' again', $2, $3, 1, clock_timestamp()"],
  ['WHERE account_id = $1 AND holder', "WHERE account_id = $1 || ' again' AND holder"],
];

export const accountLease: LiveControl = {
  name: 'account-lease',
  off: 'the lease of an account: a second connector reads the mailbox, too (the key that decides duplicates hides it: off in both halves)',
  forms: ['cluster'],
  missing: ({ system }) => (system.dovecot === undefined ? 'there is no Dovecot' : undefined),
  count: ({ doubled }) => doubled,
  drive: (world) =>
    withTrigger(
      world,
      {
        table: 'tickets.messages',
        when: 'INSERT',
        body: "IF NEW.channel_slug = 'email-imap' THEN NEW.id := NEW.id || '-' || gen_random_uuid(); END IF; RETURN NEW;",
      },
      () =>
        besideAnother(world, 'email-connector', world.isOff ? LEASES_OF_ITS_OWN : [], () =>
          drive(world, { streams: ['imap'], ms: 10_000 }),
        ),
    ),
};

export const replyLease: LiveControl = {
  name: 'reply-lease',
  off: 'the lease of a reply that is being sent: it stays free, and is taken again while it goes out',
  forms: BOTH_FORMS,
  count: ({ sentTwice }) => sentTwice,
  drive: (world) =>
    driveReplies(
      world,
      `IF NEW.state = 'sending' AND NEW.channel_slug = 'email-smtp' THEN NEW.state := 'waiting'; END IF; RETURN NEW;`,
    ),
};
