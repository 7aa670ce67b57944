/**
 * Reads messages from a ring file, and from the archive beside it where the ring ends. A running server may have newer
 * ones that are not in the file yet.
 */
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { UnreadableArchive } from "../../lib/store/archive/unreadable_archive.ts";
import { ARCHIVE_FILE } from "../../lib/store/disk/data_dir.ts";
import { isSameName } from "../../lib/irc/names/casemap.ts";
import type { OpenLog } from "../../lib/store/ring_file/open_log.ts";
import { readLogFile } from "../../lib/store/ring_file/open_log.ts";
import { describeReport, isIntact } from "../../lib/store/ring_file/recovery_report.ts";
import type { HistoryRange } from "../../lib/client/conversation/sync/history_read.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import type { FileArchive } from "./file_archive.ts";
import { CHUNK_ENTRIES, LogEntries } from "./log_entries.ts";
import { newestOf } from "./record_entries.ts";

/** Of a new log. */
const FIRST_SEQ = 1;

/** As {@link HistoryRange}; without a target: everything in the file, direct messages too. */
export type LogFileRange = Omit<HistoryRange, "target" | "isWanted"> & {
  readonly target: string | undefined;
  /** The other side of the direct messages with `target`; undefined: all users. */
  readonly me?: string | undefined;
  readonly isWanted: (message: MessageEntry) => boolean;
};

/**
 * Passes the wanted messages of the file to `onEntries` in order, until `signal` is aborted; returns the exit
 * code.
 */
export async function readEntriesFromFile(
  path: string,
  range: LogFileRange,
  io: Io,
  signal: AbortSignal,
  onEntries: (entries: MessageEntry[]) => Promise<void>,
): Promise<ExitCode> {
  const log = readLogFile(path);
  if (log.kind !== "ok") {
    return reportFailure(
      io,
      log.kind === "unreadable" ? EXIT.ioError : EXIT.malformed,
      `${log.path}: ${log.why}`,
    );
  }
  if (!isIntact(log.report)) io.stderr.write(`chatterbox: ${path}: ${describeReport(log.report)}\n`);
  const archivePath = path.slice(0, path.lastIndexOf("/") + 1) + ARCHIVE_FILE;
  const onFailure = (why: string) =>
    void io.stderr.write(
      "chatterbox: the archive cannot be read, so older messages are missing: " +
        `${toPrintable(`${archivePath}: ${why}`)}\n`,
    );
  const archive = await openArchive(archivePath, log, onFailure);
  try {
    const entries = await LogEntries.of({ log, archive, onFailure }, signal);
    await readEntries(entries, range, signal, onEntries);
  } finally {
    archive?.close();
  }
  return signal.aborted ? exitCodeForSignal(signal) : EXIT.ok;
}

/** The archive at `path`, if the ring has overwritten messages and it is of the same log. */
async function openArchive(
  path: string,
  { ring, logId }: OpenLog,
  onFailure: (why: string) => void,
): Promise<FileArchive | undefined> {
  if (ring.oldestSeq <= FIRST_SEQ || !isFile(path)) return undefined;
  const { FileArchive } = await import("./file_archive.ts");
  try {
    const archive = new FileArchive(path);
    if (archive.logId === logId) return archive;
    archive.close();
  } catch (error) {
    if (!(error instanceof UnreadableArchive)) throw error;
    onFailure(error.message);
  }
  return undefined;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function readEntries(
  log: LogEntries,
  range: LogFileRange,
  signal: AbortSignal,
  onEntries: (entries: MessageEntry[]) => Promise<void>,
): Promise<void> {
  if (signal.aborted) return;
  const { limit } = range;
  const wanted = (entries: Iterable<MessageEntry>) => [...entries].filter((entry) => isInRange(entry, range));
  if (limit === undefined) {
    for (const slices of [log.archived(range), log.recent()]) {
      for (const entries of slices) {
        await onEntries(wanted(entries));
        if (signal.aborted) return;
      }
    }
    return;
  }
  let newest: MessageEntry[] = [];
  for (const entries of log.recent()) {
    newest.push(...wanted(entries));
    if (newest.length > 2 * limit + CHUNK_ENTRIES) newest = newestOf(newest, limit);
  }
  const older: MessageEntry[][] = [];
  let left = limit - newest.length;
  for (const entries of left > 0 ? log.newestArchived(range) : []) {
    older.push(newestOf(wanted(entries), left));
    left -= older.at(-1)!.length;
    await nextLoopIteration();
    if (left === 0 || signal.aborted) break;
  }
  if (!signal.aborted) await onEntries([...older.reverse().flat(), ...newestOf(newest, limit)]);
}

function isInRange(entry: MessageEntry, range: LogFileRange): boolean {
  const { since = -Infinity, until = Infinity, isWanted } = range;
  return entry.time >= since && entry.time < until && isOfTarget(entry, range) && isWanted(entry);
}

function isOfTarget({ channel, from, to }: MessageEntry, { target, me }: LogFileRange): boolean {
  if (target === undefined) return true;
  if (channel !== undefined) return isSameName(channel, target);
  const isBetween = (one: string, other: string) =>
    isSameName(one, target) && (me === undefined || isSameName(other, me));
  return isBetween(from, to) || isBetween(to, from);
}
