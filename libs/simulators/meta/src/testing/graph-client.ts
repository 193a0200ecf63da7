import type { MetaSimulator } from '../simulator.js';

export interface GraphAnswer {
  status: number;
  headers: Headers;
  /** The body; fields are looked at by the specs only. */
  body: {
    error: {
      code: number;
      error_subcode?: number;
      message: string;
      type: string;
      is_transient?: boolean;
      error_data?: { details: string };
    };
    data: Record<string, unknown>[];
    [name: string]: unknown;
  };
}

/** Graph as our side would call it: plain fetch, token in the header. */
export function graphClient(simulator: MetaSimulator, token: string, version = 'v25.0') {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<GraphAnswer> => {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${simulator.url}/${version}/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...json,
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as GraphAnswer['body'] };
  };
  return {
    get: (path: string) => call('GET', path),
    post: (path: string, body: unknown) => call('POST', path, body),
    remove: (path: string) => call('DELETE', path),
  };
}

export function code(answer: GraphAnswer): [number, number, number | undefined] {
  return [answer.status, answer.body.error.code, answer.body.error.error_subcode];
}
