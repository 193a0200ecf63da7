import 'reflect-metadata';
import type { Contract } from '@fanin/contracts';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { HandlerResult } from '../settle/handler-result.js';
import type { HandleContext, Received, RetryPolicy } from '../settle/settler.js';

/** Transport id of handlers that are fed by the bus. */
export const BUS_TRANSPORT = Symbol('BusTransport');

export interface ConsumeBatchOptions<T extends object> {
  readonly contract: Contract<T>;
  /** Consumer group without the prefix of the installation: service and work, e.g. `analytics.facts`. A group reads one topic. */
  readonly group: string;
  readonly maxRecords?: number;
  /** See `SubscribeOptions.lingerMs`. */
  readonly lingerMs?: number;
  readonly from?: 'earliest' | 'latest';
  readonly retry?: RetryPolicy;
}

/** A controller method that `ConsumeBatch` may stand on: batch in, results out. See `SettlerOptions.handleBatch`. */
export type BatchMethod<T extends object> = (
  received: readonly Received<T>[],
  context: HandleContext,
) => Promise<readonly HandlerResult[] | void>;

/** What the method did, carried past Nest's exception filters as a value. */
export type MethodOutcome =
  | { readonly threw: false; readonly results: readonly HandlerResult[] | void }
  | { readonly threw: true; readonly error: unknown };

export function patternOf(
  options: Pick<ConsumeBatchOptions<object>, 'group'> & {
    readonly contract: { readonly name: string; readonly version: number };
  },
): string {
  return `${options.contract.name}.v${options.contract.version}/${options.group}`;
}

/**
 * Declares a controller method as the batch handler of a contract, the Nest way: the method gets the decoded records and
 * the context, in this order, and needs no parameter decorators.
 *
 * Nest's RPC filter turns every error that is no RpcException into a plain `{status, message}`, which hides whether it was
 * the database or a bug (and made kafkajs retry for ever). So a throw leaves the method as a value and is thrown again
 * behind the filter. Guards, pipes and interceptors work; what they throw counts as BUG.
 */
export function ConsumeBatch<T extends object>(options: ConsumeBatchOptions<T>) {
  return <M extends BatchMethod<T>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    const method = descriptor.value;
    if (method === undefined) throw new TypeError(`@ConsumeBatch stands on a method, not on ${String(key)}`);
    const wrapped = async function (this: unknown, ...args: unknown[]): Promise<MethodOutcome> {
      try {
        const results = await (method as (...args: unknown[]) => ReturnType<BatchMethod<T>>).apply(this, args);
        return { threw: false, results };
      } catch (error) {
        return { threw: true, error };
      }
    };
    for (const name of Reflect.getMetadataKeys(method))
      Reflect.defineMetadata(name, Reflect.getMetadata(name, method), wrapped);
    // Without them Nest passes the payload alone.
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    EventPattern(patternOf(options), BUS_TRANSPORT, { consume: options })(target, key as string, { value: wrapped });
    descriptor.value = wrapped as unknown as M;
  };
}
