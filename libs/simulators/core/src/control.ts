import type { Fault, FaultBook } from './faults.js';
import { jsonOf, jsonReply } from './http.js';
import type { SimulatorReply, SimulatorRequest } from './http.js';
import type { Router } from './router.js';
import { ControlError } from './simulator.js';
import type { WebhookDispatcher } from './webhooks.js';

/** What a vendor puts behind the control API; each is the handle's method of the same name, with its body unchecked. */
export interface ControlHooks {
  /** Shown at `GET /_control/`: the vendor's name, what can be posted, ids and secrets a person needs. */
  about(): Record<string, unknown>;
  /** Have a customer do something. Answers the ids made. Throws ControlError for a body that makes no sense. */
  inbound(body: Record<string, unknown>): unknown;
  /** What our side sent, oldest first. */
  sent(): readonly unknown[];
  configure(body: Record<string, unknown>): unknown;
  /** Forget everything but the configuration. */
  reset(): void;
}

/** Adds the control API, the same for every vendor, to the vendor's router. */
export function addControlRoutes(router: Router, hooks: ControlHooks, faults: FaultBook, webhooks: WebhookDispatcher) {
  const own =
    (answer: (body: Record<string, unknown>, request: SimulatorRequest) => unknown) =>
    async (request: SimulatorRequest): Promise<SimulatorReply> => {
      try {
        return jsonReply(200, (await answer(bodyOf(request), request)) ?? {});
      } catch (error) {
        if (!(error instanceof ControlError)) throw error;
        return jsonReply(400, { error: { message: error.message } });
      }
    };
  const about = own(() => ({ ...hooks.about(), control: CONTROL_CALLS }));
  router.on('GET', '/_control', about).on('GET', '/_control/', about);
  router.on(
    'GET',
    '/_control/faults',
    own(() => ({ data: faults.list().map(wireFault) })),
  );
  router.on(
    'POST',
    '/_control/faults',
    own((body) => ({ id: faults.add(faultOf(body)) })),
  );
  router.on(
    'DELETE',
    '/_control/faults',
    own(() => faults.clear()),
  );
  router.on(
    'DELETE',
    '/_control/faults/:id',
    own((_body, request) => faults.clear(request.params['id'] ?? '')),
  );
  router.on(
    'POST',
    '/_control/inbound',
    own((body) => hooks.inbound(body)),
  );
  router.on(
    'GET',
    '/_control/sent',
    own(() => ({ data: hooks.sent() })),
  );
  router.on(
    'GET',
    '/_control/deliveries',
    own(() => ({ data: webhooks.log.list() })),
  );
  router.on(
    'POST',
    '/_control/config',
    own((body) => hooks.configure(body)),
  );
  const reset = (): void => {
    faults.clear();
    webhooks.log.clear();
    hooks.reset();
  };
  router.on('POST', '/_control/reset', own(reset));
  return { reset, own };
}

const CONTROL_CALLS = {
  'GET /_control/faults': 'the faults on the board',
  'POST /_control/faults':
    '{"where":"api|webhook|media","kind":"…","match":"…","times":1,"status":429,"delay_ms":2000}',
  'DELETE /_control/faults[/id]': 'take one or all off',
  'POST /_control/inbound': 'have a customer send something',
  'GET /_control/sent': 'what our side sent, oldest first',
  'GET /_control/deliveries': 'every attempt of every webhook',
  'POST /_control/config': 'webhook addresses, tokens',
  'POST /_control/reset': 'forget everything but the configuration',
};

function bodyOf(request: SimulatorRequest): Record<string, unknown> {
  if (request.body.length === 0) return {};
  const value = jsonOf(request);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ControlError('the body must be a JSON object, for example {"where":"api","kind":"hang"}');
  }
  return value as Record<string, unknown>;
}

/** The board checks the values; here only the wire name becomes the name inside. */
function faultOf(body: Record<string, unknown>): Fault {
  const { delay_ms: delayMs, ...rest } = body;
  return { ...rest, ...(delayMs === undefined ? {} : { delayMs }) } as unknown as Fault;
}

function wireFault({ delayMs, ...fault }: Fault): Record<string, unknown> {
  return { ...fault, ...(delayMs === undefined ? {} : { delay_ms: delayMs }) };
}
