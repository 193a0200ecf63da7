/** Deliveries read side by side: normalising may wait for a worker or for the object store. */
const SIDE_BY_SIDE = 8;
const AT_A_STRETCH_MS = 5;
/** What a door waits at most because of us. */
const LONGEST_STRETCH_MS = 100;

/**
 * Does `work` on every item, several at once, and gives way to the doors of the same process: what is read from memory never
 * waits for anything by itself. It goes on for 5 ms, or as long as their last turn took: when there is too much to do for
 * both, each has half. What the doors take would pile up otherwise.
 */
export async function sideBySide<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let stretchMs = AT_A_STRETCH_MS;
  let gaveWayMs = performance.now();
  let giving: Promise<void> | undefined;
  const giveWay = async (): Promise<void> => {
    const beganMs = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    gaveWayMs = performance.now();
    stretchMs = Math.min(LONGEST_STRETCH_MS, Math.max(AT_A_STRETCH_MS, gaveWayMs - beganMs));
    giving = undefined;
  };
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      try {
        await work(items[index] as T, index);
      } catch (error) {
        next = items.length;
        throw error;
      }
      if (performance.now() - gaveWayMs < stretchMs) continue;
      await (giving ??= giveWay());
    }
  };
  await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, items.length) }, worker));
}
