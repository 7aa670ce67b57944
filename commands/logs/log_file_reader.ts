/** Reads messages from a ring file. A running server may have newer ones that are not in the file yet. */
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import { isSameName } from "../../lib/irc/names/casemap.ts";
import type { OpenLog } from "../../lib/store/ring_file/open_log.ts";
import { readLogFile } from "../../lib/store/ring_file/open_log.ts";
import { describeReport, isIntact } from "../../lib/store/ring_file/recovery_report.ts";
import type { HistoryRange } from "../../lib/client/conversation/sync/history_read.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { collectRedactions, makeRecordEntry, newestOf, recordsBetween } from "./record_entries.ts";

/** Messages that are read before they are shown. */
const CHUNK_ENTRIES = 1000;

/** As {@link HistoryRange}; without a target: everything in the file, direct messages too. */
export type LogFileRange = Omit<HistoryRange, "target" | "isWanted"> & {
  readonly target: string | undefined;
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
  const { limit = Infinity } = range;
  let chunk: MessageEntry[] = [];
  for (const entry of entriesOf(log)) {
    if (!isInRange(entry, range)) continue;
    chunk.push(entry);
    if (limit === Infinity && chunk.length === CHUNK_ENTRIES) {
      await onEntries(chunk);
      if (signal.aborted) return exitCodeForSignal(signal);
      chunk = [];
    } else if (chunk.length > 2 * limit + CHUNK_ENTRIES) chunk = newestOf(chunk, limit);
  }
  await onEntries(newestOf(chunk, limit));
  return EXIT.ok;
}

/** The messages in the log, oldest first, without redacted ones. */
function* entriesOf(log: OpenLog): Iterable<MessageEntry> {
  const { ring, logId } = log;
  const redacted = collectRedactions(log, ring.oldestSeq, ring.nextSeq);
  for (const record of recordsBetween(ring, ring.oldestSeq, ring.nextSeq)) {
    const entry = makeRecordEntry(decodeEvent(record.payload), record, logId);
    if (entry !== undefined && !redacted.has(record.seq)) yield entry;
  }
}

function isInRange(
  entry: MessageEntry,
  { target, since = -Infinity, until = Infinity, isWanted }: LogFileRange,
): boolean {
  if (entry.time < since || entry.time >= until) return false;
  if (target !== undefined) {
    const here = entry.channel !== undefined
      ? isSameName(entry.channel, target)
      : isSameName(entry.from, target) || isSameName(entry.to, target);
    if (!here) return false;
  }
  return isWanted(entry);
}
