import twilio from 'twilio';
import { setUp, CUSTOMER } from './spec-support/setup.js';
import type { Setup } from './spec-support/setup.js';

let setup: Setup;
afterEach(() => setup.close());

describe('an incoming message', () => {
  it('comes signed, as the SDK’s own validator confirms, with the fields of an SMS', async () => {
    setup = await setUp();
    const { simulator, receiver, number } = setup;
    const { message_sid: sid } = simulator.inbound({ from: CUSTOMER, body: ' Grüße & + = ☎ ' });
    await simulator.idle();
    const [hook] = receiver.at('/sms');
    expect(hook?.form).toMatchObject({
      MessageSid: sid,
      SmsMessageSid: sid,
      AccountSid: simulator.account.account_sid,
      From: CUSTOMER,
      To: number,
      Body: ' Grüße & + = ☎ ',
      NumMedia: '0',
      FromCity: '',
    });
    const signature = `${hook?.headers['x-twilio-signature']}`;
    const { auth_token: token } = simulator.account;
    expect(twilio.validateRequest(token, signature, hook?.url ?? '', hook?.form ?? {})).toBe(true);
    expect(twilio.validateRequest('another', signature, hook?.url ?? '', hook?.form ?? {})).toBe(false);
  });

  it('with media: listed, fetched with credentials through a redirect to another host, for a while', async () => {
    setup = await setUp();
    const { simulator, receiver, client } = setup;
    const bytes = Buffer.from([1, 2, 3, 250]);
    const made = simulator.inbound({
      from: CUSTOMER,
      media: [
        { content_type: 'image/png', bytes },
        { content_type: 'text/vcard', text: 'BEGIN:VCARD' },
      ],
    });
    await simulator.idle();
    const form = receiver.at('/sms')[0]?.form ?? {};
    expect(form).toMatchObject({ Body: '', NumMedia: '2', MediaContentType0: 'image/png' });
    const listed = await client.messages(made.message_sid).media.list();
    expect(listed.map((each) => each.contentType)).toEqual(['image/png', 'text/vcard']);
    const url = form['MediaUrl0'] ?? '';
    expect((await fetch(url)).status).toBe(401);
    const basic = Buffer.from(`${simulator.account.account_sid}:${simulator.account.auth_token}`).toString('base64');
    const redirect = await fetch(url, { headers: { authorization: `Basic ${basic}` }, redirect: 'manual' });
    expect(redirect.status).toBe(307);
    const location = redirect.headers.get('location') ?? '';
    expect(location).toContain('/mms.twiliocdn.com/');
    const file = await fetch(location);
    expect([file.headers.get('content-type'), Buffer.from(await file.arrayBuffer())]).toEqual(['image/png', bytes]);
    simulator.configure({ media_link_ttl_ms: -1 });
    const stale = await fetch(url, { headers: { authorization: `Basic ${basic}` } });
    expect(stale.status).toBe(403);
  });

  it('with media that is not there yet answers 404 at first', async () => {
    setup = await setUp();
    const { simulator, receiver } = setup;
    simulator.inbound({ from: CUSTOMER, media: [{ content_type: 'a/b', text: 'x' }], media_ready_after_ms: 60_000 });
    await simulator.idle();
    const basic = Buffer.from(`${simulator.account.account_sid}:${simulator.account.auth_token}`).toString('base64');
    const url = receiver.at('/sms')[0]?.form['MediaUrl0'] ?? '';
    expect((await fetch(url, { headers: { authorization: `Basic ${basic}` } })).status).toBe(404);
  });

  it('by WhatsApp carries the profile, and what was pressed, shared or replied to', async () => {
    setup = await setUp();
    const { simulator, receiver, number } = setup;
    const base = { channel: 'whatsapp' as const, from: CUSTOMER, profile_name: 'Ana' };
    simulator.inbound({ ...base, body: 'yes', button: { text: 'Yes', payload: 'y1' } });
    simulator.inbound({ ...base, location: { latitude: 1.5, longitude: -2, label: 'Home' } });
    simulator.inbound({
      ...base,
      body: 'this',
      replied_to: { sid: 'SM1', sender: `whatsapp:${number}` },
      extra: { New: '1' },
    });
    await simulator.idle();
    const forms = receiver.at('/whatsapp').map((each) => each.form);
    expect(forms.find((form) => form['Body'] === 'yes')).toMatchObject({
      From: `whatsapp:${CUSTOMER}`,
      To: `whatsapp:${number}`,
      ProfileName: 'Ana',
      WaId: CUSTOMER.slice(1),
      MessageType: 'button',
      ButtonPayload: 'y1',
    });
    expect(forms.find((form) => form['Label'])).toMatchObject({ MessageType: 'location', Latitude: '1.5' });
    expect(forms.find((form) => form['New'])).toMatchObject({ OriginalRepliedMessageSid: 'SM1' });
  });

  it('is tried once more on a refused connection, then at the fallback, then only noted; it stays in the list', async () => {
    setup = await setUp();
    const { simulator, receiver, client, number } = setup;
    const gone = 'http://127.0.0.1:1/sms';
    simulator.configure({
      numbers: [{ phone_number: number, sms_url: gone, sms_fallback_url: `${receiver.url}/fallback` }],
    });
    simulator.inbound({ from: CUSTOMER, body: 'one' });
    await simulator.idle();
    expect(simulator.deliveries().map(({ kind, attempt, failure }) => [kind, attempt, failure])).toEqual([
      ['sms', 1, 'connect'],
      ['sms', 2, 'connect'],
      ['sms.fallback', 1, undefined],
    ]);
    const tokens = simulator.deliveries().map((each) => each.headers['i-twilio-idempotency-token']);
    expect(tokens[0]).toBe(tokens[1]);
    expect(receiver.at('/fallback')[0]?.form).toMatchObject({ Body: 'one', ErrorCode: '11205', ErrorUrl: gone });
    expect(simulator.alerts()).toMatchObject([{ error_code: 11205, url: gone }]);
    expect(await client.messages.list()).toHaveLength(1);
  });

  it('is not tried again after a 5xx or a slow answer, unless the URL says so', async () => {
    setup = await setUp((request) => ({ status: request.path === '/sms' ? 503 : 200 }));
    const { simulator, receiver, number } = setup;
    simulator.inbound({ from: CUSTOMER, body: 'one' });
    await simulator.idle();
    expect(receiver.at('/sms')).toHaveLength(1);
    expect(simulator.alerts()).toMatchObject([{ error_code: 11200 }]);
    simulator.configure({ numbers: [{ phone_number: number, sms_url: `${receiver.url}/sms#rc=3&rp=5xx` }] });
    simulator.inbound({ from: CUSTOMER, body: 'two' });
    await simulator.idle();
    const second = receiver.at('/sms').slice(1);
    expect(second).toHaveLength(4);
    expect(second[0]?.url).not.toContain('#');
  });

  it('is answered by TwiML: a <Message> is sent, and so, beware, is plain text; JSON is an alert', async () => {
    const answers = [
      { body: '<Response><Message>Thanks<Media>https://shop.example/x.png</Media></Message></Response>' },
      { type: 'text/plain', body: 'ok' },
      { type: 'application/json', body: '{}' },
      { body: '<Response><Message>open</Response>' },
      { body: '<Response/>' },
    ];
    setup = await setUp(() => answers.shift());
    const { simulator } = setup;
    for (let index = 0; index < 5; index += 1) {
      simulator.inbound({ from: CUSTOMER, body: `${index}` });
      await simulator.idle();
    }
    expect(simulator.sentMessages().map((each) => [each.origin, each.direction, each.body, each.to])).toEqual([
      ['twiml', 'outbound-reply', 'Thanks', CUSTOMER],
      ['twiml', 'outbound-reply', 'ok', CUSTOMER],
    ]);
    expect(simulator.alerts().map((each) => each.error_code)).toEqual([12300, 12100]);
  });

  it('that is lost on the way is in the lists all the same', async () => {
    setup = await setUp();
    const { simulator, receiver, client } = setup;
    simulator.faults.add({ where: 'webhook', kind: 'drop', match: '^/sms' });
    for (let index = 0; index < 100; index += 1) simulator.inbound({ from: `+1202555${1000 + index}`, body: 'hi' });
    await simulator.idle();
    expect(receiver.received).toHaveLength(0);
    expect(new Set((await client.messages.list({ pageSize: 30 })).map((each) => each.sid)).size).toBe(100);
  });

  it('also goes to an event stream as JSON, signed over the hash of the body', async () => {
    setup = await setUp();
    const { simulator, receiver } = setup;
    simulator.configure({ event_stream_url: `${receiver.url}/events?x=1` });
    const made = simulator.inbound({ from: CUSTOMER, body: 'Grüße' });
    await simulator.idle();
    const [hook] = receiver.at('/events');
    const valid = twilio.validateRequestWithBody(
      simulator.account.auth_token,
      `${hook?.headers['x-twilio-signature']}`,
      hook?.url ?? '',
      hook?.body ?? '',
    );
    expect(valid).toBe(true);
    const [event] = JSON.parse(hook?.body ?? '[]') as { type: string; data: { messageSid: string; body: string } }[];
    expect(event?.type).toBe('com.twilio.messaging.inbound-message.received');
    expect(event?.data).toMatchObject({ messageSid: made.message_sid, body: 'Grüße' });
  });

  it('can be asked for over the control API, and nonsense is refused with what to write', async () => {
    setup = await setUp();
    const { simulator, receiver } = setup;
    const post = (path: string, body: object) =>
      fetch(`${simulator.url}/_control/${path}`, { method: 'POST', body: JSON.stringify(body) });
    const made = await post('inbound', { from: CUSTOMER, media: [{ content_type: 'a/b', base64: 'AQI=' }] });
    expect(((await made.json()) as { media_sids: string[] }).media_sids).toHaveLength(1);
    await simulator.idle();
    expect(receiver.at('/sms')).toHaveLength(1);
    const refused = await post('inbound', { from: CUSTOMER, to: '+1' });
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('must be one of +1202')]);
    expect((await post('config', { sms_url: 'x' })).status).toBe(400);
    expect((await post('inbound', { from: CUSTOMER, text: 'x' })).status).toBe(400);
    expect((await post('inbound', { from: CUSTOMER, body: 5 })).status).toBe(400);
    expect((await post('call', { from: CUSTOMER, hang_up: 3 })).status).toBe(400);
    const called = (await (await post('call', { from: CUSTOMER })).json()) as { call_sid: string };
    await simulator.idle();
    const calls = (await (await fetch(`${simulator.url}/_control/calls`)).json()) as { data: { sid: string }[] };
    expect(calls.data.map((call) => call.sid)).toEqual([called.call_sid]);
  });
});
