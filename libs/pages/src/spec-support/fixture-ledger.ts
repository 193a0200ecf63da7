export const ACCOUNTS = [
  {
    id: 'shop-chat',
    tenant: 'demo',
    channel: 'chat',
    channel_slug: 'chat-web',
    title: 'Web chat',
    state: 'connected',
    code: null,
    reason: null,
    next_attempt_at: null,
    action: null,
    hook_urls: [],
    notices: [],
  },
  {
    id: 'support-mail',
    tenant: 'demo',
    channel: 'email',
    channel_slug: 'email-smtp',
    title: 'E-mail by SMTP',
    state: 'connected',
    code: null,
    reason: null,
    next_attempt_at: null,
    action: null,
    hook_urls: [],
    notices: [],
  },
  {
    id: 'orders-mailbox',
    tenant: 'demo',
    channel: 'email',
    channel_slug: 'email-imap',
    title: 'Mailbox by IMAP',
    state: 'bad_credentials',
    code: 'AUTH',
    reason: 'NO [AUTHENTICATIONFAILED] Invalid credentials',
    action:
      'The provider refused the credentials. Put new ones into the configuration of this account and restart the connector.',
    hook_urls: [],
    notices: [],
  },
  {
    id: 'hotline',
    tenant: 'demo',
    channel: 'phone',
    channel_slug: 'phone-twilio',
    title: 'Phone and SMS by Twilio',
    state: 'degraded',
    code: 'TRANSIENT',
    reason: 'The list of messages was not answered (503), 4 attempts.',
    action: null,
    hook_urls: ['https://shop.example/hooks/hotline/sms', 'https://shop.example/hooks/hotline/voice'],
    hooks: [
      { url: 'https://shop.example/hooks/hotline/sms', enter: 'Messaging → A message comes in' },
      { url: 'https://shop.example/hooks/hotline/voice', enter: 'Voice → A call comes in' },
    ],
    notices: [],
  },
];

const FATES = { accepted: 131, duplicate: 9, suppressed: 12, quarantined: 0, ignored: 41, dead_lettered: 1 };
const RULES = [
  { channel: 'email', fate: 'accepted', rule: null, count: 78 },
  { channel: 'chat', fate: 'accepted', rule: null, count: 53 },
  { channel: 'email', fate: 'duplicate', rule: null, count: 9 },
  { channel: 'email', fate: 'suppressed', rule: 'auto_reply', count: 8 },
  { channel: 'email', fate: 'suppressed', rule: 'bounce', count: 4 },
  { channel: 'chat', fate: 'ignored', rule: 'typing', count: 41 },
  { channel: 'email', fate: 'dead_lettered', rule: 'bad_payload', count: 1 },
];

/** What /api/v1/fates answers, summed from the rules. */
export function fateReport(channel: string | undefined, isEmpty: boolean): object {
  const zero = Object.fromEntries(Object.keys(FATES).map((fate) => [fate, 0]));
  const countsOf = (name: string): object => {
    const fates = { ...zero } as Record<string, number>;
    for (const { channel: of, fate, count } of RULES)
      if (of === name && !isEmpty) fates[fate] = (fates[fate] ?? 0) + count;
    const inFlight = name === 'email' && !isEmpty ? 2 : 0;
    return {
      channel: name,
      captured: Object.values(fates).reduce((a, b) => a + b, inFlight),
      in_flight: inFlight,
      fates,
    };
  };
  const channels = ['chat', 'email'].filter((name) => channel === undefined || name === channel).map(countsOf) as {
    captured: number;
    in_flight: number;
    fates: Record<string, number>;
  }[];
  const fates = Object.fromEntries(
    Object.keys(FATES).map((fate) => [fate, channels.reduce((sum, row) => sum + (row.fates[fate] ?? 0), 0)]),
  );
  const sum = (pick: (row: { captured: number; in_flight: number }) => number): number =>
    channels.reduce((total, row) => total + pick(row), 0);
  return {
    captured: sum((row) => row.captured),
    in_flight: sum((row) => row.in_flight),
    fates,
    channels: isEmpty ? [] : channels,
    rules: isEmpty ? [] : RULES.filter((row) => channel === undefined || row.channel === channel),
  };
}
