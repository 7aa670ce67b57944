/** A client, what its front keeps of it, and what it has sent and heard. */
import type { PresentedLine } from "../../../lib/hub/handover/presentation.ts";

/** A line with the label that its answer carries. */
export interface SentLine {
  readonly nth: number;
  readonly label: string;
  readonly line: string;
  /** Of a message: its text, which no other has. */
  readonly text: string | undefined;
}

export class SimPerson {
  /** All lines that it has got. */
  readonly told: string[] = [];
  readonly sent: SentLine[] = [];
  /** What it has set last. */
  away = "";
  readonly monitored = new Set<string>();
  /** Welcomed by the server. */
  isRegistered = false;
  /** Why its connection has ended, and the next record of the log then. */
  ended: string | undefined;
  endedSeq = Infinity;
  /** Whether its user stays for a while when its connection breaks. */
  hasKey = false;
  /** Why it has left by itself. */
  endReason: string | undefined;
  /** A hub knows its session. */
  isOpen = false;
  /** Kept by its front: see lib/hub/handover/handover.ts. */
  state: Uint8Array | undefined;
  stateSeq = 0;
  answered = 0;
  lastLine = 0;
  pending: PresentedLine[] = [];

  /** `nick`: the first one; it may change. */
  constructor(readonly nick: string, readonly front: string, readonly nth: number) {}

  /** Lines come from the server. */
  hear(lines: readonly string[]): void {
    this.told.push(...lines);
    if (lines.some((line) => / 001 /.test(line))) this.isRegistered = true;
  }
}
