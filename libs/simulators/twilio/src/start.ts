import { startSimulator } from '@fanin/simulators/core';
import type { SimulatorBase, SimulatorOptions } from '@fanin/simulators/core';
import { applyPatch } from './config.js';
import type { TwilioAccount, TwilioPatch, TwilioSettings } from './config.js';
import { receive } from './inbound.js';
import type { InboundMade, InboundMessage } from './inbound.js';
import { callResource, messageResource, recordingResource } from './resources.js';
import { recordingUrl } from './links.js';
import { sentBy } from './sent.js';
import type { Sent, SentMessage } from './sent.js';
import type { AlertRecord, CallEvent } from './store.js';
import { buildTwilio } from './vendor.js';
import { receiveCall } from './voice/play.js';
import type { CallMade, CallScript } from './voice/script.js';

export interface TwilioSimulatorOptions extends SimulatorOptions {
  /** Applied before the server listens, as `configure` does. */
  config?: TwilioPatch;
}

export interface TwilioSimulator extends SimulatorBase {
  /** The first account: its SID, token, API keys, numbers, services and templates, as they are now. */
  readonly account: TwilioAccount;
  readonly settings: TwilioSettings;
  configure(patch: TwilioPatch): void;
  /** A customer writes. Returns before the webhook is delivered: `idle()` waits for that. */
  inbound(message: InboundMessage): InboundMade;
  /** A customer calls. Returns at once; `idle()` waits for the end of the call and of all its callbacks. */
  call(script: CallScript): CallMade;
  /** What our side sent, oldest first. */
  sent(): readonly Sent[];
  sentMessages(): readonly SentMessage[];
  messages(): readonly ReturnType<typeof messageResource>[];
  calls(): readonly (ReturnType<typeof callResource> & { events: readonly CallEvent[] })[];
  recordings(): readonly ReturnType<typeof recordingResource>[];
  /** What Twilio's debugger would show: webhooks that failed, documents that made no sense. */
  alerts(): readonly AlertRecord[];
}

export async function startTwilioSimulator(options: TwilioSimulatorOptions = {}): Promise<TwilioSimulator> {
  const { base, vendor } = await startSimulator(options, (given) => {
    const built = buildTwilio(given);
    if (options.config !== undefined) applyPatch(built.parts.settings, options.config, given.identity);
    return built;
  });
  const { parts } = vendor;
  return {
    ...base,
    get account() {
      const [first] = parts.settings.accounts;
      if (first === undefined) throw new Error('the simulator has no account');
      return first;
    },
    settings: parts.settings,
    configure: (patch) => applyPatch(parts.settings, patch, parts.identity),
    inbound: (message) => receive(parts, message),
    call: (script) => receiveCall(parts, script),
    sent: () => sentBy(parts),
    sentMessages: () => sentBy(parts).filter((each) => each.kind === 'message'),
    messages: () => parts.store.messages.map(messageResource),
    calls: () => parts.store.calls.map((call) => ({ ...callResource(call), events: call.events })),
    recordings: () => parts.store.recordings.map((each) => recordingResource(each, recordingUrl(parts, each))),
    alerts: () => [...parts.store.alerts],
  };
}
