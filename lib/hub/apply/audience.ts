/** Who hears a channel: keeps its flat audience, its count of forms and each session's own list of channels in step. */
import { formOf } from "../../irc/capabilities.ts";
import type { Services } from "../context.ts";
import type { Channel, Session } from "../model/state/entities.ts";
import { writable } from "./writable.ts";

export function enterAudience(services: Services, session: Session, channel: Channel): void {
  if (session.channels.has(channel)) return;
  const { audience, formCounts } = writable(channel);
  writable(session).setAudienceIndex(channel, audience.length);
  audience.push(session);
  if (session.user === undefined) (writable(channel).observers ??= new Set()).add(session);
  formCounts[formOf(session.caps)]!++;
  services.outbox.afterAudienceEntry(channel, session);
}

export function leaveAudience(services: Services, session: Session, channel: Channel): void {
  const index = session.channels.get(channel);
  if (index === undefined) return;
  services.outbox.beforeAudienceChange(channel, session);
  const { audience, formCounts, observers } = writable(channel);
  writable(session).setAudienceIndex(channel, undefined);
  formCounts[formOf(session.caps)]!--;
  observers?.delete(session);
  const last = audience.pop()!;
  if (last !== session) {
    audience[index] = last;
    writable(last).setAudienceIndex(channel, index);
  }
}
