import { temporaryFolder } from '@fanin/test-kit';
import { startVendors, type Vendors } from '../system/vendors.js';
import { looksAllowed, PollWatch } from './poll-watch.js';

it('allows a poller whose looks fail what its waits allow: ever fewer, and in a minute half of what an interval of two seconds would', () => {
  const minutes = [1, 2, 3, 4].map((minute) => looksAllowed(minute * 60_000));
  expect(looksAllowed(0)).toBe(3);
  expect(minutes[0]).toBeLessThan(60 / 2 / 2);
  expect((minutes[3] ?? 0) - (minutes[2] ?? 0)).toBe(2);
});

describe('the watch', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let vendors: Vendors;
  beforeAll(async () => {
    folder = await temporaryFolder();
    vendors = await startVendors(folder.path, ['phone-twilio', 'social-x']);
  });
  afterAll(async () => {
    await vendors.close();
    await folder.remove();
  });

  it('counts a look at a list, and neither another list nor a message that is sent', async () => {
    const watch = new PollWatch(vendors);
    const { simulator } = vendors.twilio;
    const { account_sid: sid, auth_token: token, numbers } = simulator.account;
    const ask = (method: string, query: string): Promise<Response> =>
      fetch(`${simulator.url}/api.twilio.com/2010-04-01/Accounts/${sid}/Messages.json${query}`, {
        method,
        headers: { authorization: `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}` },
      });
    const number = encodeURIComponent(numbers[0]?.phone_number ?? '');
    expect((await ask('GET', `?To=${number}&PageSize=200`)).status).toBe(200);
    await ask('GET', `?To=${encodeURIComponent('whatsapp:')}${number}&PageSize=200`);
    await ask('GET', `?From=${number}`);
    await ask('POST', '');
    expect(watch.looks).toEqual({ twilio: 1, x: 0 });
    watch.stop();
    await ask('GET', `?To=${number}&PageSize=200`);
    expect(simulator.faults.list()).toEqual([]);
  });
});
