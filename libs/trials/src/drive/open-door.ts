import { ChatDoor, type ChatDoorSpec } from './doors/chat.js';
import { DeskDoor, type DeskDoorSpec } from './doors/desk.js';
import { ImapDoor, type ImapDoorSpec } from './doors/imap.js';
import {
  CommentsDoor,
  MetaDoor,
  WhatsappDoor,
  type CommentsDoorSpec,
  type MetaDoorSpec,
  type WhatsappDoorSpec,
} from './doors/meta.js';
import { ReadersDoor, type ReadersDoorSpec } from './doors/readers.js';
import { RepliesDoor, type RepliesDoorSpec } from './doors/replies.js';
import { SmtpDoor, type SmtpDoorSpec } from './doors/smtp.js';
import { TelegramDoor, type TelegramDoorSpec } from './doors/telegram.js';
import { VoiceDoor, type VoiceDoorSpec } from './doors/voice.js';
import { TwilioDoor, XDoor, type TwilioDoorSpec, type XDoorSpec } from './doors/webhooks.js';
import type { Door } from './door.js';

/** A door as plain data, so that another process can open it. */
export type DoorSpec =
  | SmtpDoorSpec
  | ChatDoorSpec
  | TwilioDoorSpec
  | MetaDoorSpec
  | WhatsappDoorSpec
  | CommentsDoorSpec
  | VoiceDoorSpec
  | TelegramDoorSpec
  | XDoorSpec
  | RepliesDoorSpec
  | DeskDoorSpec
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
    case 'whatsapp':
      return new WhatsappDoor(spec);
    case 'comments':
      return new CommentsDoor(spec);
    case 'voice':
      return new VoiceDoor(spec);
    case 'telegram':
      return new TelegramDoor(spec);
    case 'x':
      return new XDoor(spec);
    case 'replies':
      return new RepliesDoor(spec);
    case 'desk':
      return new DeskDoor(spec);
    case 'readers':
      return new ReadersDoor(spec);
    case 'imap':
      return new ImapDoor(spec);
  }
}
