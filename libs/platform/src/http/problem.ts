import type { InputProblem } from '@fanin/contracts';
import { HttpException, HttpStatus } from '@nestjs/common';

/** RFC 9457. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** The path asked for, without its query. */
  readonly instance?: string;
  /** All that is wrong with the input, at once. */
  readonly problems?: readonly InputProblem[];
}

export interface ProblemExtras {
  readonly problems?: readonly InputProblem[];
  readonly headers?: Readonly<Record<string, string>>;
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

export function problemType(slug: string): string {
  return `urn:fanin:problem:${slug}`;
}

/** Thrown by controllers and guards for an answer that is not a success; `slug` is snake_case and part of the API. */
export class ProblemException extends HttpException {
  constructor(
    status: number,
    readonly slug: string,
    readonly title: string,
    readonly detail?: string,
    readonly extras: ProblemExtras = {},
  ) {
    super(title, status);
  }
}

export function notFound(what: string): ProblemException {
  return new ProblemException(HttpStatus.NOT_FOUND, 'not_found', `There is no such ${what}`);
}

export function invalidInput(problems: readonly InputProblem[]): ProblemException {
  return new ProblemException(
    HttpStatus.BAD_REQUEST,
    'invalid_input',
    'The input is not valid',
    problems.map(({ path, message }) => (path === '' ? `The body ${message}` : `${path} ${message}`)).join('; '),
    { problems },
  );
}
