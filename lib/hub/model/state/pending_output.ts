/** What one session is owed: chunks in order, then text that is not encoded yet. Every session has one. */

export class PendingOutput {
  chunks: Uint8Array[] = NO_CHUNKS;
  text = "";
  /** Characters of all lines of this turn that were for this session alone. */
  ownLength = 0;
  /** The run in which `from` holds; in any other run everything from its start is due. */
  runId = -1;
  /** Offset in the run's buffer up to which this session has been settled. */
  runOffset = 0;
  /** It stands in the list of those to be told something. */
  isQueued = false;
  /** The last event told to many that reached it, so that none reaches it twice (fan_out.ts). */
  lastFanOutId = 0;
}

/** In the place of a list of chunks, where a session is owed none: most are, most of the time. */
export const NO_CHUNKS: Uint8Array[] = [];
