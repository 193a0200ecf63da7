import { setTimeout as sleep } from 'node:timers/promises';
import { requiredDoorOf } from '../../drive/doors-of.js';
import { Driver } from '../../drive/driver.js';
import { openDoor } from '../../drive/open-door.js';
import { BOTH_FORMS, type LiveControl } from './control.js';
import { startEdge } from './edge.js';

export const ackBeforeAppend: LiveControl = {
  name: 'ack-first',
  off: 'acknowledgement only after the append: an edge says 200 first, and its connector is killed',
  forms: BOTH_FORMS,
  count: ({ lost }) => lost,
  async drive({ stage, supervisor, recorder: oracle, isOff }) {
    const { system } = stage;
    const edge = await startEdge(new URL(system.url), isOff);
    const driver = new Driver({
      door: openDoor(requiredDoorOf(system, 'twilio', { edgeUrl: edge.url })),
      oracle,
      conversations: 2,
      turns: 3,
      run: `hasty${Math.floor(performance.now())}`,
    });
    driver.start({ rate: 30 });
    await sleep(500);
    await supervisor.killAndRevive(stage.form === 'cluster' ? 'phone-connector' : 'ticket-core', 500);
    await driver.stop();
    await edge.close();
  },
};
