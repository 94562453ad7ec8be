import type { Delivered } from "./delivery.ts";
import type { Outgoing } from "./outgoing.ts";

/** What one transaction holds. */
export interface Transaction {
  /** Work unit whose changelog is in it; null for a producer without a group, whose id nobody else has. */
  readonly unit: { readonly partition: number } | null;
  /** Every partition that it writes to. */
  readonly places: readonly { readonly topic: string; readonly partition: number }[];
  readonly outputs: readonly Outgoing[];
  /** Changelog records, asked for when the offsets of the outputs are known. */
  readonly changelog: (outputOffsets: readonly number[]) => readonly Outgoing[];
}

/** Records of a transaction that was ended, and their offsets. */
export interface Written extends Delivered {
  readonly changes: readonly Outgoing[];
}

/**
 * Who writes transactions, one at a time for each transactional id. A failure of any kind says nothing of
 * what is in the log; the next call for the id is `begin`.
 */
export interface Transactions {
  /** The next transaction of the id begins a new epoch, by which brokers fence whoever had it before. */
  begin(transactionalId: string): void;
  /** Resolves when the brokers have ended it; readers of committed records may see it a moment later. */
  write(transactionalId: string, transaction: Transaction): Promise<Written>;
  close(): Promise<void>;
}
