import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Driver } from '../../drive/driver.js';
import { openDoor } from '../../drive/open-door.js';
import { VENDOR_ACCOUNTS } from '../../system/vendors.js';
import { sleep } from '../case.js';
import type { ControlWorld, LiveControl } from '../controls.js';
import { Traffic, type Stream } from '../traffic.js';

const DRIVE_MS = 4_000;

async function drive(
  { stage, recorder, random }: ControlWorld,
  streams: readonly Stream[],
  repeat?: number,
): Promise<void> {
  const { system, key } = stage;
  const run = `live${Math.floor(performance.now())}`;
  const traffic = new Traffic({
    system,
    recorder,
    random,
    key,
    run,
    streams,
    ...(repeat === undefined ? {} : { repeat }),
  });
  await sleep(DRIVE_MS);
  await traffic.stop();
}

/** A trigger of the trial's own for as long as traffic flows. */
async function withTrigger(world: ControlWorld, table: string, when: string, body: string, work: () => Promise<void>) {
  await world.sql(
    `CREATE OR REPLACE FUNCTION public.trial_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
     CREATE TRIGGER trial_off BEFORE ${when} ON ${table} FOR EACH ROW EXECUTE FUNCTION public.trial_off()`,
  );
  try {
    await work();
  } finally {
    await world.sql(`DROP TRIGGER trial_off ON ${table}`);
  }
}

/** An edge that says 200 first and appends afterwards. */
async function startHastyEdge(target: URL): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      outgoing.end();
      const headers = { ...incoming.headers, host: target.host };
      const onward = request(new URL(incoming.url ?? '/', target), { method: 'POST', headers }, (answer) =>
        answer.resume(),
      );
      onward.on('error', () => undefined);
      onward.end(Buffer.concat(chunks));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ackBeforeAppend: LiveControl = {
  name: 'ack-first',
  off: 'acknowledgement only after the append: an edge says 200 first, and its connector is killed',
  count: ({ lost }) => lost,
  async breakIt({ stage, supervisor, recorder: oracle }) {
    const { url } = stage.system;
    const { account_sid: accountSid, auth_token: authToken, numbers } = stage.system.vendors.twilio.simulator.account;
    const hook = `/hooks/${VENDOR_ACCOUNTS.phone}`;
    const edge = await startHastyEdge(new URL(url));
    const door = openDoor({
      kind: 'twilio',
      account: `a/${VENDOR_ACCOUNTS.phone}`,
      url: `${edge.url}${hook}`,
      publicUrl: `${url}${hook}`,
      accountSid,
      authToken,
      number: numbers[0]?.phone_number ?? '',
    });
    const driver = new Driver({
      door,
      oracle,
      conversations: 2,
      turns: 3,
      run: `hasty${Math.floor(performance.now())}`,
    });
    driver.start({ rate: 30 });
    await sleep(500);
    await supervisor.killAndRevive(stage.form === 'cluster' ? 'phone-connector' : 'ticket-core', 500);
    await driver.stop();
    await edge.close();
  },
};

const sentMark: LiveControl = {
  name: 'sent-mark',
  off: 'the mark that a reply went out: it is taken back as it is set, and the queue sends again',
  count: ({ sentTwice }) => sentTwice,
  breakIt: (world) =>
    withTrigger(
      world,
      'channels.outbound',
      'UPDATE',
      `IF NEW.state = 'done' AND NEW.channel_slug = 'email-smtp' THEN
         NEW.state := 'waiting'; NEW.message := OLD.message; NEW.next_attempt_at := clock_timestamp();
       END IF; RETURN NEW;`,
      () => drive(world, ['smtp', 'replies-email']),
    ),
};

const outboxMark: LiveControl = {
  name: 'outbox-mark',
  off: 'the mark that a row of the outbox is published: rows stay and go out again and again',
  count: ({ problems }) => problems.filter((line) => line.includes('in the outbox of')).length,
  async breakIt(world) {
    await world.sql(
      `CREATE OR REPLACE FUNCTION public.trial_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
       CREATE TRIGGER trial_keep BEFORE DELETE ON platform.outbox FOR EACH ROW EXECUTE FUNCTION public.trial_keep()`,
    );
    await drive(world, ['smtp']);
    setTimeout(
      () => void world.sql('DROP TRIGGER trial_keep ON platform.outbox').catch(() => undefined),
      15_000,
    ).unref();
  },
};

const outboxLost: LiveControl = {
  name: 'outbox-lost',
  off: 'the outbox: what a transaction hands over is thrown away',
  count: ({ metricsAgree, fatesAddUp }) => (metricsAgree ? 0 : 1) + (fatesAddUp ? 0 : 1),
  breakIt: (world) => withTrigger(world, 'platform.outbox', 'INSERT', 'RETURN NULL;', () => drive(world, ['smtp'])),
};

const dedupe: LiveControl = {
  name: 'dedupe',
  off: 'the key that decides duplicates: every row gets a key of its own',
  count: ({ doubled }) => doubled,
  breakIt: (world) =>
    withTrigger(world, 'tickets.messages', 'INSERT', "NEW.id := NEW.id || '-' || gen_random_uuid(); RETURN NEW;", () =>
      drive(world, ['smtp', 'twilio'], 0.5),
    ),
};

/** In this order: what an earlier one breaks for good is not what a later one is seen by. */
export const LIVE: readonly LiveControl[] = [ackBeforeAppend, sentMark, outboxMark, dedupe, outboxLost];
