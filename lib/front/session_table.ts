/** The sessions of a front, by their numbers, and what belongs to each. */
import type { LineConn } from "../net/line_conn.ts";
import type { AdmittedClient } from "../server/listen/address_limits.ts";
import type { FrontSession } from "./front_session.ts";

export class SessionTable {
  readonly #release: (admission: AdmittedClient) => void;
  readonly #sessions = new Map<number, FrontSession>();
  /** Connections that are open. */
  readonly conns = new Map<number, LineConn>();
  readonly #admissions = new Map<number, AdmittedClient>();
  /** Sessions that no hub knows. */
  readonly #waiting = new Set<FrontSession>();
  #lastNumber = 0;

  constructor(release: (admission: AdmittedClient) => void) {
    this.#release = release;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(number: number): FrontSession | undefined {
    return this.#sessions.get(number);
  }

  /** All of them, with growing numbers. */
  all(): FrontSession[] {
    return [...this.#sessions.values()];
  }

  /** Adds a session, and gives it its number. */
  add(session: FrontSession, admission: AdmittedClient): void {
    session.number = ++this.#lastNumber;
    this.#sessions.set(session.number, session);
    this.conns.set(session.number, session.line);
    this.#admissions.set(session.number, admission);
  }

  /** The session is new to the next hub: it gets the number of a new one. */
  renew(session: FrontSession): void {
    const { number } = session;
    const admission = this.#admissions.get(number)!;
    this.#sessions.delete(number);
    this.conns.delete(number);
    this.#admissions.delete(number);
    this.add(session, admission);
    this.#waiting.add(session);
  }

  /** Number of sessions that wait for a hub. */
  get waiting(): number {
    return this.#waiting.size;
  }

  wait(session: FrontSession): void {
    this.#waiting.add(session);
  }

  /** A hub knows all of them. */
  endWaiting(): void {
    this.#waiting.clear();
  }

  /** The connection of a session is closed. */
  release({ number }: FrontSession): void {
    this.conns.delete(number);
    const admission = this.#admissions.get(number);
    if (admission !== undefined) this.#release(admission);
    this.#admissions.delete(number);
  }

  forget(session: FrontSession): void {
    this.#sessions.delete(session.number);
    this.#waiting.delete(session);
  }
}
