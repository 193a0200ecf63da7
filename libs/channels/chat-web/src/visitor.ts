import { randomBytes } from 'node:crypto';
import { opaqueKey } from '@fanin/kernel';

const TOKEN = /^v1\.[A-Za-z0-9_-]{43}$/;

/** Scope of ids: the same token or subject in another account is somebody else. */
export interface Scope {
  readonly tenant: string;
  readonly accountId: string;
}

/** 256 random bits. Whoever holds it is the visitor; the server keeps no list of them, ids are made from its hash. */
export function mintToken(): string {
  return `v1.${randomBytes(32).toString('base64url')}`;
}

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

export function anonymousId(scope: Scope, token: string): string {
  return `anon:${opaqueKey('chat-visitor', scope.tenant, scope.accountId, token)}`;
}

/** The shop's own id of its customer. The prefixes keep a subject from being an anonymous visitor's id. */
export function signedId(sub: string): string {
  return `user:${sub}`;
}

/** Conversation that a visitor starts with. */
export function firstConversationOf(scope: Scope, visitorId: string): string {
  return opaqueKey('chat-conversation', scope.tenant, scope.accountId, visitorId);
}
