/** Reads messages from a ring file. A running server may have newer ones that are not in the file yet. */
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { decodeEvent, isRedaction } from "../../lib/hub/log/event_codec.ts";
import { nickOf } from "../../lib/hub/model/identifiers.ts";
import { formatMsgid, parseMsgid } from "../../lib/hub/output/render.ts";
import { isSameName } from "../../lib/irc/names/casemap.ts";
import { joinConcatenated } from "../../lib/irc/multiline.ts";
import type { OpenLog } from "../../lib/store/ring_file/open_log.ts";
import { readLogFile } from "../../lib/store/ring_file/open_log.ts";
import { describeReport, isIntact } from "../../lib/store/ring_file/recovery_report.ts";
import type { HistoryRange } from "../../lib/client/conversation/sync/history_read.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { makeMessageEntry } from "../../lib/client/conversation/model/entry_parser.ts";

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
    } else if (chunk.length > 2 * limit + CHUNK_ENTRIES) chunk = lastOf(chunk, limit);
  }
  await onEntries(lastOf(chunk, limit));
  return EXIT.ok;
}

function lastOf(entries: MessageEntry[], limit: number): MessageEntry[] {
  return entries.slice(Math.max(0, entries.length - limit));
}

/** The sequence numbers of redacted messages. */
function collectRedactions({ ring, logId }: OpenLog): Set<number> {
  const redacted = new Set<number>();
  for (let seq = ring.oldestSeq; seq < ring.nextSeq;) {
    const record = ring.read(seq);
    if (record.kind === "empty") break;
    seq = record.kind === "missing" ? record.next : seq + 1;
    if (record.kind !== "ok" || !isRedaction(record.payload)) continue;
    const event = decodeEvent(record.payload);
    const taken = event?.kind === "redact" ? parseMsgid(event.msgid, logId) : undefined;
    if (taken !== undefined) redacted.add(taken);
  }
  return redacted;
}

/** The messages in the log, oldest first, without redacted ones. */
function* entriesOf(log: OpenLog): Iterable<MessageEntry> {
  const { ring, logId } = log;
  const redacted = collectRedactions(log);
  for (let seq = ring.oldestSeq; seq < ring.nextSeq;) {
    const record = ring.read(seq);
    if (record.kind === "empty") return;
    if (record.kind === "missing") {
      seq = record.next;
      continue;
    }
    const event = decodeEvent(record.payload);
    if (event?.kind === "message" && event.verb !== "TAGMSG" && !redacted.has(seq)) {
      yield makeMessageEntry({
        seq,
        id: formatMsgid(seq, logId),
        time: record.time,
        from: nickOf(event.source),
        to: event.target.name,
        verb: event.verb,
        text: joinConcatenated(event.text),
      });
    }
    seq++;
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
