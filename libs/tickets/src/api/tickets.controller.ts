import { BLOB_STORE, type BlobStore } from '@fanin/connector-kit';
import { LOGGER, type Logger } from '@fanin/kernel';
import { CurrentPrincipal, PageQuery, RequireScopes, type Principal } from '@fanin/platform';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { addNote, addReply } from './agent-messages.js';
import { NoteInput, ReplyInput, TaskPatch, TicketListQuery, TicketPatch } from './inputs.js';
import { withLargeBody } from './large-bodies.js';
import { messageView } from './message-view.js';
import { patchTicket, type CommandDependencies } from './ticket-patches.js';
import { patchTask } from './task-patches.js';
import { TicketQueries } from './ticket-queries.js';
import { COMMAND_DEPENDENCIES } from './tokens.js';
import { MessagePage, MessageView, TaskView, TicketPage, TicketView } from './views.js';

const TicketId = (): MethodDecorator =>
  ApiParam({ name: 'id', description: 'Ticket.', schema: { type: 'string', format: 'uuid' } });
const NoTicket = (): MethodDecorator =>
  ApiResponse({ status: 404, description: 'There is no such ticket in this tenant.' });
const BadInput = (): MethodDecorator =>
  ApiResponse({ status: 400, description: 'The input is not valid; all problems are listed.' });
const Refused = (): MethodDecorator =>
  ApiResponse({
    status: 409,
    description: 'The state of the ticket does not allow it, or the Idempotency-Key was used for something else.',
  });
const IdempotencyKey = (): MethodDecorator =>
  ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Sent again with the same key, the same request answers with the message it made first.',
  });

@ApiTags('tickets')
@Controller('api/v1/tickets')
export class TicketsController {
  constructor(
    @Inject(TicketQueries) private readonly queries: TicketQueries,
    @Inject(COMMAND_DEPENDENCIES) private readonly commands: CommandDependencies,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Get()
  @RequireScopes('tickets:read')
  @ApiOperation({ summary: 'Tickets, latest change first' })
  @ApiResponse({ status: 200, type: TicketPage })
  @BadInput()
  listTickets(@CurrentPrincipal() principal: Principal, @Query() query: TicketListQuery): Promise<TicketPage> {
    return this.queries.list(principal.tenant, query);
  }

  @Get(':id')
  @RequireScopes('tickets:read')
  @ApiOperation({ summary: 'One ticket' })
  @TicketId()
  @ApiResponse({ status: 200, type: TicketView })
  @NoTicket()
  getTicket(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<TicketView> {
    return this.queries.get(principal.tenant, id);
  }

  @Patch(':id')
  @RequireScopes('tickets:write')
  @ApiOperation({ summary: 'Change status, priority, tags, assignee or team' })
  @TicketId()
  @ApiBody({ type: TicketPatch })
  @ApiResponse({ status: 200, type: TicketView })
  @BadInput()
  @NoTicket()
  @Refused()
  patchTicket(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() patch: TicketPatch,
  ): Promise<TicketView> {
    return patchTicket(this.commands, principal, id, patch);
  }

  @Patch(':id/tasks/:task_id')
  @RequireScopes('tickets:write')
  @ApiOperation({ summary: 'Say that a task is done' })
  @TicketId()
  @ApiParam({ name: 'task_id', description: 'Task.', schema: { type: 'string', format: 'uuid' } })
  @ApiBody({ type: TaskPatch })
  @ApiResponse({ status: 200, type: TaskView })
  @BadInput()
  @ApiResponse({ status: 404, description: 'There is no such task on a ticket of this tenant.' })
  patchTask(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Param('task_id') taskId: string,
    @Body() patch: TaskPatch,
  ): Promise<TaskView> {
    return patchTask(this.commands, principal, { ticketId: id, taskId }, patch);
  }

  @Get(':id/messages')
  @RequireScopes('tickets:read')
  @ApiOperation({ summary: 'The conversation, oldest first' })
  @TicketId()
  @ApiResponse({ status: 200, type: MessagePage })
  @BadInput()
  @NoTicket()
  async listMessages(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<MessagePage> {
    const { rows, next_cursor } = await this.queries.messages(principal.tenant, id, query);
    const data = await Promise.all(rows.map((row) => withLargeBody(row, messageView(row), this.blobs, this.logger)));
    return { data, next_cursor };
  }

  @Post(':id/replies')
  @HttpCode(201)
  @RequireScopes('tickets:write')
  @ApiOperation({
    summary: 'Answer the customer',
    description:
      'Refused with 409 (reply_window) when the channel takes no such answer now; the detail says what it takes.',
  })
  @TicketId()
  @IdempotencyKey()
  @ApiBody({ type: ReplyInput })
  @ApiResponse({ status: 201, type: MessageView })
  @BadInput()
  @NoTicket()
  @Refused()
  addReply(
    @CurrentPrincipal() principal: Principal,
    @Param('id') ticketId: string,
    @Body() input: ReplyInput,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<MessageView> {
    return addReply(this.commands, { principal, ticketId, input, idempotencyKey });
  }

  @Post(':id/notes')
  @HttpCode(201)
  @RequireScopes('tickets:write')
  @ApiOperation({ summary: 'Leave a note that only agents see' })
  @TicketId()
  @IdempotencyKey()
  @ApiBody({ type: NoteInput })
  @ApiResponse({ status: 201, type: MessageView })
  @BadInput()
  @NoTicket()
  @Refused()
  addNote(
    @CurrentPrincipal() principal: Principal,
    @Param('id') ticketId: string,
    @Body() input: NoteInput,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<MessageView> {
    return addNote(this.commands, { principal, ticketId, input, idempotencyKey });
  }
}
