/**
 * How many messages of a room are replayed to a session that enters it: the least of what the server (`--replay`), the room and the
 * account or user want. The latter two set the metadata key {@link REPLAY_KEY}, or have HistServ set it.
 */
import { CHATHISTORY_MAX_MESSAGES, PLAYBACK_MESSAGES } from "./config.ts";
import { VENDOR_PREFIX } from "../irc/vendor.ts";
import type { Hub } from "./hub.ts";
import type { Room, User } from "./state.ts";

/** Key of the metadata of rooms and people: a number, or `off`. */
export const REPLAY_KEY = VENDOR_PREFIX + "replay";
/** The most that can be set: as many as one answer holds. */
export const MAX_REPLAY_MESSAGES = CHATHISTORY_MAX_MESSAGES;

/** A number from 0 to {@link MAX_REPLAY_MESSAGES}, or `off`, which is 0; undefined: `text` is neither. */
export function parseReplay(text: string): number | undefined {
  if (text.toLowerCase() === "off") return 0;
  const count = /^\d{1,4}$/.test(text) ? Number(text) : Infinity;
  return count <= MAX_REPLAY_MESSAGES ? count : undefined;
}

export function replayLimit(hub: Hub, room: Room, user: User): number {
  const server = hub.config.replay ?? PLAYBACK_MESSAGES;
  return Math.min(server, wanted(hub, room) ?? server, wanted(hub, user) ?? server);
}

/** How many messages are replayed as far as `subject` and the server decide it, in words. */
export function replayOf(hub: Hub, subject: Room | User): string {
  const server = hub.config.replay ?? PLAYBACK_MESSAGES;
  const count = Math.min(server, wanted(hub, subject) ?? server);
  return count === 0 ? "nothing" : `${count} messages at the most`;
}

function wanted(hub: Hub, subject: Room | User): number | undefined {
  return parseReplay(hub.metadata.of(subject).get(REPLAY_KEY) ?? "");
}
