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
  isDamageSymptom,
  openDamagedArchive,
  parseConversationIds,
  readArchiveRow,
} from "./archive_schema.ts";
import { readFormerNames } from "./former_name_table.ts";
import { ArchiveWriter } from "./archive_writer.ts";
import type { ConversationRow } from "./conversation_table.ts";
import type { RecordRow } from "./record_table.ts";
import { NO_BOUND, salvageRows } from "./row_salvage.ts";

export interface LostRange {
  readonly from: number;
  readonly until: number | undefined;
}

export interface RepairOutcome {
  /** Records in the repaired archive. */
  readonly records: number;
  /** Records that were read, but not the conversations that they belong to. */
  readonly homeless: number;
  /** Ranges of records that could not be read; one without `until`: all from there on. */
  readonly losses: readonly LostRange[];
  /** Where the damaged archive is. */
  readonly damagedPath: string;
}

const CONVERSATION_COLUMNS = "id, kind, owner, name, shown, pruned_until";

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
  const { records, homeless, losses } = salvage;
  return { records, homeless, losses, damagedPath };
}

class ArchiveSalvage {
  records = 0;
  homeless = 0;
  losses: LostRange[] = [];
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
    const { db } = this.#fresh;
    for (const rows of salvageRows(damaged, "conversation", "id")) {
      this.#fresh.change(() => rows.forEach((row) => this.#takeConversation(row)));
      yield;
    }
    for (const rows of salvageRows(damaged, "loss", "first")) {
      const put = db.prepare("INSERT OR IGNORE INTO loss VALUES (?, ?, ?)");
      this.#fresh.change(() =>
        rows.forEach(({ first, until, why }) => put.run(Number(first), Number(until), String(why)))
      );
    }
    let knowsChanges = this.#takeFormerNames(damaged);
    for (const rows of salvageRows(damaged, "redacted", "seq", () => void (knowsChanges = false))) {
      const put = db.prepare("INSERT OR IGNORE INTO redacted VALUES (?)");
      this.#fresh.change(() => rows.forEach(({ seq }) => put.run(Number(seq))));
    }
    const gaps: ArchiveLoss[] = [];
    const onGap = (from: number, until: number) => gaps.push({ from, until, why: "damaged" });
    for (const rows of salvageRows(damaged, "record", "seq", onGap)) {
      this.#fresh.change(() => rows.forEach((row) => this.#takeRecord(row as unknown as RecordRow)));
      yield;
    }
    this.#takeMembers(damaged);
    this.#finish(gaps, readOr(() => readArchiveRow(damaged), undefined), knowsChanges);
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
    const isOpen = row === undefined && gaps.at(-1)?.until === NO_BOUND;
    this.losses = isOpen
      ? [...lost.filter(({ until }) => until < cursor), { from: gaps.at(-1)!.from, until: undefined }]
      : lost;
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
      .run(...names.map((name) => toSqlValue(row[name])));
    const [kind, owner, name] = [String(row["kind"]), String(row["owner"]), String(row["name"])];
    const key = kind === "direct" ? { kind, owner, name } as const : { kind: "channel", name } as const;
    const taken = conversations.find(key);
    if (taken !== undefined) this.#conversations.set(Number(row["id"]), taken);
  }

  #takeRecord(row: RecordRow): void {
    if (!(row.payload instanceof Uint8Array) || !Object.values(ENTRY_KINDS).includes(row.kind)) return;
    this.#end = Math.max(this.#end, row.seq + 1);
    const ids = [...new Set(parseConversationIds(row.conversations))];
    const rows = ids.flatMap((id) => this.#conversations.get(id) ?? []);
    if (rows.length === 0) {
      if (!ids.some((id) => this.#retired.has(id))) this.homeless++;
      return;
    }
    if (this.#fresh.records.restore(row, rows)) this.records++;
  }

  /** Returns whether all of them could be read. */
  #takeFormerNames(damaged: DatabaseSync): boolean {
    const names = readOr(() => readFormerNames(damaged), undefined);
    if (names?.every(({ until }) => until > 0) !== true) return false; // part of a page may be read as zeros
    this.#fresh.change(() => names.forEach((former) => this.#fresh.formerNames.add(former)));
    return true;
  }

  /** Those of a damaged table are forgotten, as after a server start. */
  #takeMembers(damaged: DatabaseSync): void {
    const rows = readOr(() => damaged.prepare("SELECT nick, conversation FROM member").all(), []);
    const put = this.#fresh.db.prepare("INSERT OR IGNORE INTO member VALUES (?, ?)");
    this.#fresh.change(() => {
      for (const { nick, conversation } of rows) {
        if (this.#conversations.has(Number(conversation))) put.run(String(nick), Number(conversation));
      }
    });
  }
}

/** A damaged row may hold anything. */
function toSqlValue(value: unknown): string | number {
  return typeof value === "number" ? value : String(value);
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
