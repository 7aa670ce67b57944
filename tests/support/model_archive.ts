/**
 * An archive in memory, as simple as it can be: it follows a log up to where the test lets it, and answers the queries of
 * the hub (lib/log/archive.ts) by looking at all it has.
 */
import type {
  ArchiveAnchor,
  ArchiveAnswer,
  ArchiveChange,
  ArchiveCut,
  ArchivedRecord,
  ArchiveLoss,
  ArchiveOrder,
  ArchiveQuery,
  ConversationKey,
  EntryKind,
  PageAnswer,
  PageQuery,
  RecordAnswer,
  TargetsAnswer,
  TargetsQuery,
} from "../../lib/log/archive.ts";
import { assert, unreachable } from "../../lib/base/assert.ts";
import { ArchiveChanges } from "../../lib/hub/history/archive_changes.ts";
import type { EventLog } from "../../lib/hub/log/event_log.ts";

interface Entry {
  readonly record: ArchivedRecord;
  readonly kind: EntryKind;
}

interface Conversation {
  key: ConversationKey;
  name: string;
  readonly entries: Entry[];
}

const idOf = (key: ConversationKey) => `${key.kind} ${key.kind === "direct" ? key.owner : ""} ${key.name}`;

export class ModelArchive {
  /** What tests say that it has lost. */
  readonly losses: ArchiveLoss[] = [];
  readonly #conversations = new Map<string, Conversation>();
  readonly #records = new Map<number, ArchivedRecord>();
  readonly #changes = new ArchiveChanges({
    members: [],
    payloadOf: (seq) => this.#records.get(seq)?.payload,
  });

  /** `cursor`: it has handled every record below this number. */
  constructor(public cursor = 1) {}

  /** Takes in the records of `log` below `until`. */
  follow(log: EventLog, until: number): void {
    while (this.cursor < until) {
      const read = log.read(this.cursor);
      assert(read.kind === "ok", `the model follows before the record ${this.cursor} is overwritten`);
      const { seq, time, payload } = read;
      for (const change of this.#changes.changesOf({ seq, time, payload })) this.#apply(change);
      this.cursor++;
    }
  }

  /** Loses the record `seq`, as if the log had overwritten it before. */
  lose(seq: number): void {
    this.#apply({ kind: "remove", seq });
    this.losses.push({ from: seq, until: seq + 1, why: "overwritten" });
  }

  obey(order: ArchiveOrder): void {
    if (order.kind === "keep" || order.kind === "trust") return;
    if (order.kind !== "rename" && order.kind !== "redact") this.#apply(order); // it gets all records
  }

  answer(query: ArchiveQuery): ArchiveAnswer {
    switch (query.kind) {
      case "page":
        return this.#page(query);
      case "targets":
        return this.#targets(query);
      case "record":
        return this.#record(query.seq);
      case "search":
        throw new Error("the model does not search");
      default:
        return unreachable(query);
    }
  }

  #apply(change: ArchiveChange): void {
    switch (change.kind) {
      case "add":
        this.#records.set(change.record.seq, change.record);
        for (const { conversation: key, name, kind } of change.entries) {
          const found = this.#conversations.get(idOf(key)) ?? { key, name, entries: [] };
          found.name = name;
          found.entries.push({ record: change.record, kind });
          this.#conversations.set(idOf(key), found);
        }
        return;
      case "remove":
        this.#records.delete(change.seq);
        for (const { entries } of this.#conversations.values()) {
          const at = entries.findIndex(({ record }) => record.seq === change.seq);
          if (at >= 0) entries.splice(at, 1);
        }
        return;
      case "rename": {
        const from = idOf({ kind: "channel", name: change.from });
        const moved = this.#conversations.get(from);
        if (moved === undefined) return;
        this.#conversations.delete(from);
        moved.key = { kind: "channel", name: change.to };
        moved.name = change.name;
        this.#conversations.set(idOf(moved.key), moved);
        return;
      }
      case "retire":
        this.#conversations.delete(idOf({ kind: "channel", name: change.name }));
        return;
      case "forget":
        return this.#forget((owner) => owner === change.owner);
      case "forget_temporary":
        return this.#forget((owner) => owner.startsWith("~") && !change.except.includes(owner));
      case "membership":
      case "boot":
      case "begin":
      case "repeated":
        return;
      default:
        unreachable(change);
    }
  }

  #forget(isGone: (owner: string) => boolean): void {
    for (const [id, { key }] of this.#conversations) {
      if (key.kind === "direct" && isGone(key.owner)) this.#conversations.delete(id);
    }
  }

  #page(query: PageQuery): PageAnswer {
    const { conversation, shows, anchors, before, after, maxBytes } = query;
    const all = (this.#conversations.get(idOf(conversation))?.entries ?? [])
      .filter(({ kind }) => shows.includes(kind)).map(({ record }) => record);
    const cuts = anchors.map((anchor) => cutAt(all, anchor));
    const [cut] = query.isAtEnd ? [] : cuts;
    const middle = cut === undefined
      ? all.length
      : all.filter(({ seq }) => seq < (before === 0 ? cut.through : cut.before)).length;
    const earlier = fitting(all.slice(0, middle).slice(-before || all.length).reverse(), maxBytes).reverse();
    const later = fitting(all.slice(middle, middle + after), maxBytes);
    const from = middle - earlier.length;
    const to = middle + later.length;
    const first = cuts[0]?.before ?? all[from]?.seq ?? 0;
    return {
      kind: "page",
      cuts,
      records: all.slice(from, to),
      isStart: from === 0,
      isEnd: to === all.length,
      latestBefore: Math.max(0, ...all.slice(0, from).map(({ time }) => time)),
      earliestAfter: Math.min(Infinity, ...all.slice(to).map(({ time }) => time)),
      losses: this.losses.filter(({ until }) => until > first),
      lostWithin: this.#lostWithin(all[from - 1]?.seq ?? 0, all[to]?.seq ?? Infinity),
      archivedUntil: this.cursor,
    };
  }

  #targets({ owner, channels, after, before, newestFirst, limit }: TargetsQuery): TargetsAnswer {
    const targets = [...this.#conversations.values()].flatMap(({ key, name, entries }) => {
      const isAsked = key.kind === "direct"
        ? owner !== "" && key.owner === owner
        : channels.includes(key.name);
      const last = isAsked ? entries.findLast(({ kind }) => kind === "message") : undefined;
      if (last === undefined || last.record.time <= after || last.record.time >= before) return [];
      return { conversation: key, name, time: last.record.time, seq: last.record.seq };
    });
    targets.sort((a, b) => newestFirst ? b.time - a.time : a.time - b.time);
    return {
      kind: "targets",
      targets: targets.slice(0, limit),
      lost: this.#lostWithin(0, Infinity),
      archivedUntil: this.cursor,
    };
  }

  #lostWithin(after: number, until: number): ArchiveLoss[] {
    const within = this.losses.map((loss) => ({
      ...loss,
      from: Math.max(loss.from, after),
      until: Math.min(loss.until, until),
    }));
    return within.filter(({ from, until, why }) => why !== "pruned" && from < until);
  }

  #record(seq: number): RecordAnswer {
    const conversations = [...this.#conversations.values()].filter(({ entries }) =>
      entries.some(({ record }) => record.seq === seq)
    );
    return {
      kind: "record",
      record: this.#records.get(seq),
      conversations: conversations.map(({ key }) => key),
      archivedUntil: this.cursor,
    };
  }
}

function cutAt(all: readonly ArchivedRecord[], anchor: ArchiveAnchor): ArchiveCut {
  if (anchor.by === "seq") return { before: anchor.seq, through: anchor.seq + 1 };
  const { time, recent } = anchor;
  const equal = all.filter((record) => record.time === time);
  const firstEqual = Math.min(equal[0]?.seq ?? Infinity, recent.firstEqual ?? Infinity);
  const lastEqual = Math.max(equal.at(-1)?.seq ?? 0, recent.lastEqual ?? 0);
  if (firstEqual !== Infinity) return { before: firstEqual, through: lastEqual + 1 };
  const earlier = all.findLast((record) => record.time < time)?.seq ?? 0;
  const later = all.find((record) => record.time > time)?.seq ?? Infinity;
  return {
    before: Math.max(earlier, recent.lastEarlier ?? 0) + 1,
    through: Math.min(later, recent.firstLater ?? Infinity),
  };
}

/** As many of `records` as have `maxBytes`, at least one. */
function fitting(records: readonly ArchivedRecord[], maxBytes: number): ArchivedRecord[] {
  let bytes = 0;
  const fits = records.findIndex(({ payload }, at) => (bytes += payload.length) > maxBytes && at > 0);
  return records.slice(0, fits < 0 ? records.length : fits);
}
