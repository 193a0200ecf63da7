import { CHAT, IMAP_ADDRESS, IMAP_USER, MAIL, type Part, type SystemUnderTest } from '../system/system.js';
import { VENDOR_ACCOUNTS, type Vendors } from '../system/vendors.js';
import type { DoorSpec } from './open-door.js';

/** Through which customers write to tenant A. */
const CUSTOMER_DOORS = [
  'smtp',
  'imap',
  'chat',
  'twilio',
  'voice',
  'meta',
  'comments',
  'instagram',
  'whatsapp',
  'telegram',
  'x',
] as const;

/** Through which its agents work. */
const AGENT_DOORS = ['replies-email', 'replies-chat', 'replies-phone', 'desk'] as const;

/** Agents of accounts where only those can be answered who wrote at the vendor: it does not know who came by a webhook alone. */
const VENDOR_AGENTS = {
  'replies-messenger': VENDOR_ACCOUNTS.messenger,
  'replies-instagram': VENDOR_ACCOUNTS.instagram,
  'replies-whatsapp': VENDOR_ACCOUNTS.whatsapp,
  'replies-x': VENDOR_ACCOUNTS.x,
} as const;

/** Doors that are open to everybody's customers. */
export const DOOR_NAMES = [...CUSTOMER_DOORS, ...AGENT_DOORS] as const;
export type DoorName = (typeof DOOR_NAMES)[number] | keyof typeof VENDOR_AGENTS;

export function isAgent(name: string): boolean {
  return AGENT_DOORS.some((agent) => agent === name) || Object.hasOwn(VENDOR_AGENTS, name);
}

export interface DoorPlaces {
  /** Other than the system's own, e.g. of a second replica or of a line that can be cut. */
  readonly smtpPort?: number;
  /** To the services themselves instead of through the gateway, which would be a part of what is measured. */
  readonly isDirect?: boolean;
  /** Of an edge in front of the system; vendors sign the system's own address all the same. */
  readonly edgeUrl?: string;
}

/** Undefined where the system has no such door. */
export function doorOf(system: SystemUnderTest, name: DoorName, places: DoorPlaces = {}): DoorSpec | undefined {
  const { smtpPort = system.smtpPort, isDirect = false, edgeUrl } = places;
  const { url, dovecot } = system;
  const { twilio, x, meta, telegram } = system.vendors;
  const [page] = meta.app.pages ?? [];
  const key = system.api.a.key ?? '';
  const placeOf = (part: Part): string => edgeUrl ?? (isDirect ? system.addressOf(part) : url);
  const hook = (part: Part, id: string) => ({
    account: `a/${id}`,
    url: `${placeOf(part)}/hooks/${id}`,
    publicUrl: `${url}/hooks/${id}`,
  });
  const phone = hook('phone-connector', VENDOR_ACCOUNTS.phone);
  const social = (id: string) => hook('social-connector', id);
  const ofMeta = (id: string) => ({ ...social(id), appSecret: meta.app.secret });
  const replies = (channel: string, account: string) =>
    ({ kind: 'replies', url: placeOf('ticket-core'), key, channel, account }) as const;
  switch (name) {
    case 'smtp':
      return { kind: 'smtp', account: 'a/a-mail', port: smtpPort, to: MAIL.a };
    case 'imap':
      if (dovecot === undefined) return undefined;
      return { kind: 'imap', account: 'a/a-imap', ...lineOf(dovecot), user: IMAP_USER, to: IMAP_ADDRESS };
    case 'chat':
      return { kind: 'chat', account: `a/${CHAT.a}`, url: placeOf('chat-connector'), origin: new URL(url).origin };
    case 'twilio':
      return { kind: 'twilio', ...phone, ...numberOf(twilio) };
    case 'voice':
      return { kind: 'voice', ...phone, ...numberOf(twilio), apiUrl: twilio.url };
    case 'meta':
      return page && { kind: 'meta', ...ofMeta(VENDOR_ACCOUNTS.messenger), object: 'page', id: page.id };
    case 'comments':
      return page && { kind: 'comments', ...ofMeta(VENDOR_ACCOUNTS.messenger), id: page.id };
    case 'instagram':
      return (
        page?.instagram && { kind: 'meta', ...ofMeta(VENDOR_ACCOUNTS.instagram), object: name, id: page.instagram.id }
      );
    case 'whatsapp': {
      const [number] = meta.app.phones ?? [];
      return number && { kind: 'whatsapp', ...ofMeta(VENDOR_ACCOUNTS.whatsapp), phone: number };
    }
    case 'telegram':
      return { kind: 'telegram', ...social(VENDOR_ACCOUNTS.telegram), secret: telegram.secret };
    case 'x': {
      const { clientSecret, consumerSecret } = x.simulator.app;
      const [user] = x.simulator.accounts();
      return user && { kind: 'x', ...social(VENDOR_ACCOUNTS.x), userId: user.id, clientSecret, consumerSecret };
    }
    case 'replies-email':
      return replies('email', 'a/a-mail');
    case 'replies-chat':
      return replies('chat', `a/${CHAT.a}`);
    case 'replies-phone':
      return replies('phone', `a/${VENDOR_ACCOUNTS.phone}`);
    case 'replies-messenger':
    case 'replies-instagram':
    case 'replies-whatsapp':
    case 'replies-x':
      return replies('social', `a/${VENDOR_AGENTS[name]}`);
    case 'desk':
      return { ...replies('email', 'a/a-mail'), kind: 'desk' };
  }
}

/** For trials that are about that door. */
export function requiredDoorOf(system: SystemUnderTest, name: DoorName, places?: DoorPlaces): DoorSpec {
  const spec = doorOf(system, name, places);
  if (spec === undefined) throw new Error(`the system has no ${name}`);
  return spec;
}

/** The first number of the account, which takes messages and calls. */
function numberOf({ simulator }: Vendors['twilio']) {
  const { account_sid: accountSid, auth_token: authToken, numbers } = simulator.account;
  return { accountSid, authToken, number: numbers[0]?.phone_number ?? '' };
}

function lineOf({ host, port, password }: { host: string; port: number; password: string }) {
  return { host, port, password };
}
