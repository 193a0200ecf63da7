import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cutByAny, messageOf, type Clock } from '@fanin/kernel';
import type { ApiKeys } from '@fanin/platform';
import nodemailer from 'nodemailer';
import { answerTickets, ticketsThere } from './agent.js';
import { visitChat } from './chat-visitor.js';
import { DEMO_ADDRESS, DEMO_CHAT_ACCOUNT, DEMO_TENANT } from './demo-tenant.js';
import type { DemoVendors } from './demo-vendors.js';
import { VENDOR_TICKETS, writeAndCall } from './social-customers.js';
import { ANSWERS, CHATS, MAILS } from './sample-hour.js';

export interface DemoSurroundings {
  readonly url: string;
  readonly smtpPort: number;
  readonly keys: ApiKeys;
  readonly clock: Clock;
  readonly vendors: DemoVendors;
  /** Remembers in it that the hour was played. */
  readonly dataFolder: string;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/**
 * Plays the sample hour once per data folder, through the same doors that customers and agents use: SMTP, WebSocket, API, and
 * the webhooks of simulated vendors, which stay for whoever wants to answer. Never rejects: a demo that fails must not take the program with it. What was cut short is played again: the mails
 * carry fixed ids, so those that were taken count as duplicates.
 */
export async function playDemo(surroundings: DemoSurroundings): Promise<void> {
  const marker = join(surroundings.dataFolder, 'demo-played');
  try {
    await surroundings.vendors.connect(surroundings.url);
    if ((await stat(marker).catch(() => undefined)) !== undefined) return;
    await play(surroundings);
    await writeFile(marker, '');
    surroundings.print(`A sample hour was played into the tenant "${DEMO_TENANT.id}" (--no-demo leaves it out).`);
  } catch (error) {
    if (!surroundings.signal.aborted)
      surroundings.print(`The sample hour was not played to its end: ${messageOf(error)}`);
  }
}

async function play({ url, smtpPort, keys, clock, vendors, signal }: DemoSurroundings): Promise<void> {
  const { id, key } = await keys.create({
    tenant: DEMO_TENANT.id,
    scopes: ['tickets:read', 'tickets:write'],
    name: 'sample hour',
  });
  try {
    await Promise.all([sendMails(smtpPort, signal), chat(url, signal), writeAndCall(vendors)]);
    const expected = MAILS.filter(({ after }) => after === undefined).length + CHATS.length + VENDOR_TICKETS;
    await cutByAny([signal, AbortSignal.timeout(60_000)], (limit) =>
      ticketsThere(url, key, expected, () => clock.sleep(250, signal), limit),
    );
    await answerTickets(url, key, ANSWERS, signal);
  } finally {
    await keys.revoke(id).catch(() => undefined);
  }
}

async function sendMails(port: number, signal: AbortSignal): Promise<void> {
  const transport = nodemailer.createTransport({ host: '127.0.0.1', port, ignoreTLS: true, connectionTimeout: 5_000 });
  const idOf = (id: string): string => `<sample-${id}@customer.example>`;
  for (const { id, from, subject, text, after } of MAILS) {
    signal.throwIfAborted();
    await transport.sendMail({
      messageId: idOf(id),
      from,
      to: DEMO_ADDRESS,
      subject,
      text,
      ...(after === undefined ? {} : { inReplyTo: idOf(after), references: [idOf(after)] }),
    });
  }
}

async function chat(url: string, signal: AbortSignal): Promise<void> {
  for (const { name, lines } of CHATS) await visitChat(url, DEMO_CHAT_ACCOUNT, name, lines, signal);
}
