import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { FaninError } from '@fanin/kernel';
import type { Principal, Scope } from './principal.js';

export const PUBLIC_ROUTE = 'fanin:public';
export const REQUIRED_SCOPES = 'fanin:scopes';

/** The route needs no login. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(PUBLIC_ROUTE, true);

/** The route needs a key (or session) that holds all of these. A route that names none needs just a valid key. */
export const RequireScopes = (...scopes: readonly Scope[]): MethodDecorator & ClassDecorator =>
  SetMetadata(REQUIRED_SCOPES, scopes);

/** What the guard leaves on the request. */
export interface AuthenticatedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  principal?: Principal;
}

/** The principal of the request, for parameters of controller methods. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (principal === undefined) throw new FaninError('BUG', 'a public route asked for its principal');
  return principal;
});
