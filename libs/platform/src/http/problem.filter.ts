import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { codeOf, FaninError, messageOf, type ErrorCode, type Logger } from '@fanin/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendLoginPage } from './login-page.js';
import { PROBLEM_CONTENT_TYPE, problemType, ProblemException, type ProblemBody } from './problem.js';

interface Answer {
  readonly body: ProblemBody;
  readonly headers: Readonly<Record<string, string>>;
}

const BY_CODE: Readonly<Record<ErrorCode, readonly [status: number, slug: string, title: string]>> = {
  AUTH: [502, 'upstream_login', 'A system behind us refused our credentials'],
  PERMISSION: [403, 'forbidden', 'That is not allowed'],
  RATE_LIMITED: [429, 'rate_limited', 'Too many requests'],
  TRANSIENT: [503, 'unavailable', 'Something behind us does not answer, try again soon'],
  BAD_PAYLOAD: [400, 'bad_payload', 'The input cannot be read'],
  CURSOR_LOST: [409, 'cursor_lost', 'The position is lost'],
  CONFIG: [500, 'misconfigured', 'This installation is not configured for that'],
  UNSUPPORTED: [422, 'unsupported', 'That is not supported'],
  BUG: [500, 'internal', 'Something went wrong on our side'],
};

/** Every failure of every route as problem+json; what is inside an unknown error goes to the log, never to the caller. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const { body, headers } = answerTo(error);
    const path = request.url.split('?')[0] ?? '/';
    if (body.status >= 500) {
      this.logger[codeOf(error) === 'TRANSIENT' ? 'warn' : 'error']('request failed', {
        method: request.method,
        path,
        status: body.status,
        error,
      });
    }
    if (reply.sent) return;
    if (body.status === 401 && wantsPage(request)) return sendLoginPage(reply);
    void reply
      .status(body.status)
      .headers(headers)
      .header('content-type', PROBLEM_CONTENT_TYPE)
      .send(JSON.stringify({ ...body, instance: path }));
  }
}

function wantsPage(request: FastifyRequest): boolean {
  return (
    request.method === 'GET' && !request.url.startsWith('/api/') && (request.headers.accept ?? '').includes('text/html')
  );
}

function answerTo(error: unknown): Answer {
  if (error instanceof ProblemException) return ofProblem(error);
  if (error instanceof FaninError) return ofFaninError(error);
  const status = statusOf(error);
  if (status === undefined || status >= 500) return ofFaninError(new FaninError('BUG', 'hidden'));
  return { body: ofStatus(status, messageOf(error)), headers: {} };
}

function ofProblem(error: ProblemException): Answer {
  return {
    body: {
      type: problemType(error.slug),
      title: error.title,
      status: error.getStatus(),
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      ...(error.extras.problems === undefined ? {} : { problems: error.extras.problems }),
    },
    headers: error.extras.headers ?? {},
  };
}

function ofFaninError(error: FaninError): Answer {
  const [status, slug, title] = BY_CODE[error.code];
  const retryAfterMs = error.retryAfterMs ?? (error.code === 'TRANSIENT' ? 2_000 : undefined);
  return {
    body: { type: problemType(slug), title, status, ...(status < 500 ? { detail: error.message } : {}) },
    headers: retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
  };
}

/** Nest's own exceptions and Fastify's errors (body too large, broken JSON, unsupported media type). */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number') {
    return error.statusCode;
  }
  return undefined;
}

const BY_STATUS: Readonly<Record<number, readonly [slug: string, title: string]>> = {
  400: ['bad_request', 'The request cannot be read'],
  401: ['unauthorized', 'Log in first'],
  403: ['forbidden', 'That is not allowed'],
  404: ['not_found', 'There is nothing at this address'],
  405: ['method_not_allowed', 'This address does not take that method'],
  413: ['too_large', 'The body is too large'],
  414: ['uri_too_long', 'The address is too long'],
  415: ['unsupported_media_type', 'Send application/json'],
};

function ofStatus(status: number, message: string): ProblemBody {
  const [slug, title] = BY_STATUS[status] ?? ['refused', 'The request was refused'];
  // A 404 of the router repeats the address asked for, query and all.
  return { type: problemType(slug), title, status, ...(status === 404 ? {} : { detail: message }) };
}
