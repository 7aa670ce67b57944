/**
 * The log as the hub reads it: which records belong to which target, and the record behind a sequence number. Rebuilt
 * from the ring at the start, kept up to date by every commit.
 */
import { siteOf } from "../base/ip.ts";
import { CAP } from "../irc/caps.ts";
import { casefold } from "../irc/casemap.ts";
import type { Ring } from "../log/ring.ts";
import { decodeEvent } from "./event_codec.ts";
import { isPassing, nickOf } from "./event.ts";
import type { MessageEvent, OwnerId, Place, RecordedEvent } from "./event.ts";
import { member, timeIn } from "./facts.ts";
import type { Facts } from "./facts.ts";
import type { Hub } from "./hub.ts";
import { MAX_IDLE_ROOMS, MAX_TALKS, surplus, TARGETS_BETWEEN_LOOKS } from "./idle_targets.ts";
import { NameMap } from "./name_map.ts";
import { RetainedMessages } from "./retained_messages.ts";
import type { RetentionRules } from "./retained_messages.ts";
import type { RoomSettings } from "./room_settings.ts";
import { hashOfId, hashOfIdIn, SenderIds } from "./sender_ids.ts";
import { FormerNames } from "./former_names.ts";
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
  /** When the other one of a talk last said something; 0: not as far as the log goes. */
  receivedAt = 0;
  /** The record of that. */
  receivedSeq = 0;
  /** When the room was made, as far back as the server knows (milliseconds since the epoch); 0: not known yet. */
  createdAt = 0;
  /** When the room got the name that it has; 0: not as far as the log goes. */
  renamedAt = 0;
  /** How a room is set up; undefined: as all rooms are at first. */
  settings: RoomSettings | undefined;

  /** The address, as limits count it, that the first event of it came from; "": none yet. */
  maker = "";

  /** `name` as it was first spelled, or as the room is called since; `knownFrom` as in {@link Timeline}. */
  constructor(public name: string, knownFrom: number) {
    this.timeline = new Timeline(knownFrom);
  }

  /** The topic is that of `other`, which has none any more. */
  takeTopic(other: Target): void {
    [this.topic, this.topicBy, this.topicAt] = [other.topic, other.topicBy, other.topicAt];
    this.topicSeq = other.topicSeq;
    [other.topic, other.topicBy, other.topicAt, other.topicSeq] = ["", "", 0, 0];
  }
}

/** A message read back from the log. */
export interface Entry extends Place {
  event: MessageEvent;
}

export interface ArchiveRules extends Omit<RetentionRules, "targetsOf"> {
  /** Whether a room stands on what is known by that folded name. */
  readonly inUse: (folded: string) => boolean;
  /** A conversation of `owner` with the person of that folded nick is forgotten. */
  readonly onTalkGone: (owner: OwnerId, folded: string, talk: Target) => void;
}

export class Archive {
  /** By folded room name; outlives the room, as long as the ring holds something of it. */
  readonly rooms = new NameMap<Target>(({ name }) => name);
  /** By owner, then by the other's folded nick. */
  readonly talks = new Map<OwnerId, Map<string, Target>>();
  readonly formerNames = new FormerNames();

  readonly #ids: SenderIds;
  readonly #rules: ArchiveRules;
  /** Targets made since {@link #prune} last looked. */
  #made = 0;

  /** What is kept beyond the ring. */
  readonly retained: RetainedMessages;

  constructor(readonly ring: Ring, readonly facts: Facts, rules: ArchiveRules) {
    this.#rules = rules;
    const targetsOf = (event: MessageEvent, seq: number) => this.#standingOf(event, seq);
    this.retained = new RetainedMessages(ring, facts, { ...rules, targetsOf });
    this.#ids = new SenderIds(this.retained);
  }

  /** The targets that `event` belongs to, made where there are none; `rooms` are those of its author where it names none. */
  targetsOf(event: RecordedEvent, rooms: Iterable<{ target: Target }>): Target[] {
    this.#prune();
    const targets = this.#targetsOf(event, rooms);
    for (const target of targets) if (target.maker === "") target.maker = siteOfAuthor(event);
    return targets;
  }

  #targetsOf(event: RecordedEvent, rooms: Iterable<{ target: Target }>): Target[] {
    switch (event.kind) {
      case "message":
        return event.room ? [this.room(event.target)] : this.#sidesOf(event);
      case "join":
      case "part":
      case "topic":
      case "kick":
      case "mode":
      case "rename":
        return [this.room(event.room)];
      case "redact":
        return this.#redactedIn(event);
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
    for (const target of targets) {
      const { timeline } = target;
      target.createdAt ||= place.time; // at a start: the oldest record that there is
      if (event.kind === "redact") {
        timeline.remove(seqIn(event.msgid));
        this.retained.remove(seqIn(event.msgid));
        timeline.addRare(place.seq, place.time, CAP.redaction, oldest);
      } else if (event.kind === "rename") {
        timeline.addRare(place.seq, place.time, CAP.channelRename, oldest);
      } else timeline.add(place.seq, place.time, message, oldest);
    }
    if (message && !event.room) { // see #sidesOf
      const receiving = targets.at(-1)!;
      receiving.receivedAt = place.time;
      receiving.receivedSeq = place.seq;
    }
    if (message && event.id !== "") this.#ids.add(hashOfId(event.from, event.id), place.seq, oldest);
    if (event.kind === "rename") this.#rename(event.room, event.to, place);
    if (event.kind === "join" && this.formerNames.size > 0) this.formerNames.remove(casefold(event.room));
    if (event.kind !== "topic") return;
    for (const target of targets) {
      if (place.seq <= target.topicSeq) continue; // at a start: what was saved is newer
      target.topic = event.topic;
      target.topicBy = event.source;
      target.topicAt = place.time;
      target.topicSeq = place.seq;
      this.saveTopic(target, place.seq);
    }
  }

  /** The topic has changed by the record `seq`, and is to be kept. */
  saveTopic({ name, topic, topicBy: source, topicAt: time }: Target, seq: number): void {
    const fact = topic === "" ? undefined : { name, topic, source, time };
    this.facts.put("topic", casefold(name), fact, seq);
  }

  /** A topic as it was saved before the start. */
  restoreTopic(name: string, topic: string, source: string, time: number, seq: number): void {
    const target = this.room(name);
    target.topic = topic;
    target.topicBy = source;
    target.topicAt = time;
    target.topicSeq = seq;
  }

  /** Files the message to `room` that the record `payload` holds. */
  noteMessage(room: string, payload: Uint8Array, { seq, time }: Place): void {
    const target = this.room(room);
    const event = target.maker === "" ? decodeEvent(payload) : undefined;
    if (event !== undefined) this.targetsOf(event, []);
    target.createdAt ||= time;
    target.timeline.add(seq, time, true, this.ring.oldestSeq);
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
    const read = this.ring.read(seq);
    const record = read.kind === "ok" ? read : this.retained.get(seq);
    const event = record && decodeEvent(record.payload);
    return event?.kind === "message" ? { event, seq, time: record!.time } : undefined;
  }

  /** Time of the record at `seq` in ms since the epoch, or undefined when it is not there. */
  timeOf(seq: number): number | undefined {
    return this.ring.timeOf(seq) ?? this.retained.get(seq)?.time;
  }

  /** Length of the payload of the record at `seq`, or 0 when it is not there. */
  lengthOf(seq: number): number {
    return this.ring.lengthOf(seq) || (this.retained.get(seq)?.payload.length ?? 0);
  }

  /** At a start, before the log is taken in: files what was kept beyond the ring. */
  restoreRetained(): void {
    this.retained.restore((event, seq) => {
      if (event.id !== "") this.#ids.add(hashOfId(event.from, event.id), seq, this.ring.oldestSeq);
      return this.targetsOf(event, []);
    });
  }

  /**
   * What is known of a room goes along with it. At a start there may be what was saved later, of the new name, and of another
   * room that has taken the old one.
   */
  #rename(from: string, to: string, { seq, time }: Place): void {
    const [old, folded] = [casefold(from), casefold(to)];
    const target = this.room(from);
    const { name } = target; // at a start maybe as the later room spells it
    target.name = to;
    target.renamedAt = time;
    if (old === folded) {
      this.rooms.set(folded, target); // it may look otherwise
      if (target.topic !== "") this.saveTopic(target, Math.max(seq, target.topicSeq));
      return;
    }
    const saved = this.rooms.get(folded);
    this.rooms.delete(old);
    this.rooms.set(folded, target);
    const other = new Target(name, this.ring.oldestSeq);
    if (target.topicSeq > seq) other.takeTopic(target);
    if (saved !== undefined && saved.topicSeq >= seq) target.takeTopic(saved);
    if ((target.settings?.seq ?? 0) > seq) [other.settings, target.settings] = [target.settings, undefined];
    if ((saved?.settings?.seq ?? 0) >= seq) {
      target.settings = saved!.settings;
      target.createdAt = saved!.createdAt || target.createdAt;
    }
    const timeOf = (each: number) => this.timeOf(each) ?? 0;
    other.timeline.takeRetained(target.timeline, seq, timeOf);
    if (saved !== undefined) target.timeline.takeRetained(saved.timeline, 0, timeOf);
    this.retained.renamed(other, seq);
    this.retained.renamed(target, seq);
    if (other.topic !== "" || other.settings !== undefined || other.timeline.retained.length > 0) {
      this.rooms.set(old, other);
    }
    if (other.topic === "") this.facts.put("topic", old, undefined, seq);
    if (other.settings === undefined) this.facts.put("room", old, undefined, seq);
    if (target.topic !== "") this.saveTopic(target, Math.max(seq, target.topicSeq));
    this.formerNames.add(old, target, time);
  }

  /**
   * Drops targets of which the ring holds nothing any more, unless `inUse` says that a room stands on it; `surplus` says which.
   * `onTalkGone` is told of talks.
   */
  sweep(
    inUse: (folded: string) => boolean,
    surplus: (idle: Iterable<readonly [folded: string, Target]>) => Iterable<string>,
    onTalkGone: (owner: OwnerId, folded: string, talk: Target) => void = () => {},
  ): void {
    const oldest = this.ring.oldestSeq;
    const idle = this.rooms.entries().filter(([folded, { timeline }]) =>
      timeline.isGone(oldest) && !inUse(folded)
    );
    for (const folded of surplus(idle)) {
      const { topic, settings } = this.rooms.get(folded)!;
      this.rooms.delete(folded);
      if (topic !== "") this.facts.put("topic", folded, undefined);
      if (settings !== undefined) this.facts.put("room", folded, undefined);
    }
    for (const [owner, talks] of this.talks) {
      for (const [folded, target] of talks) {
        if (!target.timeline.isGone(oldest)) continue;
        talks.delete(folded);
        onTalkGone(owner, folded, target);
      }
      if (talks.size === 0) this.talks.delete(owner);
    }
  }

  /** Keeps what is remembered of rooms and conversations within its bounds (idle_targets.ts). */
  #prune(): void {
    if (this.#made < TARGETS_BETWEEN_LOOKS) return;
    this.#made = 0;
    const rooms = Array.from(this.rooms, ([folded, target]) => ({ folded, target })).filter((
      { folded, target },
    ) => target.topic === "" && target.settings === undefined && !this.#rules.inUse(folded));
    for (const { folded, target } of surplus(rooms, MAX_IDLE_ROOMS)) {
      this.retained.leave(target);
      this.rooms.delete(folded);
    }
    const talks = [...this.talks].flatMap(([owner, own]) =>
      Array.from(own, ([folded, target]) => ({ owner, folded, target }))
    );
    for (const { owner, folded, target } of surplus(talks, MAX_TALKS)) this.#dropTalk(owner, folded, target);
  }

  /** At a start, after the log was taken in: of all who were here nobody comes back but by a key or an account. */
  forgetPassing(): void {
    for (const owner of [...this.talks.keys()]) {
      if (isPassing(owner) && !this.#rules.isAccount(owner)) this.forgetOwner(owner);
    }
  }

  /** Nobody comes back as `owner`. */
  forgetOwner(owner: OwnerId): void {
    for (const [folded, target] of this.talks.get(owner) ?? []) this.#dropTalk(owner, folded, target);
  }

  #dropTalk(owner: OwnerId, folded: string, target: Target): void {
    const talks = this.talks.get(owner);
    if (!talks?.delete(folded)) return;
    if (talks.size === 0) this.talks.delete(owner);
    this.retained.leave(target);
    this.#rules.onTalkGone(owner, folded, target);
  }

  /** The conversations in which a message still stands, whatever its room is called by now. */
  #standingOf(event: MessageEvent, seq: number): Target[] {
    const sides = event.room
      ? [this.rooms.get(casefold(event.target)), this.formerNames.find(event.target, 0)] // however long ago it was called so
      : [this.talk(event.from, event.target), this.talk(event.to, nickOf(event.source))];
    const found = new Set<Target>();
    for (const side of sides) if (side?.timeline.has(seq)) found.add(side);
    return [...found];
  }

  /** Where a message stood that is taken back: its sender may have had another name when he said it. */
  #redactedIn(event: RecordedEvent & { kind: "redact" }): Target[] {
    if (event.to === "") return [this.room(event.target)];
    return this.#sidesOf(this.entry(seqIn(event.msgid))?.event ?? event);
  }

  /** A direct message stands in two timelines: the sender's talk with the receiver and the receiver's with the sender. */
  #sidesOf(event: Pick<MessageEvent, "source" | "target" | "from" | "to">): Target[] {
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
    if (target === undefined) {
      targets.set(folded, target = new Target(name, this.ring.oldestSeq));
      this.#made++;
    }
    return target;
  }
}

function siteOfAuthor(event: RecordedEvent): string {
  return event.kind === "boot" ? "" : siteOf(event.source.slice(event.source.lastIndexOf("@") + 1));
}

/** The sequence number in a msgid of this log. */
function seqIn(msgid: string): number {
  return Number.parseInt(msgid, 36); // up to the dash
}

/** The fact `topic`, by folded room: `{ name, topic, source, time }`; `source` set it at `time`, by the record `seq`. */
export function restoreTopic(hub: Hub, key: string, value: unknown, seq: number): void {
  const text = (name: string) => member(value, name, "string");
  if (casefold(text("name")) !== key) throw new TypeError("it is saved under another name than its own");
  hub.archive.restoreTopic(text("name"), text("topic"), text("source"), timeIn(value, "time"), seq);
}

/** The time that an event of `targets` gets now; see {@link Timeline.nextTime}. */
export function timeFor(targets: readonly Target[], now: number): number {
  let time = now;
  for (const { timeline } of targets) time = Math.max(time, timeline.nextTime(now));
  return time;
}
