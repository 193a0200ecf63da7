import type { WebhookCapture, WebhookRequest, WebhookResponse } from '../capture.js';
import type { WebhookDriver } from './channel-contract.js';
import { demand } from './demand.js';
import type { LoadedFixture } from './fixtures.js';
import { createGate, isPending, within } from './gate.js';
import type { ContractSubject } from './subject.js';

/** A webhook lets nobody in who is not the provider, and says 2xx only for what is durable. */
export function webhookChecks(
  driver: WebhookDriver,
  subject: ContractSubject,
  sample: () => LoadedFixture,
  otherConfig: Readonly<Record<string, unknown>> | undefined,
): void {
  const capture = async (): Promise<WebhookCapture> => {
    const { instance } = await subject.running();
    demand(instance.capture.shape === 'webhook', "src/capture.ts: the capture must have shape 'webhook'");
    return instance.capture;
  };
  const request = (): WebhookRequest => {
    const { body, fixture } = sample();
    return driver.request(body, fixture.delivery.content_type);
  };

  it('lets in what the provider signed', async () => {
    const verdict = (await capture()).verify(request());
    demand(verdict.ok, `src/verify.ts refuses a rightly signed request: ${verdict.ok ? '' : verdict.reason}`);
  });
  alteredBodyCheck(driver, capture, request);
  it('refuses a request without proof', async () => {
    demand(driver.signatureHeaders.length > 0, 'contract.spec.ts: name the signatureHeaders of the webhook driver');
    for (const name of driver.signatureHeaders) {
      const { [name]: gone, ...headers } = request().headers;
      demand(
        gone !== undefined,
        `contract.spec.ts: the request of the webhook driver carries no header '${name}' (lower-case)`,
      );
      refused((await capture()).verify({ ...request(), headers }), `a request without ${name}`);
      refused((await capture()).verify({ ...request(), headers: { ...headers, [name]: '' } }), `an empty ${name}`);
      refused(
        (await capture()).verify({ ...request(), headers: { ...headers, [name]: 'é'.repeat(40) } }),
        `a ${name} of nonsense`,
      );
    }
  });
  if (driver.stale !== undefined) {
    const stale = driver.stale.bind(driver);
    it('refuses a request that is too old', async () => {
      const { body, fixture } = sample();
      refused(
        (await capture()).verify(stale(body, fixture.delivery.content_type)),
        'a rightly signed but stale request',
      );
    });
  }
  it('refuses what was signed for another account', async () => {
    demand(
      otherConfig !== undefined,
      'contract.spec.ts: give the suite `otherConfig`: a configuration that works, with other secrets, for a second account',
    );
    const other = await subject.another(otherConfig);
    demand(other.capture.shape === 'webhook', "src/capture.ts: the capture must have shape 'webhook'");
    refused(other.capture.verify(request()), 'a request that was signed with the secret of another account');
    demand(
      (await capture()).verify(request()).ok,
      'a second account in the process changed what the first one lets in',
    );
  });
  it('makes the same messages of a delivery that comes twice', async () => {
    const gate = createGate();
    const first = await (await capture()).receive(request(), gate.emit);
    const second = await (await capture()).receive(request(), gate.emit);
    demand(
      isSuccess(first) && isSuccess(second),
      'src/capture.ts: a delivery that comes again is taken again; what is a duplicate is decided by the ticket core',
    );
    const half = gate.offered.length / 2;
    const [one, two] = [gate.offered.slice(0, half), gate.offered.slice(half)].map((list) =>
      JSON.stringify(
        list.map(({ body, contentType, meta, orderKey }) => [body.toString('base64'), contentType, meta, orderKey]),
      ),
    );
    demand(
      one === two,
      'src/capture.ts: the same request must become the same deliveries: nothing of ours (a time, a random id) may go into them',
    );
  });
  it('answers 2xx only after the delivery is durable', async () => {
    const gate = createGate();
    gate.hold();
    const answer = (await capture()).receive(request(), gate.emit);
    answer.catch((error: unknown) => subject.hear(error));
    await gate.called(5000).catch(() => demand(false, 'src/capture.ts: receive must call emit with what came'));
    demand(await isPending(answer), 'src/capture.ts: receive answered before emit resolved: await it');
    gate.accept();
    const response = await within(answer, 10_000, 'receive did not answer within 10 s');
    demand(isSuccess(response), `src/capture.ts: receive answered ${response.status} for a delivery that is durable`);
    const { body } = request();
    demand(
      gate.offered.some((delivery) => delivery.body.equals(body)),
      'src/capture.ts: emit the body byte for byte, unparsed: it is the original that people may ask for',
    );
  });
  it('answers no 2xx when the log refuses', async () => {
    const gate = createGate();
    gate.refuse();
    const outcome = await (await capture()).receive(request(), gate.emit).then(
      (response) => response,
      (error: unknown) => subject.hear(error),
    );
    demand(
      outcome === undefined || !isSuccess(outcome),
      `src/capture.ts: receive answered ${outcome?.status} although emit rejected: let the rejection through, the host answers 503`,
    );
  });
}

function alteredBodyCheck(
  { bodyIsNotSigned }: WebhookDriver,
  capture: () => Promise<WebhookCapture>,
  request: () => WebhookRequest,
): void {
  if (bodyIsNotSigned !== undefined) {
    it('says why it cannot tell an altered body', () =>
      demand(bodyIsNotSigned.length >= 20, 'contract.spec.ts: webhook.bodyIsNotSigned must say why, in a sentence'));
    return;
  }
  it('refuses an altered body', async () => {
    const right = request();
    const body = Buffer.from(right.body);
    body[body.length - 1] = (body[body.length - 1] ?? 0) ^ 1;
    refused(
      (await capture()).verify({ ...right, body }),
      'a body of which one bit was changed (where the provider signs no body, the webhook driver says so: bodyIsNotSigned)',
    );
  });
}

function isSuccess(response: WebhookResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

function refused(verdict: ReturnType<WebhookCapture['verify']>, what: string): void {
  demand(!verdict.ok, `src/verify.ts lets in ${what}`);
  demand([401, 403].includes(verdict.status), `src/verify.ts refuses ${what} with ${verdict.status}: use 401 or 403`);
}
