import { ackBeforeAppend } from './ack-first.js';
import { BOTH_FORMS, type LiveControl } from './control.js';
import { accountLease, relayLease, replyLease } from './leases.js';
import { drive, driveReplies } from './live-traffic.js';
import { promptRefusal } from './refusal.js';
import { runAgain } from './retry.js';
import { dropTrigger, setTrigger, withoutWhatTheTriggerTakes, type Trigger } from './trigger.js';

const sentMark: LiveControl = {
  name: 'sent-mark',
  off: 'the mark that a reply went out: it is taken back as it is set, and the queue sends again',
  forms: BOTH_FORMS,
  count: ({ sentTwice }) => sentTwice,
  drive: (world) =>
    driveReplies(
      world,
      `IF NEW.state = 'done' AND NEW.channel_slug = 'email-smtp' THEN
         NEW.state := 'waiting'; NEW.message := OLD.message; NEW.next_attempt_at := clock_timestamp();
       END IF; RETURN NEW;`,
    ),
};

const ROWS_STAY: Trigger = { table: 'platform.outbox', when: 'DELETE', body: 'RETURN NULL;' };

const outboxMark: LiveControl = {
  name: 'outbox-mark',
  off: 'the mark that a row of the outbox is published: rows stay and go out again and again',
  forms: BOTH_FORMS,
  restless: true,
  count: ({ problems }) => problems.filter((line) => line.includes('in the outbox of')).length,
  async drive(world) {
    if (world.isOff) await setTrigger(world, ROWS_STAY);
    await drive(world, { streams: ['smtp'] });
  },
  mend: (world) => dropTrigger(world, ROWS_STAY),
};

const outboxLost: LiveControl = {
  name: 'outbox-lost',
  off: 'the outbox: what a transaction hands over is thrown away',
  forms: BOTH_FORMS,
  restless: true,
  count: ({ metricsAgree, fatesAddUp }) => (metricsAgree ? 0 : 1) + (fatesAddUp ? 0 : 1),
  drive: (world) =>
    withoutWhatTheTriggerTakes(world, { table: 'platform.outbox', when: 'INSERT', body: 'RETURN NULL;' }, () =>
      drive(world, { streams: ['smtp'] }),
    ),
};

const dedupe: LiveControl = {
  name: 'dedupe',
  off: 'the key that decides duplicates: every row gets a key of its own',
  forms: BOTH_FORMS,
  count: ({ doubled }) => doubled,
  drive: (world) =>
    withoutWhatTheTriggerTakes(
      world,
      { table: 'tickets.messages', when: 'INSERT', body: "NEW.id := NEW.id || '-' || gen_random_uuid(); RETURN NEW;" },
      () => drive(world, { streams: ['smtp', 'twilio'], repeat: 0.5 }),
    ),
};

/** Those that leave a whole system first: behind each of the others a new one is started. */
export const LIVE: readonly LiveControl[] = [
  ackBeforeAppend,
  promptRefusal,
  sentMark,
  replyLease,
  outboxMark,
  relayLease,
  accountLease,
  dedupe,
  runAgain,
  outboxLost,
];
