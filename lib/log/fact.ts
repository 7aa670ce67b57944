/**
 * A fact: the latest value of a kind and key (an account, a topic, a ban). Facts are stored beside the log, not in
 * it, and outlive the records that the ring overwrites.
 */
export interface SavedFact {
  /** `account`, `topic`, …; the code that records facts of a kind defines its keys and values. */
  readonly kind: string;
  readonly key: string;
  /** JSON; undefined: the fact is deleted. */
  readonly value: string | undefined;
  /** Number of the record that it follows from, which is durable before the fact is saved; 0: none. */
  readonly seq: number;
  /** What is wrong with the value, as a clause, where it is not what was saved. */
  readonly fault?: string;
}
