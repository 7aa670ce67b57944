/** The rooms and users that `logs` was asked for. */
import { toPrintable } from "../../../lib/base/printable_text.ts";
import { UsageError } from "../../../lib/cli/flags/command_definition.ts";
import type { Link } from "../../../lib/client/connection/link.ts";
import { queryChannels } from "../../../lib/client/query/presence.ts";
import { isSameName } from "../../../lib/irc/names/casemap.ts";
import { isChannelName, isTargetName } from "../../../lib/irc/names/name_rules.ts";
import { DEFAULT_LOBBY, LOBBY_TOKEN } from "../../../lib/irc/vendor_extensions.ts";
import { suggestForNameAtServer } from "../../../lib/net/address.ts";

/** Most rooms and users that are named: an observer follows no more (docs/protocol/observer.md). */
const MAX_TARGETS = 100;
/** Most rooms read by `--all-rooms`: the largest. */
const MAX_ALL_ROOMS = 1000;

export interface TargetFlags {
  readonly room: readonly string[];
  readonly with: readonly string[];
}

/**
 * The targets that words and flags name, each once.
 *
 * @throws {UsageError} One of them is no name, or there are too many.
 */
export function readTargets(words: readonly string[], flags: TargetFlags): string[] {
  const named = [
    ...words.map((word) => isChannelName(word) ? parseRoom("", word) : parseUser("", word)),
    ...flags.room.map((name) => parseRoom("--room ", name)),
    ...flags.with.map((name) => parseUser("--with ", name)),
  ];
  const targets = named.filter((name, at) => named.findIndex((other) => isSameName(other, name)) === at);
  if (targets.length <= MAX_TARGETS) return targets;
  throw new UsageError(`at most ${MAX_TARGETS} rooms and users can be named; --all-rooms shows all rooms`);
}

function parseUser(flag: string, name: string): string {
  const hint = suggestForNameAtServer(name);
  if (hint !== undefined) throw new UsageError(`${flag}${name}: ${hint}`);
  if (isTargetName(name) && !isChannelName(name)) return name;
  throw new UsageError(
    `${flag}${
      JSON.stringify(name)
    }: not a name of a user (a room: '#name'; a time of several words: in quotes)`,
  );
}

function parseRoom(flag: string, name: string): string {
  const channel = isChannelName(name) ? name : `#${name}`;
  if (isTargetName(channel)) return channel;
  throw new UsageError(`${flag}${JSON.stringify(name)}: not a name of a room`);
}

/** The rooms that the server shows us, by name, the largest if there are too many; `text`: it did not tell. */
export async function findRooms(
  link: Link,
): Promise<{ readonly rooms: string[]; readonly total: number } | { readonly text: string }> {
  const listed = await queryChannels(link);
  if (listed.kind === "timed_out") return { text: "the server did not answer in time" };
  if (listed.kind === "lost") return { text: `the connection was lost: ${toPrintable(listed.text)}` };
  const lobby = link.session.isupport.get(LOBBY_TOKEN) || DEFAULT_LOBBY;
  const names = listed.rows.map(({ name }) => name);
  if (!names.some((name) => isSameName(name, lobby))) names.push(lobby);
  return { rooms: names.slice(0, MAX_ALL_ROOMS).sort((a, b) => a.localeCompare(b)), total: names.length };
}
