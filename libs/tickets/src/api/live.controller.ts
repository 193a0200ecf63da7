import { CurrentPrincipal, RequireScopes, SHUTDOWN, type Principal, type Shutdown } from '@fanin/platform';
import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { LiveHub, NumberedChange } from '../live/live-hub.js';
import { LIVE_HUB } from './tokens.js';

const HEARTBEAT_MS = 15_000;
/** A reader that leaves this much unread is cut off; it comes again with Last-Event-ID. */
const MAX_UNREAD_BYTES = 1024 * 1024;

@ApiTags('events')
@Controller('api/v1/events')
export class LiveController {
  constructor(
    @Inject(LIVE_HUB) private readonly hub: LiveHub,
    @Inject(SHUTDOWN) private readonly shutdown: Shutdown,
  ) {}

  @Get()
  @RequireScopes('tickets:read')
  @ApiOperation({
    summary: 'Live changes (server-sent events)',
    description:
      'Event names are those of ticket.events; the data is {tenant, ticket_id, seq, type}. `hello` opens the stream; `reset` says that changes were ' +
      'missed and what is shown should be read again. A comment every 15 s keeps the line open.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'Continue behind this event, if it is still known.',
  })
  @ApiProduces('text/event-stream')
  @ApiResponse({ status: 200, description: 'The stream.', schema: { type: 'string' } })
  liveChanges(
    @CurrentPrincipal() principal: Principal,
    @Headers('last-event-id') lastId: string | undefined,
    @Res() reply: FastifyReply,
  ): void {
    reply.hijack();
    const stream = reply.raw;
    // Whoever left while the key was looked up said so before anybody listened.
    if (stream.destroyed) return;
    const headers = Object.entries(reply.getHeaders()).filter(
      (entry): entry is [string, string | number | string[]] => entry[1] !== undefined,
    );
    stream.writeHead(200, {
      ...Object.fromEntries(headers),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const send = ({ id, change }: NumberedChange): void => {
      if (principal.tenant !== '*' && change.tenant !== principal.tenant) return;
      if (stream.writableLength > MAX_UNREAD_BYTES) return void stream.destroy();
      stream.write(`id: ${id}\nevent: ${change.type}\ndata: ${JSON.stringify(change)}\n\n`);
    };
    const missed = lastId === undefined || lastId === '' ? [] : this.hub.since(lastId);
    stream.write(
      missed === undefined ? 'retry: 2000\nevent: reset\ndata: {}\n\n' : 'retry: 2000\nevent: hello\ndata: {}\n\n',
    );
    for (const change of missed ?? []) send(change);
    const unsubscribe = this.hub.subscribe(send);
    const beat = setInterval(() => stream.write(': \n\n'), HEARTBEAT_MS);
    const end = (): void => void stream.end();
    this.shutdown.signal.addEventListener('abort', end, { once: true });
    stream.on('close', () => {
      clearInterval(beat);
      unsubscribe();
      this.shutdown.signal.removeEventListener('abort', end);
    });
  }
}
