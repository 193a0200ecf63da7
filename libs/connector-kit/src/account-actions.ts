import type { ErrorCode } from '@fanin/kernel';

/** What a person should do about an account that shows a code; null when it mends itself. Shown by GET /api/v1/accounts. */
export const ACCOUNT_ACTIONS: Readonly<Record<ErrorCode, string | null>> = {
  AUTH: 'The provider refused the credentials. Make them valid again at the provider, they are tried again by themselves; or put new ones into the configuration of this account and restart the connector.',
  PERMISSION:
    'The credentials work but lack a right. Grant what the reason names at the provider; it is tried again by itself.',
  RATE_LIMITED: null,
  TRANSIENT: null,
  BAD_PAYLOAD: 'A delivery could not be read. Look at it under /api/v1/deliveries?fate=dead_lettered.',
  CURSOR_LOST:
    'The provider no longer knows our position. Reading starts from what it still has; check the notices for a gap.',
  CONFIG: 'Correct the field that the reason names in the configuration of this account, then restart the connector.',
  UNSUPPORTED: 'The provider sent or wanted something this channel cannot do. See the README of the channel.',
  BUG: 'This is a fault of the channel. Report it with the reason; restarting the connector tries again.',
};
