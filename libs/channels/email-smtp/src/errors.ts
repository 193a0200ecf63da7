import { smtpErrorOf } from '@fanin/mail';

/** What the relay or the network throws, as a code of ours. */
export const toFaninError = smtpErrorOf;
