/**
 * Which rooms that nobody is in, and of which the log holds nothing any more, are kept for their settings or topic. What an account
 * owns never gives way to what nobody owns: of its rooms only those in which nothing is set are bounded, by its own newer ones. The
 * others are kept up to a bound, the newest of each address alike.
 */
import { siteOf } from "../base/ip.ts";
import { MAX_IDLE_SETTINGS, MAX_IDLE_TOPICS, MAX_PLAIN_ROOMS_OF_ACCOUNT } from "./config.ts";
import type { Target } from "./archive.ts";
import type { OwnerId, Source } from "./event.ts";
import type { Hub } from "./hub.ts";
import type { RoomSettings } from "./room_settings.ts";

/** A room by its folded name, with the time (milliseconds since the epoch) that makes it newer than another of the same `sharer`. */
export interface IdleRoom {
  readonly folded: string;
  /** The account that owns it, or the address that has set it up. */
  readonly sharer: string;
  readonly at: number;
}

/** The folded names of those of `idle` that are forgotten. */
export function surplusIdleRooms(hub: Hub, idle: Iterable<readonly [folded: string, Target]>): Set<string> {
  const surplus = new Set<string>();
  const [plain, set, titled]: [IdleRoom[], IdleRoom[], IdleRoom[]] = [[], [], []];
  for (const [folded, { settings, topic, topicBy, topicAt }] of idle) {
    const owner = settings && ownerOf(hub, settings);
    if (owner !== undefined) {
      if (!settings!.isPlain || topic !== "" || hub.metadata.hasRoom(folded)) continue;
      plain.push({ folded, sharer: owner, at: settings!.changedAt });
    } else if (settings?.hasModes) set.push({ folded, sharer: settings.setFrom, at: settings.changedAt });
    else if (topic !== "") titled.push({ folded, sharer: topicBy, at: topicAt });
    else surplus.add(folded);
  }
  const bySite = titled.length <= MAX_IDLE_TOPICS ? titled : titled.map(withSite);
  for (
    const { folded } of [
      ...oldestOfEach(plain, MAX_PLAIN_ROOMS_OF_ACCOUNT),
      ...oldestShares(set, MAX_IDLE_SETTINGS),
      ...oldestShares(bySite, MAX_IDLE_TOPICS),
    ]
  ) surplus.add(folded);
  return surplus;
}

function ownerOf({ accounts }: Hub, { operators }: RoomSettings): OwnerId | undefined {
  for (const owner of operators) if (accounts.of(owner) !== undefined) return owner;
  return undefined;
}

function withSite(room: IdleRoom): IdleRoom {
  return { ...room, sharer: siteOfSource(room.sharer) };
}

/** What the host in `source` counts as for limits per address; "" where there is none. */
export function siteOfSource(source: Source): string {
  const at = source.lastIndexOf("@");
  return at < 0 ? "" : siteOf(source.slice(at + 1));
}

/** Those that have to go so that `max` of each sharer stay. */
function oldestOfEach(rooms: readonly IdleRoom[], max: number): readonly IdleRoom[] {
  const counts = new Map<string, number>();
  for (const { sharer } of rooms) counts.set(sharer, (counts.get(sharer) ?? 0) + 1);
  const many = rooms.filter(({ sharer }) => counts.get(sharer)! > max);
  return bySharer(many).flatMap((own) => own.sort(newestFirst).slice(max));
}

/** Those that have to go so that `max` stay: the newest of every sharer, then the second of every one, and so on. */
export function oldestShares(rooms: readonly IdleRoom[], max: number): readonly IdleRoom[] {
  if (rooms.length <= max) return [];
  const ranked = bySharer(rooms).flatMap((own) =>
    own.sort(newestFirst).map((room, rank) => ({ room, rank }))
  );
  ranked.sort((a, b) => a.rank - b.rank || newestFirst(a.room, b.room));
  return ranked.slice(max).map(({ room }) => room);
}

function bySharer(rooms: readonly IdleRoom[]): IdleRoom[][] {
  return [...Map.groupBy(rooms, ({ sharer }) => sharer).values()];
}

function newestFirst(a: IdleRoom, b: IdleRoom): number {
  return b.at - a.at;
}
