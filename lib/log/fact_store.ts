/**
 * The store of facts, a port: the latest value of every kind and key. `SqliteFactStore` (lib/store) is the
 * engine of the server. The hub knows no store: it starts with the facts that were saved, and says which are
 * new.
 */
import type { SavedFact } from "./fact.ts";

export interface FactStore {
  /** Changes with every {@link save}. */
  readonly mark: DatabaseMark;
  /** The log that the facts' sequence numbers belong to; "" before the first save. */
  readonly logId: string;
  /** All facts, in any order. Those with a damaged value have a `fault`. */
  readFacts(): SavedFact[];
  /**
   * Saves `facts` of the log `logId`, all or none, and returns the mark afterwards. One without a value is
   * deleted. Facts saved beside another log stay, with the sequence number 0. When it returns, they outlive a
   * crash.
   */
  save(facts: readonly SavedFact[], logId: string): DatabaseMark;
  close(): void;
}

/** Identity of a store and its last transaction: shows whether one is another one's, or an older copy. */
export interface DatabaseMark {
  /** 128 random bits in hexadecimal, generated when the store was created. */
  readonly id: string;
  /** Number of committed transactions. */
  readonly saves: number;
}

/** Where a store is, opened when there are facts to save. */
export interface FactStorePlace {
  /** For messages. */
  readonly name: string;
  /** False: the store that was opened last has been removed or replaced since. */
  isInPlace(): boolean;
  /** `known`: the last mark that the log was told. Throws if the store cannot be opened, or is not the known one. */
  open(known: DatabaseMark | undefined): Promise<FactStore>;
}
