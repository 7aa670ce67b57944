/**
 * Which rooms that nobody is in, and of which the log holds nothing any more, are kept for their settings or topic. What an account
 * owns never gives way to what nobody owns: of its rooms only those in which nothing is set are bounded, by its own newer ones. The
 * others are kept up to a bound, the newest of each address alike.
 */
import { siteOf } from "../base/ip.ts";
import { MAX_IDLE_SETTINGS, MAX_IDLE_TOPICS, MAX_PLAIN_ROOMS_OF_ACCOUNT } from "./config.ts";
import type { Target } from "./archive.ts";
import type { Source } from "./event.ts";
import type { Hub } from "./hub.ts";

/** A room by its folded name, with the time (milliseconds since the epoch) that makes it newer than another of the same `sharer`. */
export interface IdleRoom {
  readonly folded: string;
  /** The account that owns it, or the address that has set it up. */
  readonly sharer: string;
  readonly at: number;
}

/** The folded names of those of `idle` that are kept. */
export function keptIdleRooms(hub: Hub, idle: Iterable<readonly [folded: string, Target]>): Set<string> {
  const kept = new Set<string>();
  const [plain, set, titled]: IdleRoom[][] = [[], [], []];
  for (const [folded, { settings, topic, topicBy, topicAt }] of idle) {
    const sharer = settings?.operators.values().find((owner) => hub.accounts.of(owner) !== undefined);
    if (sharer === undefined) {
      if (settings?.hasModes) set!.push({ folded, sharer: settings.setFrom, at: settings.changedAt });
      if (topic !== "") titled!.push({ folded, sharer: topicBy, at: topicAt });
    } else if (settings!.isPlain && topic === "" && !hub.metadata.hasRoom(folded)) {
      plain!.push({ folded, sharer, at: settings!.changedAt });
    } else kept.add(folded);
  }
  for (const room of newestOfEach(plain!, MAX_PLAIN_ROOMS_OF_ACCOUNT)) kept.add(room.folded);
  for (const room of newestShares(set!, MAX_IDLE_SETTINGS)) kept.add(room.folded);
  const bySite = titled!.length <= MAX_IDLE_TOPICS ? titled! : titled!.map(withSite);
  for (const room of newestShares(bySite, MAX_IDLE_TOPICS)) kept.add(room.folded);
  return kept;
}

function withSite(room: IdleRoom): IdleRoom {
  return { ...room, sharer: siteOfSource(room.sharer) };
}

/** What the host in `source` counts as for limits per address; "" where there is none. */
export function siteOfSource(source: Source): string {
  const at = source.lastIndexOf("@");
  return at < 0 ? "" : siteOf(source.slice(at + 1));
}

/** At most `max` of each sharer. */
function newestOfEach(rooms: readonly IdleRoom[], max: number): readonly IdleRoom[] {
  if (rooms.length <= max) return rooms;
  return [...Map.groupBy(rooms, ({ sharer }) => sharer).values()].flatMap((own) =>
    own.length <= max ? own : own.sort(newestFirst).slice(0, max)
  );
}

/** At most `max`: the newest of every sharer, then the second of every one, and so on. */
export function newestShares(rooms: readonly IdleRoom[], max: number): readonly IdleRoom[] {
  if (rooms.length <= max) return rooms;
  const ranked = [...Map.groupBy(rooms, ({ sharer }) => sharer).values()].flatMap((own) =>
    own.sort(newestFirst).map((room, rank) => ({ room, rank }))
  );
  ranked.sort((a, b) => a.rank - b.rank || newestFirst(a.room, b.room));
  return ranked.slice(0, max).map(({ room }) => room);
}

function newestFirst(a: IdleRoom, b: IdleRoom): number {
  return b.at - a.at;
}
