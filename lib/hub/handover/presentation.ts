/** What fronts present to a hub that takes over, and what becomes of it. */
import { MAX_LINE_TRIES } from "../../relay/tries.ts";
import type { LineFault } from "../../irc/line_splitter.ts";
import type { RelayedSession } from "../model/line_origin.ts";
import type { Session } from "../model/state/entities.ts";

/** A line that the front has read from its client. */
export interface PresentedLine {
  readonly number: number;
  readonly line: string | LineFault;
}

/** A session that a front holds. All numbers are as the last hub reported them with its turns ({@link TurnReport}). */
export interface PresentedSession extends RelayedSession {
  /** The hub's id for the session, which the caller chooses as for `Hub.open`. */
  readonly id: number;
  /** Why its connection has ended: its user goes as after any broken connection. Undefined: the client is connected. */
  readonly endReason: string | undefined;
  /** The last state that the front was given of the session. */
  readonly state: Uint8Array;
  /** Position of the turn that the state came with. */
  readonly stateSeq: number;
  /** Position of the last turn that the front has received: its clients got everything before it. */
  readonly deliveredSeq: number;
  /** The last line that was answered. */
  readonly answered: number;
  /** All lines after it, in order. */
  readonly lines: readonly PresentedLine[];
  /**
   * Hubs that have ended after they had begun to restore the session, or were sent one of these lines, and before they
   * had answered all of them; undefined: none.
   */
  readonly tries?: number;
}

/** Whether the lines of the session are not worked on any more. */
export function areGivenUp({ tries = 0 }: PresentedSession): boolean {
  return tries >= MAX_LINE_TRIES;
}

/** The outcome for a presented session. */
export type RestoredSession =
  | {
    readonly kind: "restored";
    readonly presented: PresentedSession;
    readonly session: Session;
    /**
     * The lines that the caller passes to {@link Handover.line}, in order. Lines before them are in the log, and
     * answered.
     */
    readonly lines: readonly PresentedLine[];
  }
  /** The front closes the connection with the words `why`. */
  | { readonly kind: "refused"; readonly presented: PresentedSession; readonly why: string };

/** What the fronts are sent together with the deliveries of a turn, so that they have all of it or nothing. */
export interface TurnReport {
  /** Number of the turn among those of the hub, from 1. */
  readonly turn: number;
  /** Position of the turn: the sequence number of the next record. */
  readonly seq: number;
  /** New states of sessions, to be kept in place of earlier ones. */
  readonly states: readonly {
    readonly session: Session;
    readonly name: RelayedSession;
    readonly state: Uint8Array;
  }[];
  /** Sessions of which lines have been answered, with the last one. */
  readonly answered: readonly {
    readonly session: Session;
    readonly name: RelayedSession;
    readonly line: number;
  }[];
  /** Sessions that have ended. The one that left its user in its grace period is among them after that. */
  readonly closed: readonly RelayedSession[];
}
