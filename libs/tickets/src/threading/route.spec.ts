import type { InboundMessageV1 } from '@fanin/contracts';
import { sampleChat, sampleMail, type SampleOptions } from '../testing/sample-messages.js';
import {
  routeAutomatic,
  routeMessage,
  usedReferences,
  type KnownReference,
  type RoutableTicket,
  type RoutingFacts,
} from './route.js';

const ANN = { kind: 'email', id: 'ann@customer.example', name: 'Ann' } as const;
const BOB = { kind: 'email', id: 'bob@customer.example', name: 'Bob' } as const;
const EVE = { kind: 'email', id: 'eve@stranger.example', name: 'Eve' } as const;

const annsTicket: RoutableTicket = {
  id: 'T-ann',
  customerId: 'C-ann',
  participants: ['email:ann@customer.example', 'email:bob@customer.example'],
};
const evesTicket: RoutableTicket = { id: 'T-eve', customerId: 'C-eve', participants: ['email:eve@stranger.example'] };
const CUSTOMERS: Record<string, string> = { [ANN.id]: 'C-ann', [BOB.id]: 'C-bob', [EVE.id]: 'C-eve' };

interface World {
  readonly references?: Record<string, KnownReference<RoutableTicket>>;
  readonly conversation?: RoutableTicket;
  readonly tokens?: Record<string, RoutableTicket>;
  readonly numbers?: Record<number, RoutableTicket>;
}

function factsOf(message: InboundMessageV1, world: World): RoutingFacts<RoutableTicket> {
  return {
    byToken: (token) => world.tokens?.[token],
    byReference: (id) => world.references?.[id],
    byConversation: () => world.conversation,
    byNumber: (number) => world.numbers?.[number],
    senderCustomerId: message.flags.includes('dmarc_fail') ? undefined : CUSTOMERS[message.sender.id],
  };
}

const seen = (ticket: RoutableTicket): KnownReference<RoutableTicket> => ({ ticket, origin: 'seen' });
const sent = (ticket: RoutableTicket): KnownReference<RoutableTicket> => ({ ticket, origin: 'sent' });
const named = (ticket: RoutableTicket): KnownReference<RoutableTicket> => ({ ticket, origin: 'referenced' });

type Case = readonly [what: string, options: SampleOptions, world: World, ticket: string | undefined, rule: string];
const refs = (...references: string[]): SampleOptions => ({ threading: { references } });
const KNOWN: World = {
  references: { '<a@x>': seen(annsTicket), '<s@shop>': sent(annsTicket), '<e@x>': seen(evesTicket) },
};

const CASES: readonly Case[] = [
  ['no evidence at all', {}, {}, undefined, 'new'],
  ['a reference to nothing we know', refs('<unknown@x>'), KNOWN, undefined, 'new'],
  ['In-Reply-To of a message seen', refs('<a@x>'), KNOWN, 'T-ann', 'references'],
  ['In-Reply-To of a message sent', refs('<s@shop>'), KNOWN, 'T-ann', 'references'],
  ['a later reference when the nearest is unknown', refs('<unknown@x>', '<a@x>'), KNOWN, 'T-ann', 'references'],
  ['the nearest of two known', { ...refs('<a@x>', '<e@x>'), sender: ANN }, KNOWN, 'T-ann', 'references'],
  [
    'a reference to another ticket of strangers first, then to the own',
    refs('<e@x>', '<a@x>'),
    KNOWN,
    'T-ann',
    'references',
  ],
  [
    'an answer to an id that was only named so far',
    refs('<n@x>'),
    { references: { '<n@x>': named(annsTicket) } },
    'T-ann',
    'references',
  ],
  ['a recipient of an earlier mail', { ...refs('<a@x>'), sender: BOB }, KNOWN, 'T-ann', 'references'],
  ['a stranger with a seen Message-ID', { ...refs('<a@x>'), sender: EVE }, KNOWN, undefined, 'sender_guard'],
  ['a stranger with a Message-ID of ours', { ...refs('<s@shop>'), sender: EVE }, KNOWN, undefined, 'sender_guard'],
  [
    'a stranger with a named Message-ID',
    { ...refs('<n@x>'), sender: EVE },
    { references: { '<n@x>': named(annsTicket) } },
    undefined,
    'sender_guard',
  ],
  [
    'an unverified participant with a reference',
    { ...refs('<a@x>'), flags: ['dmarc_fail'] },
    KNOWN,
    'T-ann',
    'references',
  ],
  ['the reply token', { threading: { reply_token: 'tok' } }, { tokens: { tok: annsTicket } }, 'T-ann', 'reply_token'],
  [
    'the reply token of a stranger',
    { threading: { reply_token: 'tok' }, sender: EVE },
    { tokens: { tok: annsTicket } },
    'T-ann',
    'reply_token',
  ],
  [
    'a token before a reference',
    { threading: { reply_token: 'tok', references: ['<a@x>'] } },
    { ...KNOWN, tokens: { tok: evesTicket } },
    'T-eve',
    'reply_token',
  ],
  [
    'an unknown token and a known reference',
    { threading: { reply_token: 'gone', references: ['<a@x>'] } },
    KNOWN,
    'T-ann',
    'references',
  ],
  ['an unknown token only', { threading: { reply_token: 'gone' } }, KNOWN, undefined, 'new'],
  ['the same root by e-mail', {}, { conversation: annsTicket }, 'T-ann', 'conversation_key'],
  ['the same root by a stranger', { sender: EVE }, { conversation: annsTicket }, undefined, 'sender_guard'],
  [
    'a reference before the conversation',
    refs('<e@x>'),
    { ...KNOWN, conversation: annsTicket },
    'T-ann',
    'conversation_key',
  ],
  [
    'an id that an answer named before',
    { provider_message_id: '<p@x>' },
    { references: { '<p@x>': named(annsTicket) } },
    'T-ann',
    'late_parent',
  ],
  [
    'an id that a stranger’s mail named before',
    { provider_message_id: '<p@x>' },
    { references: { '<p@x>': named(evesTicket) } },
    undefined,
    'sender_guard',
  ],
  [
    'the same mail by another account',
    { provider_message_id: '<p@x>' },
    { references: { '<p@x>': seen(annsTicket) } },
    'T-ann',
    'same_message',
  ],
  [
    'a Message-ID forged to equal another’s',
    { provider_message_id: '<p@x>', sender: EVE },
    { references: { '<p@x>': seen(annsTicket) } },
    undefined,
    'sender_guard',
  ],
  [
    'the subject tag by the customer',
    { subject: 'Re: [#7] parcel' },
    { numbers: { 7: annsTicket } },
    'T-ann',
    'subject_tag',
  ],
  [
    'the subject tag by another participant',
    { subject: 'Re: [#7] parcel', sender: BOB },
    { numbers: { 7: annsTicket } },
    undefined,
    'sender_guard',
  ],
  [
    'the subject tag by a stranger',
    { subject: '[#7]', sender: EVE },
    { numbers: { 7: annsTicket } },
    undefined,
    'sender_guard',
  ],
  [
    'the subject tag by an unverified customer',
    { subject: '[#7]', flags: ['dmarc_fail'] },
    { numbers: { 7: annsTicket } },
    undefined,
    'sender_guard',
  ],
  ['the subject tag of no ticket', { subject: '[#99]' }, { numbers: { 7: annsTicket } }, undefined, 'new'],
  ['a number without the tag', { subject: 'order #7' }, { numbers: { 7: annsTicket } }, undefined, 'new'],
  [
    'a zero, a word and a giant in tags',
    { subject: '[#0] [#x] [#99999999999999999999]' },
    { numbers: { 0: annsTicket } },
    undefined,
    'new',
  ],
  [
    'a subject tag after a refused reference of another ticket',
    { ...refs('<e@x>'), subject: '[#7]' },
    { ...KNOWN, numbers: { 7: annsTicket } },
    'T-ann',
    'subject_tag',
  ],
  ['the same subject without any reference', { subject: 'About first' }, KNOWN, undefined, 'new'],
];

describe('routeMessage', () => {
  it.each(CASES)('%s', (_, options, world, ticket, rule) => {
    const message = sampleMail('case', options);
    const route = routeMessage(message, factsOf(message, world));
    expect([route.ticket?.id, route.threading.rule]).toEqual([ticket, rule]);
    expect(route.threading.evidence === null).toBe(rule === 'new');
  });

  it('lets anybody of a chat or comment thread into its conversation: the provider vouches for it', () => {
    const message = sampleChat('c', 'conversation-1', { sender: { kind: 'social', id: 'someone', name: null } });
    expect(routeMessage(message, factsOf(message, { conversation: annsTicket }))).toMatchObject({
      ticket: { id: 'T-ann' },
      threading: { rule: 'conversation_key' },
      admits: true,
    });
  });

  it('admits the holder of the token, and nobody by a reference', () => {
    const byToken = sampleMail('t', { threading: { reply_token: 'tok' }, sender: EVE });
    expect(routeMessage(byToken, factsOf(byToken, { tokens: { tok: annsTicket } })).admits).toBe(true);
    const byReference = sampleMail('r', refs('<a@x>'));
    expect(routeMessage(byReference, factsOf(byReference, KNOWN)).admits).toBe(false);
  });

  it('looks at the nearest references and the root of a long chain', () => {
    const chain = Array.from({ length: 90 }, (_, n) => `<r${n}@x>`);
    const used = usedReferences(sampleMail('long', refs(...chain)));
    expect(used).toHaveLength(20);
    expect([used[0], used.at(-1)]).toEqual(['<r0@x>', '<r89@x>']);
  });

  it('cuts evidence that a stranger made long', () => {
    const id = `<${'x'.repeat(900)}@x>`;
    const message = sampleMail('long id', refs(id));
    const route = routeMessage(message, factsOf(message, { references: { [id]: seen(annsTicket) } }));
    expect(route.threading.evidence).toHaveLength(500);
  });
});

describe('routeAutomatic', () => {
  const automatic = { rule: 'auto_reply', evidence: 'Auto-Submitted: auto-replied' };
  const report = {
    provider_message_id: '<s@shop>',
    outbound_id: null,
    action: 'failed',
    status: '5.1.1',
    diagnostic: null,
  };
  it.each([
    ['an answer to a mail of ours, from anybody', { ...refs('<s@shop>'), sender: EVE }, KNOWN, 'T-ann'],
    ['an answer to a mail seen, from a stranger', { ...refs('<a@x>'), sender: EVE }, KNOWN, undefined],
    ['an answer to a mail seen, from a participant', refs('<a@x>'), KNOWN, 'T-ann'],
    ['a report on a mail of ours', { delivery_report: report, sender: EVE }, KNOWN, 'T-ann'],
    [
      'a report by verified id',
      { delivery_report: { ...report, outbound_id: 'out-1', provider_message_id: null } },
      { tokens: { 'out-1': annsTicket } },
      'T-ann',
    ],
    [
      'a report on a mail that we did not send',
      { delivery_report: { ...report, provider_message_id: '<a@x>' }, sender: EVE },
      KNOWN,
      undefined,
    ],
    ['nothing to go by', {}, KNOWN, undefined],
  ] as readonly (readonly [string, SampleOptions, World, string | undefined])[])('%s', (_, options, world, ticket) => {
    const message = sampleMail('auto', { automatic, ...options });
    expect(routeAutomatic(message, factsOf(message, world))?.ticket?.id).toBe(ticket);
  });
});
