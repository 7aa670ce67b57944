/**
 * Repair of a damaged archive: what can be read of it goes into a new one. Entries, clock breaks and words are made
 * anew from the records. The damaged file stays beside it. Nothing else may have the archive open.
 */
import type { DatabaseSync } from "node:sqlite";
import type { ArchiveLoss, SearchableReader } from "../../log/archive.ts";
import { putArchive, removeArchive, setArchiveAside } from "./archive_files.ts";
import {
  type ArchiveRow,
  ENTRY_KINDS,
  isCount,
  isDamageSymptom,
  openDamagedArchive,
  parseConversationIds,
  readArchiveRow,
} from "./archive_schema.ts";
import { readFormerNames } from "./former_name_table.ts";
import { ArchiveWriter } from "./archive_writer.ts";
import type { ConversationRow } from "./conversation_table.ts";
import type { RecordRow } from "./record_table.ts";
import { hasStrayPages, isTableSound, type SalvagedRow, salvageRows } from "./row_salvage.ts";

export interface LostRange {
  readonly from: number;
  readonly until: number | undefined;
}

export interface RepairOutcome {
  /** Records in the repaired archive. */
  readonly records: number;
  /** Records that were read, but not a conversation that they belong to. */
  readonly homeless: number;
  /** Ranges of records that could not be read, in order; one without `until`: all from there on. */
  readonly losses: readonly LostRange[];
  /** More may be lost than that: the entries, which list all records, are damaged, too. */
  readonly mayMissLosses: boolean;
  /** Where the damaged archive is. */
  readonly damagedPath: string;
}

const CONVERSATION_COLUMNS = "id, kind, owner, name, shown, pruned_until";
const KIND_NUMBERS: readonly unknown[] = Object.values(ENTRY_KINDS);
const CONVERSATION_IDS = /^\d+( \d+)*$/;
const LOSS_REASONS: readonly unknown[] = ["overwritten", "pruned", "damaged"] satisfies ArchiveLoss["why"][];

/** Repairs the archive at `path`; yields after each step. */
export function* repairArchive(
  path: string,
  readSearchable: SearchableReader,
): Generator<void, RepairOutcome> {
  const freshPath = `${path}.repair`;
  removeArchive(freshPath); // of a repair that was interrupted
  const damaged = openDamagedArchive(path);
  let salvage: ArchiveSalvage | undefined;
  let isDone = false;
  try {
    salvage = new ArchiveSalvage(damaged, freshPath, readSearchable);
    yield* salvage.run();
    isDone = true;
  } finally {
    salvage?.close();
    damaged?.close();
    if (!isDone) removeArchive(freshPath);
  }
  const damagedPath = setArchiveAside(path, "damaged");
  putArchive(freshPath, path);
  const { records, homeless, losses, mayMissLosses } = salvage;
  return { records, homeless, losses, mayMissLosses, damagedPath };
}

class ArchiveSalvage {
  records = 0;
  homeless = 0;
  losses: LostRange[] = [];
  mayMissLosses = false;
  readonly #damaged: DatabaseSync | undefined;
  readonly #fresh: ArchiveWriter;
  readonly #conversations = new Map<number, ConversationRow>();
  /** Ids of retired conversations, which are left out. */
  readonly #retired = new Set<number>();
  /** Behind the last record. */
  #end = 0;

  constructor(damaged: DatabaseSync | undefined, freshPath: string, readSearchable: SearchableReader) {
    this.#damaged = damaged;
    const logId = damaged === undefined ? "" : readOr(() => readArchiveRow(damaged).logId, "");
    this.#fresh = new ArchiveWriter(freshPath, { logId, readSearchable });
  }

  *run(): Generator<void> {
    const damaged = this.#damaged;
    if (damaged === undefined) {
      this.losses.push({ from: 0, until: undefined });
      return;
    }
    const row = readOr(() => readArchiveRow(damaged), undefined);
    for (const rows of salvageRows(damaged, { table: "conversation", key: "id", isSound: isConversation })) {
      this.#fresh.change(() => rows.forEach((row) => this.#takeConversation(row)));
      yield;
    }
    for (const rows of salvageRows(damaged, { table: "loss", key: "first", isSound: isLoss })) {
      this.#fresh.change(() =>
        rows.forEach(({ first, until, why }) =>
          this.#fresh.losses.add({ from: first, until, why } as unknown as ArchiveLoss)
        )
      );
    }
    const knowsChanges = [this.#takeFormerNames(damaged), this.#takeRedacted(damaged)].every(Boolean);
    const gaps: ArchiveLoss[] = [];
    const onGap = (from: number, until: number) => gaps.push({ from, until, why: "damaged" });
    const isSound = (row: SalvagedRow) => isRecord(row) && row.seq < cursor;
    const cursor = row?.cursor ?? Infinity;
    for (const rows of salvageRows(damaged, { table: "record", key: "seq", isSound, onGap })) {
      this.#fresh.change(() => rows.forEach((row) => this.#takeRecord(row as unknown as RecordRow)));
      yield;
    }
    yield* this.#takeListed(damaged, gaps, isSound);
    this.#takeMembers(damaged);
    this.#finish(gaps, row, knowsChanges);
  }

  /**
   * Goes through the entries, and notes those without a record in `gaps`. A page that is in the place of another one
   * hides the records that belong there, and leaves no gap in what is read. It may also hide those of the pages behind
   * it, which are found one by one.
   */
  *#takeListed(
    damaged: DatabaseSync,
    gaps: ArchiveLoss[],
    isSound: (row: SalvagedRow) => boolean,
  ): Generator<void> {
    const { db, records } = this.#fresh;
    let areListed = isTableSound(damaged, "conversation");
    const onGap = () => void (areListed = false);
    const missing = new Set<number>();
    const find = (seq: number) =>
      readOr(() => damaged.prepare("SELECT * FROM record WHERE seq = ?").get(seq), undefined);
    let found = 0;
    const take = (seq: number) => {
      const row = records.get(seq) === undefined ? find(seq) : undefined;
      if (row !== undefined && isSound(row)) this.#takeRecord(row as unknown as RecordRow);
      if (records.get(seq) !== undefined) found++;
      else missing.add(seq);
    };
    for (const id of this.#conversations.keys()) {
      for (const kind of KIND_NUMBERS) {
        const where = `conversation = ${id} AND kind = ${kind}`;
        for (const rows of salvageRows(damaged, { table: "entry", key: "seq", where, onGap })) {
          const seqs = rows.map(({ seq }) => Number(seq)).filter((seq) => !isWithin(gaps, seq));
          this.#fresh.change(() => seqs.forEach(take));
          yield;
        }
      }
    }
    this.#noteMissing([...missing].sort((a, b) => a - b), gaps);
    // Where the table lacks entries of records that are there, it lacks others.
    const made = Number(db.prepare("SELECT count(*) AS count FROM entry").get()?.["count"]);
    const areRecordsWhole = isTableSound(damaged, "record") && !hasStrayPages(damaged);
    this.mayMissLosses = !areRecordsWhole && (!areListed || found < made);
  }

  /** Adds the records `missing` to `gaps`; those between which no record is found make one range. */
  #noteMissing(missing: readonly number[], gaps: ArchiveLoss[]): void {
    const between = this.#fresh.db.prepare("SELECT 1 FROM record WHERE seq >= ? AND seq < ? LIMIT 1");
    const ranges: { from: number; until: number }[] = [];
    for (const seq of missing) {
      const last = ranges.at(-1);
      if (last !== undefined && between.get(last.until, seq) === undefined) last.until = seq + 1;
      else ranges.push({ from: seq, until: seq + 1 });
    }
    gaps.push(...ranges.map((range) => ({ ...range, why: "damaged" } as const)));
    gaps.sort((a, b) => a.from - b.from);
  }

  /** Notes the `gaps` as far as the archive goes; `row`: what it says of itself, if it can be read. */
  #finish(gaps: readonly ArchiveLoss[], row: ArchiveRow | undefined, knowsChanges: boolean): void {
    const { db, losses } = this.#fresh;
    const cursor = Math.max(this.#end, row?.cursor ?? 0);
    const lost = gaps.map((gap) => ({ ...gap, until: Math.min(gap.until, cursor) }))
      .filter(({ from, until }) => from < until);
    this.#fresh.change(() => {
      for (const loss of lost) losses.add(loss);
      const changesFrom = knowsChanges && row !== undefined ? row.changesFrom : cursor + 1;
      db.prepare("UPDATE archive SET cursor = ?, known_from = ?, repeated_until = ?, changes_from = ?")
        .run(cursor, row?.knownFrom ?? 0, row?.repeatedUntil ?? 0, changesFrom);
    });
    const open = row === undefined ? gaps.find(({ until }) => until > cursor) : undefined;
    this.losses = open === undefined
      ? lost
      : [...lost.filter(({ until }) => until <= open.from), { from: open.from, until: undefined }];
  }

  close(): void {
    this.#fresh.close();
  }

  #takeConversation(row: Readonly<Record<string, unknown>>): void {
    if (row["retired"] !== 0) {
      this.#retired.add(Number(row["id"]));
      return;
    }
    const { db, conversations } = this.#fresh;
    const names = CONVERSATION_COLUMNS.split(", ");
    db.prepare(`INSERT OR IGNORE INTO conversation (${CONVERSATION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`)
      .run(...names.map((name) => row[name] as string | number));
    const [kind, owner, name] = [String(row["kind"]), String(row["owner"]), String(row["name"])];
    const key = kind === "direct" ? { kind, owner, name } as const : { kind: "channel", name } as const;
    const taken = conversations.find(key);
    if (taken !== undefined) this.#conversations.set(Number(row["id"]), taken);
  }

  #takeRecord(row: RecordRow): void {
    this.#end = Math.max(this.#end, row.seq + 1);
    const ids = [...new Set(parseConversationIds(row.conversations))];
    const rows = ids.flatMap((id) => this.#conversations.get(id) ?? []);
    if (ids.some((id) => !this.#conversations.has(id) && !this.#retired.has(id))) this.homeless++;
    if (rows.length > 0 && this.#fresh.records.restore(row, rows)) this.records++;
  }

  /** Returns whether all of them could be read. */
  #takeFormerNames(damaged: DatabaseSync): boolean {
    const names = isTableSound(damaged, "former_name")
      ? readOr(() => readFormerNames(damaged), undefined)
      : undefined;
    if (names?.every(({ until }) => until > 0) !== true) return false; // part of a page may be read as zeros
    this.#fresh.change(() => names.forEach((former) => this.#fresh.formerNames.add(former)));
    return true;
  }

  /** Returns whether all of them could be read. */
  #takeRedacted(damaged: DatabaseSync): boolean {
    let isWhole = isTableSound(damaged, "redacted");
    const put = this.#fresh.db.prepare("INSERT OR IGNORE INTO redacted VALUES (?)");
    for (
      const rows of salvageRows(damaged, {
        table: "redacted",
        key: "seq",
        onGap: () => void (isWhole = false),
      })
    ) {
      this.#fresh.change(() => rows.forEach(({ seq }) => put.run(Number(seq))));
    }
    return isWhole;
  }

  /** Those of a damaged table are forgotten, as after a server start. */
  #takeMembers(damaged: DatabaseSync): void {
    const rows = readOr(() => damaged.prepare("SELECT nick, conversation FROM member").all(), []);
    const put = this.#fresh.db.prepare("INSERT OR IGNORE INTO member VALUES (?, ?)");
    this.#fresh.change(() => {
      for (const { nick, conversation } of rows) {
        const taken = this.#conversations.get(Number(conversation));
        if (taken !== undefined) put.run(String(nick), taken.id);
      }
    });
  }
}

function isConversation(row: SalvagedRow): boolean {
  const { kind, owner, name, shown, retired, pruned_until: prunedUntil } = row;
  return (kind === "channel" || kind === "direct") &&
    [owner, name, shown].every((text) => typeof text === "string") &&
    isFlag(retired) && isCount(prunedUntil);
}

function isRecord(row: SalvagedRow): row is SalvagedRow & RecordRow {
  return Number.isSafeInteger(row["time"]) && KIND_NUMBERS.includes(row["kind"]) && isFlag(row["indexed"]) &&
    typeof row["conversations"] === "string" && CONVERSATION_IDS.test(row["conversations"]) &&
    row["payload"] instanceof Uint8Array;
}

function isLoss({ first, until, why }: SalvagedRow): boolean {
  return isCount(until) && Number(first) < until && LOSS_REASONS.includes(why);
}

function isFlag(value: unknown): boolean {
  return value === 0 || value === 1;
}

/** Whether `seq` is in one of `ranges`, which are in order and apart from each other. */
function isWithin(ranges: readonly ArchiveLoss[], seq: number): boolean {
  let [low, high] = [0, ranges.length]; // those before `low` begin at or before `seq`
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]!.from <= seq) low = middle + 1;
    else high = middle;
  }
  return low > 0 && seq < ranges[low - 1]!.until;
}

/** What `read` returns; `otherwise` if the archive is damaged there. */
function readOr<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (isDamageSymptom(error)) return otherwise;
    throw error;
  }
}
