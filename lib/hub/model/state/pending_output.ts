/** Output of one turn for one session: chunks in order, then text that is not encoded yet. Every session has one. */

export class PendingOutput {
  chunks: Uint8Array[] = NO_CHUNKS;
  text = "";
  /** Characters of all lines of this turn for this session alone. */
  ownLength = 0;
  /** Run in which {@link runOffset} holds; of any other run everything from its start is due. */
  runId = -1;
  /** Offset in the run's buffer up to which this session has its output. */
  runOffset = 0;
  /** Whether it is in the outbox's list of sessions with output. */
  isQueued = false;
  /** The last fanned-out event that reached the session, so that none reaches it twice (fan_out.ts). */
  lastFanOutId = 0;
}

/** Replaces an empty list of chunks: most sessions have none, most of the time. */
export const NO_CHUNKS: Uint8Array[] = [];
