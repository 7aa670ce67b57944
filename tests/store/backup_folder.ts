/** Data folders that tests back up, and backups that they damage. */
import { DatabaseSync } from "node:sqlite";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import type { ArchiveChange, SearchableText } from "../../lib/log/archive.ts";
import { RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { ArchiveReader } from "../../lib/store/archive/archive_reader.ts";
import { ArchiveWriter } from "../../lib/store/archive/archive_writer.ts";
import { makeBackup } from "../../lib/store/backup/backup.ts";
import { BackupFault } from "../../lib/store/backup/backup_fault.ts";
import type { Progress } from "../../lib/store/backup/file_copy.ts";
import type { Manifest } from "../../lib/store/backup/manifest.ts";
import { restoreBackup } from "../../lib/store/backup/restore.ts";
import { DiskFile } from "../../lib/store/disk/disk_file.ts";
import { SqliteFactStore } from "../../lib/store/facts/sqlite_fact_store.ts";
import { type OpenLog, openLog } from "../../lib/store/ring_file/open_log.ts";
import { RingFileSyncer } from "../../lib/store/sync/ring_file_syncer.ts";
import { appendSamples, readSamples } from "../log/samples.ts";

export const NOW = 1_700_000_000_000;

const ROOM = { kind: "channel", name: "#tea" } as const;

/** A data folder that is used as a server uses it. */
export class TestServer {
  readonly log: OpenLog;
  readonly #facts: SqliteFactStore;
  readonly #archive: ArchiveWriter;
  readonly #syncer: RingFileSyncer;

  constructor(readonly dir: string) {
    Deno.mkdirSync(`${dir}/tls`, { recursive: true, mode: 0o700 });
    this.#facts = new SqliteFactStore(`${dir}/state.sqlite`);
    this.log = openTestLog(dir);
    this.#archive = new ArchiveWriter(`${dir}/archive.sqlite`, {
      logId: this.log.logId,
      readSearchable: textOf,
    });
    const target = { open: () => DiskFile.open(`${dir}/log.ring`, "write"), create: () => {} };
    this.#syncer = new RingFileSyncer(this.log.ring, target, (fn) => Promise.resolve(fn()));
    for (const name of ["cloak.key", "tls/certificate.pem", "tls/key.pem"]) {
      Deno.writeTextFileSync(`${dir}/${name}`, `${name} of ${dir}`, { mode: 0o600 });
    }
  }

  /** Appends records, syncs, saves a fact and archives what is on disk, as the server does. */
  async work(count = 10): Promise<void> {
    await this.workWithoutArchive(count);
    this.archive();
  }

  /** The same, but nothing is archived. */
  async workWithoutArchive(count = 10): Promise<void> {
    appendSamples(this.log.ring, count);
    await this.#syncer.runPass();
    this.saveFact(this.log.ring.lastSeqBefore(this.log.ring.nextSeq));
    await this.#syncer.saveMark();
  }

  saveFact(seq: number): void {
    this.#syncer.noteDatabase(
      this.#facts.save([{ kind: "k", key: `${seq}`, value: "1", seq }], this.log.logId),
    );
  }

  archive(): void {
    const { ring } = this.log;
    const seqs = readSamples(ring).filter((seq) => seq >= this.#archive.cursor);
    this.#archive.append(seqs.map(changeOf), Math.max(ring.nextSeq, this.#archive.cursor));
  }

  /** Ends in order. */
  async end(): Promise<void> {
    await this.#syncer.finish();
    this.close();
  }

  /** Ends as a crash does. */
  close(): void {
    this.#syncer.close();
    this.#facts.close();
    this.#archive.close();
  }
}

/** The record as a message that says its number. */
function changeOf(seq: number): ArchiveChange {
  const searchable = { from: "bob", text: `message ${seq}` };
  const entry = { conversation: ROOM, name: ROOM.name, kind: "message" } as const;
  const record = { seq, time: NOW + seq, payload: encodeUtf8(searchable.text) };
  return { kind: "add", record, entries: [entry], searchable };
}

function textOf(payload: Uint8Array): SearchableText {
  return { from: "bob", text: new TextDecoder().decode(payload) };
}

/** Numbers of the messages in the archive in `dir` that a search for `word` finds. */
export function searchArchive(dir: string, word: string): number[] {
  const reader = new ArchiveReader(`${dir}/archive.sqlite`);
  try {
    const search = reader.search({
      kind: "search",
      conversations: [ROOM],
      terms: [{ words: [word], isPrefix: false }],
      excluded: [],
      from: [],
      hasLink: false,
      limit: 100,
    });
    while (!search.step());
    return search.answer.hits.map(({ seq }) => seq);
  } finally {
    reader.close();
  }
}

/** Opens the log in `dir` as a server does. */
export function openTestLog(dir: string): OpenLog {
  const { database } = readFacts(dir);
  const log = openLog({ dir, capacityBytes: RING_MIN_BYTES, now: NOW, keepLarger: true, database });
  assert(log.kind === "ok", JSON.stringify(log));
  return log;
}

export function readFacts(dir: string): { database: SqliteFactStore["mark"]; seqs: number[] } {
  const db = new SqliteFactStore(`${dir}/state.sqlite`);
  try {
    return { database: db.mark, seqs: db.readFacts().map(({ seq }) => seq).sort((a, b) => a - b) };
  } finally {
    db.close();
  }
}

export function readArchive(dir: string): number[] {
  const db = new DatabaseSync(`${dir}/archive.sqlite`);
  try {
    return db.prepare("SELECT seq FROM record ORDER BY seq").all().map(({ seq }) => Number(seq));
  } finally {
    db.close();
  }
}

export interface TestWork {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  readonly now?: number;
  readonly withoutArchive?: boolean;
}

function fillIn({ signal = new AbortController().signal, onProgress = () => {}, now = NOW }: TestWork) {
  return { signal, onProgress, now };
}

export function backUp(dataDir: string, dir: string, work: TestWork = {}): Promise<Manifest> {
  const { withoutArchive = false } = work;
  return makeBackup({ dataDir, dir, program: "0.1.0", withoutArchive, ...fillIn(work) });
}

export function restore(dir: string, dataDir: string, work: TestWork = {}): Promise<Manifest> {
  return restoreBackup({ dir, dataDir, ...fillIn(work) });
}

/** Kind and words of the fault that `act` ends with. */
export async function faultOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return "ok";
  } catch (error) {
    if (!(error instanceof BackupFault)) throw error;
    return `${error.kind}: ${error.message}`;
  }
}

/** Paths of all files below `dir`, with their contents and modes; folders end with a slash. */
export function snapshotOf(dir: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(`${dir}/${path}`)) {
      const mode = ((Deno.lstatSync(`${dir}/${path}${name}`).mode ?? 0) & 0o777).toString(8);
      if (isDirectory) {
        found.set(`${path}${name}/`, mode);
        walk(`${path}${name}/`);
      } else {
        const bytes = Deno.readFileSync(`${dir}/${path}${name}`);
        found.set(`${path}${name}`, `${mode} ${bytes.length} ${bytes.toHex()}`);
      }
    }
  };
  walk("");
  return found;
}
