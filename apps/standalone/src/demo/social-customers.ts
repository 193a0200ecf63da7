import type { DemoVendors } from './demo-vendors.js';

/** Tickets that `writeAndCall` makes, beside those of mail and chat. */
export const VENDOR_TICKETS = 9;

/** Customers who call, text and post: through the vendors' own doors, signed webhooks and all. */
export async function writeAndCall({ twilio, x, meta }: DemoVendors): Promise<void> {
  const phone = twilio.simulator;
  phone.inbound({ from: '+14155550123', body: 'Hi, is order 1015 on its way? You said Friday.' });
  phone.inbound({
    from: '+447700900456',
    body: 'This is what arrived. The glass is broken.',
    media: [{ content_type: 'image/svg+xml', text: PHOTO }],
  });
  phone.call({
    from: '+4930901820',
    dial: 'no-answer',
    speaks_seconds: 14,
    transcription_text:
      'Hello, this is Karin Vogt. I would like to change the delivery address of order 1031. Please call me back.',
  });
  phone.call({ from: '+442079460123', dial: 'no-answer', digits: ['1'] });
  await phone.idle();

  x.simulator.inbound({
    kind: 'mention',
    from: { username: 'lena_codes', name: 'Lena' },
    text: 'three weeks and still no lamp. Is anybody there?',
  });
  x.simulator.inbound({
    kind: 'dm',
    from: { username: 'marco_r', name: 'Marco' },
    text: 'Can I still cancel order 1044?',
  });
  await x.simulator.idle();

  const social = meta.simulator;
  const stool = social.inbound({
    channel: 'messenger',
    from: { name: 'Ida Moe' },
    text: 'Do you have the oak stool in blak?',
  });
  social.inbound({ channel: 'instagram_comment', from: { username: 'studio.haddad' }, text: 'Is this lamp dimmable?' });
  social.inbound({
    channel: 'whatsapp',
    from: { id: '491701234567', name: 'Jonas' },
    text: 'Good evening, where can I pick up my parcel?',
  });
  await social.idle();
  const again = { channel: 'messenger', from: stool.from, mid: stool.id } as const;
  social.inbound({ ...again, kind: 'edit', text: 'Do you have the oak stool in black?' });
  social.inbound({ ...again, kind: 'reaction', reaction: 'wow', emoji: '\u{1f62e}' });
  await social.idle();
}

/** A picture that any browser shows, without a file in the repository. */
const PHOTO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="200"><rect width="320" height="200" fill="#e8e2d6"/><path d="M160 30l60 140H100z" fill="none" stroke="#555" stroke-width="4"/><path d="M150 70l18 30-14 24 20 34" fill="none" stroke="#b33" stroke-width="3"/></svg>';
