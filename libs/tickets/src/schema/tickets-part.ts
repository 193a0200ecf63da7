import type { DatabasePart } from '@fanin/platform';
import { ConversationEntity } from './entities/conversation.entity.js';
import { CustomerEntity } from './entities/customer.entity.js';
import { EchoClaimEntity } from './entities/echo-claim.entity.js';
import { IdempotencyKeyEntity } from './entities/idempotency-key.entity.js';
import { IdentityEntity } from './entities/identity.entity.js';
import { MessageReferenceEntity } from './entities/message-reference.entity.js';
import { MessageSearchEntity, SearchQueueEntity } from './entities/message-search.entity.js';
import { MessageEntity } from './entities/message.entity.js';
import { TaskEntity } from './entities/task.entity.js';
import { TicketCounterEntity } from './entities/ticket-counter.entity.js';
import { TicketEntity } from './entities/ticket.entity.js';
import { Tickets1763800100000 } from './migrations/1763800100000-tickets.js';
import { ConversationRules1763900000000 } from './migrations/1763900000000-conversation-rules.js';
import { SearchReads1764000000000 } from './migrations/1764000000000-search-reads.js';

/** The ticket core's schema. Needs the platform's part before it. */
export const TICKETS_PART: DatabasePart = {
  schema: 'tickets',
  entities: [
    CustomerEntity,
    IdentityEntity,
    ConversationEntity,
    MessageReferenceEntity,
    TicketEntity,
    TicketCounterEntity,
    MessageEntity,
    MessageSearchEntity,
    SearchQueueEntity,
    IdempotencyKeyEntity,
    TaskEntity,
    EchoClaimEntity,
  ],
  migrations: [Tickets1763800100000, ConversationRules1763900000000, SearchReads1764000000000],
};
