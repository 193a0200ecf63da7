import type { InboundMessageV1 } from '@fanin/contracts';
import { sampleChat, sampleMail } from '../testing/sample-messages.js';

const TEXT =
  'Hello, my order has not arrived yet although the tracking page says that it was delivered on Monday. Could you please find out ' +
  'where it is? I need it before the weekend, and if that is not possible I would like to have my money back. Thank you very much. ';

/**
 * One lane per connection, as one partition each: of ten messages five open a ticket, three answer one, two are chat.
 * Messages of another `turn` are others, by the same customers.
 */
export function benchLanes(lanes: number, perLane: number, turn = 0): InboundMessageV1[][] {
  return Array.from({ length: lanes }, (_, lane) =>
    Array.from({ length: perLane }, (__, n) => benchMessage(lane, n, `bench-${turn}-${lane}`)),
  );
}

function benchMessage(lane: number, n: number, prefix: string): InboundMessageV1 {
  const name = `${prefix}-${n}`;
  const text = `${TEXT}${TEXT.slice(0, (n * 37) % TEXT.length)}`;
  const kind = n % 10;
  if (kind >= 8) {
    const conversation = `${prefix}-conversation-${Math.floor(n / 50)}`;
    return sampleChat(name, conversation, { text: text.slice(0, 120) });
  }
  const parent = kind >= 5 ? n - 5 - 10 * (Math.floor(n / 10) % 3) : -1;
  const root = parent < 0 ? n : parent;
  const from = root % 4_000;
  return sampleMail(name, {
    text,
    sender: { kind: 'email', id: `customer-${lane}-${from}@customer.example`, name: `Customer ${from}` },
    ...(parent < 0
      ? {}
      : {
          threading: { references: [`<${prefix}-${parent}@mail.example>`] },
          subject: `Re: About ${prefix}-${parent}`,
        }),
  });
}
