import { createSystemClock } from '@fanin/kernel';
import { ChatClient } from '@fanin/test-kit';
import { ChatServer } from './spec-support/chat-server.js';
import { SharedLog } from './spec-support/shared-log.js';

const SOCKETS = 200;
const MESSAGES = 20;
const config = {
  connections_per_ip: 1_000,
  new_visitors_per_ip_per_minute: 10_000,
  ip_messages_per_second: 100_000,
  messages_per_second: 1_000,
  message_burst: 1_000,
};

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('resume', () => {
  it(`${SOCKETS} visitors × ${MESSAGES} messages with the server killed again and again: the same transcript at both ends, nothing twice`, async () => {
    const log = new SharedLog(createSystemClock());
    log.jitterMs = 15;
    let server = await ChatServer.start({ config, log });
    const { port, url } = server;
    const clients = Array.from({ length: SOCKETS }, () => new ChatClient({ url, accountId: 'shop', backoffMs: 30 }));
    const acked = new Map<ChatClient, string[]>(clients.map((client) => [client, []]));
    let done = false;
    const work = Promise.all(
      clients.map(async (client, visitor) => {
        for (let n = 0; n < MESSAGES; n++) {
          const id = `visitor-${visitor}-message-${n}`;
          await client.send(`message ${n} of ${visitor}`, { id });
          acked.get(client)?.push(id);
          await wait(Math.random() * 80);
        }
      }),
    ).then(() => (done = true));
    let kills = 0;
    const agent = (async () => {
      while (!done || kills < 5) {
        // Paced by progress, not by time: a slow machine is not killed to a standstill.
        const enough = log.raw.length + 150;
        while (!done && log.raw.length < enough) await wait(5);
        await server.kill();
        kills += 1;
        server = await ChatServer.start({ config, log, port });
        // An agent answers somebody meanwhile, twice under one id.
        const conversation = clients[kills % SOCKETS]?.conversationId;
        for (let times = 0; times < 2 && conversation !== undefined; times++) {
          await log.replica().append(conversation, {
            direction: 'outbound',
            entryId: `reply-${kills}`,
            payload: JSON.stringify({ text: 'on it', author: { kind: 'agent', name: 'Robin' } }),
          });
        }
      }
    })();
    await Promise.all([work, agent]);

    let cuts = 0;
    for (const client of clients) {
      const transcript = log.transcripts.get(client.conversationId ?? '') ?? [];
      await client.until(
        () => (client.live && client.events.length >= transcript.length ? true : undefined),
        20_000,
        'transcript incomplete',
      );
      expect({ gaps: client.gaps, duplicates: client.duplicates }).toEqual({ gaps: 0, duplicates: 0 });
      expect(client.events.map(({ seq, id }) => [seq, id])).toEqual(
        transcript.map(({ seq, entryId }) => [seq, entryId]),
      );
      const inbound = transcript.filter((entry) => entry.direction === 'inbound').map((entry) => entry.entryId);
      expect(inbound).toEqual(acked.get(client));
      const raw = log.raw.filter((delivery) => delivery.orderKey === client.conversationId);
      const captured = [
        ...new Set(
          raw.map(
            (delivery) => (JSON.parse(delivery.body.toString()) as { client_message_id: string }).client_message_id,
          ),
        ),
      ];
      expect(captured).toEqual(inbound);
      cuts += client.connections - 1;
    }
    const repeated = log.raw.length - SOCKETS * MESSAGES;
    console.log(
      `killed ${kills} times, ${cuts} reconnections, ${SOCKETS * MESSAGES} messages, captured again ${repeated}, lost 0, twice 0`,
    );
    // The test proves nothing unless kills fell between capture and ack.
    expect(cuts).toBeGreaterThanOrEqual(SOCKETS);
    expect(repeated).toBeGreaterThan(0);
    await Promise.all(clients.map((client) => client.close()));
    await server.stop();
  }, 120_000);

  it('keeps two replicas in step: a visitor on each sees what the other writes', async () => {
    const log = new SharedLog(createSystemClock());
    const [one, two] = [await ChatServer.start({ log }), await ChatServer.start({ log })];
    const first = new ChatClient({ url: one.url, accountId: 'shop' });
    await first.ready();
    const second = new ChatClient({
      url: two.url,
      accountId: 'shop',
      ...(first.token === undefined ? {} : { token: first.token }),
    });
    await second.ready();
    await first.send('from the first tab');
    await second.send('from the second tab');
    await first.event((event) => event.seq === 2);
    await second.event((event) => event.seq === 2);
    expect(first.events).toEqual(second.events);
    await Promise.all([first.close(), second.close()]);
    await Promise.all([one.stop(), two.stop()]);
  });

  it('sends what was written while the visitor was away, and takes what the visitor wrote meanwhile', async () => {
    const log = new SharedLog(createSystemClock());
    const server = await ChatServer.start({ log });
    const before = new ChatClient({ url: server.url, accountId: 'shop' });
    await before.ready();
    await before.send('good night');
    await before.close();
    for (let n = 0; n < 250; n++) {
      log.append(before.conversationId ?? '', {
        direction: 'outbound',
        entryId: `reply-${n}`,
        payload: JSON.stringify({ text: `${n}`, author: { kind: 'agent', name: null } }),
      });
    }
    const after = new ChatClient({
      url: server.url,
      accountId: 'shop',
      ...(before.token === undefined ? {} : { token: before.token }),
    });
    const yesterday = new Date(Date.now() - 24 * 3_600_000);
    const ack = await after.send('written on the train', { sentAt: yesterday });
    expect(ack.seq).toBe(252);
    await after.event((event) => event.seq === 252);
    expect(after.events.map((event) => event.seq)).toEqual(Array.from({ length: 252 }, (_, index) => index + 1));
    expect(log.raw.at(-1)?.body.toString()).toContain(yesterday.toISOString());
    await after.close();
    await server.stop();
  });
});
