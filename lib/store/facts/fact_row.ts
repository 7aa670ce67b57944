/** A fact that is no part of the stream (an account, a room's topic, a ban) as it is kept beside the log. */
export interface FactRow {
  /** What it is about: `account`, `topic`, …; whoever makes facts of a kind says what its keys and values are. */
  readonly kind: string;
  readonly key: string;
  /** JSON; undefined: there is no such fact any more. */
  readonly value: string | undefined;
  /** The record that it stands for, which is on disk before the fact is; 0: none. */
  readonly seq: number;
  /** What is wrong with the value, as a clause, where it is not what was saved. */
  readonly fault?: string;
}
