export type { SubscriptionState } from './about.js';
export { GraphError } from './errors.js';
export type {
  AttachmentInput,
  CommentInbound,
  DirectInbound,
  FileInput,
  InboundResult,
  MetaInbound,
  PersonInput,
  WhatsappInbound,
} from './inbound/bodies.js';
export type { MetaConfigBody } from './control.js';
export type { GraphCall, MetaChannel, SentMessage } from './model.js';
export { demoApp } from './options.js';
export type {
  MetaAppOptions,
  MetaInstagramOptions,
  MetaObject,
  MetaPageOptions,
  MetaPhoneOptions,
  MetaSimulatorOptions,
  MetaTemplateOptions,
  RateLimit,
  ReceiptPlan,
} from './options.js';
export { retryWaits } from './outbox.js';
export { appSecretProof, hubSignature } from './signature.js';
export { startMetaSimulator } from './simulator.js';
export type { MetaSimulator } from './simulator.js';
