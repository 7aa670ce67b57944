/** Reads an archive from its beginning to its cursor, in slices between which a server writes. */
import type { DatabaseSync } from "node:sqlite";
import type { ArchivedRecord, ArchiveLoss, ConversationKey, EntryKind } from "../../log/archive.ts";
import {
  conversationKeyOf,
  ENTRY_KINDS,
  inSnapshot,
  type KeyRow,
  keyRowOf,
  parseConversationIds,
  readArchiveRow,
} from "./archive_schema.ts";
import { ALL_KINDS, EntryTable } from "./entry_table.ts";
import { type FormerName, readFormerNames } from "./former_name_table.ts";
import { readLosses } from "./loss_table.ts";

/** Records of one slice. */
const SLICE_RECORDS = 1000;

export interface ExportedConversation {
  readonly id: number;
  readonly key: ConversationKey;
  /** As its name is spelled. */
  readonly shown: string;
  /** Its entries below this number may have been pruned. */
  readonly prunedUntil: number;
}

export interface ExportedRecord extends ArchivedRecord {
  readonly kind: EntryKind;
  /** Those that are read; a record of none is left out. */
  readonly conversations: readonly ExportedConversation[];
}

/** Users in channels. */
export interface ExportedMember {
  readonly nick: string;
  readonly conversations: readonly ExportedConversation[];
}

export class ArchiveExport {
  readonly #db: DatabaseSync;
  readonly #entries: EntryTable;
  readonly logId: string;
  /** Every record below this number is exported. */
  readonly cursor: number;
  /** All is known that was renamed, retired or deleted after an export with this cursor, or a later one. */
  readonly changesFrom: number;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#entries = new EntryTable(db);
    ({ logId: this.logId, cursor: this.cursor, changesFrom: this.changesFrom } = readArchiveRow(db));
  }

  /** The channel `name` (folded); undefined: the archive has none of that name. */
  channel(name: string): ExportedConversation | undefined {
    const { kind, owner } = keyRowOf({ kind: "channel", name });
    const row = this.#db.prepare(
      "SELECT * FROM conversation WHERE kind = ? AND owner = ? AND name = ? AND retired = 0",
    ).get(kind, owner, name);
    return row && toConversation(row);
  }

  /** All channels, by name. */
  channels(): ExportedConversation[] {
    return this.#db.prepare("SELECT * FROM conversation WHERE kind = 'channel' AND retired = 0 ORDER BY name")
      .all()
      .map((row) => toConversation(row));
  }

  /** All records from `from` on, or those of the conversation `id`, in order. */
  *records(id?: number, from = 0): Generator<readonly ExportedRecord[]> {
    for (let next = from; next < this.cursor;) {
      const seqs = id === undefined
        ? this.#db.prepare("SELECT seq FROM record WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?")
          .all(next, this.cursor, SLICE_RECORDS).map(({ seq }) => Number(seq))
        : this.#entries.oldest(id, ALL_KINDS, next, this.cursor, SLICE_RECORDS);
      const last = seqs.at(-1);
      if (last === undefined) return;
      yield inSnapshot(this.#db, () => this.#read(seqs));
      next = last + 1;
    }
  }

  /** The same before record `until`, the newest slice first, each in order. */
  *newestRecords(id: number | undefined, until: number): Generator<readonly ExportedRecord[]> {
    for (let end = until;;) {
      const seqs = id === undefined
        ? this.#db.prepare("SELECT seq FROM record WHERE seq < ? ORDER BY seq DESC LIMIT ?")
          .all(end, SLICE_RECORDS).map(({ seq }) => Number(seq))
        : this.#entries.newest(id, ALL_KINDS, 0, end, SLICE_RECORDS);
      const first = seqs.at(-1);
      if (first === undefined) return;
      yield inSnapshot(this.#db, () => this.#read(seqs.toReversed()));
      end = first;
    }
  }

  /** Number of the first record that is not older than `time`; undefined: all are. Reads all records. */
  firstSince(time: number): number | undefined {
    const seq = this.#db.prepare("SELECT min(seq) AS seq FROM record WHERE time >= ?").get(time)?.["seq"];
    return seq == null ? undefined : Number(seq);
  }

  /** Numbers of messages that were redacted. */
  redacted(): number[] {
    return this.#db.prepare("SELECT seq FROM redacted ORDER BY seq").all().map(({ seq }) => Number(seq));
  }

  formerNames(): FormerName[] {
    return readFormerNames(this.#db);
  }

  losses(): ArchiveLoss[] {
    return readLosses(this.#db);
  }

  members(): ExportedMember[] {
    const members = new Map<string, ExportedConversation[]>();
    const rows = this.#db.prepare(
      "SELECT nick, conversation.* FROM member JOIN conversation ON id = conversation WHERE retired = 0 ORDER BY nick, id",
    ).all();
    for (const row of rows) {
      const conversations = members.get(String(row["nick"])) ?? [];
      conversations.push(toConversation(row));
      members.set(String(row["nick"]), conversations);
    }
    return Array.from(members, ([nick, conversations]) => ({ nick, conversations }));
  }

  #read(seqs: readonly number[]): ExportedRecord[] {
    const record = this.#db.prepare("SELECT time, kind, conversations, payload FROM record WHERE seq = ?");
    const conversation = this.#db.prepare("SELECT * FROM conversation WHERE id = ? AND retired = 0");
    const known = new Map<number, ExportedConversation | undefined>();
    return seqs.flatMap((seq) => {
      const row = record.get(seq);
      if (row === undefined) return []; // removed since
      const conversations = parseConversationIds(row["conversations"]).flatMap((id) => {
        if (!known.has(id)) known.set(id, toConversation(conversation.get(id)));
        return known.get(id) ?? [];
      });
      const kind = ALL_KINDS.find((each) => ENTRY_KINDS[each] === row["kind"]);
      if (conversations.length === 0 || kind === undefined) return [];
      return [{ seq, time: Number(row["time"]), kind, conversations, payload: row["payload"] as Uint8Array }];
    });
  }
}

function toConversation(row: Record<string, unknown>): ExportedConversation;
function toConversation(row: Record<string, unknown> | undefined): ExportedConversation | undefined;
function toConversation(row: Record<string, unknown> | undefined): ExportedConversation | undefined {
  return row && {
    id: Number(row["id"]),
    key: conversationKeyOf(row as unknown as KeyRow),
    shown: String(row["shown"]),
    prunedUntil: Number(row["pruned_until"]),
  };
}
