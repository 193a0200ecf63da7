import type { Pace } from '../drive/driver.js';
import type { DriveSpec } from '../drive/load-process.js';
import { CHAT, IMAP_ADDRESS, IMAP_USER, MAIL, type Part, type SystemUnderTest } from '../system/system.js';
import { VENDOR_ACCOUNTS } from '../system/vendors.js';

export const CHAT_SOCKETS = 1_000;

/** Which part of the offered rate goes through each door; the rest of the drives have paces of their own. */
const SHARES: Readonly<Record<string, number>> = { mail: 0.4, chat: 0.35, twilio: 0.1, meta: 0.1, x: 0.05 };
const FIXED: Readonly<Record<string, number>> = { imap: 0.5, replies: 2, readers: 2 };

/** Everybody at once: customers at every door, agents who answer, people who look. */
export function trafficOf(system: SystemUnderTest, run: string, key: string): readonly DriveSpec[] {
  const { url, vendors, dovecot } = system;
  const hook = (connector: Part, id: string) => ({
    account: `a/${id}`,
    url: `${system.addressOf(connector)}/hooks/${id}`,
    publicUrl: `${url}/hooks/${id}`,
  });
  const { twilio, x, meta } = vendors;
  const [page] = meta.app.pages ?? [];
  const [user] = x.simulator.accounts();
  const [number] = twilio.simulator.account.numbers;
  if (page === undefined || user === undefined || number === undefined)
    throw new Error('the simulated vendors have no page, user or number');
  const { account_sid: accountSid, auth_token: authToken } = twilio.simulator.account;
  const chat = {
    kind: 'chat',
    account: `a/${CHAT.a}`,
    url: system.addressOf('chat-connector'),
    origin: new URL(url).origin,
  } as const;
  const agents = { url: system.addressOf('ticket-core'), key, channel: 'email' };
  const drives: DriveSpec[] = [
    {
      name: 'mail',
      door: { kind: 'smtp', account: 'a/a-mail', port: system.smtpPort, to: MAIL.a, servers: 4 },
      // As many as wait in the server's queue when it offers twice what can be taken.
      conversations: 6_000,
      turns: 4,
      run,
    },
    { name: 'chat', door: chat, conversations: CHAT_SOCKETS, run },
    {
      name: 'twilio',
      door: {
        kind: 'twilio',
        ...hook('phone-connector', VENDOR_ACCOUNTS.phone),
        accountSid,
        authToken,
        number: number.phone_number,
      },
      conversations: 500,
      turns: 6,
      run,
    },
    {
      name: 'meta',
      door: {
        kind: 'meta',
        ...hook('social-connector', VENDOR_ACCOUNTS.messenger),
        appSecret: meta.app.secret,
        object: 'page',
        id: page.id,
      },
      conversations: 500,
      turns: 6,
      run,
    },
    {
      name: 'x',
      door: {
        kind: 'x',
        ...hook('social-connector', VENDOR_ACCOUNTS.x),
        userId: user.id,
        clientSecret: x.simulator.app.clientSecret,
        consumerSecret: x.simulator.app.consumerSecret,
      },
      conversations: 500,
      turns: 6,
      run,
    },
    {
      name: 'replies',
      door: { kind: 'replies', account: 'a/a-mail', ...agents },
      conversations: 50,
      turns: 2,
      run,
    },
    { name: 'readers', door: { kind: 'readers', url, key }, conversations: 5, run },
  ];
  if (dovecot === undefined) return drives;
  const { host, port, password } = dovecot;
  const mailbox = {
    kind: 'imap',
    account: 'a/a-imap',
    host,
    port,
    user: IMAP_USER,
    password,
    to: IMAP_ADDRESS,
  } as const;
  return [...drives, { name: 'imap', door: mailbox, conversations: 20, turns: 3, run }];
}

/** So many messages a second in all, spread over the doors. */
export function pacesAt(rate: number, drives: readonly DriveSpec[]): Readonly<Record<string, Pace>> {
  return Object.fromEntries(
    drives.map(({ name }) => [name, { rate: FIXED[name] ?? Math.max(0.1, (SHARES[name] ?? 0) * rate) }]),
  );
}

/** As much as the doors take: a closed loop through those that have a share. */
export function pacesAtTop(senders: number): Readonly<Record<string, Pace>> {
  return Object.fromEntries(
    Object.entries(SHARES).map(([name, share]) => [name, { concurrency: Math.max(2, Math.round(senders * share)) }]),
  );
}
