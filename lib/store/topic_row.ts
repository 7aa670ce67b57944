/** A topic as it is kept in the state database (state_db.ts). */

/** Of more rooms than this the topics set longest ago are dropped. */
export const MAX_TOPICS = 10_000;

/** A room's topic as it was set last. */
export interface TopicRow {
  /** The room's folded name. */
  readonly room: string;
  readonly name: string;
  /** "": there is none any more. */
  readonly topic: string;
  /** Who set it, `nick!user@host`. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Of the record in the log that set it; 0: in a log before this one. */
  readonly seq: number;
}
