export { createKafkaBus, type KafkaBus } from './kafka-bus.js';
export type { KafkaBusOptions, KafkaSasl } from './options.js';
