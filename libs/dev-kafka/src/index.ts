export * from './java.js';
export * from './jars.js';
export * from './kafka-cluster.js';
export type { BrokerLayout } from './broker-config.js';
