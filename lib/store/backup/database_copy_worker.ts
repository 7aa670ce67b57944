/** Copies one database, in a worker: SQLite blocks its thread until it is done. */
import { backup, DatabaseSync } from "node:sqlite";
import type { DatabaseMark } from "../../log/fact_store.ts";
import { diskErrorText } from "../disk/disk_file.ts";
import { DAMAGED_DATABASE } from "../facts/fact_reader.ts";
import { readDatabaseMark } from "../facts/sqlite_fact_store.ts";
import {
  EmptyArchive,
  isDamage,
  readArchiveRow,
  requireArchiveSchema,
  WrongArchiveVersion,
} from "../archive/archive_schema.ts";
import {
  type CopyReport,
  type CopyRequest,
  type HeldArchive,
  STOP_AT,
  STOPPED,
} from "./database_copy_messages.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<CopyRequest>) => void) | null;
  postMessage(message: CopyReport): void;
}

/** How long a lock of another process is waited for: while a server starts, it holds one. */
const BUSY_MS = 10_000;
/** Pages copied between two looks at `stop`: 4 MiB. */
const STEP_PAGES = 1024;

type CopyFaultKind = Extract<CopyReport, { kind: "failed" }>["fault"];

class CopyFault extends Error {
  constructor(readonly fault: CopyFaultKind, why: string) {
    super(why);
  }
}

const scope = globalThis as unknown as WorkerScope;
let source: DatabaseSync | undefined;
let pageBytes = 0;
let stop: Int32Array | undefined;

scope.onmessage = async ({ data }) => {
  try {
    scope.postMessage(data.kind === "open" ? openSource(data) : await copySource(data.to));
  } catch (error) {
    const why = diskErrorText(error);
    const fault = error instanceof CopyFault ? error.fault : DAMAGED_DATABASE.test(why) ? "damaged" : "copy";
    scope.postMessage({ kind: "failed", fault, why });
  }
};

function openSource({ path, holds, stop: stopFlag }: CopyRequest & { kind: "open" }): CopyReport {
  stop = stopFlag;
  let archive: HeldArchive | undefined;
  try {
    source = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
    // A transaction that reads sees the database as it is now, whatever others write (https://sqlite.org/isolation.html).
    source.exec("BEGIN");
    source.prepare("SELECT count(*) FROM sqlite_schema").get();
    pageBytes = Number(source.prepare("PRAGMA page_size").get()?.["page_size"]);
    if (holds === "archive") archive = readHeldArchive(source);
  } catch (error) {
    if (error instanceof WrongArchiveVersion) throw new CopyFault("foreign", error.message);
    const why = diskErrorText(error);
    throw new CopyFault(isDamage(error) || DAMAGED_DATABASE.test(why) ? "damaged" : "source", why);
  }
  return { kind: "opened", archive };
}

function readHeldArchive(db: DatabaseSync): HeldArchive | undefined {
  try {
    requireArchiveSchema(db);
    return readArchiveRow(db);
  } catch (error) {
    if (error instanceof EmptyArchive) return undefined;
    throw error;
  }
}

async function copySource(to: string): Promise<CopyReport> {
  await backup(source!, to, { rate: STEP_PAGES, progress: reportProgress });
  source!.close();
  return { kind: "copied", mark: finishCopy(to) };
}

function reportProgress(
  { totalPages, remainingPages }: { totalPages: number; remainingPages: number },
): void {
  if (Atomics.load(stop!, STOP_AT) === STOPPED) throw new CopyFault("stopped", "stopped");
  const doneBytes = (totalPages - remainingPages) * pageBytes;
  scope.postMessage({ kind: "progress", doneBytes, totalBytes: totalPages * pageBytes });
}

/** Makes the copy one file without a WAL, which can be read where nothing can be written, and checks it. */
function finishCopy(path: string): DatabaseMark | undefined {
  const db = new DatabaseSync(path);
  try {
    db.exec("PRAGMA journal_mode = DELETE");
    const fault = findDamage(db);
    if (fault !== undefined) throw new CopyFault("damaged", fault);
    return readDatabaseMark(db);
  } finally {
    db.close();
  }
}

/** The first fault in SQLite's text, which names the database in a line of its own before it. */
function firstFault(text: string): string {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.find((line) => !line.startsWith("***")) ?? text;
}

/** What is wrong with the database. Parts of it may be so damaged that the check itself fails. */
function findDamage(db: DatabaseSync): string | undefined {
  try {
    const check = db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    return check === "ok" ? undefined : firstFault(String(check));
  } catch (error) {
    return diskErrorText(error);
  }
}
