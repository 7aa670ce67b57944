/** `chatterbox admin`: a command of the server's console, for a server that has no terminal. */
import { toPrintable } from "../lib/base/printable_text.ts";
import { encodeUtf8 } from "../lib/base/bytes.ts";
import { callAfter } from "../lib/base/deadlines.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../lib/cli/exit_codes.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { formatJsonLine } from "../lib/cli/json_line.ts";
import { reportFailure } from "../lib/cli/standard_streams.ts";
import { stateDir } from "../lib/cli/files/user_dirs.ts";
import { readSecret } from "../lib/cli/files/secret_file.ts";
import { defineCommand, formatHelpSection, UsageError } from "../lib/cli/flags/command_definition.ts";
import { passphraseFault } from "../lib/irc/sasl/passphrase.ts";
import {
  adminSocketPath,
  LineCutter,
  MAX_COMMAND_BYTES,
  parseAnswerLine,
} from "../lib/server/console/admin_protocol.ts";
import { CONSOLE_HELP } from "../lib/server/console/command_table.ts";
import type { CommandAnswer, FailureStatus } from "../lib/server/console/console_command.ts";

/** A command that has no answer by then has none. A server that stops brings its history to disk first. */
const ANSWER_MS = 60_000;
/** Of a line of an answer, which is longer than the longest text that a room's row can hold. */
const MAX_ANSWER_LINE_BYTES = 64 * 1024;
const READ_BYTES = 16 * 1024;

const EXIT_CODE_OF: Readonly<Record<FailureStatus, ExitCode>> = {
  usage: EXIT.usage,
  not_found: EXIT.noUser,
  refused: EXIT.refused,
  partly_done: EXIT.refused,
  not_saved: EXIT.ioError,
  malformed: EXIT.malformed,
  busy: EXIT.tryAgain,
};

export const command: Command = defineCommand({
  name: "admin",
  summary: "Administer a running server of this machine: its accounts, bans, and the server itself.",
  permissions: ["read", "write", "net"],
  synopsis: "[FLAGS] COMMAND…",
  examples: [
    ["chatterbox admin stats", "how the server is"],
    ["chatterbox admin accounts 'a*'", "the registered names that begin with a"],
    ["chatterbox admin passwd alice", "its owner has lost the key: a new passphrase, shown once"],
    ["chatterbox admin ban bob 2h too loud", "keep bob out"],
    ["chatterbox admin mode '#lobby' -m", "all may speak in the lobby again"],
    [
      "sudo -u chat chatterbox admin --data-dir /var/lib/chat reload",
      "of a service: as its user, with its data folder",
    ],
  ],
  flags: {
    "data-dir": {
      type: "string",
      value: "DIR",
      help: "the data folder of the server, as for serve; default $XDG_STATE_HOME/chatterbox",
    },
    "passphrase-file": {
      type: "string",
      value: "FILE",
      help: "for passwd: take the new passphrase from there; =- reads it from standard input",
    },
    json: { type: "boolean", help: "one JSON object: status, lines, and error where there is one" },
  },
  dashWords: true,
  notes: [
    formatHelpSection(
      "Commands, which are those of the server's own prompt",
      CONSOLE_HELP.map(([usage, words]) => [
        usage === "passwd NAME [PASSPHRASE]" ? "passwd NAME" : usage,
        words,
      ]),
    ).trimEnd(),
    "The server is reached by admin.sock in its data folder, which only its own user (and root) can use. A passphrase that\n" +
    "is reset closes all sessions of the account; the account keeps its rooms, its rights and its messages.",
    "Exit code: 0 done; 64 wrong usage, or no such command; 65 not one line; 67 no such user, account, room or ban;\n" +
    "69 no server has that data folder; 74 done, and not saved; 75 no answer; 77 refused, or done in part, or the data folder\n" +
    "is another user's; 78 a passphrase file that others can read.",
  ],
}, async (flags, words, io) => {
  const line = await buildCommandLine(words, flags["passphrase-file"], io);
  if (typeof line !== "string") return line.code;
  const dataDir = flags["data-dir"] ?? stateDir(io.env);
  if (dataDir === undefined) {
    throw new UsageError("there is no home directory; say where the server's data is with --data-dir DIR");
  }
  const answer = await requestCommand(dataDir, line, io);
  if ("code" in answer) return answer.code;
  return printAnswer(answer, flags.json, io);
});

/** The command as one line. */
async function buildCommandLine(
  words: readonly string[],
  file: string | undefined,
  io: Io,
): Promise<string | { code: ExitCode }> {
  const text = words.join(" ").trim();
  const [name = "", ...rest] = text.split(/\s+/);
  if (name === "") throw new UsageError("which command? chatterbox admin help lists them");
  if (/[\r\n\0]/.test(text)) {
    return { code: reportFailure(io, EXIT.malformed, "a command is one line, without a NUL") };
  }
  const isPasswd = name === "passwd";
  if (isPasswd && rest.length > 1) {
    throw new UsageError(
      "on the command line everybody could read the passphrase: --passphrase-file FILE, or =- for standard input",
    );
  }
  let line = text;
  if (file !== undefined) {
    if (!isPasswd || rest.length !== 1) throw new UsageError("--passphrase-file is for: passwd NAME");
    const read = await readSecret(file, io);
    const why = read.kind === "bad" ? read.why : passphraseFault(read.secret);
    if (read.kind === "bad" || why !== undefined) {
      return { code: reportFailure(io, EXIT.badConfig, `${file === "-" ? "standard input" : file}: ${why}`) };
    }
    line = `${text} ${read.secret}`;
  }
  if (encodeUtf8(line).length > MAX_COMMAND_BYTES) {
    return { code: reportFailure(io, EXIT.malformed, `a command has at most ${MAX_COMMAND_BYTES} bytes`) };
  }
  return line;
}

/** What the server in `dataDir` answers; or the exit code, when that has been said. */
async function requestCommand(
  dataDir: string,
  line: string,
  io: Io,
): Promise<CommandAnswer | { code: ExitCode }> {
  const place = adminSocketPath(dataDir);
  if ("why" in place) {
    return {
      code: reportFailure(io, EXIT.unreachable, `${place.why}; the server has no admin socket there`),
    };
  }
  const { signal } = io;
  let conn: Deno.Conn;
  try {
    conn = await Deno.connect({ transport: "unix", path: place.path });
  } catch (error) {
    return { code: connectFailed(error, dataDir, io) };
  }
  let isLate = false;
  const close = () => conn.close();
  const onLate = () => {
    isLate = true;
    close();
  };
  const callOff = callAfter(ANSWER_MS, onLate);
  signal.addEventListener("abort", close, { once: true });
  try {
    const answer = await exchangeCommand(conn, line);
    if (answer !== undefined) return answer;
    return {
      code: reportFailure(io, EXIT.unreachable, `${place.path}: what answers there is no ChatterBox server`),
    };
  } catch {
    if (signal.aborted) return { code: exitCodeForSignal(signal) };
    const why = isLate
      ? `no answer within ${ANSWER_MS / 1000} s`
      : "the connection was lost before the answer";
    return { code: reportFailure(io, EXIT.tryAgain, `${why}; what became of the command is not known`) };
  } finally {
    callOff();
    signal.removeEventListener("abort", close);
    if (!signal.aborted && !isLate) close();
  }
}

/** Undefined: what comes is no answer. Throws where the connection ends before it. */
async function exchangeCommand(conn: Deno.Conn, line: string): Promise<CommandAnswer | undefined> {
  const bytes = encodeUtf8(`${line}\n`);
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
  const cutter = new LineCutter(MAX_ANSWER_LINE_BYTES);
  const buffer = new Uint8Array(READ_BYTES);
  const shown: string[] = [];
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error("the connection has ended");
    const lines = cutter.push(buffer.subarray(0, count));
    if (lines === undefined) return undefined;
    for (const each of lines) {
      const parsed = parseAnswerLine(each);
      if (parsed.kind === "bad") return undefined;
      if (parsed.kind === "end") {
        return { lines: shown, ...(parsed.failure && { failure: parsed.failure }) };
      }
      shown.push(parsed.text);
    }
  }
}

function connectFailed(error: unknown, dataDir: string, io: Io): ExitCode {
  if (error instanceof Deno.errors.PermissionDenied) {
    return reportFailure(
      io,
      EXIT.refused,
      `${dataDir} is another user's: run this as the user that the server runs as (sudo -u USER chatterbox admin …)`,
    );
  }
  const isGone = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused;
  const why = isGone ? "" : ` (${error instanceof Error ? error.message : String(error)})`;
  return reportFailure(
    io,
    EXIT.unreachable,
    `no server runs with the data folder ${dataDir}${why}; --data-dir DIR names another one`,
  );
}

function printAnswer({ lines, failure }: CommandAnswer, json: boolean, io: Io): ExitCode {
  const code = failure === undefined ? EXIT.ok : EXIT_CODE_OF[failure.status];
  if (json) {
    const status = failure?.status ?? "done";
    io.stdout.write(formatJsonLine({ status, lines, ...(failure && { error: failure.words }) }));
    return code;
  }
  for (const line of lines) io.stdout.write(`${toPrintable(line)}\n`);
  return failure === undefined ? code : reportFailure(io, code, failure.words);
}
