/**
 * Monitor lists (https://ircv3.net/specs/extensions/monitor): nicks that each session watches, whether or not a
 * user has them.
 */
import { casefold } from "../../irc/names/casemap.ts";
import type { SessionMemory } from "./limits/session_memory.ts";
import type { Session } from "../model/state/entities.ts";

/** Most nicks of one session (ISUPPORT MONITOR). */
export const MAX_MONITORED = 100;
/** Bytes of each, in two maps. Measured (V8 of Deno 2.9): 290 among twenty, 530 as the only one of its session. */
const MONITORED_BYTES = 640;

const NOBODY: ReadonlySet<Session> = new Set();
const NOTHING: ReadonlyMap<string, string> = new Map();

export class Monitors {
  readonly #held: SessionMemory | undefined;
  /** Watching sessions, by folded nick. */
  readonly #watchers = new Map<string, Set<Session>>();
  /** Nicks of each session as it gave them, by their folded form. */
  readonly #watched = new Map<Session, Map<string, string>>();

  /** `held` bounds the memory of all lists. */
  constructor(held?: SessionMemory) {
    this.#held = held;
  }

  /** Adds `nick`; one that is in the list already stays as it is. False: a bound is exceeded. */
  add(session: Session, nick: string): boolean {
    const folded = casefold(nick);
    const own = this.#watched.get(session) ?? new Map<string, string>();
    if (own.has(folded)) return true;
    if (own.size >= MAX_MONITORED || this.#held?.charge(session, MONITORED_BYTES) === false) return false;
    this.#watched.set(session, own.set(folded, nick));
    const watchers = this.#watchers.get(folded) ?? new Set();
    this.#watchers.set(folded, watchers.add(session));
    return true;
  }

  remove(session: Session, nick: string): void {
    const folded = casefold(nick);
    const own = this.#watched.get(session);
    if (own === undefined || !own.delete(folded)) return;
    this.#held?.release(session, MONITORED_BYTES);
    if (own.size === 0) this.#watched.delete(session);
    const watchers = this.#watchers.get(folded);
    if (watchers?.delete(session) && watchers.size === 0) this.#watchers.delete(folded);
  }

  /** Removes all nicks of `session`; also called when it has ended. */
  clear(session: Session): void {
    for (const nick of [...this.watched(session)]) this.remove(session, nick);
  }

  /** Nicks that `session` watches, in the order in which it gave them. */
  watched(session: Session): Iterable<string> {
    return (this.#watched.get(session) ?? NOTHING).values();
  }

  watchersOf(folded: string): ReadonlySet<Session> {
    return this.#watchers.get(folded) ?? NOBODY;
  }
}
