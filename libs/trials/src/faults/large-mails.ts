import { SmtpLine } from '../drive/doors/smtp-line.js';
import { markOf } from '../oracle/oracle.js';
import { asSuperuser } from '../system/as-superuser.js';
import { MAIL, type SystemUnderTest } from '../system/system.js';
import { until } from '../system/until.js';

export const MIB = 1024 * 1024;
const FROM = 'large@customer.example';
const LINE = `${'a long story '.repeat(5)}\r\n`;

/** The same bytes for the same id. */
export function largeMail(id: string, bytes: number): Buffer {
  const head = [
    `From: <${FROM}>`,
    `To: <${MAIL.a}>`,
    `Subject: Large ${id}`,
    `Message-ID: <${id}@customer.example>`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    `${markOf(id)} what follows is long`,
    '',
  ].join('\r\n');
  return Buffer.concat([Buffer.from(head), Buffer.alloc(bytes, LINE), Buffer.from('\r\n')]);
}

/** One mail over a line of its own; what the server said to it in the end, 0 when it hung up. */
export async function handIn({ smtpPort }: SystemUnderTest, mail: Buffer): Promise<number> {
  const line = await SmtpLine.open('127.0.0.1', smtpPort, '127.0.0.3');
  try {
    return (await line.send(FROM, MAIL.a, mail)).code;
  } catch {
    return 0;
  } finally {
    line.close();
  }
}

const FOUND_WITHIN_MS = 60_000;

/** Lines on mails whose original is not what was handed in, byte for byte. */
export function notWhole(system: SystemUnderTest, ids: readonly string[], bytes: number): Promise<readonly string[]> {
  return asSuperuser(system, async (client) => {
    const lines: string[] = [];
    for (const id of ids) {
      const find = 'SELECT id FROM tickets.messages WHERE provider_message_id LIKE $1';
      const found = async (): Promise<string | undefined> =>
        (await client.query<{ id: string }>(find, [`%${id}@%`])).rows[0]?.id;
      const message = await until(`${id} is a message`, found, FOUND_WITHIN_MS);
      // The archive is filled beside the tickets, and may follow them.
      const read = (): Promise<Buffer | undefined> =>
        system.api.a.bytes(`/messages/${message}/raw`).catch(() => undefined);
      const raw = await until(`the original of ${id} can be read`, read, FOUND_WITHIN_MS);
      if (!raw.equals(largeMail(id, bytes)))
        lines.push(`the original of ${id} is not the mail, it has ${raw.length} bytes`);
    }
    return lines;
  });
}
