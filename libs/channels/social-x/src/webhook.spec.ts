import { FaninError } from '@fanin/kernel';
import { inWorld } from './testing/x-world.js';

const MINUTE = 60_000;

describe('the webhook', () => {
  it('has what it missed in 60 s replayed, inside the windows that X takes', async () => {
    await inWorld({ config: { receive_by: 'webhook' } }, async (world) => {
      await world.reconcile();
      expect(world.notices.map(({ code }) => code)).toEqual(['REPAIRED', 'REPAIRED']);
      await world.stop();
      world.x.inbound({ kind: 'mention', from: 'ada', text: 'missed in public' });
      world.x.inbound({ kind: 'dm', from: 'ada', text: 'missed in private' });
      await world.x.idle();
      world.clock.advance(MINUTE);
      world.start();
      await world.reconcile();
      expect(world.desk.messages.size).toBe(0);
      world.x.inbound({ kind: 'dm', from: 'ada', text: 'here again' });
      await world.x.idle();
      // X takes no replay of what is younger than 31 minutes.
      for (let minutes = 0; minutes < 40; minutes += 1) {
        world.clock.advance(MINUTE);
        await world.reconcile();
        await world.x.idle();
      }
      expect(world.desk.texts().sort()).toEqual(['@AcmeHelp missed in public', 'here again', 'missed in private']);
      expect(world.desk.ignored).toContain('replay_job_status');
      expect(world.notices.filter(({ code }) => code === 'GAP')).toEqual([]);
      const { hook } = JSON.parse(world.cursor ?? '{}') as { hook: { outages: unknown[]; job: unknown } };
      expect(hook).toMatchObject({ outages: [], job: null });
    });
  }, 60_000);

  it('whose challenge failed is told of, repaired, and replayed from when it was last well', async () => {
    await inWorld({ config: { receive_by: 'webhook' } }, async (world) => {
      await world.reconcile();
      const fault = world.x.faults.add({ where: 'webhook', kind: 'crc_fail' });
      await world.x.crcNow();
      expect(world.x.webhooks()[0]?.valid).toBe(false);
      await expect(world.reconcile()).rejects.toMatchObject({
        code: 'TRANSIENT',
        message: expect.stringContaining('it calls the webhook invalid'),
      });
      world.x.inbound({ kind: 'mention', from: 'ada', text: 'into the void' });
      await world.x.idle();
      expect(world.desk.messages.size).toBe(0);
      world.x.faults.clear(fault);
      world.clock.advance(MINUTE);
      await world.reconcile();
      expect(world.x.webhooks()[0]?.valid).toBe(true);
      expect(world.notices.map(({ message }) => message)).toContain(
        'X had called the webhook invalid; it is valid again',
      );
      for (let minutes = 0; minutes < 60; minutes += 5) {
        world.clock.advance(5 * MINUTE);
        await world.reconcile();
        await world.x.idle();
      }
      expect(world.desk.texts()).toEqual(['@AcmeHelp into the void']);
    });
  }, 60_000);

  it('that cannot be repaired does not keep polling from going on', async () => {
    await inWorld({}, async (world) => {
      await world.reconcile();
      world.x.faults.add({ where: 'webhook', kind: 'crc_fail' });
      await world.x.crcNow();
      world.x.inbound({ kind: 'mention', from: 'ada', text: 'still heard' });
      const failures: unknown[] = [];
      for (let round = 0; round < 4; round += 1) {
        world.clock.advance(2 * MINUTE);
        await world.reconcile().catch((error: unknown) => failures.push(error));
      }
      expect(failures.length).toBeGreaterThan(0);
      expect(failures.every((error) => error instanceof FaninError && error.code === 'TRANSIENT')).toBe(true);
      expect(world.desk.texts()).toEqual(['@AcmeHelp still heard']);
    });
  });

  it('that refused while the log was down has that replayed', async () => {
    await inWorld({ config: { receive_by: 'webhook' } }, async (world) => {
      await world.reconcile();
      world.clock.advance(2 * MINUTE);
      await world.reconcile();
      world.logIsDown = true;
      world.x.inbound({ kind: 'dm', from: 'ada', text: 'refused' });
      await world.x.idle();
      world.logIsDown = false;
      for (let minutes = 0; minutes < 40; minutes += 2) {
        world.clock.advance(2 * MINUTE);
        await world.reconcile();
        await world.x.idle();
      }
      expect(world.desk.texts()).toEqual(['refused']);
    });
  }, 60_000);
});
