import { isObject, objectAt, textAt, type Json } from '../wire/json.js';

/** Meta's error body (developers.facebook.com/docs/graph-api/guides/error-handling), as the client throws it. */
export class GraphError extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    readonly subcode: number | undefined,
    /** Meta's words. They repeat ids and parameters, never a token. */
    readonly said: string,
    /** How long Meta's usage headers ask us to wait. */
    readonly waitMs: number | undefined,
  ) {
    super(`Graph API answered ${status}, error ${code}${subcode === undefined ? '' : `/${subcode}`}: ${said}`);
    this.name = 'GraphError';
  }

  /** Error bodies of a proof that does not fit have no code of their own. */
  get isWrongProof(): boolean {
    return this.code === 100 && /appsecret_proof/i.test(this.said);
  }
}

/** There was no answer that could be read. `mayHaveArrived`: the call left this machine. */
export class GraphSilence extends Error {
  constructor(
    reason: string,
    readonly mayHaveArrived: boolean,
    options?: { readonly cause: unknown },
  ) {
    super(`Graph API could not be reached: ${reason}`, options);
    this.name = 'GraphSilence';
  }
}

/** The error in an answer; undefined when the body holds none. */
export function graphErrorOf(status: number, body: unknown, headers: Headers): GraphError | undefined {
  const error = isObject(body) ? objectAt(body, 'error') : undefined;
  if (error === undefined) return undefined;
  const details = textAt(objectAt(error, 'error_data'), 'details');
  const said = [textAt(error, 'message'), textAt(error, 'error_user_msg'), details].filter(
    (text) => text !== undefined,
  );
  const [code, subcode] = [error['code'], error['error_subcode']].map((value) =>
    typeof value === 'number' ? value : undefined,
  );
  return new GraphError(status, code ?? 0, subcode, withoutTokens(said.join(' — ')), waitMsOf(headers));
}

/** Graph's tokens begin with EAA or IG; Meta does repeat a malformed one. */
function withoutTokens(text: string): string {
  return text.replace(/\b(EAA|IG)[A-Za-z0-9_-]{16,}/g, '[token]').slice(0, 400);
}

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Minutes until calls are taken again, from the usage headers (graph-api/overview/rate-limiting); Retry-After where there is one. */
export function waitMsOf(headers: Headers): number | undefined {
  const retryAfter = Number(headers['retry-after']);
  const waits = Number.isFinite(retryAfter) && retryAfter > 0 ? [retryAfter * 1_000] : [];
  for (const name of ['x-business-use-case-usage', 'x-app-usage', 'x-page-usage'])
    for (const usage of usagesOf(headers[name])) {
      const minutes = usage['estimated_time_to_regain_access'];
      if (typeof minutes === 'number' && minutes > 0) waits.push(minutes * 60_000);
    }
  return waits.length === 0 ? undefined : Math.min(Math.max(...waits), 3_600_000);
}

function usagesOf(header: string | readonly string[] | undefined): readonly Json[] {
  try {
    const value: unknown = JSON.parse(String(header));
    if (!isObject(value)) return [];
    return [value, ...Object.values(value).flatMap((each) => (Array.isArray(each) ? each.filter(isObject) : []))];
  } catch {
    return [];
  }
}
