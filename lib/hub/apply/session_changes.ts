/**
 * Applies events to a session: it connects, changes capabilities, ends. Changes to the user of a registered session
 * are in user_changes.ts.
 */
import { assert } from "../../base/assert.ts";
import type { HubContext, Services } from "../context.ts";
import type { Session } from "../model/state/entities.ts";
import type { EventOf } from "../model/state/event.ts";
import { MutableSession } from "../model/state/mutable_entities.ts";
import { countForm } from "./audience.ts";
import { writable } from "./writable.ts";

/** Creates the session of a new connection; it becomes part of the state when "connect" is committed. */
export function createSession(...args: ConstructorParameters<typeof MutableSession>): Session {
  return new MutableSession(...args);
}

export function applyConnect(context: HubContext, session: Session): void {
  const state = writable(context.state);
  assert(!state.sessions.has(session.id), "a session has an id of its own");
  state.sessions.set(session.id, session);
  state.unregisteredCount++;
}

/** Changes the capabilities, and with them the form in which the session gets every further line. */
export function applyCapabilities(services: Services, event: EventOf<"capabilities">): void {
  const { caps, version } = event;
  const session = writable(event.session);
  session.capVersion = version;
  if (caps.equals(session.caps)) return;
  const channels = [...session.channels.keys()];
  for (const channel of channels) {
    services.outbox.beforeAudienceChange(channel, session);
    countForm(writable(channel), session, -1);
  }
  session.caps = caps;
  for (const channel of channels) {
    countForm(writable(channel), session, 1);
    services.outbox.afterAudienceEntry(channel, session);
  }
}

export function applyDisconnect(context: HubContext, { session, reason }: EventOf<"disconnect">): void {
  const state = writable(context.state);
  const isKnown = state.sessions.delete(session.id);
  assert(isKnown, "a session ends once");
  if (session.phase.kind === "registering") state.unregisteredCount--;
  assert(state.unregisteredCount >= 0, "the number of unregistered sessions is not negative");
  writable(session).closeReason ??= reason;
}
