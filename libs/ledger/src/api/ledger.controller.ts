import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { CHANNEL_FAMILIES, FATES } from '@fanin/contracts';
import { CurrentPrincipal, notFound, pageOf, RAW_ARCHIVE, readCursor, readQuery, RequireScopes } from '@fanin/platform';
import type { Page, Principal, RawArchive } from '@fanin/platform';
import type { DeliveryRow, FateReport } from '../ledger-reader.js';
import { LedgerReader } from '../ledger-reader.js';
import { DeliveriesQuery, FatesQuery } from './ledger.queries.js';

/** Time of capture as the list shows it, and the delivery. */
const CURSOR = [/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/, /^[\w-]{1,64}$/];

/** What the reply of Fastify is used for here. */
interface Reply {
  header(name: string, value: string): Reply;
  send(body: Buffer): unknown;
}

/** Where every captured delivery ended, from the number down to the provider's own bytes. */
@ApiTags('ledger')
@ApiBearerAuth()
@Controller('api/v1')
@RequireScopes('ledger:read')
export class LedgerController {
  constructor(
    @Inject(LedgerReader) private readonly reader: LedgerReader,
    @Inject(RAW_ARCHIVE) private readonly archive: RawArchive,
  ) {}

  @Get('fates')
  @ApiOperation({
    summary: 'How many parts were captured, and how many of each fate: captured = in_flight + sum of fates',
  })
  @ApiQuery({ name: 'channel', required: false, enum: CHANNEL_FAMILIES })
  @ApiQuery({ name: 'from', required: false, type: String, description: 'Captured at or after, ISO 8601' })
  @ApiQuery({ name: 'to', required: false, type: String, description: 'Captured before, ISO 8601' })
  fates(@CurrentPrincipal() principal: Principal, @Query() query: Record<string, string>): Promise<FateReport> {
    return this.reader.fates(principal.tenant, readQuery(FatesQuery, query, ['from', 'to']));
  }

  @Get('deliveries')
  @ApiOperation({ summary: 'Captured deliveries, newest first' })
  @ApiQuery({ name: 'fate', required: false, enum: [...FATES, 'in_flight'] })
  @ApiQuery({ name: 'rule', required: false, type: String })
  @ApiQuery({ name: 'channel', required: false, enum: CHANNEL_FAMILIES })
  @ApiQuery({ name: 'limit', required: false, type: Number })
  @ApiQuery({ name: 'cursor', required: false, type: String })
  async deliveries(
    @CurrentPrincipal() principal: Principal,
    @Query() query: Record<string, string>,
  ): Promise<Page<DeliveryRow>> {
    const wanted = readQuery(DeliveriesQuery, query);
    const cursor = readCursor(wanted.cursor, CURSOR);
    const rows = await this.reader.deliveries(principal.tenant, {
      fate: wanted.fate,
      rule: wanted.rule,
      channel: wanted.channel,
      limit: wanted.limit + 1,
      cursor: cursor === undefined ? undefined : { receivedAt: cursor[0] ?? '', deliveryId: cursor[1] ?? '' },
    });
    return pageOf(rows, wanted.limit, (row) => [row.received_at, row.id]);
  }

  @Get('deliveries/:id')
  @ApiOperation({ summary: 'One delivery with the fate of each of its parts' })
  @ApiParam({ name: 'id', type: String })
  async delivery(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<DeliveryRow> {
    const row = await this.reader.delivery(principal.tenant, id);
    if (row === null) throw notFound('delivery');
    return row;
  }

  @Get('deliveries/:id/raw')
  @ApiOperation({ summary: 'The bytes as the provider handed them over' })
  @ApiParam({ name: 'id', type: String })
  async raw(@CurrentPrincipal() principal: Principal, @Param('id') id: string, @Res() reply: Reply): Promise<void> {
    const found = await this.archive.read(principal.tenant, id);
    if (found === null) throw notFound('delivery');
    reply
      .header('content-type', 'application/octet-stream')
      .header('x-original-content-type', found.contentType.replace(/[^\x20-\x7e]/g, ''))
      .header('content-disposition', 'attachment; filename="delivery.bin"')
      .header('x-content-type-options', 'nosniff')
      .send(found.body);
  }
}
