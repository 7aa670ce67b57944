/**
 * Sessions of which the state that a front keeps (handover/session_state.ts) may have changed since it was last
 * exported. There is one only in a hub with fronts.
 */
import type { Channel, Session, User } from "../model/state/entities.ts";
import type { StateEvent } from "../model/state/event.ts";
import type { ReadonlyState } from "../model/state/state.ts";
import { CHANNEL_MODES, parseChanges } from "../model/channel_modes.ts";

/** `user`: that it had at its end. */
export interface EndedSession {
  readonly session: Session;
  readonly user: User | undefined;
}

export class ChangedSessions {
  /** Relayed sessions that are open. */
  readonly #known = new Set<Session>();
  readonly #changed = new Set<Session>();
  readonly #closed: EndedSession[] = [];

  constructor(readonly state: ReadonlyState) {}

  /** `session` is relayed from now on. */
  open(session: Session): void {
    this.#known.add(session);
  }

  #close(session: Session): void {
    if (this.#known.delete(session)) this.#closed.push({ session, user: session.user });
    this.#changed.delete(session);
  }

  /** Relayed sessions that have ended since the last call. */
  takeClosed(): EndedSession[] {
    return this.#closed.splice(0);
  }

  add(session: Session): void {
    if (this.#known.has(session)) this.#changed.add(session);
  }

  addUser(user: User | undefined): void {
    for (const session of user?.sessions ?? []) this.add(session);
  }

  get changed(): ReadonlySet<Session> {
    return this.#changed;
  }

  /** The state of `session` has been exported. */
  clear(session: Session): void {
    this.#changed.delete(session);
  }

  /** Called after `event` was applied. */
  note(event: StateEvent): void {
    switch (event.kind) {
      case "attach":
      case "login":
        this.add(event.session);
        return this.addUser(event.session.user);
      case "disconnect":
        return this.#close(event.session);
      case "capabilities":
      case "follow":
        return this.add(event.session);
      case "join":
      case "part":
        return this.addUser(this.state.userBySource(event.source));
      case "nick":
      case "kick":
        return this.addUser(this.state.user(event.nick));
      case "away":
      case "setname":
      case "umode":
      case "oper":
      case "invite":
        return this.addUser(event.user);
      case "mode":
        for (const { letter, arg } of parseChanges(event.change, event.args)) {
          if (CHANNEL_MODES.get(letter)?.type === "member") this.addUser(this.state.user(arg));
        }
        return;
      case "rename":
        return this.#addAudience(this.state.channel(event.to));
      default: // the others change nothing that is exported
    }
  }

  #addAudience(channel: Channel | undefined): void {
    for (const user of channel?.members.keys() ?? []) this.addUser(user);
    for (const observer of channel?.observers ?? []) this.add(observer);
  }
}
