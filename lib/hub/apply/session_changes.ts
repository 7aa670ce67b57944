/** What an event does to a session: it comes, takes other capabilities, goes. What a registered session's user is, is in user_changes.ts. */
import { formOf } from "../../irc/capabilities.ts";
import type { HubContext, Services } from "../context.ts";
import type { Session } from "../model/state/entities.ts";
import type { EventOf } from "../model/state/event.ts";
import { MutableSession } from "../model/state/mutable_entities.ts";
import { writable } from "./writable.ts";

/** The session of a new connection, which is part of the state once it is committed ("connect"). */
export function createSession(...args: ConstructorParameters<typeof MutableSession>): Session {
  return new MutableSession(...args);
}

export function applyConnect(context: HubContext, session: Session): void {
  const state = writable(context.state);
  state.sessions.set(session.id, session);
  state.unregisteredCount++;
}

/** With its capabilities a session has another form from the next line on. */
export function applyCapabilities(services: Services, event: EventOf<"capabilities">): void {
  const { caps, version } = event;
  const session = writable(event.session);
  session.capVersion = version;
  if (caps.equals(session.caps)) return;
  const channels = [...session.channels.keys()];
  for (const channel of channels) {
    services.outbox.beforeAudienceChange(channel, session);
    writable(channel).formCounts[formOf(session.caps)]!--;
  }
  session.caps = caps;
  for (const channel of channels) {
    writable(channel).formCounts[formOf(caps)]!++;
    services.outbox.afterAudienceEntry(channel, session);
  }
}

export function applyDisconnect(context: HubContext, { session, reason }: EventOf<"disconnect">): void {
  const state = writable(context.state);
  state.sessions.delete(session.id);
  if (session.phase.kind === "registering") state.unregisteredCount--;
  writable(session).closeReason ??= reason;
}
