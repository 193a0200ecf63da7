import { createMailParser } from '../mail-parser.js';
import { makeOwnMessageId } from '../threading/own-message-id.js';
import { makeReplyAddress } from '../threading/reply-address.js';
import type { SigningSecrets } from '../threading/signature.js';
import { classifyMail, type ClassifyContext, type MailEnvelope } from './classify.js';
import type { AutomaticMail } from './rules.js';

const parser = createMailParser({ workers: 0 });
const secrets: SigningSecrets = ['0123456789abcdef-classify'];
const context: ClassifyContext = { ownAddresses: ['support@shop.test'], ownLoopIds: ['fanin-1'], secrets };

async function classify(headers: string, body = 'Hello', envelope: MailEnvelope = {}): Promise<AutomaticMail | null> {
  const from = /^from:/imu.test(headers) ? '' : 'From: Ann <ann@x.test>\n';
  return classifyMail(await parser.parse(Buffer.from(`${from}${headers}\n\n${body}\n`)), envelope, context);
}

describe('classifyMail', () => {
  it.each([
    ['a person', 'Subject: Where is it'],
    ['Auto-Submitted: no', 'Auto-Submitted: no'],
    ['Auto-Submitted: No with a comment', 'Auto-Submitted: No (typed by hand)'],
    ['X-Auto-Response-Suppress asks others', 'X-Auto-Response-Suppress: All'],
    ['Precedence that says nothing', 'Precedence: first-class'],
    ['another X-Loop', 'X-Loop: other-system'],
    ['a name that looks like a robot', 'From: noreply fan <fan@x.test>'],
    ['an address that merely begins like one', 'From: <noreplyson@x.test>'],
    ['Return-Path of a person', 'Return-Path: <ann@x.test>'],
    ['a subject about bounces from a person', 'Subject: Delivery failed, where is my parcel?'],
    ['a forged Message-ID of ours', 'Message-ID: <fanin.m1.aaaaaaaaaaaaaaaaaaaa@shop.test>'],
  ])('is null for %s', async (_name, headers) => expect(await classify(headers)).toBeNull());

  it.each([
    ['auto_reply', 'Auto-Submitted: auto-replied'],
    ['auto_reply', 'Auto-Submitted: auto-generated; owner-email="a@x.test"'],
    ['auto_reply', 'X-Autoreply: yes'],
    ['auto_reply', 'X-Autorespond: vacation'],
    ['auto_reply', 'Precedence: auto_reply'],
    ['auto_reply', 'Content-Type: multipart/report; report-type=disposition-notification; boundary=b'],
    ['list_mail', 'Precedence: bulk'],
    ['list_mail', 'Precedence: Junk'],
    ['list_mail', 'Precedence: list'],
    ['list_mail', 'List-Id: <news.x.test>'],
    ['list_mail', 'List-Unsubscribe: <https://x.test/u>'],
    ['null_sender', 'Return-Path: <>'],
    ['no_reply_sender', 'From: no-reply@x.test'],
    ['no_reply_sender', 'From: noreply+123@x.test'],
    ['no_reply_sender', 'From: do-not-reply.orders@x.test'],
    ['no_reply_sender', 'From: Mail Delivery <MAILER-DAEMON@x.test>'],
    ['no_reply_sender', 'From: postmaster@x.test'],
    ['own_loop', 'X-Loop: Fanin-1'],
    ['own_loop', 'From: Support <Support@shop.test>'],
    ['own_loop', 'From: support+t.x.aaaa@shop.test'],
    ['own_loop', `Message-ID: ${makeOwnMessageId('m1', 'shop.test', secrets)}`],
  ])('%s: %s', async (rule, headers) => {
    const automatic = await classify(headers);
    expect(automatic).toMatchObject({ rule });
    expect(automatic?.evidence.toLowerCase()).toContain(headers.slice(0, headers.indexOf(':')).toLowerCase());
  });

  it('takes the envelope before Return-Path', async () => {
    expect(await classify('Subject: a', 'x', { sender: '' })).toMatchObject({
      rule: 'null_sender',
      evidence: 'mail from: <>',
    });
    expect(await classify('Return-Path: <>', 'x', { sender: 'ann@x.test' })).toBeNull();
  });

  const bounceBody = (recipients: string): string =>
    `--r\n\nSorry, it could not be delivered.\n\n--r\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.x.test\nArrival-Date: now\n\n${recipients}\n--r\nContent-Type: message/rfc822\n\nFrom: support@shop.test\nMessage-ID: <fanin.m7.mac@shop.test>\nX-Loop: fanin-1\n\nbody\n--r--`;
  const bounceHead =
    'From: MAILER-DAEMON@mx.x.test\nAuto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status; boundary=r';

  it('reads every recipient of a delivery status notification (RFC 3464)', async () => {
    const recipients =
      'Final-Recipient: rfc822; <Ann@x.test>\nOriginal-Recipient: rfc822;ann@y.test\nAction: failed\nStatus: 5.1.1 (no such user)\nDiagnostic-Code: smtp; 550 5.1.1\n <ann@x.test> unknown\n\nFinal-Recipient: rfc822; bob@x.test\nAction: delayed\nStatus: 4.4.7\n';
    expect(await classify(bounceHead, bounceBody(recipients), { sender: '' })).toEqual({
      rule: 'bounce',
      evidence: 'content-type: message/delivery-status',
      bounce: {
        recipients: [
          {
            finalRecipient: 'Ann@x.test',
            originalRecipient: 'ann@y.test',
            action: 'failed',
            status: '5.1.1',
            diagnostic: 'smtp; 550 5.1.1 <ann@x.test> unknown',
            permanence: 'permanent',
          },
          { finalRecipient: 'bob@x.test', action: 'delayed', status: '4.4.7', permanence: 'temporary' },
        ],
        informational: false,
        originalMessageId: '<fanin.m7.mac@shop.test>',
      },
    });
  });

  it('knows a notification that is no failure', async () => {
    const bounce = await classify(
      bounceHead,
      bounceBody('Final-Recipient: rfc822; a@x.test\nAction: relayed\nStatus: 2.0.0\n'),
    );
    expect(bounce?.bounce).toMatchObject({ informational: true, recipients: [{ permanence: 'success' }] });
  });

  it('names the message by the address the notification came to (VERP)', async () => {
    const address = makeReplyAddress('bounce@shop.test', 'm7', secrets);
    expect(
      (
        await classify(
          `${bounceHead}\nTo: ${address}`,
          bounceBody('Final-Recipient: rfc822; a@x.test\nAction: failed\n'),
        )
      )?.bounce?.verpId,
    ).toBe('m7');
    expect(
      (await classify(bounceHead, bounceBody('Action: failed\n'), { recipients: [address] }))?.bounce?.verpId,
    ).toBe('m7');
  });

  it('reads a bounce in prose', async () => {
    const body =
      'Hi. This is the qmail-send program.\n<ann@x.test>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <fanin.m8.mac@shop.test>\n';
    expect(await classify('From: MAILER-DAEMON@x.test\nSubject: failure notice', body, { sender: '' })).toMatchObject({
      rule: 'bounce',
      bounce: {
        recipients: [{ finalRecipient: 'ann@x.test', status: '5.1.1', permanence: 'permanent' }],
        originalMessageId: '<fanin.m8.mac@shop.test>',
      },
    });
  });

  it('reads a bounce that names its recipients in a header (Exim)', async () => {
    const bounce = await classify(
      'From: Mail Delivery System <Mailer-Daemon@x.test>\nX-Failed-Recipients: ann@x.test, bob@x.test\nAuto-Submitted: auto-replied\nSubject: Oh',
      'unrouteable address',
    );
    expect(bounce).toMatchObject({
      rule: 'bounce',
      bounce: { recipients: [{ finalRecipient: 'ann@x.test' }, { finalRecipient: 'bob@x.test' }] },
    });
  });

  it('reads a feedback report (RFC 5965)', async () => {
    const body =
      '--r\n\nThis is an abuse report.\n--r\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: <ann@x.test>\n\n--r\nContent-Type: text/rfc822-headers\n\nMessage-ID: <m@shop.test>\n--r--';
    expect(await classify('Content-Type: multipart/report; report-type=feedback-report; boundary=r', body)).toEqual({
      rule: 'feedback_report',
      evidence: 'feedback-type: abuse',
      feedback: { feedbackType: 'abuse', originalRecipients: ['ann@x.test'], originalMessageId: '<m@shop.test>' },
    });
  });

  it('survives a hostile report', async () => {
    const blocks = 'Final-Recipient: x\nAction: failed; drop\nStatus: 99999.1\n\n'.repeat(5000);
    const report = await classify(bounceHead, bounceBody(blocks));
    expect(report?.bounce?.recipients.length).toBeLessThanOrEqual(200);
  });
});
