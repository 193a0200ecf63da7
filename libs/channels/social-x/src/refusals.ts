import type { ErrorCode } from '@fanin/kernel';
import type { XFailure } from './errors.js';

/** Why X does not take one reply although the account is in order. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly isDuplicate: boolean;
}

interface Rule {
  /** Numbers of X's older error list; API v2 often says the same in words only. */
  readonly numbers: readonly number[];
  readonly words: RegExp;
  readonly code: ErrorCode;
  readonly reason: string;
}

const DUPLICATE = [187];

const RULES: readonly Rule[] = [
  {
    numbers: DUPLICATE,
    words: /duplicate (content|status)/i,
    code: 'BAD_PAYLOAD',
    reason: 'the account has posted the same words lately, and X takes them only once: change the text',
  },
  {
    numbers: [150, 151, 214, 349],
    words:
      /(cannot|can't|not (allowed|permitted)|permission).{0,40}\b(dm|direct messages?|send messages?|message (this|the))/i,
    code: 'UNSUPPORTED',
    reason: 'this person takes no direct messages from the account: answer in public, or ask for one there',
  },
  {
    numbers: [186, 354],
    words: /too long|exceeds? the (maximum|character)/i,
    code: 'UNSUPPORTED',
    reason: 'X finds the text too long: shorten it',
  },
  {
    numbers: [144, 385, 421],
    words: /(deleted|not visible|no longer available|could not find (tweet|post))/i,
    code: 'BAD_PAYLOAD',
    reason: 'the post that is answered is gone, or the account may not see it',
  },
  {
    numbers: [425, 433],
    words: /repl(y|ies).{0,40}(not allowed|restricted|limited)/i,
    code: 'UNSUPPORTED',
    reason: 'the author has limited who may answer this post',
  },
  {
    numbers: [226],
    words: /automated/i,
    code: 'UNSUPPORTED',
    reason: 'X takes the reply for automated and refuses it: send it from X itself, or change the words',
  },
];

export function refusalOf(failure: XFailure): Refusal | undefined {
  if (failure.status === undefined || failure.code === 'AUTH' || failure.code === 'RATE_LIMITED') return undefined;
  const said = `${failure.detail} ${failure.message}`;
  const rule = RULES.find(
    ({ numbers, words }) => failure.numbers.some((number) => numbers.includes(number)) || words.test(said),
  );
  if (rule !== undefined) {
    const detail = failure.detail === '' ? '' : ` (${failure.detail})`;
    return { code: rule.code, reason: `${rule.reason}${detail}`, isDuplicate: rule.numbers === DUPLICATE };
  }
  return failure.code === 'BAD_PAYLOAD' || failure.code === 'UNSUPPORTED'
    ? { code: failure.code, reason: failure.message, isDuplicate: false }
    : undefined;
}
