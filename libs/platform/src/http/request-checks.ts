import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_CONTENT_TYPE, problemType, type ProblemBody } from './problem.js';

const BAD_ADDRESS: ProblemBody = {
  type: problemType('bad_address'),
  title: 'The address cannot be read',
  status: 400,
  detail: 'It holds an escape that is no character. Escape the percent sign itself as %25.',
};

/** Fastify's answer to an address that its router cannot decode: before any route, so no filter sees it. */
export function answerBadAddress(_error: Error, _request: unknown, reply: unknown): void {
  send(reply as FastifyReply, BAD_ADDRESS);
}

/**
 * A body up to this size is read to its end although it is refused: a line that is closed while the client still sends
 * takes the answer with it, and a proxy in between makes a 502 of it.
 */
const DRAINED_BYTES = 16 * 1024 * 1024;

/** What no route of the API takes, refused before it is looked for. */
export function registerRequestChecks(fastify: FastifyInstance, limits: { readonly bodyBytes: number }): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const problem = problemOf(request) ?? sizeProblem(request, limits.bodyBytes);
    if (problem === undefined) return done();
    send(reply, problem);
  });
}

function problemOf({ url, headers }: FastifyRequest): ProblemBody | undefined {
  // No id, word or cursor holds U+0000, and the database would refuse the text as a whole.
  if (/%00/.test(url)) return { ...BAD_ADDRESS, detail: 'It holds the character U+0000 (%00).' };
  // Forms are read for the login page alone: any page of any site can send one.
  if (url.startsWith('/api/') && /^application\/x-www-form-urlencoded/i.test(headers['content-type'] ?? '')) {
    return {
      type: problemType('unsupported_media_type'),
      title: 'Send application/json',
      status: 415,
      detail: 'The API takes no forms.',
    };
  }
  return undefined;
}

function sizeProblem({ url, headers }: FastifyRequest, limit: number): ProblemBody | undefined {
  const size = Number(headers['content-length'] ?? 0);
  if (!url.startsWith('/api/') || !(size > limit) || size > DRAINED_BYTES) return undefined;
  const detail = `It has ${size} bytes, at most ${limit} are taken.`;
  return { type: problemType('too_large'), title: 'The body is too large', status: 413, detail };
}

function send(reply: FastifyReply, problem: ProblemBody): void {
  void reply.status(problem.status).header('content-type', PROBLEM_CONTENT_TYPE).send(JSON.stringify(problem));
}
