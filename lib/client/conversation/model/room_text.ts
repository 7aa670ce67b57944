/** A room in a sentence: who is in it, and its topic. Pure. */
import type { JoinedChannel } from "./joined_channels.ts";

/** `2 people in #lobby: alice, bob`, from the member list. */
export function describeMembers(channel: JoinedChannel): string {
  return `${formatCounted(channel.members.size, "person", "people")} in ${channel.name}${
    formatList([...channel.members.values()])
  }`;
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
