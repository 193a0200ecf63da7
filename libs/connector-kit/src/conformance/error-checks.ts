import { FaninError, messageOf } from '@fanin/kernel';
import { fieldsOf } from '@fanin/contracts';
import type { ChannelContract } from './channel-contract.js';

/** The error table of a channel: covered, right, and honest about what it does not know. */
export function errorProblems({ channel, errors }: ChannelContract): readonly string[] {
  if ('none' in errors)
    return errors.none.length >= 20 ? [] : ['contract.spec.ts: errors.none must say why, in a sentence'];
  const problems: string[] = [];
  for (const { what, error, code } of errors.cases) {
    const translated = attempt(() => errors.translate(error));
    if (!(translated instanceof FaninError))
      problems.push(`src/errors.ts: '${what}' must become a FaninError, got ${messageOf(translated)}`);
    else if (translated.code !== code)
      problems.push(`src/errors.ts: '${what}' must become ${code}, became ${translated.code}`);
  }
  const covered = new Set(errors.cases.map((each) => each.code));
  const hasSecret = fieldsOf(channel.Config).some((field) => field.options.secret === true);
  if (!covered.has('TRANSIENT'))
    problems.push(
      'contract.spec.ts: errors.cases needs a case that becomes TRANSIENT (connection refused, 5xx, time-out)',
    );
  if (hasSecret && channel.manifest.capture !== 'webhook' && !covered.has('AUTH'))
    problems.push('contract.spec.ts: errors.cases needs a case that becomes AUTH: the channel has credentials');
  const unknown = attempt(() => errors.translate(new TypeError('x is not a function')));
  if (!(unknown instanceof FaninError) || unknown.code !== 'BUG')
    problems.push(
      'src/errors.ts: an error that is none of the provider’s (a TypeError) must become BUG, not something that is tried for ever',
    );
  const kept = new FaninError('CONFIG', 'kept');
  if (attempt(() => errors.translate(kept)) !== kept)
    problems.push('src/errors.ts: a FaninError must come back as it is');
  return problems;
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
