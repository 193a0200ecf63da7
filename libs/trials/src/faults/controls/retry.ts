import { refuseStatements, REFUSE_NO_MORE } from '../refused-statements.js';
import { BOTH_FORMS, type LiveControl } from './control.js';
import { drive } from './live-traffic.js';

/** The case `database-refuses`, by a condition that is not known as one that passes. */
export const runAgain: LiveControl = {
  name: 'run-again',
  off: 'the mark of a refused transaction that it may run again: what is refused counts as a bug',
  forms: BOTH_FORMS,
  count: ({ deadLettered }) => deadLettered,
  async drive(world) {
    await world.sql(refuseStatements(world.isOff ? 'raise_exception' : 'serialization_failure'));
    try {
      await drive(world, { streams: ['smtp', 'twilio'] });
    } finally {
      await world.sql(REFUSE_NO_MORE);
    }
  },
};
