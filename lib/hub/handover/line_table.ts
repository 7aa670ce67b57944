/**
 * Line table: how far the hub has come with the lines of each relayed session. Pure: it holds numbers only.
 *
 * - worked: the last line that the hub has begun. Lines of one session are worked on in order.
 * - answered: the last line of which the answer is complete. The front may forget lines up to it; it keeps those after
 *   it, and presents them to the next hub.
 */
import { assert } from "../../base/assert.ts";
import type { RelayedSession } from "../model/line_origin.ts";

/** Most sessions in a table. */
export const MAX_RELAYED_SESSIONS = 1_000_000;

export interface LineProgress {
  worked: number;
  answered: number;
}

export class LineTable {
  readonly #max: number;
  readonly #fronts = new Map<string, Map<number, LineProgress>>();
  #size = 0;

  constructor(max = MAX_RELAYED_SESSIONS) {
    this.#max = max;
  }

  /** Number of sessions. */
  get size(): number {
    return this.#size;
  }

  /** Adds a session that has come up to the line `answered`. False: the table is full, or has the session. */
  open({ front, session }: RelayedSession, answered = 0): boolean {
    if (this.#size >= this.#max || this.#fronts.get(front)?.has(session)) return false;
    const sessions = this.#fronts.get(front) ?? new Map<number, LineProgress>();
    this.#fronts.set(front, sessions.set(session, { worked: answered, answered }));
    this.#size++;
    return true;
  }

  of({ front, session }: RelayedSession): Readonly<LineProgress> | undefined {
    return this.#fronts.get(front)?.get(session);
  }

  /** The records of the lines up to `line` are in the log. */
  skipTo(name: RelayedSession, line: number): void {
    const progress = this.#fronts.get(name.front)?.get(name.session);
    if (progress !== undefined) progress.worked = Math.max(progress.worked, line);
  }

  /** The hub begins with `line`. False: it has begun with it before, or a line before it is missing. */
  begin(name: RelayedSession, line: number): boolean {
    const progress = this.#fronts.get(name.front)?.get(name.session);
    if (progress === undefined || line !== progress.worked + 1) return false;
    progress.worked = line;
    return true;
  }

  /** The answer of every line up to `line` is complete. Returns whether that is new. */
  answer(name: RelayedSession, line: number): boolean {
    const progress = this.#fronts.get(name.front)?.get(name.session);
    if (progress === undefined || line <= progress.answered) return false;
    assert(line <= progress.worked, "a line is answered after it was begun");
    progress.answered = line;
    return true;
  }

  close({ front, session }: RelayedSession): void {
    const sessions = this.#fronts.get(front);
    if (!sessions?.delete(session)) return;
    this.#size--;
    if (sessions.size === 0) this.#fronts.delete(front);
  }

  /** Removes all sessions of a front that is gone. */
  closeFront(front: string): void {
    this.#size -= this.#fronts.get(front)?.size ?? 0;
    this.#fronts.delete(front);
  }

  /** All sessions of `front`, by their counters. */
  sessionsOf(front: string): ReadonlyMap<number, Readonly<LineProgress>> {
    return this.#fronts.get(front) ?? NONE;
  }
}

const NONE: ReadonlyMap<number, Readonly<LineProgress>> = new Map();
