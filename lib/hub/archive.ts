/**
 * The log as the hub reads it: which records belong to which target, and the record behind a sequence number. Rebuilt
 * from the ring at the start, kept up to date by every commit.
 */
import { casefold } from "../irc/casemap.ts";
import type { Ring } from "../log/ring.ts";
import { decodeEvent } from "./event_codec.ts";
import { nickOf } from "./event.ts";
import type { MessageEvent, OwnerId, Place, RecordedEvent } from "./event.ts";
import { hashOfId, hashOfIdIn, SenderIds } from "./sender_ids.ts";
import { MAX_IDLE_TOPICS } from "./config.ts";
import { Timeline } from "./timeline.ts";

/** What the log holds of a room, or of the talk of two people. */
export class Target {
  readonly timeline: Timeline;
  /** A room's topic, "" for none, with who set it (a source) and when (milliseconds since the epoch). */
  topic = "";
  topicBy = "";
  topicAt = 0;
  /** The record that set it; 0: none of this log. */
  topicSeq = 0;

  /** `name` as it was first spelled; `knownFrom` as in {@link Timeline}. */
  constructor(readonly name: string, knownFrom: number) {
    this.timeline = new Timeline(knownFrom);
  }
}

/** A room's topic, as it is saved beside the log: `source` set it at `time`, by the record `seq`. */
export interface SavedTopic {
  /** Folded. */
  readonly room: string;
  readonly name: string;
  readonly topic: string;
  readonly source: string;
  readonly time: number;
  readonly seq: number;
}

const NONE: SavedTopic[] = [];

/** A message read back from the log. */
export interface Entry extends Place {
  event: MessageEvent;
}

export class Archive {
  /** By folded room name; outlives the room, as long as the ring holds something of it. */
  readonly rooms = new Map<string, Target>();
  /** By owner, then by the other's folded nick. */
  readonly talks = new Map<OwnerId, Map<string, Target>>();

  readonly #ids = new SenderIds();
  /** Rooms whose topic was set since the last {@link takeTopics}. */
  #retopicked = new Set<Target>();

  constructor(readonly ring: Ring) {}

  /** The targets that `event` belongs to, made where there are none; `rooms` are those of its author where it names none. */
  targetsOf(event: RecordedEvent, rooms: Iterable<{ target: Target }>): Target[] {
    switch (event.kind) {
      case "message":
        return event.room ? [this.room(event.target)] : this.#sidesOf(event);
      case "join":
      case "part":
      case "topic":
      case "kick":
      case "mode":
        return [this.room(event.room)];
      case "quit":
      case "nick":
        return Array.from(rooms, ({ target }) => target);
      case "boot":
        return [];
    }
  }

  /** Files a recorded event under its targets. */
  note(event: RecordedEvent, place: Place, targets: readonly Target[]): void {
    const message = event.kind === "message" && event.verb !== "TAGMSG";
    const oldest = this.ring.oldestSeq;
    for (const { timeline } of targets) timeline.add(place.seq, place.time, message, oldest);
    if (message && event.id !== "") this.#ids.add(hashOfId(event.from, event.id), place.seq, oldest);
    if (event.kind !== "topic") return;
    for (const target of targets) {
      if (place.seq <= target.topicSeq) continue; // at a start: what was saved is newer
      target.topic = event.topic;
      target.topicBy = event.source;
      target.topicAt = place.time;
      target.topicSeq = place.seq;
      this.#retopicked.add(target);
    }
  }

  /** A topic as it was saved before the start. */
  restoreTopic({ name, topic, source, time, seq }: SavedTopic): void {
    const target = this.room(name);
    target.topic = topic;
    target.topicBy = source;
    target.topicAt = time;
    target.topicSeq = seq;
  }

  /** The topics that were set since the last call. */
  takeTopics(): SavedTopic[] {
    if (this.#retopicked.size === 0) return NONE;
    const topics = Array.from(this.#retopicked, ({ name, topic, topicBy, topicAt, topicSeq }) => {
      return { room: casefold(name), name, topic, source: topicBy, time: topicAt, seq: topicSeq };
    });
    this.#retopicked.clear();
    return topics;
  }

  /** Files the message to `room` that the record `payload` holds. */
  noteMessage(room: string, payload: Uint8Array, { seq, time }: Place): void {
    this.room(room).timeline.add(seq, time, true, this.ring.oldestSeq);
    const hash = hashOfIdIn(payload);
    if (hash !== undefined) this.#ids.add(hash, seq, this.ring.oldestSeq);
  }

  /** The message that `owner` sent under its own `id`, as long as the log holds it. */
  sent(owner: OwnerId, id: string): Entry | undefined {
    for (const seq of this.#ids.candidates(hashOfId(owner, id))) {
      const entry = this.entry(seq);
      if (entry?.event.from === owner && entry.event.id === id) return entry;
    }
    return undefined;
  }

  /** The target for a room, made where there is none. */
  room(name: string): Target {
    return this.#targetIn(this.rooms, name);
  }

  /** What `owner` and the person called `nick` wrote to each other; `undefined` when nothing is left of it. */
  talk(owner: OwnerId, nick: string): Target | undefined {
    return this.talks.get(owner)?.get(casefold(nick));
  }

  /** The message at `seq`, or `undefined` when the ring has overwritten or lost it. */
  entry(seq: number): Entry | undefined {
    const record = this.ring.read(seq);
    if (record.kind !== "ok") return undefined;
    const event = decodeEvent(record.payload);
    return event?.kind === "message" ? { event, seq, time: record.time } : undefined;
  }

  /**
   * Drops targets of which the ring holds nothing any more, unless `inUse` says that a room stands on it, or it has one of
   * the newest topics.
   */
  sweep(inUse: (folded: string) => boolean): void {
    const oldest = this.ring.oldestSeq;
    const idle = [...this.rooms].filter(([folded, { timeline }]) =>
      timeline.isGone(oldest) && !inUse(folded)
    );
    const titled = idle.filter(([, { topic }]) => topic !== "").sort(([, a], [, b]) => b.topicAt - a.topicAt);
    const kept = new Set(titled.slice(0, MAX_IDLE_TOPICS).map(([folded]) => folded));
    for (const [folded] of idle) if (!kept.has(folded)) this.rooms.delete(folded);
    for (const [owner, talks] of this.talks) {
      for (const [folded, target] of talks) {
        if (target.timeline.isGone(oldest)) talks.delete(folded);
      }
      if (talks.size === 0) this.talks.delete(owner);
    }
  }

  /** A direct message stands in two timelines: the sender's talk with the receiver and the receiver's with the sender. */
  #sidesOf(event: MessageEvent): Target[] {
    const sender = nickOf(event.source);
    const sent = this.#targetIn(this.#talksOf(event.from), event.target);
    const received = this.#targetIn(this.#talksOf(event.to), sender);
    return sent === received ? [sent] : [sent, received];
  }

  #talksOf(owner: OwnerId): Map<string, Target> {
    let talks = this.talks.get(owner);
    if (talks === undefined) this.talks.set(owner, talks = new Map());
    return talks;
  }

  #targetIn(targets: Map<string, Target>, name: string): Target {
    const exact = targets.get(name);
    if (exact !== undefined) return exact;
    const folded = casefold(name);
    let target = targets.get(folded);
    if (target === undefined) targets.set(folded, target = new Target(name, this.ring.oldestSeq));
    return target;
  }
}

/** The time that an event of `targets` gets now: strictly increasing for each of them. */
export function timeFor(targets: readonly Target[], now: number): number {
  let time = now;
  for (const { timeline } of targets) time = Math.max(time, timeline.nextTime(now));
  return time;
}
