/**
 * What a node has of the cluster's log and facts, a port: a ring and a database, which are caches of the store. Nothing
 * in them counts that was not confirmed by {@link LocalCopy.confirm}.
 */
import type { SavedFact } from "../log/fact.ts";
import type { LogRecord } from "../log/record.ts";

/** How far a copy goes. */
export interface LocalPosition {
  /** The log that it is a copy of. */
  readonly logId: string;
  /** One more than the last record. */
  readonly nextSeq: number;
}

export interface LocalCopy {
  /**
   * The last position that was confirmed, if the records before it are there and none follows; undefined: the copy is
   * empty, was being changed when the program ended, or has records that were never committed.
   */
  readonly position: LocalPosition | undefined;
  /**
   * Runs `change`, which calls the methods below, while nothing else writes to the copy or saves it: a batch at once. A
   * leader's copy is changed by its hub, and `saveFacts` and `confirm` are called without this.
   */
  exclusively(change: () => void): void | Promise<void>;
  /** Record `seq`; undefined: it is not there. */
  read(seq: number): Pick<LogRecord, "time" | "payload"> | undefined;
  /** Removes all records. The next one has the number `firstSeq`. */
  reset(firstSeq: number): void;
  /** Adds a record after all others; numbers between the last one and it name none. */
  append(record: LogRecord): void;
  /** In place of all facts that there were. */
  replaceFacts(facts: readonly SavedFact[]): void;
  /** New values of facts; one without a value is deleted. */
  saveFacts(facts: readonly SavedFact[]): void;
  /** The copy is what the store had at one revision. Called after each of the changes above, or several of them. */
  confirm(position: LocalPosition): void;
}
