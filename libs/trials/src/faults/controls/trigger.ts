import type { ControlWorld } from './control.js';

/** A trigger of the trial's own for each row that is written. */
export interface Trigger {
  readonly table: string;
  readonly when: 'INSERT' | 'UPDATE' | 'DELETE';
  /** PL/pgSQL. */
  readonly body: string;
}

export function setTrigger({ sql }: ControlWorld, { table, when, body }: Trigger): Promise<void> {
  return sql(
    `CREATE OR REPLACE FUNCTION public.trial_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
     CREATE TRIGGER trial_off BEFORE ${when} ON ${table} FOR EACH ROW EXECUTE FUNCTION public.trial_off()`,
  );
}

export function dropTrigger({ sql }: ControlWorld, { table }: Trigger): Promise<void> {
  return sql(`DROP TRIGGER IF EXISTS trial_off ON ${table}`);
}

/** For as long as the work takes. */
export async function withTrigger(world: ControlWorld, trigger: Trigger, work: () => Promise<void>): Promise<void> {
  await setTrigger(world, trigger);
  try {
    await work();
  } finally {
    await dropTrigger(world, trigger);
  }
}

/** Where the trigger is what takes the safeguard away. */
export function withoutWhatTheTriggerTakes(
  world: ControlWorld,
  trigger: Trigger,
  work: () => Promise<void>,
): Promise<void> {
  return world.isOff ? withTrigger(world, trigger, work) : work();
}
