/** What the customers of the sample shop write, and what its agents answer. `after` names an earlier entry of the same person. */
export interface SampleMail {
  readonly id: string;
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly after?: string;
}

export interface SampleChat {
  readonly name: string;
  readonly lines: readonly string[];
}

/** An answer to the ticket whose subject, or whose customer's name, is this; a customer without a name goes by the account. */
export interface SampleAnswer {
  readonly to: string;
  readonly text: string;
  readonly solves: boolean;
}

export const MAILS: readonly SampleMail[] = [
  {
    id: 'm1',
    from: 'Ada Brook <ada@customer.example>',
    subject: 'Order 1007 has not arrived',
    text: 'Hello,\n\nmy order 1007 was due on Monday. Where is it?\n\nAda',
  },
  {
    id: 'm2',
    from: 'Jonas Weber <jonas@post.example>',
    subject: 'Wrong size in parcel 1011',
    text: 'Good morning, I ordered size 42 and got 44. How do I send it back?',
  },
  {
    id: 'm3',
    from: 'Mei Tan <mei@mail.example>',
    subject: 'Invoice for my company',
    text: 'Could you put our VAT number on the invoice of order 998, please?',
  },
  {
    id: 'm4',
    from: 'Luca Rossi <luca@casa.example>',
    subject: 'Discount code does not work',
    text: 'The code WINTER10 is refused at the checkout. It says "expired".',
  },
  {
    id: 'm5',
    from: 'Sara Lind <sara@nord.example>',
    subject: 'Is the blue lamp coming back?',
    text: 'It has been sold out for weeks. Can you tell me when it is back?',
  },
  {
    id: 'm6',
    from: 'Omar Haddad <omar@studio.example>',
    subject: 'Parcel damaged',
    text: 'The box was open and the glass is broken. I have photos.',
  },
  {
    id: 'm7',
    from: 'Ada Brook <ada@customer.example>',
    subject: 'Re: Order 1007 has not arrived',
    text: 'It still is not here. The tracking page says "handed over" since Friday.',
    after: 'm1',
  },
  {
    id: 'm8',
    from: 'Elif Kaya <elif@atelier.example>',
    subject: 'Change of address',
    text: 'I have moved. Please send order 1020 to my new address.',
  },
  {
    id: 'm9',
    from: 'Tom Reed <tom@reed.example>',
    subject: 'Refund not received',
    text: 'You took back my shoes two weeks ago. I see no money yet.',
  },
  {
    id: 'm10',
    from: 'Nina Park <nina@park.example>',
    subject: 'Thank you!',
    text: 'Everything came in time and looks lovely. Just wanted to say so.',
  },
];

export const CHATS: readonly SampleChat[] = [
  { name: 'Kim', lines: ['Hi, do you ship to Norway?', 'And how long does it take?'] },
  { name: 'Paul', lines: ['I cannot log in to my account'] },
  {
    name: 'Rosa',
    lines: ['Is the oak table solid wood?', 'The page says veneer further down', 'Which of the two is right?'],
  },
  { name: 'Ben', lines: ['My voucher was charged twice'] },
];

export const ANSWERS: readonly SampleAnswer[] = [
  {
    to: 'Wrong size in parcel 1011',
    text: 'Sorry for the mix-up. A return label is on its way to you, and size 42 leaves today.',
    solves: true,
  },
  { to: 'Invoice for my company', text: 'Done: the corrected invoice is in your account.', solves: true },
  {
    to: 'Parcel damaged',
    text: 'We are sorry. Please send us two of the photos and we will replace the glass at once.',
    solves: false,
  },
  {
    to: 'Order 1007 has not arrived',
    text: 'We have asked the carrier to search for it and will write again tomorrow.',
    solves: false,
  },
  // Who texts has no name: the number stands in its place.
  { to: '+14155550123', text: 'Yes, order 1015 left us this morning. It is with you on Friday.', solves: false },
  // Messenger tells no names.
  { to: 'demo-messenger', text: 'Yes, the black one is back from Tuesday on.', solves: true },
  { to: 'Jonas', text: 'At the parcel shop in Hauptstr. 12, until Saturday.', solves: false },
  { to: 'Marco', text: 'It is cancelled; the money is on its way back to you.', solves: true },
  { to: 'Thank you!', text: 'That made our day, thank you for writing.', solves: true },
];
