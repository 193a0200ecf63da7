import { field } from '@fanin/contracts';
import { Body, Controller, Get, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type FaninConfig } from '../config/fanin-config.js';
import { ProblemException } from '../http/problem.js';
import { CurrentPrincipal } from './decorators.js';
import type { Principal } from './principal.js';
import { SESSIONS, type Sessions } from './session.js';

export class ChooseTenant {
  @field.text({ description: 'A tenant’s id, or * for all.', example: 'default', minLength: 1, maxLength: 40 })
  tenant!: string;
}

interface SessionView {
  readonly kind: Principal['kind'];
  readonly name: string;
  /** Current choice; '*' for all. */
  readonly tenant: string;
  readonly tenants: readonly { readonly id: string; readonly name: string }[];
  readonly scopes: readonly string[];
}

@Controller()
export class SessionController {
  constructor(
    @Inject(CONFIG) private readonly config: FaninConfig,
    @Inject(SESSIONS) private readonly sessions: Sessions,
  ) {}

  @Get('api/v1/session')
  show(@CurrentPrincipal() principal: Principal): SessionView {
    const tenants = this.config.tenants.map(({ id, name }) => ({ id, name }));
    return {
      kind: principal.kind,
      name: principal.name,
      tenant: principal.tenant,
      tenants: principal.kind === 'operator' ? tenants : tenants.filter(({ id }) => id === principal.tenant),
      scopes: [...principal.scopes],
    };
  }

  @Post('session/tenant')
  @HttpCode(200)
  choose(
    @CurrentPrincipal() principal: Principal,
    @Body() choice: ChooseTenant,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): SessionView {
    if (principal.kind !== 'operator') {
      throw new ProblemException(
        403,
        'forbidden',
        'A key belongs to one tenant',
        'Only a session of the pages can switch.',
      );
    }
    if (choice.tenant !== '*' && !this.config.tenants.some(({ id }) => id === choice.tenant)) {
      throw new ProblemException(404, 'not_found', 'There is no such tenant');
    }
    void reply.header('set-cookie', this.sessions.cookieFor(choice.tenant));
    return this.show({ ...principal, tenant: choice.tenant });
  }
}
