/** The sessions of a front, by their numbers, and what belongs to each. */
import type { LineConn } from "../net/line_conn.ts";
import type { AdmittedClient } from "../server/listen/address_limits.ts";
import type { FrontSession } from "./front_session.ts";

/** Clients that may connect while there is no hub; they wait for it. */
const MAX_WAITING_CLIENTS = 1024;
/**
 * Sessions of clients that have left, which a front keeps for the next hub until this one has carried out their end; the
 * oldest are forgotten. The bytes are those of their states and lines when the client left.
 */
export const MAX_ENDED_SESSIONS = 16_384;
export const MAX_ENDED_BYTES = 16 * 1024 * 1024;

export class SessionTable {
  readonly #release: (admission: AdmittedClient) => void;
  readonly #sessions = new Map<number, FrontSession>();
  /** Connections that are open. */
  readonly conns = new Map<number, LineConn>();
  readonly #admissions = new Map<number, AdmittedClient>();
  /** Sessions that no hub knows. */
  readonly #waiting = new Set<FrontSession>();
  /** Sessions of clients that have left, in that order, with their bytes. */
  readonly #ended = new Map<FrontSession, number>();
  #endedBytes = 0;
  #lastNumber = 0;

  constructor(release: (admission: AdmittedClient) => void) {
    this.#release = release;
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

  /** Why no client can be added; `isHeld`: there is no hub. */
  whyFull(maxClients: number, isHeld: boolean): string | undefined {
    if (this.#sessions.size - this.#ended.size >= maxClients) return "the server is full";
    if (!isHeld || this.#waiting.size < MAX_WAITING_CLIENTS) return undefined;
    return "the server is being restarted; try again in a few seconds";
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

  /** The client has left, and the hub may not hear of it. */
  keepEnded(session: FrontSession): void {
    const bytes = session.keptBytes;
    this.#ended.set(session, bytes);
    this.#endedBytes += bytes;
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= MAX_ENDED_SESSIONS && this.#endedBytes <= MAX_ENDED_BYTES) return;
      this.forget(oldest);
    }
  }

  forget(session: FrontSession): void {
    this.#endedBytes -= this.#ended.get(session) ?? 0;
    this.#ended.delete(session);
    this.#sessions.delete(session.number);
    this.#waiting.delete(session);
  }
}
