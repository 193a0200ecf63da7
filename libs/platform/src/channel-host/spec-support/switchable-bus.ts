import type { Bus } from '@fanin/bus';

/** The log of the fixture behind a switch: while it is down, publishing hangs as it does with a broker that is away. */
export function switchableBus(bus: Bus): { readonly bus: Bus; down: boolean } {
  const state = { bus, down: false };
  const proxy = new Proxy(bus, {
    get(target, name) {
      if (name === 'publish' && state.down) return () => new Promise<void>(() => undefined);
      if (name === 'reachable' && state.down) return () => Promise.resolve(false);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
  return Object.assign(state, { bus: proxy });
}
