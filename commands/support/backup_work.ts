/** What `backup` and `restore` have in common: progress, interruption, and the words and exit codes of faults. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatSize } from "../../lib/base/values/size.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { BackupFault } from "../../lib/store/backup/backup_fault.ts";
import type { LongWork, Progress } from "../../lib/store/backup/file_copy.ts";
import type { Manifest } from "../../lib/store/backup/manifest.ts";
import { ProgressLine } from "./progress_line.ts";
import { withStopSignal } from "./stop_signal.ts";

export const NO_DATA_DIR_TEXT =
  "there is no home directory; name the server's data folder with --data-dir DIR";

/** A smaller file is done before its progress can be read. */
const SHOWN_FROM_BYTES = 64 * 1024 * 1024;

/** The one folder that is named; `command` is for the message. */
export function onlyFolder(words: readonly string[], command: string): string {
  const [dir, unexpected] = words;
  if (dir === undefined || dir === "") throw new UsageError(`no folder given: chatterbox ${command} BACKUP`);
  if (unexpected !== undefined) throw new UsageError(`unexpected argument ${unexpected}`);
  return dir;
}

/** `3 files, 16.2 MiB, history up to record 4711, made 2025-03-01T02:00:00.000Z`. */
export function describeBackup({ files, through, created, isWithoutArchive }: Manifest): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const count = files.length === 1 ? "1 file" : `${files.length} files`;
  const history = through === 0 ? "no history yet" : `history up to record ${through}`;
  const without = isWithoutArchive ? ", WITHOUT the archive" : "";
  return `${count}, ${formatSize(bytes)}${without}, ${history}, made ${new Date(created).toISOString()}`;
}

/** Runs `act`, prints its lines or why it failed, and returns the exit code. */
export async function runBackupWork(
  io: Io,
  act: (work: LongWork) => Promise<readonly string[]>,
): Promise<ExitCode> {
  const line = new ProgressLine(io.stderr);
  let stopped = io.signal;
  try {
    const lines = await withStopSignal(io, (signal) => {
      stopped = signal;
      return act({ signal, onProgress: showProgress(io, line) });
    });
    if (io.stderr.isTerminal) line.clear();
    io.stdout.write(lines.map((text) => `${toPrintable(text)}\n`).join(""));
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof BackupFault)) throw error;
    if (io.stderr.isTerminal) line.clear();
    return reportFailure(io, exitCodeOf(error, stopped), error.message);
  }
}

function exitCodeOf({ kind }: BackupFault, stopped: AbortSignal): ExitCode {
  switch (kind) {
    case "taken":
      return EXIT.cannotCreate;
    case "io":
      return EXIT.ioError;
    case "unsound":
      return EXIT.malformed;
    case "changing":
      return EXIT.tryAgain;
    case "interrupted":
      return exitCodeForSignal(stopped);
  }
}

/** Shows on a terminal how far a large file is, in per cent. */
function showProgress(io: Io, line: ProgressLine): LongWork["onProgress"] {
  if (!io.stderr.isTerminal) return () => {};
  let shown = "";
  return ({ step, name, doneBytes, totalBytes }: Progress) => {
    if (totalBytes < SHOWN_FROM_BYTES) return;
    const percent = Math.floor(doneBytes / totalBytes * 100);
    const text = `${step} ${name}: ${percent} % of ${formatSize(totalBytes)}`;
    if (text !== shown) line.show(text);
    shown = text;
  };
}
