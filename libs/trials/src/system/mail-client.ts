import { randomUUID } from 'node:crypto';
import { createTransport } from 'nodemailer';

export interface MailFields {
  readonly from?: string;
  readonly to: string;
  readonly subject?: string;
  readonly text?: string;
  readonly messageId?: string;
  readonly headers?: readonly string[];
}

export const ADA = 'ada@customer.example';

export function newMessageId(): string {
  return `<${randomUUID()}@customer.example>`;
}

/** A mail as a mail program writes it. */
export function mailOf(fields: MailFields): Buffer {
  const { from = ADA, to, subject = 'A question', text = 'Hello', messageId = newMessageId(), headers = [] } = fields;
  const lines = [
    `From: ${from.includes('<') ? from : `Ada Example <${from}>`}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    `Message-ID: ${messageId}`,
    `Date: ${new Date().toUTCString()}`,
    'MIME-Version: 1.0',
    ...(headers.some((line) => /^content-type:/i.test(line)) ? [] : ['Content-Type: text/plain; charset=utf-8']),
    ...headers,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text.replaceAll(/\r?\n/g, '\r\n')}\r\n`);
}

/** Hands a mail to the SMTP door; resolves with the answer's code, also when it is a refusal. Rejects when the line breaks. */
export async function handIn(
  port: number,
  raw: Buffer,
  envelope: { from?: string; to: string | string[] },
): Promise<number> {
  const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true, connectionTimeout: 5_000 });
  try {
    const to = typeof envelope.to === 'string' ? [envelope.to] : envelope.to;
    const sent = await transport.sendMail({ envelope: { from: envelope.from ?? ADA, to }, raw });
    return Number(sent.response.slice(0, 3));
  } catch (error) {
    const { responseCode } = error as { responseCode?: number };
    if (responseCode === undefined) throw error;
    return responseCode;
  } finally {
    transport.close();
  }
}
