export const VENDORS = ['twilio', 'x', 'meta'] as const;
export type VendorName = (typeof VENDORS)[number];

/** An entry of `accounts` in Fanin's configuration. */
export interface AccountEntry {
  readonly id: string;
  readonly tenant: string;
  readonly channel: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A vendor on loopback, and what it takes to make Fanin its customer. */
export interface SimulatedVendor {
  readonly name: VendorName;
  /** Where its API and its control calls (`/_control/`) are. */
  readonly url: string;
  /** One entry for each channel of the vendor; ids begin with `prefix`. */
  accounts(tenant: string, prefix: string): readonly AccountEntry[];
  /** What it takes as the id of a template in a reply; a line for people each. */
  templates(): readonly string[];
  /**
   * Enters the hook addresses at the vendor's side, as a person would in its console. `hookUrl` gives the address of an account
   * made by `accounts`. Rejects where the vendor checks the address and does not like the answer.
   */
  connect(prefix: string, hookUrl: (accountId: string) => string): Promise<void>;
  close(): Promise<void>;
}

export interface SimulatedVendorOptions {
  /** Default: any free one. */
  readonly port?: number;
  /** Ids are the same in every run with the same seed. */
  readonly seed?: number;
}
