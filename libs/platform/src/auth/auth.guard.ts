import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ProblemException } from '../http/problem.js';
import { API_KEYS, type ApiKeys } from './api-keys.js';
import { refuseForeignWrite } from './cross-site.js';
import { PUBLIC_ROUTE, REQUIRED_SCOPES, type AuthenticatedRequest } from './decorators.js';
import { SCOPES, type Principal, type Scope } from './principal.js';
import { SESSIONS, type Sessions } from './session.js';

/** Runs before every controller: a key in `Authorization: Bearer`, else the operator's cookie. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(API_KEYS) private readonly keys: ApiKeys,
    @Inject(SESSIONS) private readonly sessions: Sessions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC_ROUTE, targets) === true) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const principal = await this.principalOf(request);
    const needed = this.reflector.getAllAndOverride<readonly Scope[]>(REQUIRED_SCOPES, targets) ?? [];
    const missing = needed.filter((scope) => !principal.scopes.has(scope));
    if (missing.length > 0) {
      throw new ProblemException(
        403,
        'forbidden',
        'This key may not do that',
        `It lacks the scope ${missing.join(', ')}.`,
      );
    }
    request.principal = principal;
    return true;
  }

  private async principalOf(request: AuthenticatedRequest): Promise<Principal> {
    const header = request.headers['authorization'];
    if (typeof header === 'string') {
      const key = /^Bearer +(\S+)$/i.exec(header)?.[1];
      const principal = key === undefined ? null : await this.keys.verify(key);
      if (principal === null) throw unauthorized('The key is unknown, revoked or expired.');
      return principal;
    }
    const cookie = request.headers['cookie'];
    const session = this.sessions.read(typeof cookie === 'string' ? cookie : undefined);
    if (session === null) {
      throw unauthorized(
        'Send an API key as "Authorization: Bearer KEY", or open the address that Fanin printed at its start.',
      );
    }
    refuseForeignWrite(request);
    return { kind: 'operator', id: 'operator', name: 'Operator', tenant: session.tenant, scopes: new Set(SCOPES) };
  }
}

function unauthorized(detail: string): ProblemException {
  return new ProblemException(401, 'unauthorized', 'Log in first', detail, {
    headers: { 'www-authenticate': 'Bearer' },
  });
}
