/** A room in a sentence: who is in it, and its topic. Pure. */
import { casefold } from "../../../irc/names/casemap.ts";
import type { JoinedChannel } from "./joined_channels.ts";

/** Members that are named when a room is entered; of more of them, the last speakers are. */
const MAX_LISTED_MEMBERS = 20;
/** So many of these. */
const MAX_LISTED_SPEAKERS = 10;

/**
 * `2 people in #lobby: alice, bob`, from the member list; of a large room `500 people in #lobby; spoke last: alice, bob`.
 * `senders`: of its last messages, the latest at the end.
 */
export function describeMembers({ name, members }: JoinedChannel, senders: readonly string[]): string {
  const count = `${formatCounted(members.size, "person", "people")} in ${name}`;
  if (members.size <= MAX_LISTED_MEMBERS) return count + formatList([...members.values()]);
  const speakers = new Set<string>();
  for (const nick of senders.toReversed()) {
    const member = members.get(casefold(nick));
    if (member !== undefined && speakers.size < MAX_LISTED_SPEAKERS) speakers.add(member);
  }
  return `${count}${
    speakers.size === 0 ? "" : `; spoke last: ${[...speakers].join(", ")}`
  } (all: /who ${name})`;
}

export function describeTopic(channel: Pick<JoinedChannel, "name" | "topic">): string {
  return channel.topic === "" ? `${channel.name} has no topic` : `topic of ${channel.name}: ${channel.topic}`;
}

export function formatCounted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function formatList(names: readonly string[]): string {
  return names.length === 0 ? "" : `: ${[...names].sort((a, b) => a.localeCompare(b)).join(", ")}`;
}
