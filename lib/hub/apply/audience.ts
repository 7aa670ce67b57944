/** Who hears a channel: keeps its flat audience, its count of forms and each session's own list of channels in step. */
import { formOf } from "../../irc/capabilities.ts";
import type { CapSet } from "../../irc/cap_set.ts";
import type { Services } from "../context.ts";
import type { Channel, Session } from "../model/state/entities.ts";

export function enterAudience(services: Services, session: Session, channel: Channel): void {
  if (session.channels.has(channel)) return;
  session.setAudienceIndex(channel, channel.audience.length);
  channel.audience.push(session);
  if (session.user === undefined) (channel.observers ??= new Set()).add(session);
  channel.formCounts[formOf(session.caps)]!++;
  services.outbox.afterAudienceEntry(channel, session);
}

export function leaveAudience(services: Services, session: Session, channel: Channel): void {
  const index = session.channels.get(channel);
  if (index === undefined) return;
  services.outbox.beforeAudienceChange(channel, session);
  session.setAudienceIndex(channel, undefined);
  channel.formCounts[formOf(session.caps)]!--;
  channel.observers?.delete(session);
  const last = channel.audience.pop()!;
  if (last !== session) {
    channel.audience[index] = last;
    last.setAudienceIndex(channel, index);
  }
}

/** Gives `session` other capabilities, and with them another form from the next line on. */
export function setCaps(services: Services, session: Session, caps: CapSet): void {
  const channels = [...session.channels.keys()];
  for (const channel of channels) {
    services.outbox.beforeAudienceChange(channel, session);
    channel.formCounts[formOf(session.caps)]!--;
  }
  session.caps = caps;
  for (const channel of channels) {
    channel.formCounts[formOf(caps)]!++;
    services.outbox.afterAudienceEntry(channel, session);
  }
}
