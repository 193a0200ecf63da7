/**
 * npm run send-mail -- [--to A] [--from A] [--subject S] [--text T] [--reply-to-id ID] [--host H] [--port N]
 * Sends one mail by SMTP, as a customer would: to try things out.
 */
import { parseArgs } from 'node:util';
import nodemailer from 'nodemailer';

const options = {
  to: { type: 'string', default: 'support@localhost' },
  from: { type: 'string', default: 'Ada Example <ada@customer.example>' },
  subject: { type: 'string', default: 'Where is my parcel?' },
  text: { type: 'string', default: 'Hello, my order has not come yet. Could you have a look?' },
  'reply-to-id': { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: process.env.FANIN_SMTP_PORT ?? '2525' },
};

try {
  const { values } = parseArgs({ options });
  const transport = nodemailer.createTransport({
    host: values.host,
    port: Number(values.port),
    ignoreTLS: true,
    connectionTimeout: 5_000,
  });
  const answered = values['reply-to-id'];
  const sent = await transport.sendMail({
    from: values.from,
    to: values.to,
    subject: values.subject,
    text: values.text,
    ...(answered === undefined ? {} : { inReplyTo: answered, references: [answered] }),
  });
  console.log(`sent ${sent.messageId}: ${sent.response}`);
} catch (error) {
  const hint =
    error.code === 'ECONNREFUSED' || error.code === 'ESOCKET'
      ? ' Is Fanin running (npm start), and is --port its SMTP port?'
      : '';
  console.error(`${error.message}.${hint}`);
  process.exitCode = 1;
}
