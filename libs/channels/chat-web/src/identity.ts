import { CLOSE, SessionEnd } from './session-end.js';
import type { Directory } from './directory.js';
import type { HelloFrame } from './protocol.js';
import type { VisitorVerifier } from './client-jwt.js';
import { anonymousId, firstConversationOf, isToken, mintToken, signedId, type Scope } from './visitor.js';

/** Who is at the other end of a socket, and in which conversation. */
export interface Visitor {
  readonly id: string;
  readonly verified: boolean;
  readonly name: string | null;
  readonly email: string | null;
  readonly conversationId: string;
  /** Conversations whose token was proven: a message first tried there keeps its id. */
  readonly formerConversations: readonly string[];
  /** The anonymous visitor that this one was before, when that was proven. */
  readonly formerId: string | null;
  /** To be handed out in the welcome; null for a signed visitor. */
  readonly token: string | null;
  /** When the identity ends, epoch milliseconds; null: never. */
  readonly expiresAt: number | null;
}

export interface IdentityDeps {
  readonly scope: Scope;
  readonly required: boolean;
  readonly verifier: VisitorVerifier;
  readonly directory: Directory;
  /** Throws SessionEnd when this peer has made too many new visitors lately. */
  readonly admitNewVisitor: () => void;
}

/** Throws SessionEnd `unauthorised` for what cannot be proven; FaninError TRANSIENT when the log is away. */
export async function identify(hello: HelloFrame, deps: IdentityDeps): Promise<Visitor> {
  const given = hello.token ?? '';
  const token = isToken(given) ? given : null;
  const jwt = hello.jwt ?? null;
  if (jwt !== null) return identifySigned(jwt, token, deps);
  return identifyAnonymous(token, hello.name ?? null, deps);
}

async function identifySigned(jwt: string, token: string | null, deps: IdentityDeps): Promise<Visitor> {
  const verified = await deps.verifier.verify(jwt);
  if (!verified.ok) throw new SessionEnd(CLOSE.unauthorised, `the visitor token is refused: ${verified.error}`);
  const { sub, name, email, expiresAt } = verified.value;
  const former = token === null ? null : firstConversationOf(deps.scope, anonymousId(deps.scope, token));
  const { conversation, merged } = await deps.directory.signIn(deps.scope, sub, former);
  const proven = former !== null && (merged || conversation === former);
  return {
    id: signedId(sub),
    verified: true,
    name,
    email,
    conversationId: conversation,
    formerConversations: merged && former !== null ? [former] : [],
    formerId: proven && token !== null ? anonymousId(deps.scope, token) : null,
    token: null,
    expiresAt,
  };
}

async function identifyAnonymous(known: string | null, name: string | null, deps: IdentityDeps): Promise<Visitor> {
  if (deps.required) throw new SessionEnd(CLOSE.unauthorised, 'this account takes signed visitors only: send a jwt');
  let token = known;
  // After signing in, the anonymous token alone opens the conversation no more: signing out must cut it off.
  if (
    token !== null &&
    (await deps.directory.ownerOf(firstConversationOf(deps.scope, anonymousId(deps.scope, token)))) !== null
  ) {
    token = null;
  }
  if (token === null) {
    deps.admitNewVisitor();
    token = mintToken();
  }
  const id = anonymousId(deps.scope, token);
  return {
    id,
    verified: false,
    name: name === '' ? null : name,
    email: null,
    conversationId: firstConversationOf(deps.scope, id),
    formerConversations: [],
    formerId: null,
    token,
    expiresAt: null,
  };
}
