/** What a front that has had another hub presents to this one. */
import type { PresentedSession } from "../../hub/handover/presentation.ts";
import { lineLength } from "../../relay/line_batch.ts";
import type { UpFrame } from "../../relay/upward.ts";
import { RelayFault } from "../../relay/wire.ts";

/** Bound on the states and lines that a front presents. */
export const MAX_PRESENTED_BYTES = 256 * 1024 * 1024;

/** All that a front presents. */
export interface FrontPresentation {
  readonly sessions: readonly PresentedSession[];
  /** As JSON: the listeners that it has open. */
  readonly listeners: string;
}

export type PresentFrame = UpFrame & { readonly kind: "present" };

export class PresentationReader {
  readonly #front: string;
  readonly #nextId: () => number;
  #frames: PresentFrame[] = [];
  #bytes = 0;
  #isComplete = false;
  /** Sessions of which the client has left, with the reason. */
  readonly #left = new Map<number, string>();

  /** `nextId`: the next id for a session. */
  constructor(front: string, nextId: () => number) {
    this.#front = front;
    this.#nextId = nextId;
  }

  /** All that the front presents has come. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  add(frame: PresentFrame): void {
    this.#bytes += frame.state.length + lineLength(frame.lines);
    if (this.#bytes > MAX_PRESENTED_BYTES) {
      throw new RelayFault(`the front presents more than ${MAX_PRESENTED_BYTES} bytes`);
    }
    this.#frames.push(frame);
  }

  complete({ deliveredSeq, listeners }: UpFrame & { kind: "presented" }): FrontPresentation {
    this.#isComplete = true;
    const frames = this.#frames.splice(0);
    const sessions = frames.map(({ session, endReason, state, stateSeq, answered, tries, lines }) => ({
      front: this.#front,
      session,
      id: this.#nextId(),
      // Lines that were read before the client left are handled first.
      endReason: lines.length > 0 ? undefined : endReason,
      state,
      stateSeq,
      deliveredSeq,
      answered,
      tries,
      lines: lines.map((line, nth) => ({ number: answered + 1 + nth, line })),
    }));
    for (const { session, endReason } of frames) {
      if (endReason !== undefined) this.#left.set(session, endReason);
    }
    return { sessions, listeners };
  }

  /** Why the client of a session has left; undefined: it has not. */
  endReasonOf(session: number): string | undefined {
    return this.#left.get(session);
  }
}
