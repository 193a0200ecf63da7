import { createRequire } from 'node:module';
import { jest } from '@jest/globals';
import { letQueuesRest } from './request-queue.js';

interface Queue {
  readonly pending: readonly unknown[];
  readonly throttleCheckTimeoutId: unknown;
  push(request: object): void;
  fulfillRequest(response: object): void;
  maybeThrottle(ms: number): void;
}

const NOTHING = (): void => undefined;

function createQueue(): Queue {
  const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (
    options: object,
  ) => Queue;
  return new RequestQueue({
    maxInFlightRequests: 1,
    requestTimeout: 1_000,
    enforceRequestTimeout: false,
    clientId: 'c',
    broker: 'b',
    logger: { debug: NOTHING, warn: NOTHING },
    isConnected: () => true,
  });
}

describe('letQueuesRest', () => {
  const sent: number[] = [];
  const request = (correlationId: number): object => ({
    entry: { correlationId, resolve: NOTHING, reject: NOTHING, apiKey: 0, apiName: 'a', apiVersion: 0 },
    expectResponse: true,
    sendRequest: () => void sent.push(correlationId),
  });
  beforeAll(letQueuesRest);
  beforeEach(() => {
    sent.length = 0;
    jest.useFakeTimers();
  });
  afterEach(() => void jest.useRealTimers());

  it('leaves no timer behind when nothing waits', () => {
    const queue = createQueue();
    queue.push(request(1));
    queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
    expect(sent).toEqual([1]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('sends what waits for an answer before it, in order', () => {
    const queue = createQueue();
    queue.push(request(1));
    queue.push(request(2));
    expect(sent).toEqual([1]);
    queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
    expect(sent).toEqual([1, 2]);
  });

  it('waits as long as the broker asked, and then by itself', () => {
    const queue = createQueue();
    queue.maybeThrottle(500);
    queue.push(request(1));
    jest.advanceTimersByTime(490);
    expect(sent).toEqual([]);
    jest.advanceTimersByTime(20);
    expect(sent).toEqual([1]);
    queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
    jest.advanceTimersByTime(20);
    expect(jest.getTimerCount()).toBe(0);
  });
});
