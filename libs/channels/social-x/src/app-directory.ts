/** One account of this process as the webhook of its app sees it. */
export interface Resident {
  readonly accountId: string;
  readonly clientId: string;
  readonly userId: string;
}

/**
 * The accounts of this process. An app has few webhooks at X, one on the smallest plan, so what is delivered to the address
 * of one account may be for another of the same app.
 */
export class AppDirectory {
  private readonly residents = new Map<string, Resident>();

  enter(resident: Resident): void {
    this.residents.set(resident.accountId, resident);
  }

  leave(accountId: string): void {
    this.residents.delete(accountId);
  }

  /** Whose a delivery is; undefined when it is for nobody else than the account that received it. */
  accountFor(receiver: Resident, userId: string): string | undefined {
    if (receiver.userId === userId) return undefined;
    return [...this.residents.values()].find((each) => each.clientId === receiver.clientId && each.userId === userId)
      ?.accountId;
  }
}
