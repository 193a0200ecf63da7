export type {
  AnswerPlan,
  ContentTemplate,
  MessagingService,
  StatusStep,
  TwilioAccount,
  TwilioNumber,
  TwilioPatch,
  TwilioSettings,
} from './config.js';
export type { InboundMade, InboundMessage } from './inbound.js';
export type { Sent, SentCall, SentMessage } from './sent.js';
export { signatureOf, withBodyHash } from './signature.js';
export { startTwilioSimulator } from './start.js';
export type { TwilioSimulator, TwilioSimulatorOptions } from './start.js';
export type { AlertRecord, CallEvent } from './store.js';
export type { CallMade, CallScript, DialOutcome } from './voice/script.js';
