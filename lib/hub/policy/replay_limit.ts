/**
 * How many messages of a channel are replayed to a session that joins it: the least of the limits of the server
 * (`--replay`), of the channel, and of the account or user. The latter two set the metadata key {@link REPLAY_KEY},
 * or have HistServ set it.
 */
import { CHATHISTORY_MAX_MESSAGES, JOIN_REPLAY_MESSAGES } from "../model/config.ts";
import { REPLAY_KEY } from "../../irc/vendor_extensions.ts";
import type { HubContext, Services } from "../context.ts";
import type { Channel, User } from "../model/state/entities.ts";

/** Maximum value: as many messages as one history reply holds. */
export const MAX_REPLAY_MESSAGES = CHATHISTORY_MAX_MESSAGES;

/** Parses a number from 0 to {@link MAX_REPLAY_MESSAGES}, or `off`, which is 0; undefined: neither. */
export function parseReplay(text: string): number | undefined {
  if (text.toLowerCase() === "off") return 0;
  const count = /^\d{1,4}$/.test(text) ? Number(text) : Infinity;
  return count <= MAX_REPLAY_MESSAGES ? count : undefined;
}

export function replayLimit(context: HubContext, services: Services, channel: Channel, user: User): number {
  const server = context.config.replay ?? JOIN_REPLAY_MESSAGES;
  return Math.min(
    server,
    replayPreference(services, channel) ?? server,
    replayPreference(services, user) ?? server,
  );
}

/** The replay limit set by `subject` and the server, in words. */
export function replayLimitText(context: HubContext, services: Services, subject: Channel | User): string {
  const server = context.config.replay ?? JOIN_REPLAY_MESSAGES;
  const count = Math.min(server, replayPreference(services, subject) ?? server);
  return count === 0 ? "nothing" : `at most ${count} messages`;
}

function replayPreference(services: Services, subject: Channel | User): number | undefined {
  return parseReplay(services.metadata.of(subject).get(REPLAY_KEY) ?? "");
}
