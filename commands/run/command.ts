/** `chatterbox run`: runs a program, and tells a room or a person how it ended. */
import type { Command, Io } from "../../lib/cli/command.ts";
import { CLIENT_PERMISSIONS, defineCommand, UsageError } from "../../lib/cli/flags/command_definition.ts";
import { isChannelName, isTargetName } from "../../lib/irc/names/name_rules.ts";
import { isServiceName } from "../../lib/client/commands/arguments.ts";
import { suggestForNameAtServer } from "../../lib/net/address.ts";
import { CLIENT_FLAGS } from "../support/client_options.ts";
import { readClientLogin } from "../support/client_login.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { runChild } from "./child_run.ts";
import { formatEnd, formatMessage, formatRunning, makeTitle } from "./outcome_text.ts";
import { MAX_TAIL_LINES, OutputTail } from "./output_tail.ts";
import { ProgressMessage } from "./progress_message.ts";
import { reportOutcome } from "./report.ts";

/** Random bytes of an id. */
const ID_BYTES = 16;

export const command: Command = defineCommand({
  name: "run",
  summary: "Run a program, and tell a room or a person how it ended.",
  synopsis: "--to TARGET [FLAGS] -- COMMAND [ARGUMENT…]",
  examples: [
    ["chatterbox run --to '#ops' -- make test", "tells #ops the exit code, the time and the last lines"],
    ["chatterbox run --to '#ops' --only failed --outbox -- backup.sh", "for cron: only where it failed"],
    ["chatterbox run --to bob --min 30s -- cargo build", "only if it took a while"],
    ["chatterbox run --to '#ops' --progress --title deploy -- ./deploy", "meanwhile says how far it is"],
    ["chatterbox run --to '#ops' -- sh -c 'make | tee log'", "pipes need a shell"],
  ],
  flags: {
    to: {
      type: "string",
      value: "TARGET",
      completes: { sources: ["people", "rooms"] },
      help: "who is told: a name, or a '#room' in quotes",
    },
    only: { type: "string", value: "WHEN", choices: ["failed"], help: "tell only of a program that failed" },
    min: { type: "duration", value: "DURATION", help: "tell only of a program that took this long" },
    progress: {
      type: "boolean",
      help: "while it runs, a message that is edited says how long, and its last line",
    },
    title: { type: "string", value: "TEXT", help: "what it is called (default: the command)" },
    last: {
      type: "integer",
      short: "n",
      value: "N",
      default: "10",
      max: MAX_TAIL_LINES,
      help: "so many last lines of its output are told; 0: none",
    },
    timeout: {
      type: "duration",
      value: "DURATION",
      default: "10s",
      min: 1,
      help: "time for telling when it has ended",
    },
    outbox: { type: "boolean", help: "keep what cannot be told on disk, and send it later" },
    from: {
      type: "string",
      value: "NAME",
      completes: { sources: ["names"] },
      help: "name to send as; also CHATTERBOX_NAME (default: login name, not registered)",
    },
    ...CLIENT_FLAGS,
  },
  notes: [
    "The program has the terminal, the standard streams and the environment that it would have without chatterbox run, and " +
    "Ctrl-C goes to it. The exit code is that of the program, whatever becomes of the message: where the chat cannot be " +
    "reached, that costs at most --timeout and a line on standard error. With --outbox the message is then kept on disk, and " +
    "the next send, join or run --outbox under the same name to the same server sends it.",
    "At a terminal the program sees a terminal: by script of util-linux, so that its last lines can be told. Where that is " +
    "not installed, or only some of the streams are a terminal, it has the terminal itself, and lines that go " +
    "there are not told.",
    "--progress needs a server on which messages can be edited (ChatterBox is one); on others there is no such message. It " +
    "is edited every 10 seconds, and of a long run less often, and removed when the outcome is told.",
  ],
  permissions: [...CLIENT_PERMISSIONS, "run"],
  exitCodes: [
    ["64", "wrong usage; the program was not started"],
    ["126", "the program cannot be executed"],
    ["127", "the program was not found"],
    ["128 + n", "signal n ended it"],
    ["others", "as the program"],
  ],
}, async (flags, words, io) => {
  const target = readTarget(flags.to);
  if (flags.outbox && isServiceName(target)) {
    throw new UsageError(`--outbox: nothing that is told to a service, as ${target} is, is kept on disk`);
  }
  if (words.length === 0) throw new UsageError("no command given: chatterbox run --to TARGET -- COMMAND");
  return await runAndTell({ ...flags, target, words }, io);
});

interface RunRequest {
  readonly target: string;
  readonly words: readonly string[];
  readonly only: string | undefined;
  readonly min: number | undefined;
  readonly progress: boolean;
  readonly title: string | undefined;
  readonly last: number;
  readonly timeout: number;
  readonly outbox: boolean;
  readonly from: string | undefined;
  readonly server: string | undefined;
  readonly "password-file": string | undefined;
  readonly "passphrase-file": string | undefined;
  readonly "key-file": string | undefined;
}

/** Throws {@link UsageError}. */
function readTarget(target: string | undefined): string {
  if (target === undefined) throw new UsageError("give --to: a name, or a '#room' in quotes");
  const hint = isChannelName(target) ? undefined : suggestForNameAtServer(target);
  if (hint !== undefined) throw new UsageError(`--to ${target}: ${hint}`);
  if (!isTargetName(target)) {
    throw new UsageError(`--to ${JSON.stringify(target)}: not a valid user or room name`);
  }
  return target;
}

async function runAndTell(request: RunRequest, io: Io): Promise<number> {
  const { words, target, last, timeout: timeoutMs } = request;
  const login = await readClientLogin(
    io,
    { ...request, name: request.from, nameFlag: "--from NAME" },
    "make",
  );
  const access = login.kind === "ok" ? login.access : undefined; // a failure has been told, and the program runs all the same
  const title = makeTitle(request.title, words);
  const tail = new OutputTail(last);
  const id = crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
  const describe = (ms: number) => formatRunning(title, ms, tail.read().at(-1));
  const progress = request.progress && access !== undefined
    ? new ProgressMessage({ access, target, id, timeoutMs, describe })
    : undefined;
  const startedAt = performance.now();
  const outcome = await runChild({ words, tail, io });
  const tookMs = performance.now() - startedAt;
  const { end } = outcome;
  if (end.kind === "not_started") io.stderr.write(`chatterbox run: ${words[0]}: ${end.why}\n`);
  if (access === undefined) return end.code;
  const isTold = isWanted(request, end.code, tookMs);
  const text = isTold ? formatMessage(formatEnd(title, end, tookMs), tail.read()) : undefined;
  if (text !== undefined && outcome.isUnseen && last > 0) {
    io.stderr.write(
      "chatterbox run: its last lines went to the terminal alone, and are not told; script of util-linux may be missing\n",
    );
  }
  await tellInTime({ access, target, text, id, timeoutMs, keepsUnsent: request.outbox, progress }, io);
  return end.code;
}

function isWanted({ only, min = 0 }: RunRequest, code: number, tookMs: number): boolean {
  return (only === undefined || code !== 0) && tookMs >= min;
}

interface Telling {
  readonly access: ClientLogin;
  readonly target: string;
  readonly text: string | undefined;
  readonly id: string;
  readonly timeoutMs: number;
  readonly keepsUnsent: boolean;
  readonly progress: ProgressMessage | undefined;
}

/** Whatever hangs, it ends after the time for it; so it does at a signal. */
async function tellInTime({ progress, text, ...telling }: Telling, io: Io): Promise<void> {
  const giveUp = new AbortController();
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const onLate = () => {
    giveUp.abort();
    resolve();
  };
  const timer = setTimeout(onLate, telling.timeoutMs);
  const stops = (["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP"] as const).map((name) =>
    io.onSignal(name, onLate)
  );
  const tell = async () => {
    await progress?.stop();
    await reportOutcome({ ...telling, text, signal: giveUp.signal, io });
    await progress?.remove();
  };
  await Promise.race([
    tell(),
    late.then(() => new Promise<void>((resolve) => setTimeout(resolve, GRACE_MS))),
  ]);
  clearTimeout(timer);
  stops.forEach((stop) => stop());
}

/** For the line that says what was not told. */
const GRACE_MS = 250;
