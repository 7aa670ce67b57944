/** Reads entries out of a ring file, with no server running (or beside one: what it has not synced yet is not in the file). */
import type { Io } from "../cli/command.ts";
import type { ExitCode } from "../cli/exit_codes.ts";
import { EXIT } from "../cli/exit_codes.ts";
import { fail } from "../cli/output.ts";
import { decodeEvent } from "../hub/event_codec.ts";
import { nickOf } from "../hub/event.ts";
import { msgid } from "../hub/view.ts";
import { sameName } from "../irc/casemap.ts";
import type { OpenLog } from "../store/open_log.ts";
import { readLogFile } from "../store/open_log.ts";
import { describeReport, isIntact } from "../store/report.ts";
import type { Entry } from "./entry.ts";
import { makeEntry } from "./entry.ts";
import type { Range } from "./reader.ts";

/** What is read before it is handed on. */
const CHUNK_ENTRIES = 1000;

/** As {@link Range}; without a target everything in the file is meant, direct messages too. */
export type FileRange = Omit<Range, "target"> & { readonly target: string | undefined };

/** Hands the wanted entries of the file to `onEntries` in order; answers the exit code. */
export async function showFile(
  path: string,
  range: FileRange,
  io: Io,
  onEntries: (entries: Entry[]) => Promise<void>,
): Promise<ExitCode> {
  const log = readLogFile(path);
  if (log.kind !== "ok") {
    return fail(io, log.kind === "unreadable" ? EXIT.ioError : EXIT.malformed, `${log.path}: ${log.why}`);
  }
  if (!isIntact(log.report)) io.stderr.write(`chatterbox: ${path}: ${describeReport(log.report)}\n`);
  const { limit = Infinity } = range;
  let chunk: Entry[] = [];
  for (const entry of entriesOf(log)) {
    if (!isIn(entry, range)) continue;
    chunk.push(entry);
    if (limit === Infinity && chunk.length === CHUNK_ENTRIES) {
      await onEntries(chunk);
      if (io.stdout.gone.aborted) return EXIT.ok;
      chunk = [];
    } else if (chunk.length > 2 * limit + CHUNK_ENTRIES) chunk = lastOf(chunk, limit);
  }
  await onEntries(lastOf(chunk, limit));
  return EXIT.ok;
}

function lastOf(entries: Entry[], limit: number): Entry[] {
  return entries.slice(Math.max(0, entries.length - limit));
}

/** The messages in the log, oldest first. */
function* entriesOf({ ring, logId }: OpenLog): Iterable<Entry> {
  for (let seq = ring.oldestSeq; seq < ring.nextSeq;) {
    const record = ring.read(seq);
    if (record.kind === "empty") return;
    if (record.kind === "lapped") {
      seq = record.next;
      continue;
    }
    const event = decodeEvent(record.payload);
    if (event?.kind === "message" && event.verb !== "TAGMSG") {
      yield makeEntry({
        seq,
        id: msgid(seq, logId),
        time: record.time,
        room: event.room ? event.target : undefined,
        from: nickOf(event.source),
        to: event.target,
        notice: event.verb === "NOTICE",
        text: event.text,
      });
    }
    seq++;
  }
}

function isIn(entry: Entry, { target, since = -Infinity, until = Infinity, wanted }: FileRange): boolean {
  if (entry.time < since || entry.time >= until) return false;
  if (target !== undefined) {
    const here = entry.room !== undefined
      ? sameName(entry.room, target)
      : sameName(entry.from, target) || sameName(entry.to, target);
    if (!here) return false;
  }
  return wanted(entry);
}
