/** What an archive holds, as the judge of a torture wants it, and the judgement. */
import { DatabaseSync } from "node:sqlite";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import type { ArchiveLoss } from "../../lib/log/archive.ts";
import {
  openArchiveForReading,
  parseConversationIds,
  readArchiveRow,
} from "../../lib/store/archive/archive_schema.ts";
import { readLosses } from "../../lib/store/archive/loss_table.ts";
import type { Ledger } from "./ledger.ts";
import { short } from "./ledger.ts";
import type { StoredLog } from "./stored.ts";

export interface ArchivedMessage {
  readonly seq: number;
  readonly target: string;
  readonly text: string;
}

export interface StoredArchive {
  /** Every record below this number is handled. */
  readonly cursor: number;
  readonly losses: readonly ArchiveLoss[];
  readonly messages: readonly ArchivedMessage[];
  /** Records that are in a conversation, and do not say so, or the other way round. */
  readonly loose: number;
}

/**
 * Reads the archive of a server that has ended; undefined: there is none yet. A copy is read: SQLite repairs what it
 * opens after a crash, and the next server is to do that.
 */
export function readArchived(path: string): StoredArchive | undefined {
  const copy = Deno.makeTempDirSync({ prefix: "torture-archive-" });
  try {
    return copyTo(path, `${copy}/archive.sqlite`) ? readCopy(`${copy}/archive.sqlite`) : undefined;
  } finally {
    Deno.removeSync(copy, { recursive: true });
  }
}

/** Copies the archive as it is; false: there is none, or its first transaction was cut off. */
function copyTo(path: string, copy: string): boolean {
  for (const end of ["", "-wal", "-journal"]) {
    try {
      Deno.copyFileSync(path + end, copy + end);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  const db = new DatabaseSync(copy);
  try {
    return db.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()?.["tables"] !== 0;
  } finally {
    db.close();
  }
}

function readCopy(path: string): StoredArchive {
  const db = openArchiveForReading(path);
  try {
    const messages: ArchivedMessage[] = [];
    let entries = 0;
    for (const row of db.prepare("SELECT seq, conversations, payload FROM record ORDER BY seq").iterate()) {
      entries += parseConversationIds(row["conversations"]).length;
      const event = decodeEvent(row["payload"] as Uint8Array);
      if (event?.kind === "message") {
        messages.push({ seq: Number(row["seq"]), target: event.target.name, text: event.text });
      }
    }
    const count = Number(db.prepare("SELECT count(*) AS count FROM entry").get()!["count"]);
    return {
      cursor: readArchiveRow(db).cursor,
      losses: readLosses(db),
      messages,
      loose: Math.abs(count - entries),
    };
  } finally {
    db.close();
  }
}

/** Over all servers on one data folder: archive and ring together have all that was ever in the ring, or tell a loss. */
export class ArchiveJudge {
  readonly #ledger: Ledger;
  /** Texts by number of what was in the ring, and the archive has not handled yet. */
  readonly #due = new Map<number, string>();
  /** Texts by number of what the archive has had. */
  readonly #archived = new Map<number, string>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Judges the archive that a server has left beside `stored`, after the ledger has. */
  judge(archive: StoredArchive | undefined, stored: StoredLog): void {
    const { tally } = this.#ledger;
    for (const { seq, text } of [...stored.messages, ...this.#ledger.overwritten.splice(0)]) {
      if (!this.#archived.has(seq)) this.#due.set(seq, text);
    }
    if (archive === undefined) return;
    const { cursor, losses, messages, loose } = archive;
    if (loose > 0) tally.fault(`archive: ${loose} records are not in the conversations that they name`);
    const held = new Map(messages.map(({ seq, text }) => [seq, text]));
    const inRing = new Set(stored.messages.map(({ seq }) => seq));
    for (const { seq, target, text } of messages) {
      this.#ledger.shown("archive", seq, text, target);
      if (seq >= cursor) tally.fault(`archive: ${short(text)} is beyond the cursor`);
      if (!stored.empty && seq >= stored.oldestSeq && !inRing.has(seq)) {
        tally.fault(`archive: ${short(text)} is there, and the log has lost it`);
      }
    }
    const isLost = (seq: number) => losses.some(({ from, until }) => from <= seq && seq < until);
    for (const [seq, text] of [...this.#archived, ...this.#due]) {
      if (seq >= cursor || held.get(seq) === text) continue;
      if (isLost(seq) && !this.#archived.has(seq)) tally.unarchived++;
      else tally.fault(`archive: ${short(text)}, number ${seq}, is missing below ${cursor}`);
    }
    for (const seq of [...this.#due.keys()]) if (seq < cursor) this.#due.delete(seq);
    for (const [seq, text] of held) this.#archived.set(seq, text);
    tally.archived = Math.max(tally.archived, messages.length);
  }
}
