import { bearerTokenOf, jsonOf } from '@fanin/simulators/core';
import type { SimulatorRequest } from '@fanin/simulators/core';
import { invalidParameter, requiredParameter } from '../errors.js';
import type { Account, App, Token } from '../model.js';

export interface UploadedFile {
  bytes: Buffer;
  mime: string;
  filename: string;
}

/** A Graph call as read: query and body (JSON, form or multipart) are one set of parameters. */
export interface GraphParams {
  method: string;
  /** Decoded segments after the version. */
  path: string[];
  params: Record<string, unknown>;
  file?: UploadedFile;
  token?: string;
}

/** A call that passed the gate. */
export interface GraphCallContext extends GraphParams {
  app: App;
  /** Undefined for an app token. */
  user?: Token;
  /** Accounts the token reaches. */
  accounts: readonly Account[];
}

export async function readGraphRequest(request: SimulatorRequest, path: string[]): Promise<GraphParams> {
  const params: Record<string, unknown> = Object.fromEntries(request.query);
  const file = await readBody(request, params);
  const token =
    bearerTokenOf(request) ?? (typeof params['access_token'] === 'string' ? params['access_token'] : undefined);
  delete params['access_token'];
  return {
    method: request.method,
    path,
    params,
    ...(file === undefined ? {} : { file }),
    ...(token === undefined || token === '' ? {} : { token }),
  };
}

async function readBody(request: SimulatorRequest, params: Record<string, unknown>): Promise<UploadedFile | undefined> {
  if (request.body.length === 0) return undefined;
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('multipart/form-data')) return readMultipart(request.body, type, params);
  if (type.startsWith('application/json')) {
    const value = jsonOf(request);
    if (typeof value !== 'object' || value === null) throw invalidParameter('The body is not valid JSON');
    Object.assign(params, value);
    return undefined;
  }
  Object.assign(params, Object.fromEntries(new URLSearchParams(request.body.toString('utf8'))));
  return undefined;
}

async function readMultipart(
  body: Buffer,
  type: string,
  params: Record<string, unknown>,
): Promise<UploadedFile | undefined> {
  let file: UploadedFile | undefined;
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } })
    .formData()
    .catch(() => undefined);
  if (form === undefined) throw invalidParameter('The multipart body cannot be read');
  for (const [name, value] of form) {
    if (typeof value === 'string') params[name] = value;
    else file = { bytes: Buffer.from(await value.arrayBuffer()), mime: value.type, filename: value.name };
  }
  return file;
}

export function textParam(call: GraphParams, name: string): string | undefined {
  const value = call.params[name];
  return value === undefined || value === null ? undefined : String(value);
}

export function neededText(call: GraphParams, name: string): string {
  const value = textParam(call, name);
  if (value === undefined || value === '') throw requiredParameter(name);
  return value;
}

/** An object given as JSON, or as JSON in a form field. */
export function objectParam(call: GraphParams, name: string): Record<string, unknown> | undefined {
  const value = call.params[name];
  if (value === undefined) return undefined;
  const object: unknown = typeof value === 'string' ? parsed(value) : value;
  if (typeof object === 'object' && object !== null && !Array.isArray(object)) return object as Record<string, unknown>;
  throw invalidParameter(`Param ${name} must be a JSON object.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
