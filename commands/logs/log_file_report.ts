/** The report of `logs --verify` on a ring file: for people, or as one JSON object. */
import { formatTime } from "../../lib/base/values/timestamp.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { formatSize } from "../../lib/base/values/size.ts";
import type { Hole, Verification } from "../../lib/store/ring_file/verification.ts";
import { isSound, verifyLogFile } from "../../lib/store/ring_file/verification.ts";

export interface ReportFormat {
  readonly json: boolean;
  readonly utc: boolean;
}

/** Holes listed in the report for people. */
const MAX_HOLES_SHOWN = 8;

/** Checks the ring file at `path` and writes the report; returns the exit code. */
export async function reportLogFile(path: string, style: ReportFormat, io: Io): Promise<ExitCode> {
  const outcome = await verifyLogFile(path);
  if (outcome.kind !== "ok") {
    const code = outcome.kind === "unreadable" ? EXIT.ioError : EXIT.malformed;
    return reportFailure(io, code, `${toPrintable(path)}: ${outcome.why}`);
  }
  const { found } = outcome;
  io.stdout.write(
    style.json ? formatJsonLine(makeJsonReport(path, found)) : formatReport(path, found, style.utc),
  );
  return isSound(found) ? EXIT.ok : EXIT.malformed;
}

export function makeJsonReport(path: string, found: Verification): Record<string, unknown> {
  const { header, oldest, newest } = found;
  const at = ({ seq, time }: { seq: number; time: number }) =>
    seq === 0 ? null : { seq, time: new Date(time).toISOString() };
  return {
    file: path,
    sound: isSound(found),
    size: found.size,
    buffer: found.capacity,
    log: header?.logId ?? null,
    created: header === undefined ? null : new Date(header.created).toISOString(),
    slots: found.slots,
    closed: header?.clean ?? null,
    records: found.records,
    oldest: at(oldest),
    newest: at(newest),
    damaged: found.damaged,
    damaged_before: found.damagedBefore,
    unfinished: found.unfinished,
    torn: found.torn,
    cut: found.cut,
    holes: found.holes.map(({ firstSeq, count }) => ({ seq: firstSeq, count })),
    cut_offs: found.cutOffs,
    changing: found.changing,
  };
}

export function formatReport(path: string, found: Verification, utc: boolean): string {
  const rows: [string, string][] = [
    ["file", describeFile(found, utc)],
    ["header", describeHeader(found)],
    ["records", describeRecords(found, utc)],
    ["end", describeEnd(found)],
  ];
  if (found.damaged > 0) rows.push(["damage", describeDamage(found)]);
  if (found.isEndUncounted) rows.push(["damage", "records are missing at the end, it is not known how many"]);
  if (found.unfinished > 0 || found.torn) rows.push(["tail", describeUnfinished(found)]);
  if (found.holes.length > 0) rows.push(["missing", describeHoles(found.holes)]);
  if (found.cutOffs > 0) {
    const times = found.cutOffs === 1 ? "once" : `${found.cutOffs} times`;
    rows.push(["restarts", `a server crashed or was restored ${times}; unsaved messages are lost`]);
  }
  const verdict = isSound(found) ? "sound" : "NOT SOUND";
  const lines = rows.map(([name, text]) => `  ${name.padEnd(8)}  ${text}\n`);
  return `${toPrintable(path)}: ${verdict}\n${lines.join("")}`;
}

function describeFile({ capacity, header, cut }: Verification, utc: boolean): string {
  const made = header === undefined
    ? ""
    : `, log ${header.logId}, created ${formatTime(header.created, utc)}`;
  const short = cut === 0 ? "" : `; ${cut} bytes are missing at its end`;
  return `room for ${formatSize(capacity)} of records${made}${short}`;
}

function describeHeader({ slots, header }: Verification): string {
  if (header === undefined) return "damaged: both slots are lost";
  return slots.map((state, slot) => `slot ${slot} ${state}`).join(", ");
}

function describeRecords({ records, oldest, newest }: Verification, utc: boolean): string {
  if (records === 0) return "none";
  const range = `${oldest.seq} to ${newest.seq}, ${formatTime(oldest.time, utc)} to ${
    formatTime(newest.time, utc)
  }`;
  return `${records} whole and in order: ${range}`;
}

function describeEnd({ header, changing }: Verification): string {
  if (changing) return "a server is using the file; what it has not saved yet is missing";
  if (header === undefined) return "unknown";
  return header.clean
    ? "closed normally; everything was saved"
    : "not closed: a server is using it or has crashed; what it had not saved is missing";
}

function describeDamage({ damaged, damagedBefore }: Verification): string {
  const before = damagedBefore === 0
    ? ""
    : `, ${damagedBefore} of them already when the file was last opened`;
  return `${describeRecordCount(damaged)} missing that had been saved${before}`;
}

function describeUnfinished({ unfinished, torn, changing }: Verification): string {
  const parts = [
    ...unfinished === 0 ? [] : [`${describeRecordCount(unfinished)} of an incomplete sync`],
    ...torn ? ["a torn record at the end"] : [],
  ];
  return parts.join("; ") + (changing ? " (that is being written)" : "");
}

function describeHoles(holes: readonly Hole[]): string {
  const shown = holes.slice(0, MAX_HOLES_SHOWN).map(({ firstSeq, count }) =>
    count === 1 ? String(firstSeq) : `${firstSeq} to ${firstSeq + count - 1}`
  );
  return shown.join(", ") + (holes.length > shown.length ? ", …" : "");
}

function describeRecordCount(count: number): string {
  return count === 1 ? "1 record" : `${count} records`;
}
