import { RequireScopes } from '@fanin/platform';
import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  HttpException,
  Module,
  Param,
  Patch,
  Post,
  Query,
  Res,
  type DynamicModule,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { makeMessages } from './fixture-conversation.js';
import { ACCOUNTS, fateReport } from './fixture-ledger.js';
import { factOf, makeTickets, summaryOf, windowsOf, type FixtureTicket } from './fixture-data.js';

type Query = Readonly<Record<string, string | undefined>>;

/** What the fixture answers with; a test changes it. */
export class FixtureState {
  readonly now = Date.now();
  tickets: FixtureTicket[] = [...makeTickets(this.now)];
  mode: 'shop' | 'empty' | 'broken' = 'shop';
  messages = makeMessages(this.tickets[4] as FixtureTicket);
  readonly replies: { readonly key: string | undefined; readonly text: string; readonly body: object }[] = [];
  readonly patches: object[] = [];
  /** How many of the next replies are stored but answered with 503, as when the answer is lost. */
  loseAnswers = 0;
  /** How long a reply takes. */
  replyDelayMs = 0;
  readonly streams = new Set<NodeJS.WritableStream>();

  emit(type: string, ticketId: string): void {
    for (const stream of this.streams)
      stream.write(
        `event: ${type}\ndata: ${JSON.stringify({ tenant: 'demo', ticket_id: ticketId, seq: 1, type })}\n\n`,
      );
  }
}

/** A tenth of a second of nothing, as WAV. */
function silence(): Buffer {
  const samples = Buffer.alloc(800, 128);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(8_000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** The API of DESIGN §10 as far as the pages call it, in one controller, behind the real login. */
export function fixtureApi(state: FixtureState): DynamicModule {
  const isEmpty = (): boolean => state.mode === 'empty';
  const shown = (): FixtureTicket[] => (isEmpty() ? [] : state.tickets);
  const guard = (): void => {
    if (state.mode === 'broken') throw new HttpException('away', 503);
  };
  const span = (query: Query): readonly [number, number] => [
    query['from'] === undefined ? 0 : Date.parse(query['from']),
    query['to'] === undefined ? Infinity : Date.parse(query['to']),
  ];
  const ofChannel = (query: Query): FixtureTicket[] =>
    shown().filter(({ channel }) => query['channel'] === undefined || channel === query['channel']);
  const page = (data: readonly unknown[], query: Query): object => {
    const start = Number(query['cursor'] ?? 0);
    const limit = Number(query['limit'] ?? 50);
    return {
      data: data.slice(start, start + limit),
      next_cursor: start + limit < data.length ? String(start + limit) : null,
    };
  };

  @Controller('api/v1')
  class FixtureController {
    @Get('metrics/summary')
    summary(@Query() query: Query): object {
      guard();
      return summaryOf(ofChannel(query), ...span(query));
    }

    @Get('metrics/windows')
    windows(@Query() query: Query): object {
      guard();
      return page(
        windowsOf(ofChannel(query), query['grain'] === 'day' ? 86_400_000 : 3_600_000, span(query)[0]),
        query,
      );
    }

    @Get('metrics/tickets')
    facts(@Query() query: Query): object {
      guard();
      const [from, to] = span(query);
      const wanted: Readonly<Record<string, (ticket: FixtureTicket) => boolean>> = {
        replied: (ticket) => ticket.first_replied_at !== null,
        unsolved: (ticket) => ticket.status !== 'solved' && ticket.status !== 'closed',
        unreplied: (ticket) => ticket.first_replied_at === null,
        reopened: (ticket) => (factOf(ticket).reopen_count ?? 0) > 0,
      };
      const having = wanted[query['having'] ?? ''] ?? (() => true);
      return page(
        ofChannel(query)
          .filter(
            (ticket) => having(ticket) && Date.parse(ticket.created_at) >= from && Date.parse(ticket.created_at) < to,
          )
          .map(factOf),
        query,
      );
    }

    @Get('fates')
    fates(@Query() query: Query): object {
      guard();
      return fateReport(query['channel'], isEmpty());
    }

    @Get('accounts')
    accounts(): object {
      guard();
      const since = new Date(state.now - 7_000_000).toISOString();
      const data = ACCOUNTS.map((account) => ({
        ...account,
        since,
        next_attempt_at: account.state === 'connected' ? null : new Date(state.now + 240_000).toISOString(),
      }));
      return { data: isEmpty() ? data.slice(0, 2) : data, next_cursor: null };
    }

    @Get('deliveries')
    deliveries(@Query() query: Query): object {
      const rows = Array.from({ length: 12 }, (_, i) => ({
        id: `d${i}`,
        account_id: 'support-mail',
        channel: 'email',
        channel_slug: 'email-smtp',
        content_type: 'message/rfc822',
        size: 2_100 + i * 311,
        sha256: 'c'.repeat(64),
        received_at: new Date(state.now - i * 1_260_000).toISOString(),
        parts: [
          {
            part: 0,
            fate: 'suppressed',
            rule: i % 3 === 2 ? 'bounce' : 'auto_reply',
            evidence:
              i % 3 === 2
                ? 'Content-Type: multipart/report; report-type=delivery-status'
                : 'Auto-Submitted: auto-replied',
            message_id: null,
            ticket_id: i % 2 === 0 ? (state.tickets[4]?.id ?? null) : null,
            decided_at: new Date(state.now).toISOString(),
          },
        ],
      }));
      return page(
        rows.filter(
          ({ parts }) =>
            (query['fate'] === undefined || parts[0]?.fate === query['fate']) &&
            (query['rule'] === undefined || parts[0]?.rule === query['rule']),
        ),
        query,
      );
    }

    @Get('tickets')
    tickets(@Query() query: Query): object {
      guard();
      const rows = ofChannel(query).filter(
        (ticket) =>
          (query['status'] === undefined || ticket.status === query['status']) &&
          (query['q'] === undefined || (ticket.subject ?? '').toLowerCase().includes(query['q'].toLowerCase())),
      );
      return page(rows, query);
    }

    @Get('tickets/:id')
    ticket(@Param('id') id: string): object {
      guard();
      return found(id);
    }

    @Patch('tickets/:id')
    patch(@Param('id') id: string, @Body() body: object): object {
      const ticket = { ...found(id), ...body };
      state.patches.push(body);
      state.tickets = state.tickets.map((other) => (other.id === id ? ticket : other));
      return ticket;
    }

    @Patch('tickets/:id/tasks/:task')
    patchTask(@Param('id') id: string, @Param('task') task: string, @Body() body: { done: boolean }): object {
      const ticket = found(id);
      const tasks = ticket.tasks.map((one) =>
        one['id'] === task
          ? { ...one, done_at: body.done ? new Date().toISOString() : null, done_by: body.done ? 'ada' : null }
          : one,
      );
      state.patches.push(body);
      state.tickets = state.tickets.map((other) => (other.id === id ? { ...ticket, tasks } : other));
      return tasks.find((one) => one['id'] === task) ?? {};
    }

    @Get('messages/:id/attachments/:n')
    attachment(@Res() reply: FastifyReply): void {
      void reply.headers({ 'content-type': 'audio/wav' }).send(silence());
    }

    @Get('tickets/:id/messages')
    messages(@Param('id') id: string, @Query() query: Query): object {
      guard();
      return page(
        state.messages.map((message) => ({ ...message, ticket_id: found(id).id })),
        query,
      );
    }

    @Post('tickets/:id/replies')
    @HttpCode(201)
    @RequireScopes('tickets:write')
    async reply(
      @Param('id') id: string,
      @Body() body: { text: string },
      @Headers('idempotency-key') key?: string,
    ): Promise<object> {
      if (state.replyDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, state.replyDelayMs));
      state.replies.push({ key, text: body.text, body });
      const known = state.messages.find((message) => message['id'] === key);
      const message = known ?? {
        ...state.messages[1],
        id: key ?? 'reply',
        ticket_id: id,
        text: body.text,
        received_at: new Date().toISOString(),
        delivery: {
          status: 'queued',
          provider_message_id: null,
          code: null,
          reason: null,
          at: new Date().toISOString(),
        },
      };
      if (known === undefined) state.messages.push(message);
      if (state.loseAnswers > 0) {
        state.loseAnswers -= 1;
        throw new HttpException('away', 503);
      }
      return message;
    }

    @Post('tickets/:id/notes')
    @HttpCode(201)
    note(@Param('id') id: string, @Body() body: { text: string }, @Headers('idempotency-key') key?: string): object {
      const message = {
        ...state.messages[2],
        id: key ?? 'note',
        ticket_id: id,
        text: body.text,
        received_at: new Date().toISOString(),
      };
      state.messages.push(message);
      return message;
    }

    @Get('events')
    events(@Res() reply: FastifyReply): void {
      reply.hijack();
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      reply.raw.write('retry: 500\nevent: hello\ndata: {}\n\n');
      state.streams.add(reply.raw);
      reply.raw.on('close', () => state.streams.delete(reply.raw));
    }
  }

  const found = (id: string): FixtureTicket => {
    const ticket = state.tickets.find((other) => other.id === id);
    if (ticket === undefined) throw new HttpException('There is no such ticket', 404);
    return ticket;
  };

  @Module({ controllers: [FixtureController] })
  class FixtureModule {}
  return { module: FixtureModule };
}
