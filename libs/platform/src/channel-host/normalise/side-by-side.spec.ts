import { sideBySide } from './side-by-side.js';

function busy(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

/** Doors that have `ms` of work in every turn of the event loop; answers how many turns they had until they were closed. */
function doors(ms: number): { close(): number } {
  let turns = 0;
  let open = true;
  const turn = (): void => {
    if (!open) return;
    turns += 1;
    busy(ms);
    setImmediate(turn);
  };
  setImmediate(turn);
  return {
    close: () => {
      open = false;
      return turns;
    },
  };
}

describe('sideBySide', () => {
  it('does everything once, eight at a time', async () => {
    const done: number[] = [];
    let [now, most] = [0, 0];
    await sideBySide([...Array(20).keys()], async (item, index) => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setTimeout(resolve, 2));
      now -= 1;
      done.push(item + index);
    });
    expect(most).toBe(8);
    expect(done.sort((a, b) => a - b)).toEqual([...Array(20).keys()].map((n) => 2 * n));
  });

  it('gives way to the doors', async () => {
    const open = doors(0);
    await sideBySide([...Array(60).keys()], async () => busy(1));
    expect(open.close()).toBeGreaterThan(2);
  });

  it('takes as long a turn as busy doors, so that what they take does not pile up', async () => {
    const open = doors(40);
    await sideBySide([...Array(300).keys()], async () => busy(1));
    // At 5 ms a stretch there would be 60.
    expect(open.close()).toBeLessThan(30);
  });

  it('stops at the first failure', async () => {
    const begun: number[] = [];
    const work = async (item: number): Promise<void> => {
      begun.push(item);
      await new Promise((resolve) => setTimeout(resolve, item));
      if (item === 3) throw new Error('no');
    };
    await expect(sideBySide([...Array(40).keys()], work)).rejects.toThrow('no');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(begun.length).toBeLessThan(20);
  });
});
