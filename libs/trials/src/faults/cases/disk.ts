import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { requiredDoorOf } from '../../drive/doors-of.js';
import { openDoor } from '../../drive/open-door.js';
import { words } from '../../drive/words.js';
import { markOf } from '../../oracle/oracle.js';
import type { FaultCase, FaultRun } from '../case.js';
import { handIn, largeMail, MIB, notWhole } from '../large-mails.js';
import { LargeWriter, type LargeDoor } from '../large-writer.js';

const MAIL_BYTES = 2 * MIB;
/** More than the log itself takes of a body (256 KiB). */
const UPDATE_BYTES = 300 * 1024;
const BEFORE_MS = 5_000;
const TAKEN_WITHIN_MS = 60_000;

function mails({ system }: FaultRun, run: string): LargeDoor {
  return {
    name: 'smtp',
    account: 'a/a-mail',
    refusal: '451',
    idOf: (n) => `${run}-mail-${n}`,
    handIn: async (id) => {
      const code = await handIn(system, largeMail(id, MAIL_BYTES)).catch(() => 0);
      return code === 250 ? undefined : String(code);
    },
  };
}

function updates({ system }: FaultRun, run: string): LargeDoor & { close(): Promise<void> } {
  const door = openDoor(requiredDoorOf(system, 'telegram'));
  return {
    name: door.name,
    account: door.account,
    refusal: '503',
    idOf: (n) => door.idOf(run, n),
    handIn: async (id) => {
      const text = `${markOf(id)} ${words(Number(id) % 1_000, UPDATE_BYTES)}`;
      const first = { party: 0, n: 1, first: undefined, previous: undefined };
      const answer = await door.send({ id, conversation: `${run}-${id}`, text, ...first });
      return answer.kind === 'acknowledged' ? undefined : answer.how;
    },
    close: () => door.close(),
  };
}

/** Whoever may neither mount a disk nor is held back by the rights of a folder writes on. */
async function isFull(folder: string): Promise<boolean> {
  const probe = writeFile(join(folder, 'probe'), 'one more');
  return probe.then(
    () => false,
    () => true,
  );
}

function judge({ door, refused }: LargeWriter, before: number, { fault }: FaultRun): void {
  if (before === 0) fault(`${door.name}: nothing large was taken while there was room`);
  if (!refused.has(door.refusal)) fault(`${door.name}: nobody was told ${door.refusal} while the disk was full`);
  for (const [said, times] of refused) if (said !== door.refusal) fault(`${door.name}: ${times} times ${said}`);
}

const full: FaultCase = {
  name: 'disk-full',
  what: 'the disk of the object store full: what is large is refused until there is room, what is small is taken',
  forms: ['cluster', 'standalone'],
  smallDisk: true,
  seconds: 15,
  async breakThings(run) {
    const { disk, recorder, system, fault } = run;
    if (disk === undefined) return fault('left out: there is no disk of its own');
    const name = `disk${Math.floor(performance.now())}`;
    const hooks = updates(run, name);
    const mail = new LargeWriter(mails(run, name), recorder);
    const writers = [mail, new LargeWriter(hooks, recorder)];
    try {
      await sleep(BEFORE_MS);
      const before = writers.map(({ taken }) => taken.length);
      const began = recorder.acknowledgedCount;
      await disk.fill();
      if (!(await isFull(disk.path)))
        return fault('left out: this user may neither mount a tmpfs nor be refused a file');
      await sleep(run.seconds * 1000);
      const small = recorder.acknowledgedCount - began;
      await disk.free();
      await Promise.all(writers.map((writer) => writer.stop(TAKEN_WITHIN_MS)));
      for (const [index, writer] of writers.entries()) judge(writer, before[index] ?? 0, run);
      if (small === 0) fault('nothing small was taken while the disk was full');
      for (const line of await notWhole(system, mail.taken, MAIL_BYTES)) fault(line);
      const told = writers.map(({ door, refused }) => `${refused.get(door.refusal) ?? 0} times ${door.refusal}`);
      run.note(
        `${disk.kind} full for ${Math.round(run.seconds)} s: ${told.join(', ')}; ${small} others taken meanwhile`,
      );
    } finally {
      await disk.free();
      await Promise.all(writers.map((writer) => writer.stop(TAKEN_WITHIN_MS)));
      await hooks.close();
    }
  },
};

export const DISK_CASES: readonly FaultCase[] = [full];
