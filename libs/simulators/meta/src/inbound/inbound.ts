import { ControlError } from '@fanin/simulators/core';
import type { Stage } from '../stage.js';
import type { InboundResult, MetaInbound } from './bodies.js';
import { commentInbound } from './comments.js';
import { directInbound } from './direct.js';
import { whatsappInbound } from './whatsapp.js';

export function playInbound(stage: Stage, body: MetaInbound): InboundResult {
  switch (body.channel) {
    case 'messenger':
    case 'instagram_dm':
      return directInbound(stage, body);
    case 'page_comment':
    case 'instagram_comment':
    case 'instagram_mention':
      return commentInbound(stage, body);
    case 'whatsapp':
      return whatsappInbound(stage, body);
    default:
      throw new ControlError(
        '"channel" must be one of messenger, page_comment, instagram_dm, instagram_comment, instagram_mention, whatsapp',
      );
  }
}
