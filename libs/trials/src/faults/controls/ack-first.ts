import { Driver } from '../../drive/driver.js';
import { openDoor } from '../../drive/open-door.js';
import { VENDOR_ACCOUNTS } from '../../system/vendors.js';
import { sleep } from '../case.js';
import { BOTH_FORMS, type LiveControl } from './control.js';
import { startEdge } from './edge.js';

export const ackBeforeAppend: LiveControl = {
  name: 'ack-first',
  off: 'acknowledgement only after the append: an edge says 200 first, and its connector is killed',
  forms: BOTH_FORMS,
  count: ({ lost }) => lost,
  async drive({ stage, supervisor, recorder: oracle, isOff }) {
    const { url } = stage.system;
    const { account_sid: accountSid, auth_token: authToken, numbers } = stage.system.vendors.twilio.simulator.account;
    const hook = `/hooks/${VENDOR_ACCOUNTS.phone}`;
    const edge = await startEdge(new URL(url), isOff);
    const door = openDoor({
      kind: 'twilio',
      account: `a/${VENDOR_ACCOUNTS.phone}`,
      url: `${edge.url}${hook}`,
      publicUrl: `${url}${hook}`,
      accountSid,
      authToken,
      number: numbers[0]?.phone_number ?? '',
    });
    const driver = new Driver({
      door,
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
