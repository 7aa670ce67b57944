/**
 * Handover: the part of a hub that fronts use. A front is a process that holds client connections and relays their
 * lines; it can outlive the hub. The next hub restores the sessions of the fronts, and their clients notice a pause.
 *
 * A hub with fronts is driven as any other, with these calls beside those of `Hub`:
 *
 *     const hub = new Hub(config, log);
 *     const handover = new Handover(hub);
 *     const restored = handover.start(now, facts, presented);   instead of hub.start; presented: see presentation.ts
 *
 *     const session = hub.open(id, host, isSecure, now, endpoint);
 *     handover.open(session, { front, session: 7 });            the front's name for it
 *     handover.line(session, number, line, now);                instead of hub.line; numbers 1, 2, 3, …
 *     handover.nextLine(session, line, now);                    the same, where the caller has checked the numbers
 *     hub.close(session, reason, now, isLost);                  as without fronts
 *
 *     const effects = hub.takeEffects();
 *     const report = handover.takeReport(now);                  in the same synchronous step
 *
 * Deliveries and report of a turn go to each front as one frame, states first, once the records of the turn are as
 * safe as the server makes them before it answers (`--sync`). A front takes a frame whole or not at all, and keeps of
 * it: the newest state of each session, with the `seq` of that report; the `seq` of the last report that it got; how
 * far the lines of each session are answered. It keeps the lines after that.
 *
 * `handover.restore(presented, now)` adds sessions of a front that reports after the start.
 */
import { assert } from "../../base/assert.ts";
import type { LineFault } from "../../irc/line_splitter.ts";
import type { SavedFact } from "../../log/fact.ts";
import type { RelayedSession } from "../model/line_origin.ts";
import type { Hub } from "../hub.ts";
import type { Session, User } from "../model/state/entities.ts";
import { ChangedSessions } from "../services/changed_sessions.ts";
import { exportSession } from "./export_session.ts";
import { LineTable } from "./line_table.ts";
import type { PresentedSession, RestoredSession, TurnReport } from "./presentation.ts";
import { readPresented, Restoration } from "./restore.ts";
import type { Reading, UnpresentedUsers } from "./restore.ts";

/** A state that changed without a line of its session is exported at most once in this time. */
export const EXPORT_INTERVAL_MS = 1000;

/** Lines by which a session changes parts of its state that no event has. */
const EXPORTED_AFTER = new Set(["MONITOR", "METADATA", "MARKREAD", "BATCH", "AWAIT", "CHATHISTORY"]);

/** In place of a state that is too large: with it the session is refused, and not restored as it was before. */
const NO_STATE = new Uint8Array();

/** What is known of a relayed session. */
interface Relay {
  readonly name: RelayedSession;
  /** Last export, on the monotonic clock; undefined: there was none. */
  exportedAt: number | undefined;
  /** The next so many lines have no number. */
  unnumbered: number;
}

export class Handover {
  readonly lines = new LineTable();
  readonly #hub: Hub;
  readonly #changes: ChangedSessions;
  /** Turns that have been reported. */
  #turns = 0;
  readonly #relays = new Map<Session, Relay>();
  /** Sessions with lines that have been begun and not reported as answered. */
  readonly #begun = new Set<Session>();
  /** Users in their grace period, each with its last session, which its front keeps meanwhile. */
  readonly #lingering = new Map<User, RelayedSession>();
  /** As the state had it at the last report. */
  #endedGracePeriods = 0;
  readonly #unpresented: UnpresentedUsers = new Set();

  constructor(hub: Hub) {
    this.#hub = hub;
    this.#changes = new ChangedSessions(hub.context.state);
    hub.trackChanges(this.#changes);
    const random = hub.context.config.random(4);
    hub.services.accounts.beginTemporaryOwners(new DataView(random.buffer, random.byteOffset).getUint32(0));
  }

  /**
   * As `Hub.start`. Without a presented session it is a start like any other: all users have left. With `isTakeover`
   * it is not, because fronts may hold sessions that they have not presented yet.
   */
  start(
    now: number,
    facts: readonly SavedFact[],
    presented: readonly PresentedSession[],
    isTakeover = false,
  ): readonly RestoredSession[] {
    const reading = readPresented(presented);
    const owners = reading.sessions.map(({ state }) => state.phase.owner);
    for (const { owner } of reading.refusedUsers) owners.push(owner);
    if (reading.sessions.length === 0 && !isTakeover) {
      this.#hub.start(now, facts);
      return reading.refused;
    }
    this.#hub.start(now, facts, new Set(owners));
    return this.#restore(reading, now);
  }

  /** Restores sessions of a front that has reported after the start. */
  restore(presented: readonly PresentedSession[], now: number): readonly RestoredSession[] {
    this.#hub.beginTask(now);
    const reading = readPresented(presented);
    const isNothing = reading.sessions.length === 0 && reading.refusedUsers.length === 0;
    return isNothing ? reading.refused : this.#restore(reading, now);
  }

  #restore(reading: Reading, now: number): readonly RestoredSession[] {
    const restoration = new Restoration(this.#hub, this.#unpresented, now);
    const restored = restoration.run(reading, (session, presented, lastLine) => {
      const { front, session: nth, answered } = presented;
      this.open(session, { front, session: nth }, answered);
      this.lines.skipTo(presented, lastLine);
      if (lastLine <= answered) return;
      this.#begun.add(session);
      this.#changes.add(session); // lines before the last one may be worked on again
    });
    for (const session of restoration.changed) this.#changes.add(session);
    return [...reading.refused, ...restored];
  }

  /** `session`, which has just been opened, is relayed under `name`. */
  open(session: Session, name: RelayedSession, answered = 0): void {
    const isNew = this.lines.open(name, answered);
    assert(isNew, "a front has each session once");
    this.#relays.set(session, { name, exportedAt: undefined, unnumbered: 0 });
    this.#changes.open(session);
  }

  /**
   * As `Hub.line`, for line `number` of a relayed session. False: it has been worked on, or a line before it is missing;
   * nothing is done.
   */
  line(session: Session, number: number, line: string | LineFault, now: number): boolean {
    const relay = this.#relays.get(session);
    assert(relay !== undefined, "the session is relayed");
    if (!this.lines.begin(relay.name, number)) return false;
    session.connection.relay = { ...relay.name, line: number };
    this.#begun.add(session);
    const { batch } = session.connection;
    const { offlineMessages } = this.#hub.services;
    const isReplayDue = offlineMessages.isReplayDue(session);
    this.#hub.line(session, line, now);
    if (
      session.connection.batch !== batch || batch?.failed || changesState(line) ||
      isReplayDue !== offlineMessages.isReplayDue(session)
    ) this.#changes.add(session);
    return true;
  }

  /** The next `count` lines of `session` are not from its front (`serve --shm`): no front can send them again. */
  skipNumbers(session: Session, count: number): void {
    this.#relays.get(session)!.unnumbered += count;
  }

  /** As `Hub.line`, for the next line of any session; it has its number if the session is relayed. */
  nextLine(session: Session, line: string | LineFault, now: number): void {
    const relay = this.#relays.get(session);
    if (relay !== undefined && relay.unnumbered === 0) {
      this.line(session, this.lines.of(relay.name)!.worked + 1, line, now);
      return;
    }
    if (relay !== undefined) relay.unnumbered--;
    session.connection.relay = undefined;
    this.#hub.line(session, line, now);
  }

  /** Number of the turn that runs, or is the next one. */
  get turn(): number {
    return this.#turns + 1;
  }

  /** The sequence number of the next record. */
  get seq(): number {
    return this.#hub.context.log.nextSeq;
  }

  /** Whether a report would bring new states, now or within {@link EXPORT_INTERVAL_MS}. */
  get hasChanges(): boolean {
    return this.#changes.changed.size > 0;
  }

  /** The report of the turn of which `Hub.takeEffects` has just taken the effects. */
  takeReport(now: number): TurnReport {
    const { context } = this.#hub;
    const { closed, lingering } = this.#takeEnded();
    const answered = this.#takeAnswered();
    for (const { session, user } of lingering) {
      const before = this.#lingering.get(user);
      if (before !== undefined) closed.push(before);
      this.#lingering.set(user, this.#forget(session));
    }
    const isAnswered = new Set(answered.map(({ session }) => session));
    const states: TurnReport["states"][number][] = [];
    const monotonic = now - context.clockOffsetMs;
    for (const session of this.#changes.changed) {
      const relay = this.#relays.get(session)!;
      const { exportedAt = -Infinity } = relay;
      if (!isAnswered.has(session) && monotonic - exportedAt < EXPORT_INTERVAL_MS) continue;
      this.#changes.clear(session);
      if (session.phase.kind === "registering") continue;
      const state = exportSession(context, this.#hub.services, session) ?? NO_STATE;
      relay.exportedAt = monotonic;
      states.push({ session, name: relay.name, state });
    }
    return { turn: ++this.#turns, seq: context.log.nextSeq, states, answered, closed };
  }

  /** Sessions that have ended: `lingering` are those that left their user in its grace period. */
  #takeEnded() {
    const { usersInGracePeriod, endedGracePeriods } = this.#hub.context.state;
    const lingering: { session: Session; user: User }[] = [];
    const closed = endedGracePeriods === this.#endedGracePeriods ? [] : this.#takeReleased();
    this.#endedGracePeriods = endedGracePeriods;
    for (const { session, user } of this.#changes.takeClosed()) {
      if (user !== undefined && usersInGracePeriod.has(user)) lingering.push({ session, user });
      else closed.push(this.#forget(session));
    }
    return { closed, lingering };
  }

  /** The sessions of users that are no longer in their grace period. */
  #takeReleased(): RelayedSession[] {
    const { usersInGracePeriod } = this.#hub.context.state;
    const released = [...this.#lingering].filter(([user]) => !usersInGracePeriod.has(user));
    return released.map(([user, name]) => {
      this.#lingering.delete(user);
      return name;
    });
  }

  /** The session has ended. */
  #forget(session: Session): RelayedSession {
    const { name } = this.#relays.get(session)!;
    this.lines.close(name);
    this.#relays.delete(session);
    this.#begun.delete(session);
    return name;
  }

  #takeAnswered(): TurnReport["answered"] {
    const answered: TurnReport["answered"][number][] = [];
    for (const session of this.#begun) {
      const { name } = this.#relays.get(session)!;
      const { worked } = this.lines.of(name)!;
      const isSuspended = session.connection.suspendedLine !== undefined;
      if (!isSuspended) this.#begun.delete(session);
      const line = isSuspended ? worked - 1 : worked;
      if (this.lines.answer(name, line)) answered.push({ session, name, line });
    }
    return answered;
  }
}

/** Whether `line` may change a part of the state of its session that no event has. */
function changesState(line: string | LineFault): boolean {
  if (typeof line !== "string") return false;
  const [command = ""] = line.replace(/^(@\S* +)?(:\S* +)?/, "").split(" ", 1);
  return EXPORTED_AFTER.has(command.toUpperCase());
}
