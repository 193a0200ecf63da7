import type { Acknowledged, Oracle } from '../oracle/oracle.js';
import { Driver } from './driver.js';
import type { LoadNews, LoadOrder } from './load-process.js';
import { openDoor } from './open-door.js';

type Told = readonly ['acknowledged' | 'unsure' | 'refused', Acknowledged, string?];

const TELL_EVERY_MS = 50;
const NOBODY: Oracle = { acknowledged: () => undefined, unsure: () => undefined, refused: () => undefined };

/** The oracle's place in this process: what happened is told to the parent in batches. */
class Telling implements Oracle {
  private batch: Told[] = [];
  private readonly timer = setInterval(() => this.flush(), TELL_EVERY_MS);

  acknowledged(one: Acknowledged): void {
    this.batch.push(['acknowledged', one]);
  }

  unsure(one: Acknowledged): void {
    this.batch.push(['unsure', one]);
  }

  refused(one: Acknowledged, how: string): void {
    this.batch.push(['refused', one, how]);
  }

  flush(): void {
    if (this.batch.length === 0) return;
    say({ told: this.batch });
    this.batch = [];
  }

  end(): void {
    this.flush();
    clearInterval(this.timer);
  }
}

function say(news: LoadNews): void {
  process.send?.(news);
}

class LoadMain {
  private readonly drivers = new Map<string, Driver>();
  private telling: Telling | undefined;

  async obey(order: LoadOrder): Promise<Record<string, ReturnType<Driver['report']>>> {
    switch (order.what) {
      case 'open':
        if (order.tell) this.telling = new Telling();
        for (const { name, door, ...conversations } of order.drives)
          this.drivers.set(
            name,
            new Driver({ ...conversations, door: openDoor(door), oracle: this.telling ?? NOBODY }),
          );
        return {};
      case 'prepare':
        for (const driver of this.drivers.values()) await driver.prepare();
        return {};
      case 'start':
        for (const [name, pace] of Object.entries(order.paces)) this.driver(name).start(pace);
        return {};
      case 'stop':
        return this.each((driver) => driver.stop());
      case 'report':
        return this.each((driver) => Promise.resolve(driver.report()));
      case 'reset':
        for (const driver of this.drivers.values()) driver.reset();
        return {};
      case 'close':
        await this.each((driver) => driver.stop());
        for (const { door } of this.drivers.values()) await door.close();
        this.telling?.end();
        return {};
    }
  }

  /** Before an order counts as done, the parent knows everything that went before. */
  flush(): void {
    this.telling?.flush();
  }

  private driver(name: string): Driver {
    const driver = this.drivers.get(name);
    if (driver === undefined) throw new Error(`there is no driver ${name}`);
    return driver;
  }

  private async each(
    work: (driver: Driver) => Promise<ReturnType<Driver['report']>>,
  ): Promise<Record<string, ReturnType<Driver['report']>>> {
    const all = [...this.drivers].map(async ([name, driver]) => [name, await work(driver)] as const);
    return Object.fromEntries(await Promise.all(all));
  }
}

const main = new LoadMain();
process.on('message', (order: LoadOrder) => {
  void main.obey(order).then(
    (reports) => {
      main.flush();
      say({ done: order.order, reports });
    },
    (error: unknown) => say({ done: order.order, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
