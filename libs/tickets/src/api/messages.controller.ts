import { BLOB_STORE, type BlobStore } from '@fanin/connector-kit';
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

@ApiTags('messages')
@Controller('api/v1/messages')
export class MessagesController {
  constructor(
    @Inject(TicketQueries) private readonly queries: TicketQueries,
    @Inject(RAW_ARCHIVE) private readonly archive: RawArchive,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
  ) {}

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
    const original = await this.archive.read(message.tenant, message.delivery_id);
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
  @ApiResponse({ status: 410, description: 'The sender took the message back.' })
  async getAttachment(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Param('n') n: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const message = await this.queries.message(principal.tenant, id);
    const attachment = /^\d{1,4}$/.test(n) ? message.details.attachments[Number(n)] : undefined;
    if (attachment === undefined) throw notFound('attachment');
    if (message.hidden) {
      const detail = 'What was captured is kept: see the original of the message.';
      throw new ProblemException(410, 'message_deleted', 'The sender took this message back', detail);
    }
    const bytes = await this.blobs.get(attachment.key);
    await reply.headers(downloadHeaders(attachment.name, attachment.content_type)).send(bytes);
  }
}
