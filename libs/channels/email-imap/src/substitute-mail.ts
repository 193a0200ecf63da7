/** Headers that speak of a body which is not there, with their folded lines. */
const BODY_HEADERS = /^(?:content-[\w-]+|mime-version)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*/gimu;
const MOST_HEADER_BYTES = 256 * 1024;

/**
 * Stands for a mail whose body cannot be taken over: its own head, and a text that says where the mail is. The same mail
 * gives the same bytes under another UID, so that it is recognised after the mailbox was numbered anew.
 */
export function substituteMail(header: Buffer, notice: string): Buffer {
  const end = header.indexOf('\r\n\r\n');
  const head = (end < 0 ? header : header.subarray(0, end + 2)).subarray(0, MOST_HEADER_BYTES).toString('latin1');
  const kept = head.replaceAll(/\r?\n/gu, '\n').trimEnd();
  return withText(kept === '' ? '' : `${kept}\n`.replace(BODY_HEADERS, '').replaceAll('\n', '\r\n'), notice);
}

/** Stands for a mail of which not even the head could be read. */
export function unknownMail(notice: string): Buffer {
  return withText('Subject: A mail that the mailbox does not hand over\r\n', notice);
}

function withText(head: string, notice: string): Buffer {
  const own = 'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n';
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(`${own}\r\n${notice}\r\n`, 'utf8')]);
}
