/** What each service writes with every batch. */
const WRITTEN = ['tickets.messages', 'ledger.fates', 'analytics.happenings', 'channels.entries'];

/** So many statements are refused, and each transaction has several. */
const REFUSED_SHARE = 0.2;

/** Refuses with a condition of PostgreSQL's list of error codes. Counted by a sequence, which no rollback takes back. */
export function refuseStatements(condition: string): string {
  return `
  CREATE SEQUENCE public.trial_refusals;
  CREATE FUNCTION public.trial_refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    IF random() < ${REFUSED_SHARE} THEN
      PERFORM nextval('public.trial_refusals');
      RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '${condition}';
    END IF;
    RETURN NULL;
  END $$;
  ${WRITTEN.map((table) => `CREATE TRIGGER trial_refuse BEFORE INSERT ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION public.trial_refuse();`).join('\n')}`;
}

export const REFUSE_NO_MORE = `
  ${WRITTEN.map((table) => `DROP TRIGGER IF EXISTS trial_refuse ON ${table};`).join('\n')}
  DROP FUNCTION IF EXISTS public.trial_refuse();
  DROP SEQUENCE IF EXISTS public.trial_refusals;`;

export const REFUSALS = 'SELECT last_value::int AS n FROM public.trial_refusals';
