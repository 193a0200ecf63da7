import { ControlError } from './simulator.js';

/** `api`: our side calls the vendor. `webhook`: the vendor calls our side. `media`: our side fetches a file. */
export type FaultPlace = 'api' | 'webhook' | 'media';

/**
 * - `drop`: api and media, the connection is cut before anything is done; webhook, the delivery never leaves.
 * - `delay`: everything happens as usual, `delayMs` later.
 * - `duplicate`: the webhook is delivered twice, byte for byte: again once it is over, or with `delayMs` so long after the
 *   first copy left (0: both at the same time). `reorder`: it is held until the next one has gone.
 * - `status`: answered with `status` and the vendor's own error body; for a webhook, something on the road (a proxy)
 *   answers the vendor with `status` in our place, so that the vendor's rules for that status apply.
 * - `hang`: no answer. `slow_media`: the file trickles over `delayMs`.
 * - `revoked_token`: the vendor refuses the credentials. `crc_fail`: the vendor's challenge is spoilt (X).
 * - `no_answer_after_accept`: api, the call is carried out, then the connection is cut; webhook, our side gets the
 *   delivery, but its answer never reaches the vendor.
 */
export type FaultKind =
  | 'drop'
  | 'delay'
  | 'duplicate'
  | 'reorder'
  | 'status'
  | 'hang'
  | 'slow_media'
  | 'revoked_token'
  | 'crc_fail'
  | 'no_answer_after_accept';

export interface Fault {
  where: FaultPlace;
  kind: FaultKind;
  /** Regular expression on the path (with the query); without it, every path. */
  match?: string;
  /** How often it strikes; without it, until cleared. */
  times?: number;
  status?: number;
  delayMs?: number;
}

export type ActiveFault = Fault & { id: string; fired: number };

export interface FaultBoard {
  /** Answers the id. Throws ControlError, with what to write instead, for a fault that could never strike. */
  add(fault: Fault): string;
  /** Without an id: all. An unknown id is no error. */
  clear(id?: string): void;
  list(): readonly ActiveFault[];
}

/** The board as the simulator's own parts see it. */
export interface FaultBook extends FaultBoard {
  /** The oldest fault of one of `kinds` that strikes here, counted as fired; undefined when there is none. */
  take(where: FaultPlace, path: string, ...kinds: FaultKind[]): ActiveFault | undefined;
}

const KINDS_AT: Record<FaultPlace, readonly FaultKind[]> = {
  api: ['drop', 'delay', 'status', 'hang', 'revoked_token', 'crc_fail', 'no_answer_after_accept'],
  webhook: ['drop', 'delay', 'duplicate', 'reorder', 'status', 'crc_fail', 'no_answer_after_accept'],
  media: ['drop', 'delay', 'status', 'hang', 'revoked_token', 'slow_media'],
};

export function checkFault(fault: Fault): void {
  const kinds = KINDS_AT[fault.where] as readonly FaultKind[] | undefined;
  if (kinds === undefined) {
    throw new ControlError(`"where" must be one of ${Object.keys(KINDS_AT).join(', ')}, not ${String(fault.where)}`);
  }
  if (!kinds.includes(fault.kind)) {
    throw new ControlError(`"kind" at "${fault.where}" must be one of ${kinds.join(', ')}, not ${String(fault.kind)}`);
  }
  if (fault.kind === 'status' && !isStatus(fault.status)) {
    throw new ControlError('a "status" fault needs "status", a number from 200 to 599, for example 429');
  }
  if ((fault.kind === 'delay' || fault.kind === 'slow_media') && !(Number(fault.delayMs) >= 0)) {
    throw new ControlError(`a "${fault.kind}" fault needs "delayMs" (in JSON "delay_ms"), for example 2000`);
  }
  if (fault.times !== undefined && !(Number.isInteger(fault.times) && fault.times > 0)) {
    throw new ControlError('"times" must be a whole number above 0; leave it out for "until cleared"');
  }
  if (fault.match !== undefined && !isRegExp(fault.match)) {
    throw new ControlError(`"match" is not a regular expression: ${fault.match}`);
  }
}

function isStatus(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599;
}

function isRegExp(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}

export function createFaultBook(): FaultBook {
  let faults: ActiveFault[] = [];
  let made = 0;
  return {
    add(fault) {
      checkFault(fault);
      const id = `fault-${(made += 1)}`;
      faults.push({ ...fault, id, fired: 0 });
      return id;
    },
    clear(id) {
      faults = id === undefined ? [] : faults.filter((fault) => fault.id !== id);
    },
    list: () => faults.map((fault) => ({ ...fault })),
    take(where, path, ...kinds) {
      const found = faults.find(
        (fault) =>
          fault.where === where &&
          kinds.includes(fault.kind) &&
          fault.fired < (fault.times ?? Infinity) &&
          (fault.match === undefined || new RegExp(fault.match).test(path)),
      );
      if (found === undefined) return undefined;
      found.fired += 1;
      return { ...found };
    },
  };
}
