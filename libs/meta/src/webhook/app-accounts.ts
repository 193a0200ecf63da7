import { FaninError } from '@fanin/kernel';
import type { Json } from '../wire/json.js';

/** What an account shows of itself where the accounts of a process meet. */
export interface AppAccount {
  readonly accountId: string;
  readonly appId: string;
  /** Holding a secret of the app is what makes two accounts belong together; the app's id alone, which anybody knows, does not. */
  readonly secrets: readonly string[];
  /** True when an entry of a delivery, or one of its changes where those have owners of their own, is this account's. */
  readonly owns: (part: Json) => boolean;
  /** What it owns, for people, e.g. "page_id 104857620015542". */
  readonly owned: string;
}

/** The accounts of one channel in one process. Meta sends what is for all of an app to one address. */
export class AppAccounts {
  private readonly accounts = new Map<string, AppAccount>();

  /** Throws CONFIG when another account of the same app owns the same: a delivery has one owner. */
  add(account: AppAccount): void {
    const twin = this.siblingsOf(account).find(({ owned }) => owned === account.owned);
    if (twin !== undefined)
      throw new FaninError('CONFIG', `${account.owned} belongs to another account of the same app already.`);
    this.accounts.set(account.accountId, account);
  }

  /** Forgets this registration, not one that took its place meanwhile. */
  remove(account: AppAccount): void {
    if (this.accounts.get(account.accountId) === account) this.accounts.delete(account.accountId);
  }

  /** The other accounts of the same app. */
  siblingsOf({ accountId, appId, secrets }: AppAccount): readonly AppAccount[] {
    return [...this.accounts.values()].filter(
      (other) =>
        other.accountId !== accountId &&
        other.appId === appId &&
        other.secrets.some((secret) => secrets.includes(secret)),
    );
  }
}
