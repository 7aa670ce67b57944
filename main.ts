/** The program: finds the command, runs it, and ends the process with its exit code. */
import { PERMISSIONS } from "./lib/cli/command.ts";
import type { Command } from "./lib/cli/command.ts";
import { EXIT } from "./lib/cli/exit_codes.ts";
import type { StopReason } from "./lib/cli/exit_codes.ts";
import { flushLast, reportFailure } from "./lib/cli/standard_streams.ts";
import { createSystemIo } from "./lib/cli/system_io.ts";

/**
 * In the order of the help. Each is loaded when asked for: `send` must not pay for what `serve` needs. Of a literal
 * in `import()` Deno would read all modules before it runs anything; deno.json names these for `deno compile`.
 */
const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  serve: () => import(import.meta.resolve("./commands/serve.ts")),
  join: () => import(import.meta.resolve("./commands/join.ts")),
  send: () => import(import.meta.resolve("./commands/send.ts")),
  run: () => import(import.meta.resolve("./commands/run/command.ts")),
  scheduled: () => import(import.meta.resolve("./commands/scheduled/command.ts")),
  ask: () => import(import.meta.resolve("./commands/ask/ask.ts")),
  page: () => import(import.meta.resolve("./commands/page/command.ts")),
  ack: () => import(import.meta.resolve("./commands/ack/command.ts")),
  oncall: () => import(import.meta.resolve("./commands/oncall/command.ts")),
  mcp: () => import(import.meta.resolve("./commands/mcp/command.ts")),
  logs: () => import(import.meta.resolve("./commands/logs.ts")),
  list: () => import(import.meta.resolve("./commands/list.ts")),
  doctor: () => import(import.meta.resolve("./commands/doctor.ts")),
  register: () => import(import.meta.resolve("./commands/register.ts")),
  unregister: () => import(import.meta.resolve("./commands/unregister.ts")),
  token: () => import(import.meta.resolve("./commands/token.ts")),
  key: () => import(import.meta.resolve("./commands/key.ts")),
  admin: () => import(import.meta.resolve("./commands/admin.ts")),
  config: () => import(import.meta.resolve("./commands/config.ts")),
  archive: () => import(import.meta.resolve("./commands/archive.ts")),
  backup: () => import(import.meta.resolve("./commands/backup.ts")),
  restore: () => import(import.meta.resolve("./commands/restore.ts")),
  bench: () => import(import.meta.resolve("./commands/bench.ts")),
  completion: () => import(import.meta.resolve("./commands/completion.ts")),
  man: () => import(import.meta.resolve("./commands/man.ts")),
};

/** Started by other commands; not in the help. */
const INNER_COMMANDS: typeof COMMANDS = {
  front: () => import(import.meta.resolve("./commands/front.ts")),
  hub: () => import(import.meta.resolve("./commands/hub.ts")),
};

/** The processes of a server: a signal that comes while they start is carried out when they run. */
const SERVER_COMMANDS = ["serve", "hub", "front"];

const io = createSystemIo(Deno.exit, async () => {
  const loaded = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  return loaded.map(({ command }) => command);
});

/** The command that runs; undefined: none yet. */
let running: Command | undefined;

async function main(args: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = args;
  switch (name) {
    case "help":
    case "-h":
    case "--help":
      return await help(rest);
    case "-V":
    case "--version":
    case "version": {
      const { VERSION } = await import("./lib/base/version.ts");
      io.stdout.write(`chatterbox ${VERSION}\n`);
      return EXIT.ok;
    }
  }
  const commands = Object.hasOwn(INNER_COMMANDS, name) ? INNER_COMMANDS : COMMANDS;
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) return await unknownCommand(name);
  if (SERVER_COMMANDS.includes(name)) io.holdSignals();
  const { command } = await load();
  running = command;
  io.revoke(PERMISSIONS.filter((each) => !command.permissions.includes(each)));
  return await command.run(rest, io);
}

/** `words`: the command to tell about; none: the program. */
async function help(words: readonly string[]): Promise<number> {
  const named = words.filter((word) => !word.startsWith("-"));
  if (named.length > 0 && named[0] !== "help") return await main([...named, "--help"]);
  const { formatProgramHelp } = await import("./lib/cli/flags/program_help.ts");
  const { helpColumns } = await import("./lib/cli/flags/help_layout.ts");
  io.stdout.write(formatProgramHelp(await io.commands(), helpColumns(io.stdout)));
  return EXIT.ok;
}

async function unknownCommand(name: string): Promise<number> {
  const { describeUnknownCommand } = await import("./lib/cli/flags/unknown_command.ts");
  const known = [...Object.keys(COMMANDS), "help", "version"];
  io.stderr.write(`chatterbox: ${describeUnknownCommand(name, known)}\n`);
  return EXIT.usage;
}

/** Ends the process once its output is written, as far as it has a reader. */
async function flushAndExit(code: number): Promise<never> {
  io.stdout.restore();
  const isSignalled = code > 128;
  await flushLast(io.stdout, isSignalled);
  const broken = io.stdout.closedSignal.reason as StopReason | undefined;
  if (broken?.why === "write_failed") {
    io.stderr.write(`chatterbox: cannot write to standard output: ${broken.text}\n`);
    if (code === EXIT.ok) code = EXIT.ioError;
  }
  await flushLast(io.stderr, isSignalled);
  Deno.exit(code);
}

/**
 * Reports an error that no command expects: a bug of ours, shown in one line, and with its trace if
 * `CHATTERBOX_DEBUG` is set. A package that cannot be fetched, wherever it is imported, is no bug, and neither is a
 * permission that the program was started without.
 */
async function reportBug(error: unknown): Promise<never> {
  const { describeFetchFailure } = await import("./lib/cli/fetch_failure.ts");
  const unfetched = describeFetchFailure(error);
  if (unfetched !== undefined) {
    return await flushAndExit(reportFailure(io, EXIT.tryAgain, unfetched));
  }
  const { toPrintable } = await import("./lib/base/printable_text.ts");
  const { describeMissingPermission } = await import("./lib/cli/missing_permission.ts");
  const missing = describeMissingPermission(error, running);
  if (missing !== undefined) {
    io.stdout.restore();
    return await flushAndExit(reportFailure(io, EXIT.badConfig, toPrintable(missing)));
  }
  io.stdout.restore(); // else the report is on a screen that is about to go
  await io.stdout.flush();
  const trace = io.env("CHATTERBOX_DEBUG") !== undefined && error instanceof Error ? `\n${error.stack}` : "";
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  io.stderr.write(`chatterbox: this is a bug, please report it: ${toPrintable(text)}${trace}\n`);
  return await flushAndExit(EXIT.bug);
}

globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  reportBug(event.reason);
});
globalThis.addEventListener("error", (event) => {
  event.preventDefault();
  reportBug(event.error);
});

try {
  await flushAndExit(await main(Deno.args));
} catch (error) {
  await reportBug(error);
}
