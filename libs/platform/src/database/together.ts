type Answers<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

/**
 * Statements that were sent one behind the other without waiting for answers: one way to the server and back for all of them,
 * since the connections of `Database` are pipelined. The server runs them in this order. Resolves when all are
 * answered; rejects with the first failure in this order, because what stands behind it failed only for the transaction
 * being over (25P02). Not for statements that need the answer of one before, nor for work that sends several in a row:
 * its second one would come behind all that are named here.
 */
export async function together<T extends readonly unknown[]>(...sent: T): Promise<Answers<T>> {
  const settled = await Promise.allSettled(sent);
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<unknown>).value) as Answers<T>;
}
