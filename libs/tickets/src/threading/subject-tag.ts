/** `[#1234]`, as our replies carry it in the subject. */
const TAG = /\[#([1-9][0-9]{0,14})\]/;

/** The ticket number that a subject names, or undefined. Anybody can write one: it proves nothing by itself. */
export function ticketNumberIn(subject: string | null): number | undefined {
  const found = subject === null ? null : TAG.exec(subject);
  return found?.[1] === undefined ? undefined : Number(found[1]);
}
