import type { AccountNotice, CapturedDelivery } from '@fanin/connector-kit';
import type { PendingMails } from './pending-mails.js';

const MEBIBYTE = 1024 * 1024;

/** What a person should know of a turn: mails that were missed, that wait, and of which only the head came. */
export function turnNotices(
  folder: string,
  pending: PendingMails,
  deliveries: readonly CapturedDelivery[],
): readonly AccountNotice[] {
  const gap = pending.gap();
  const failed = pending.newlyFailed();
  const heads = deliveries.filter(({ meta }) => meta['captured'] !== undefined).map(({ meta }) => meta['uid'] ?? '');
  const notices: AccountNotice[] = [];
  if (gap !== undefined)
    notices.push({
      code: 'GAP',
      message: `${gap.count} ${gap.count === 1 ? 'mail' : 'mails'} came into ${folder} and left before we could read them (UID ${gap.uids}). A rule of the server or another mail program moved or deleted them.`,
    });
  if (failed.length > 0)
    notices.push({
      code: 'TRANSIENT',
      message: `${failed.length} mails in ${folder} could not be read and are tried again (UID ${failed.slice(0, 5).join(', ')}).`,
    });
  if (heads.length > 0)
    notices.push({
      code: 'BAD_PAYLOAD',
      message: `Of ${heads.length} mails in ${folder} only the head was taken over; the rest is in the mailbox (UID ${heads.slice(0, 5).join(', ')}).`,
    });
  return notices;
}

export type HeadReason = 'too_large' | 'unfetchable';

/** What stands in a message whose body stayed in the mailbox. Holds no UID: see `substituteMail`. */
export function headNotice(reason: HeadReason, sizeBytes: number, folder: string): string {
  return reason === 'too_large'
    ? `This mail of ${(sizeBytes / MEBIBYTE).toFixed(1)} MiB is too large to be taken over. It is in the folder ${folder} of the mailbox.`
    : `This mail could not be read from the mailbox: the server does not hand it over. It is in the folder ${folder}.`;
}
