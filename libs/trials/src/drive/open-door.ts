import { ChatDoor, type ChatDoorSpec } from './doors/chat.js';
import { ImapDoor, type ImapDoorSpec } from './doors/imap.js';
import { ReadersDoor, type ReadersDoorSpec } from './doors/readers.js';
import { RepliesDoor, type RepliesDoorSpec } from './doors/replies.js';
import { SmtpDoor, type SmtpDoorSpec } from './doors/smtp.js';
import {
  MetaDoor,
  TwilioDoor,
  XDoor,
  type MetaDoorSpec,
  type TwilioDoorSpec,
  type XDoorSpec,
} from './doors/webhooks.js';
import type { Door } from './door.js';

/** A door as plain data, so that another process can open it. */
export type DoorSpec =
  | SmtpDoorSpec
  | ChatDoorSpec
  | TwilioDoorSpec
  | MetaDoorSpec
  | XDoorSpec
  | RepliesDoorSpec
  | ReadersDoorSpec
  | ImapDoorSpec;

export function openDoor(spec: DoorSpec): Door {
  switch (spec.kind) {
    case 'smtp':
      return new SmtpDoor(spec);
    case 'chat':
      return new ChatDoor(spec);
    case 'twilio':
      return new TwilioDoor(spec);
    case 'meta':
      return new MetaDoor(spec);
    case 'x':
      return new XDoor(spec);
    case 'replies':
      return new RepliesDoor(spec);
    case 'readers':
      return new ReadersDoor(spec);
    case 'imap':
      return new ImapDoor(spec);
  }
}
