import { BLOB_STORE, type BlobStore } from '@fanin/connector-kit';
import { CLOCK, type Clock } from '@fanin/kernel';
import {
  CurrentPrincipal,
  notFound,
  ProblemException,
  RAW_ARCHIVE,
  RequireScopes,
  type Principal,
  type RawArchive,
} from '@fanin/platform';
import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { downloadHeaders } from './downloads.js';
import { TicketQueries } from './ticket-queries.js';

const BYTES = { schema: { type: 'string', format: 'binary' } } as const;

/** How long the original of a message captured less than `FRESH_MS` ago is waited for. */
const ARCHIVE_WAIT_MS = 5_000;
const FRESH_MS = 60_000;

@ApiTags('messages')
@Controller('api/v1/messages')
export class MessagesController {
  constructor(
    @Inject(TicketQueries) private readonly queries: TicketQueries,
    @Inject(RAW_ARCHIVE) private readonly archive: RawArchive,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The archive is filled from the log beside the tickets, so that of a message that has only just come the original may follow
   * a moment after its ticket: it is waited for.
   */
  private async original(
    tenant: string,
    deliveryId: string,
    receivedAt: Date,
  ): Promise<Awaited<ReturnType<RawArchive['read']>>> {
    const until = this.clock.monotonicMs() + ARCHIVE_WAIT_MS;
    const isFresh = this.clock.now() - receivedAt.getTime() < FRESH_MS;
    for (;;) {
      const found = await this.archive.read(tenant, deliveryId);
      if (found !== null || !isFresh || this.clock.monotonicMs() > until) return found;
      await this.clock.sleep(100);
    }
  }

  @Get(':id/raw')
  @RequireScopes('tickets:read')
  @ApiOperation({ summary: "The provider's own bytes" })
  @ApiParam({ name: 'id', description: 'Message.', schema: { type: 'string' } })
  @ApiProduces('message/rfc822', 'application/json', 'application/octet-stream')
  @ApiResponse({ status: 200, description: 'The bytes as captured.', ...BYTES })
  @ApiResponse({ status: 404, description: 'There is no such message in this tenant, or its original is not kept.' })
  async getRaw(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const message = await this.queries.message(principal.tenant, id);
    if (message.delivery_id === null) {
      throw new ProblemException(
        404,
        'no_original',
        'This message has no original',
        'It was written here, not received.',
      );
    }
    const original = await this.original(message.tenant, message.delivery_id, message.received_at);
    if (original === null) {
      throw new ProblemException(
        404,
        'no_original',
        'The original is not there',
        'It is not archived yet, or past its retention.',
      );
    }
    const extension = original.contentType.startsWith('message/rfc822')
      ? 'eml'
      : original.contentType.startsWith('application/json')
        ? 'json'
        : 'bin';
    await reply
      .headers(downloadHeaders(`${message.delivery_id}.${extension}`, original.contentType))
      .send(original.body);
  }

  @Get(':id/attachments/:n')
  @RequireScopes('tickets:read')
  @ApiOperation({ summary: 'An attachment' })
  @ApiParam({ name: 'id', description: 'Message.', schema: { type: 'string' } })
  @ApiParam({ name: 'n', description: 'Position in `attachments`, from 0.', schema: { type: 'integer', minimum: 0 } })
  @ApiProduces('application/octet-stream')
  @ApiResponse({ status: 200, description: 'The bytes, always as a download.', ...BYTES })
  @ApiResponse({ status: 404, description: 'There is no such message or attachment in this tenant.' })
  async getAttachment(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Param('n') n: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const message = await this.queries.message(principal.tenant, id);
    const attachment = /^\d{1,4}$/.test(n) ? message.details.attachments[Number(n)] : undefined;
    if (attachment === undefined) throw notFound('attachment');
    const bytes = await this.blobs.get(attachment.key);
    await reply.headers(downloadHeaders(attachment.name, attachment.content_type)).send(bytes);
  }
}
