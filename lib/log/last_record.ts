/** The newest record below a number, also of a log that holds newer ones only. */

/** The part of a log that tells it: a ring, or the hub's event log. */
interface RecordNumbers {
  readonly oldestSeq: number;
  lastSeqBefore(seq: number): number;
}

/** Number of the newest record below `seq`, which may have been overwritten since; 0: there was none. */
export function lastRecordBefore(log: RecordNumbers, seq: number): number {
  return seq <= log.oldestSeq ? Math.max(0, seq - 1) : log.lastSeqBefore(seq);
}
