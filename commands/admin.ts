/** `chatterbox admin`: sends a console command to a running server of this machine. */
import { toPrintable } from "../lib/base/printable_text.ts";
import { encodeUtf8 } from "../lib/base/bytes.ts";
import { callAfter } from "../lib/base/deadlines.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../lib/cli/exit_codes.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { formatJsonLine } from "../lib/cli/json_line.ts";
import { reportFailure } from "../lib/cli/standard_streams.ts";
import { stateDir } from "../lib/cli/files/user_dirs.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import {
  adminSocketPath,
  LineCutter,
  MAX_COMMAND_BYTES,
  parseAnswerLine,
} from "../lib/server/console/admin_protocol.ts";
import { CONSOLE_HELP } from "../lib/server/console/command_table.ts";
import type { CommandAnswer, FailureStatus } from "../lib/server/console/console_command.ts";
import { readPassphraseFile } from "./support/passphrase_file.ts";

/** Timeout of an answer. A server that stops syncs its history first. */
const ANSWER_MS = 60_000;
/** Longest line of an answer: more than the longest row of the list of rooms. */
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
  summary: "Administer a server on this machine: accounts, bans, rooms, stop and reload.",
  permissions: ["read", "write", "net"],
  synopsis: "[FLAGS] COMMAND…",
  examples: [
    ["chatterbox admin stats", "statistics of the server"],
    ["chatterbox admin accounts 'a*'", "registered names that begin with a"],
    ["chatterbox admin passwd alice", "for an owner that has lost the key: a new passphrase, shown once"],
    ["chatterbox admin ban bob 2h too loud", "ban bob for two hours"],
    ["chatterbox admin mode '#lobby' -m", "let all users speak in the lobby again"],
    [
      "sudo -u chat chatterbox admin --data-dir /var/lib/chat reload",
      "for a server that runs as a service: as its user, with its data folder",
    ],
  ],
  flags: {
    "data-dir": {
      type: "string",
      value: "DIR",
      help: "data folder of the server, as for serve (default $XDG_STATE_HOME/chatterbox)",
    },
    "passphrase-file": {
      type: "string",
      value: "FILE",
      help: "for passwd: read the new passphrase from FILE; --passphrase-file=-: from standard input",
    },
    json: { type: "boolean", help: "print one JSON object: status, lines, and error if there is one" },
  },
  dashWords: true,
  operands: [
    { words: CONSOLE_HELP.map(([usage]) => usage.split(" ")[0]!) },
    { sources: ["people", "rooms"] },
  ],
  lastOperandRepeats: true,
  sections: [[
    "Commands, the same as at the server's prompt",
    CONSOLE_HELP,
  ]],
  notes: [
    "The server listens on admin.sock in its data folder, which only its own user and root can use. A new passphrase " +
    "closes all sessions of the account; the account keeps its rooms, its rights and its messages.",
  ],
  exitCodes: [
    ["0", "done"],
    ["64", "wrong usage, or unknown command"],
    ["65", "the command is not one line, or too long"],
    ["67", "no such user, account, room or ban"],
    ["69", "no server uses that data folder"],
    ["74", "done, but not saved"],
    ["75", "no answer"],
    ["77", "refused, or done in part, or the data folder belongs to another user"],
    ["78", "other users can read the passphrase file"],
  ],
}, async (flags, words, io) => {
  const line = await buildCommandLine(words, flags["passphrase-file"], io);
  if (typeof line !== "string") return line.code;
  const dataDir = flags["data-dir"] ?? stateDir(io.env);
  if (dataDir === undefined) {
    throw new UsageError("there is no home directory; name the server's data folder with --data-dir DIR");
  }
  const answer = await requestCommand(dataDir, line, io);
  if ("code" in answer) return answer.code;
  return printAnswer(answer, flags.json, io);
});

/** Joins the words to one command line, with the passphrase of `file`. */
async function buildCommandLine(
  words: readonly string[],
  file: string | undefined,
  io: Io,
): Promise<string | { code: ExitCode }> {
  const text = words.join(" ").trim();
  const [name = "", ...rest] = text.split(/\s+/);
  if (name === "") {
    throw new UsageError("no command given; chatterbox admin help lists the commands");
  }
  if (/[\r\n\0]/.test(text)) {
    return { code: reportFailure(io, EXIT.malformed, "a command is one line without NUL") };
  }
  const isPasswd = name === "passwd";
  if (isPasswd && rest.length > 1) {
    throw new UsageError(
      "other users could read a passphrase on the command line: give it in a file (--passphrase-file FILE) or on standard input (--passphrase-file=-)",
    );
  }
  let line = text;
  if (file !== undefined) {
    if (!isPasswd || rest.length !== 1) throw new UsageError("--passphrase-file is only for passwd NAME");
    const read = await readPassphraseFile(file, io);
    if (read.kind === "bad") return { code: reportFailure(io, EXIT.badConfig, toPrintable(read.why)) };
    line = `${text} ${read.secret}`;
  }
  if (encodeUtf8(line).length > MAX_COMMAND_BYTES) {
    return { code: reportFailure(io, EXIT.malformed, `a command has at most ${MAX_COMMAND_BYTES} bytes`) };
  }
  return line;
}

/** Answer of the server in `dataDir`; `code`: there is none, and the reason is printed. */
async function requestCommand(
  dataDir: string,
  line: string,
  io: Io,
): Promise<CommandAnswer | { code: ExitCode }> {
  const place = adminSocketPath(dataDir);
  if ("why" in place) {
    return {
      code: reportFailure(io, EXIT.unreachable, `${place.why}; a server cannot have an admin socket there`),
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
      code: reportFailure(
        io,
        EXIT.unreachable,
        `${place.path}: the process that answers is not a ChatterBox server`,
      ),
    };
  } catch {
    if (signal.aborted) return { code: exitCodeForSignal(signal) };
    const why = isLate
      ? `no answer within ${ANSWER_MS / 1000} s`
      : "the connection was lost before the answer";
    return { code: reportFailure(io, EXIT.tryAgain, `${why}; it is unknown whether the command was done`) };
  } finally {
    callOff();
    signal.removeEventListener("abort", close);
    if (!signal.aborted && !isLate) close();
  }
}

/** Undefined: the response is not of this protocol. Throws if the connection ends before the answer. */
async function exchangeCommand(conn: Deno.Conn, line: string): Promise<CommandAnswer | undefined> {
  const bytes = encodeUtf8(`${line}\n`);
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
  const cutter = new LineCutter(MAX_ANSWER_LINE_BYTES);
  const buffer = new Uint8Array(READ_BYTES);
  const received: string[] = [];
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error("the connection has ended");
    const lines = cutter.push(buffer.subarray(0, count));
    if (lines === undefined) return undefined;
    for (const each of lines) {
      const parsed = parseAnswerLine(each);
      if (parsed.kind === "bad") return undefined;
      if (parsed.kind === "end") {
        return { lines: received, ...(parsed.failure && { failure: parsed.failure }) };
      }
      received.push(parsed.text);
    }
  }
}

function connectFailed(error: unknown, dataDir: string, io: Io): ExitCode {
  if (error instanceof Deno.errors.PermissionDenied) {
    return reportFailure(
      io,
      EXIT.refused,
      `${dataDir} belongs to another user: run this as the user of the server (sudo -u USER chatterbox admin …)`,
    );
  }
  const isGone = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused;
  const why = isGone ? "" : ` (${error instanceof Error ? error.message : String(error)})`;
  return reportFailure(
    io,
    EXIT.unreachable,
    `no server uses the data folder ${dataDir}${why}: is the server running? ` +
      "(chatterbox serve starts one; --data-dir DIR names another folder)",
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
