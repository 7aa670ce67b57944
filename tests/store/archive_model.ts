/** A plain model of the archive, and random changes for both. */
import { SeqList } from "../../lib/hub/model/seq_list.ts";
import { cutAtAnchor } from "../../lib/hub/history/history_query.ts";
import { containsSequence, toWordSequence } from "../../lib/base/search_terms.ts";
import { searchWords } from "../../lib/base/search_words.ts";
import type {
  ArchiveChange,
  ArchiveCut,
  ArchivedRecord,
  ArchiveLoss,
  ConversationKey,
  EntryKind,
  PageAnswer,
  PageQuery,
  RecentTimeCut,
  RecordAnswer,
  SearchableText,
  SearchQuery,
  SearchTerm,
  TargetsAnswer,
  TargetsQuery,
} from "../../lib/log/archive.ts";

import type { Random } from "../irc/property.ts";

const encoder = new TextEncoder();

/** The payloads of these tests: sender, NUL, text. */
export function payloadOf({ from, text }: SearchableText): Uint8Array {
  return encoder.encode(`${from}\0${text}`);
}

export function readSearchable(payload: Uint8Array): SearchableText | undefined {
  const [from = "", text] = new TextDecoder().decode(payload).split("\0");
  return text === undefined ? undefined : { from, text };
}

interface ModelEntry {
  readonly seq: number;
  readonly time: number;
  readonly kind: EntryKind;
}

interface ModelConversation {
  key: ConversationKey;
  shown: string;
  isRetired: boolean;
  /** Also those that were removed: their times were seen. */
  readonly entries: ModelEntry[];
}

interface ModelRecord extends ArchivedRecord {
  readonly searchable: SearchableText | undefined;
  readonly conversations: readonly ModelConversation[];
}

export function keyText(key: ConversationKey): string {
  return key.kind === "channel" ? key.name : `${key.owner} ${key.name}`;
}

export class ArchiveModel {
  readonly records = new Map<number, ModelRecord>();
  readonly members = new Map<string, ModelConversation[]>();
  readonly conversations: ModelConversation[] = [];
  isPruned = false;
  /** What is lost behind all records, if anything. */
  lostAtEnd: readonly ArchiveLoss[] = [];
  /** The cursor. */
  archivedUntil = 0;

  find(key: ConversationKey): ModelConversation | undefined {
    return this.conversations.find((each) => !each.isRetired && keyText(each.key) === keyText(key));
  }

  apply(change: ArchiveChange): void {
    switch (change.kind) {
      case "add": {
        const { record, entries, searchable } = change;
        const conversations = entries.map(({ conversation, name, kind }) => {
          const found = this.#findOrCreate(conversation, name);
          found.shown = name;
          found.entries.push({ seq: record.seq, time: record.time, kind });
          return found;
        });
        if (entries.length > 0) this.records.set(record.seq, { ...record, searchable, conversations });
        return;
      }
      case "remove":
        this.records.delete(change.seq);
        return;
      case "rename": {
        const renamed = this.find({ kind: "channel", name: change.from });
        if (change.from !== change.to) this.#retire(change.to);
        if (renamed === undefined) return;
        renamed.key = { kind: "channel", name: change.to };
        renamed.shown = change.name;
        return;
      }
      case "retire":
        return this.#retire(change.name);
      case "membership":
        this.members.set(
          change.nick,
          change.channels.map((name) => this.#findOrCreate({ kind: "channel", name }, name)),
        );
        return;
      case "boot":
        return this.members.clear();
      case "forget":
        return this.#forget((owner) => owner === change.owner);
      case "forget_temporary":
        return this.#forget((owner) => owner.startsWith("~") && !change.except.includes(owner));
    }
  }

  /** Removes the oldest records, those of which `isOld` holds. */
  prune(isOld: (record: ArchivedRecord) => boolean): void {
    this.isPruned = true;
    const records = [...this.records.values()];
    const young = records.findIndex((record) => !isOld(record));
    for (const { seq } of young < 0 ? records : records.slice(0, young)) this.records.delete(seq);
  }

  /** Removes what is in retired conversations. */
  pruneRetired(): void {
    for (const each of this.conversations.filter(({ isRetired }) => isRetired)) {
      for (const { seq } of each.entries) if (this.#holds(each, seq)) this.#remove(each, seq);
    }
  }

  /** Takes the oldest records of a channel out of it, as far as they are from before `time`. */
  pruneChannel(name: string, time: number): void {
    this.isPruned = true;
    const found = this.find({ kind: "channel", name });
    const held = found?.entries.filter(({ seq }) => this.#holds(found, seq)) ?? [];
    const young = held.findIndex((entry) => entry.time >= time);
    for (const { seq } of young < 0 ? held : held.slice(0, young)) this.#remove(found!, seq);
  }

  #holds(conversation: ModelConversation, seq: number): boolean {
    return this.records.get(seq)?.conversations.includes(conversation) === true;
  }

  #remove(conversation: ModelConversation, seq: number): void {
    const record = this.records.get(seq)!;
    const conversations = record.conversations.filter((each) => each !== conversation);
    if (conversations.length === 0) this.records.delete(seq);
    else this.records.set(seq, { ...record, conversations });
  }

  memberNames(): Map<string, string[]> {
    const names = new Map<string, string[]>();
    for (const [nick, conversations] of this.members) {
      const channels = conversations.filter(({ isRetired }) => !isRetired).map(({ key }) => key.name).sort();
      if (channels.length > 0) names.set(nick, channels);
    }
    return names;
  }

  /** Entries that are left of a conversation, in order. */
  entries(key: ConversationKey, shows: readonly EntryKind[]): ModelEntry[] {
    const found = this.find(key);
    return found?.entries.filter(({ seq, kind }) => this.#holds(found, seq) && shows.includes(kind)) ?? [];
  }

  page(
    query: PageQuery,
    cuts: readonly ArchiveCut[],
  ): Omit<PageAnswer, "kind" | "cuts" | "losses" | "lostWithin"> {
    const entries = this.entries(query.conversation, query.shows);
    const below = (seq: number) => entries.filter((each) => each.seq < seq).length;
    const [first] = query.isAtEnd ? [] : cuts;
    const at = first === undefined
      ? entries.length
      : below(query.before === 0 ? first.through : first.before);
    const record = ({ seq }: ModelEntry) => this.records.get(seq)!;
    const fitting = (side: readonly ModelEntry[]) => {
      let bytes = 0;
      const isOver = (each: ModelEntry) => (bytes += record(each).payload.length) > query.maxBytes;
      const end = side.findIndex((each, nth) => isOver(each) && nth > 0);
      return end < 0 ? side.length : end;
    };
    const from = at - fitting(entries.slice(Math.max(0, at - query.before), at).reverse());
    const to = at + fitting(entries.slice(at, at + query.after));
    const timesOf = (some: readonly ModelEntry[]) => some.map(({ time }) => time);
    return {
      records: entries.slice(from, to).map((each) => {
        const { seq, time, payload } = record(each);
        return { seq, time, payload };
      }),
      isStart: from === 0,
      isEnd: to === entries.length,
      latestBefore: Math.max(0, ...timesOf(entries.slice(0, from))),
      earliestAfter: Math.min(Infinity, ...timesOf(entries.slice(to))),
      archivedUntil: this.archivedUntil,
    };
  }

  targets(query: TargetsQuery): TargetsAnswer["targets"] {
    const targets = this.conversations.flatMap(({ key, shown, isRetired }) => {
      const isAsked = key.kind === "channel" ? query.channels.includes(key.name) : key.owner === query.owner;
      const last = this.entries(key, ["message"]).at(-1);
      if (isRetired || !isAsked || last === undefined) return [];
      if (last.time <= query.after || last.time >= query.before) return [];
      return [{ conversation: key, name: shown, time: last.time, seq: last.seq }];
    });
    const byName = (a: string, b: string) => a < b ? -1 : Number(a > b);
    targets.sort((a, b) =>
      a.time - b.time || a.seq - b.seq || byName(a.conversation.name, b.conversation.name)
    );
    if (query.newestFirst) targets.reverse();
    return targets.slice(0, query.limit);
  }

  record(seq: number): RecordAnswer {
    const { archivedUntil } = this;
    const found = this.records.get(seq);
    const read = found?.conversations.filter(({ isRetired }) => !isRetired) ?? [];
    if (found === undefined || read.length === 0) {
      return { kind: "record", record: undefined, conversations: [], archivedUntil };
    }
    const { time, payload } = found;
    return {
      kind: "record",
      record: { seq, time, payload },
      conversations: read.map(({ key }) => key),
      archivedUntil,
    };
  }

  search(query: SearchQuery): number[] {
    const { conversations, owner = "", after = -Infinity, before = Infinity, beforeSeq = Infinity } = query;
    const allowed = new Set(conversations.map((key) => this.find(key)));
    for (const each of this.conversations) {
      if (owner !== "" && !each.isRetired && each.key.kind === "direct" && each.key.owner === owner) {
        allowed.add(each);
      }
    }
    const hits = [...this.records.values()].filter((record) => {
      const { searchable, seq, time } = record;
      if (searchable === undefined || !record.conversations.some((each) => allowed.has(each))) return false;
      if (time <= after || time >= before || seq >= beforeSeq) return false;
      if (query.from.length > 0 && !query.from.includes(searchable.from)) return false;
      if (query.hasLink && !searchable.text.includes("https://")) return false;
      const words = searchWords(searchable.text);
      return query.terms.every((term) => containsSequence(words, term)) &&
        !query.excluded.some((term) => containsSequence(words, term));
    });
    return hits.map(({ seq }) => seq).sort((a, b) => b - a).slice(0, query.limit);
  }

  #findOrCreate(key: ConversationKey, shown: string): ModelConversation {
    let found = this.find(key);
    if (found === undefined) {
      found = { key, shown, isRetired: false, entries: [] };
      this.conversations.push(found);
    }
    return found;
  }

  #forget(isGone: (owner: string) => boolean): void {
    for (const each of this.conversations) {
      if (each.key.kind === "direct" && isGone(each.key.owner)) each.isRetired = true;
    }
  }

  #retire(name: string): void {
    const found = this.find({ kind: "channel", name });
    if (found !== undefined) found.isRetired = true;
  }
}

/** Where the hub's own code divides `entries` at `time`, and the part of it that it would say of `recent` alone. */
export function cutOfHub(
  entries: readonly ModelEntry[],
  all: readonly ModelEntry[],
  time: number,
): ArchiveCut {
  const list = new SeqList();
  list.seqs = entries.map(({ seq }) => seq);
  const times = new Map(all.map(({ seq, time }) => [seq, time]));
  const breaks = all.filter(({ time }, nth) => time < (all[nth - 1]?.time ?? 0)).map(({ seq }) => seq);
  return cutAtAnchor(list, { by: "time", time }, { of: (seq) => times.get(seq)!, breaks });
}

export function recentCut(entries: readonly ModelEntry[], time: number): RecentTimeCut {
  const seqs = (isWanted: (at: number) => boolean) =>
    entries.filter(({ time }) => isWanted(time)).map(({ seq }) => seq);
  const [equal, earlier, later] = [
    seqs((at) => at === time),
    seqs((at) => at < time),
    seqs((at) => at > time),
  ];
  return {
    ...equal.length > 0 && { firstEqual: equal[0]!, lastEqual: equal.at(-1)! },
    ...earlier.length > 0 && { lastEarlier: earlier.at(-1)! },
    ...later.length > 0 && { firstLater: later[0]! },
  };
}

const CHANNELS = ["#a", "#b", "#c", "#d"];
const OWNERS = ["alice", "bob", "~7.1"];
const NICKS = ["ann", "bo", "cy"];
const WORDS = [
  "deploy",
  "Deployed",
  "foo",
  "bar",
  "Café",
  "東京都",
  "京都",
  "都",
  "https://a.example/x",
  "c1",
];
export const EVERY_KIND: readonly EntryKind[] = ["message", "event", "redaction", "rename"];

/** Random changes and queries. */
export class ArchiveGenerator {
  seq = 1;
  #time = 1_000_000;

  constructor(readonly random: Random) {}

  int(below: number): number {
    return this.random.below(below);
  }

  pick<T>(values: readonly T[]): T {
    return this.random.pick(values);
  }

  key(): ConversationKey {
    return this.int(3) === 0
      ? { kind: "direct", owner: this.pick(OWNERS), name: this.pick(NICKS) }
      : { kind: "channel", name: this.pick(CHANNELS) };
  }

  text(): string {
    return Array.from({ length: this.int(5) }, () => this.pick(WORDS)).join(" ");
  }

  term(): SearchTerm {
    const text = `${this.pick(WORDS)}${this.int(3) === 0 ? ` ${this.pick(WORDS)}` : ""}`;
    const isPrefix = this.int(2) === 0;
    return toWordSequence(isPrefix ? text.slice(0, -this.int(3)) || text : text, isPrefix)!;
  }

  /** A time of a message, or one near to it. */
  time(): number {
    return 1_000_000 + this.int(Math.max(20, this.#time - 1_000_000 + 10)) - 5;
  }

  change(): ArchiveChange {
    const kind = this.int(40);
    if (kind === 5 && this.int(3) === 0) return { kind: "forget", owner: this.pick(OWNERS) };
    if (kind === 6 && this.int(3) === 0) {
      return { kind: "forget_temporary", except: this.int(2) === 0 ? ["~7.1"] : [] };
    }
    if (kind === 0) return { kind: "remove", seq: this.int(this.seq) }; // of a record that is there, or was
    if (kind === 1) {
      const to = this.pick(CHANNELS);
      return { kind: "rename", from: this.pick(CHANNELS), to, name: to.toUpperCase() };
    }
    if (kind === 2 && this.int(3) === 0) return { kind: "retire", name: this.pick(CHANNELS) };
    if (kind === 3) {
      return {
        kind: "membership",
        nick: this.pick(NICKS),
        channels: CHANNELS.filter(() => this.int(2) === 0),
      };
    }
    if (kind === 4 && this.int(3) === 0) return { kind: "boot" };
    return this.#add();
  }

  #add(): ArchiveChange {
    this.seq += this.int(50) === 0 ? 2 ** 32 : 1 + this.int(2);
    this.#time += this.int(20) === 0 ? -this.int(30) : this.int(4);
    const searchable = { from: this.pick(NICKS), text: this.text() };
    const keys = new Map(
      [this.key(), ...this.int(4) === 0 ? [this.key()] : []].map((key) => [keyText(key), key]),
    );
    const kind = this.int(3) > 0 ? "message" : this.pick(EVERY_KIND);
    return {
      kind: "add",
      record: { seq: this.seq - 1, time: this.#time, payload: payloadOf(searchable) },
      entries: Array.from(keys.values(), (conversation) => ({ conversation, name: conversation.name, kind })),
      ...kind === "message" && { searchable },
    };
  }
}
