/** `chatterbox archive`: the archive of a server, on its machine. */
import { toPrintable } from "../lib/base/printable_text.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../lib/cli/exit_codes.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { stateDir } from "../lib/cli/files/user_dirs.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import { reportFailure } from "../lib/cli/standard_streams.ts";
import { ArchiveFault, type ArchiveFaultKind } from "./archive/archive_fault.ts";
import { ArchiveWork } from "./archive/archive_work.ts";
import { check, repair } from "./archive/check_run.ts";
import { exportArchive, type ExportRequest } from "./archive/export_run.ts";
import { importArchive, type ImportRequest } from "./archive/import_run.ts";
import { NO_DATA_DIR_TEXT } from "./support/backup_work.ts";
import { withStopSignal } from "./support/stop_signal.ts";

const ACTIONS = ["check", "repair", "export", "import"] as const;
type Action = typeof ACTIONS[number];

/** Flags of `export` alone. */
const EXPORT_FLAGS = ["format", "room", "since", "until"] as const;

export const command: Command = defineCommand({
  name: "archive",
  summary: "Check, repair, export or import a server's archive.",
  permissions: ["read", "write"],
  synopsis: [
    "check|repair [--data-dir DIR]",
    "export [--data-dir DIR] [--format FORMAT] [--room ROOM]",
    "import [--data-dir DIR] [--accept-older] FILE|-",
  ],
  examples: [
    ["chatterbox archive check", "is it sound? also while the server runs"],
    ["chatterbox archive repair", "keep what can be read; the server is stopped meanwhile"],
    ["chatterbox archive export > history.jsonl", "all of it, direct messages too"],
    ["chatterbox archive export --format md --room '#dev' > dev.md", "one room, to read"],
    ["chatterbox archive import history.jsonl", "add what is missing; the server is stopped meanwhile"],
  ],
  operands: [{ words: ACTIONS }, { sources: ["files"] }],
  flags: {
    "data-dir": {
      type: "string",
      value: "DIR",
      help: "data folder of the server, as for serve (default $XDG_STATE_HOME/chatterbox)",
    },
    format: {
      type: "string",
      value: "FORMAT",
      choices: ["jsonl", "md", "txt"],
      help: "export: jsonl (default): everything, for import; md or txt: the rooms, for people",
    },
    room: {
      type: "string",
      value: "ROOM",
      completes: { sources: ["rooms"] },
      help: "export: only this room",
    },
    since: { type: "instant", value: "TIME", help: "export: from TIME on, as for logs" },
    until: { type: "instant", value: "TIME", help: "export: before TIME" },
    "accept-older": {
      type: "boolean",
      help: "import: also where it is unknown what was renamed, closed or deleted since",
    },
  },
  notes: [
    "export writes to standard output, also while the server runs. jsonl has all direct messages of all users: keep it " +
    "as safe as the server's files. With --room, --since or --until it is a part, which can be imported, too. md and txt " +
    "have no direct messages; their times are in UTC.",
    "import takes jsonl of the same server's history into an archive that may be there already. Nothing is there twice " +
    "afterwards, and no deleted message comes back. All of it is imported, or nothing; - is standard input.",
    "import is refused where the archive does not know all that was renamed, closed or deleted since the export. With " +
    "--accept-older, rooms that were closed become readable under their old names, and deleted messages come back.",
    "repair makes a new archive of what can be read; the damaged one stays beside it as archive-damaged.sqlite.",
  ],
  exitCodes: [
    ["0", "done; check: no damage"],
    ["64", "wrong usage"],
    ["65", "the archive is damaged; the file to import is malformed, another server's, or does not fit"],
    ["67", "no such room"],
    ["73", "a server uses the data folder; stop it first"],
    ["74", "there is no archive, or a file cannot be read or written"],
    ["129 to 143", "interrupted by a signal"],
  ],
}, async ({ "data-dir": given, "accept-older": acceptsOlder, ...flags }, words, io) => {
  const [action, ...rest] = words;
  checkWords(action, rest);
  if (action !== "export") {
    const unfit = EXPORT_FLAGS.find((name) => flags[name] !== undefined);
    if (unfit !== undefined) throw new UsageError(`--${unfit} is for export`);
  }
  if (acceptsOlder && action !== "import") throw new UsageError("--accept-older is for import");
  const dataDir = given ?? stateDir(io.env);
  if (dataDir === undefined) throw new UsageError(NO_DATA_DIR_TEXT);
  const request = { ...flags, format: flags.format ?? "jsonl" };
  return await runAction(action, dataDir, { file: rest[0] ?? "", acceptsOlder }, request, io);
});

function checkWords(action: string | undefined, rest: readonly string[]): asserts action is Action {
  if (!ACTIONS.some((each) => each === action)) {
    const what = action === undefined ? "no action given" : `unknown action ${action}`;
    throw new UsageError(`${what}; the actions are ${ACTIONS.join(", ")}`);
  }
  const count = action === "import" ? 1 : 0;
  if (rest.length > count) throw new UsageError(`unexpected argument ${rest[count]}`);
  if (rest.length < count || rest[0] === "") {
    throw new UsageError("no file given: chatterbox archive import FILE (- is standard input)");
  }
}

async function runAction(
  action: Action,
  dataDir: string,
  given: ImportRequest,
  request: ExportRequest,
  io: Io,
): Promise<ExitCode> {
  return await withStopSignal(
    io,
    (signal) => runWork(action, dataDir, given, request, new ArchiveWork(io, signal)),
  );
}

async function runWork(
  action: Action,
  dataDir: string,
  given: ImportRequest,
  request: ExportRequest,
  work: ArchiveWork,
): Promise<ExitCode> {
  const { io } = work;
  try {
    if (action === "export") await exportArchive(dataDir, request, work);
    else {
      const lines = action === "import"
        ? await importArchive(dataDir, given, work)
        : await (action === "check" ? check : repair)(dataDir, work);
      work.end();
      io.stdout.write(lines.map((text) => `${toPrintable(text)}\n`).join(""));
    }
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error;
    work.end();
    if (error.kind === "stopped") return exitCodeForSignal(work.signal);
    return reportFailure(io, EXIT_CODES[error.kind], toPrintable(error.message));
  }
}

const EXIT_CODES = {
  none: EXIT.ioError,
  taken: EXIT.cannotCreate,
  damaged: EXIT.malformed,
  unsound: EXIT.malformed,
  no_room: EXIT.noUser,
  io: EXIT.ioError,
} satisfies Record<Exclude<ArchiveFaultKind, "stopped">, ExitCode>;
