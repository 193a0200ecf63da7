import { SendUncertain } from '@fanin/connector-kit';
import type { Json } from '../wire/json.js';
import { graphFault } from '../graph/errors.js';
import type { GraphClient } from '../graph/graph-client.js';
import { GraphError, GraphSilence } from '../graph/graph-error.js';

/**
 * A call that sends. Throws SendUncertain when it may have been carried out all the same. `doubtFaults`: an error of Meta's own
 * making (1, 2, 5xx) counts as such, for channels that can look it up; elsewhere Meta's word that it failed is taken.
 */
export async function postOnce(
  graph: GraphClient,
  path: string,
  body: Json,
  options: { readonly signal: AbortSignal; readonly doubtFaults: boolean },
): Promise<Json> {
  try {
    return await graph.post(path, body, options.signal);
  } catch (error) {
    if (error instanceof GraphSilence && error.mayHaveArrived) throw new SendUncertain(error.message);
    if (options.doubtFaults && error instanceof GraphError && isTheirFault(error))
      throw new SendUncertain(error.message);
    throw graphFault(error);
  }
}

function isTheirFault({ status, code }: GraphError): boolean {
  return code === 1 || code === 2 || (status >= 500 && code === 0);
}
