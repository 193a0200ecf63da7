import type { Normalise } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { readFields } from './fields.js';
import { KINDS, type Kind } from './kinds.js';
import { normaliseCall } from './normalise-call.js';
import { normaliseListed } from './normalise-listed.js';
import { normaliseMessage } from './normalise-message.js';
import { normaliseStatus } from './normalise-status.js';

export const normalise: Normalise = (delivery) =>
  Promise.resolve().then(() => {
    const kind = kindOf(delivery.meta['kind']);
    if (kind === 'listed_message' || kind === 'listed_call') return normaliseListed(kind, delivery);
    const fields = readFields(delivery.body, delivery.contentType);
    if (kind === 'message') return normaliseMessage(fields, delivery);
    if (kind === 'status') return normaliseStatus(fields, delivery);
    return normaliseCall(kind, fields, delivery);
  });

function kindOf(name: string | undefined): Kind {
  const kind = KINDS.find((each) => each === name);
  if (kind === undefined) throw new FaninError('BAD_PAYLOAD', 'meta.kind says nothing that is known here');
  return kind;
}
