import { Controller, Get, Inject, Module } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { AccountStateName } from '@fanin/connector-kit';
import type { ChannelFamily } from '@fanin/contracts';
import type { ErrorCode } from '@fanin/kernel';
import { CurrentPrincipal, RequireScopes } from '../auth/decorators.js';
import type { Principal } from '../auth/principal.js';
import { DATABASE, type Database } from '../database/database.js';
import type { Page } from '../http/page.js';
import type { HookView } from './http/hook-addresses.js';

/** A channel account as the API shows it. */
export interface AccountView {
  readonly id: string;
  readonly tenant: string;
  readonly channel: ChannelFamily;
  readonly channel_slug: string;
  readonly title: string;
  readonly state: AccountStateName;
  readonly since: string;
  readonly code: ErrorCode | null;
  readonly reason: string | null;
  readonly next_attempt_at: string | null;
  /** What a person should do; null when nothing. */
  readonly action: string | null;
  /** Addresses to enter at the provider, for channels that are called. */
  readonly hook_urls: readonly string[];
  /** The same addresses, each with what to enter where. */
  readonly hooks: readonly HookView[];
  /** Facts worth a look, newest first, e.g. a gap. */
  readonly notices: readonly { readonly code: string; readonly message: string; readonly at: string }[];
}

type Row = Omit<AccountView, 'since' | 'next_attempt_at'> & {
  readonly since: Date;
  readonly next_attempt_at: Date | null;
};

const LIST = `
  SELECT account_id AS id, tenant, channel, channel_slug, title, state, since, code, reason, next_attempt_at, action, hook_urls, hooks, notices
  FROM channels.accounts ORDER BY account_id`;

/** GET /api/v1/accounts. Row-level security leaves the accounts of the principal's tenant. */
@ApiTags('accounts')
@Controller('api/v1/accounts')
export class AccountsController {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  @Get()
  @RequireScopes('accounts:read')
  async list(@CurrentPrincipal() principal: Principal): Promise<Page<AccountView>> {
    const found = await this.database.transaction(principal.tenant, (client) => client.query<Row>(LIST));
    const data = found.rows.map((row) => ({
      ...row,
      since: row.since.toISOString(),
      next_attempt_at: row.next_attempt_at?.toISOString() ?? null,
    }));
    return { data, next_cursor: null };
  }
}

/** For the service that serves the API; needs CHANNELS_PART. Apart from the host, so that only one service of a process has it. */
@Module({ controllers: [AccountsController] })
export class AccountsModule {}
