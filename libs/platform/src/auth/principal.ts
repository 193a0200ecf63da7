/** Scopes that an API key can hold. */
export const SCOPES = [
  'tickets:read',
  'tickets:write',
  'metrics:read',
  'ledger:read',
  'accounts:read',
  'admin',
] as const;
export type Scope = (typeof SCOPES)[number];

/** Who makes a request, decided by the guard before any controller runs. */
export interface Principal {
  readonly kind: 'key' | 'operator';
  /** Key id, or 'operator'. */
  readonly id: string;
  /** Shown as the author of replies. */
  readonly name: string;
  /** The tenant whose rows may be seen: a key's own; an operator's current choice; '*' only for an operator who chose all. */
  readonly tenant: string;
  readonly scopes: ReadonlySet<Scope>;
}
