export * from './java.js';
export * from './jars.js';
export { freePorts } from './free-port.js';
export * from './kafka-cluster.js';
export type { BrokerLayout } from './broker-config.js';
export { coordinatorsReady } from './probe.js';
