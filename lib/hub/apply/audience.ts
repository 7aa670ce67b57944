/**
 * The audience of a channel: keeps its flat list of sessions, its count of forms and each session's list of
 * channels in step.
 */
import { assert } from "../../base/assert.ts";
import { formOf } from "../../irc/capabilities.ts";
import type { Services } from "../context.ts";
import type { Channel, Session } from "../model/state/entities.ts";
import type { MutableChannel } from "../model/state/mutable_entities.ts";
import { writable } from "./writable.ts";

export function enterAudience(services: Services, session: Session, channel: Channel): void {
  if (session.channels.has(channel)) return;
  const { audience } = writable(channel);
  writable(session).setAudienceIndex(channel, audience.length);
  audience.push(session);
  if (session.user === undefined) (writable(channel).observers ??= new Set()).add(session);
  countForm(writable(channel), session, 1);
  services.outbox.afterAudienceEntry(channel, session);
}

export function leaveAudience(services: Services, session: Session, channel: Channel): void {
  const index = session.channels.get(channel);
  if (index === undefined) return;
  services.outbox.beforeAudienceChange(channel, session);
  const { audience, observers } = writable(channel);
  assert(audience[index] === session, "a session is in the audience at its index");
  writable(session).setAudienceIndex(channel, undefined);
  countForm(writable(channel), session, -1);
  const isObserver = observers?.delete(session) ?? false;
  assert(isObserver === (session.user === undefined), "a session without a user is among the observers");
  const last = audience.pop()!;
  if (last !== session) {
    audience[index] = last;
    writable(last).setAudienceIndex(channel, index);
  }
}

/**
 * Adds `session`, which is in the audience of `channel`, to the count of its form (1), or removes it from the count
 * (-1).
 */
export function countForm({ formCounts, audience }: MutableChannel, session: Session, change: 1 | -1): void {
  const count = formCounts[formOf(session.caps)]! += change;
  assert(count >= 0 && count <= audience.length, "each session of an audience counts in one form");
}
