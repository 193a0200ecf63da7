import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { CHANNEL_FAMILIES, PRIORITIES, TICKET_STATUSES, type TicketFactV1, type WindowV1 } from '@fanin/contracts';
import { CurrentPrincipal, pageOf, readCursor, readQuery, RequireScopes } from '@fanin/platform';
import type { Page, Principal } from '@fanin/platform';
import type { Summary } from '../summary.js';
import { MetricsReader } from '../metrics-reader.js';
import { SummaryQuery, TicketFactsQuery, WindowsQuery } from './metrics.queries.js';

/** Epoch milliseconds of the row, and its id. */
const CURSOR = [/^\d{1,15}$/, /^[^\u0000\p{Cs}]{1,400}$/u];

const Span = (): MethodDecorator => (target, key, descriptor) => {
  for (const [name, schema] of Object.entries({
    from: { type: String },
    to: { type: String },
    channel: { enum: CHANNEL_FAMILIES },
    team_id: { type: String },
    priority: { enum: PRIORITIES },
  })) {
    ApiQuery({ name, required: false, ...schema })(target, key, descriptor);
  }
};

/** The same rows as the metric topics. */
@ApiTags('metrics')
@ApiBearerAuth()
@Controller('api/v1/metrics')
@RequireScopes('metrics:read')
export class MetricsController {
  constructor(@Inject(MetricsReader) private readonly reader: MetricsReader) {}

  @Get('tickets')
  @ApiOperation({ summary: 'One row per ticket, as on metrics.ticket-facts; newest first' })
  @Span()
  @ApiQuery({ name: 'status', required: false, enum: TICKET_STATUSES })
  @ApiQuery({ name: 'having', required: false, enum: ['unreplied', 'unsolved', 'reopened', 'solved', 'replied'] })
  @ApiQuery({ name: 'limit', required: false, type: Number })
  @ApiQuery({ name: 'cursor', required: false, type: String })
  async tickets(
    @CurrentPrincipal() principal: Principal,
    @Query() query: Record<string, string>,
  ): Promise<Page<TicketFactV1>> {
    const wanted = readQuery(TicketFactsQuery, query, ['from', 'to']);
    const rows = await this.reader.tickets(
      principal.tenant,
      wanted,
      wanted.limit + 1,
      readCursor(wanted.cursor, CURSOR),
    );
    return pageOf(rows, wanted.limit, (row) => [String(row.created_at), row.ticket_id]);
  }

  @Get('windows')
  @ApiOperation({ summary: 'Hours or days per channel, team and priority, as on metrics.windows; newest first' })
  @ApiQuery({ name: 'grain', required: true, enum: ['hour', 'day'] })
  @Span()
  @ApiQuery({ name: 'limit', required: false, type: Number })
  @ApiQuery({ name: 'cursor', required: false, type: String })
  async windows(
    @CurrentPrincipal() principal: Principal,
    @Query() query: Record<string, string>,
  ): Promise<Page<WindowV1>> {
    const wanted = readQuery(WindowsQuery, query, ['from', 'to']);
    const rows = await this.reader.windows(
      principal.tenant,
      wanted,
      wanted.limit + 1,
      readCursor(wanted.cursor, CURSOR),
    );
    return pageOf(rows, wanted.limit, (row) => [String(row.window_start_at), row.row_id]);
  }

  @Get('summary')
  @ApiOperation({ summary: 'Exact counts, medians and 90th percentiles over a span, as the dashboard shows them' })
  @Span()
  summary(@CurrentPrincipal() principal: Principal, @Query() query: Record<string, string>): Promise<Summary> {
    return this.reader.summary(principal.tenant, readQuery(SummaryQuery, query, ['from', 'to']));
  }
}
