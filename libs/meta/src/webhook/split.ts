import { isObject, listAt, type Json } from '../wire/json.js';
import { elementSlices, withElements } from './entry-slices.js';

/** What one account gets of a delivery. */
export interface Share<A> {
  readonly account: A;
  readonly body: Buffer;
  readonly entries: readonly unknown[];
}

/** Whose an entry is, or a change of it; undefined: nobody's of this process. */
export type OwnerOf<A> = (part: Json) => A | undefined;

/**
 * Cuts a delivery by account: no account sees what is another's. What belongs to nobody here goes to `receiver`, which
 * names it. Undefined when all is the receiver's: the delivery then stays as it came.
 */
export function splitByOwner<A>(
  body: Buffer,
  envelope: Json,
  receiver: A,
  ownerOf: OwnerOf<A>,
  unitName: 'changes' | undefined,
): readonly Share<A>[] | undefined {
  const entries = listAt(envelope, 'entry');
  const owners = entries.map((entry) => ownersOf(entry, receiver, ownerOf, unitName));
  const all = [...new Set(owners.flat())];
  if (all.every((owner) => owner === receiver)) return undefined;
  const slices = elementSlices(body, 'entry');
  return all.map((account) => {
    const kept = slices.flatMap((slice, index) => sliceFor(account, slice, owners[index] ?? [], unitName));
    const share = withElements(body, 'entry', kept);
    return { account, body: share, entries: listAt(JSON.parse(share.toString('utf8')) as Json, 'entry') };
  });
}

/** One owner for the entry, or one for each of its units. */
function ownersOf<A>(entry: unknown, receiver: A, ownerOf: OwnerOf<A>, unitName: 'changes' | undefined): readonly A[] {
  if (!isObject(entry)) return [receiver];
  if (unitName === undefined) return [ownerOf(entry) ?? receiver];
  const units = listAt(entry, unitName);
  if (units.length === 0) return [receiver];
  return units.map((unit) => (isObject(unit) ? ownerOf(unit) : undefined) ?? receiver);
}

function sliceFor<A>(
  account: A,
  slice: Buffer,
  owners: readonly A[],
  unitName: 'changes' | undefined,
): readonly Buffer[] {
  if (!owners.includes(account)) return [];
  if (unitName === undefined || owners.every((owner) => owner === account)) return [slice];
  return [
    withElements(
      slice,
      unitName,
      elementSlices(slice, unitName).filter((_, index) => owners[index] === account),
    ),
  ];
}
