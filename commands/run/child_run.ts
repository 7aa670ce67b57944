/**
 * Runs a program as if the shell had started it: with the terminal where there is one, else its output is passed through
 * byte for byte. The last lines are kept. util-linux' `script` gives a program a terminal of its own of which the output
 * can be read.
 */
import type { Io } from "../../lib/cli/command.ts";
import type { OutputStream } from "../../lib/cli/standard_streams.ts";
import { isProgram, mayRun } from "../support/program_search.ts";
import type { ProgramEnd } from "./outcome_text.ts";
import type { OutputTail } from "./output_tail.ts";

/** POSIX numbers of the signals that a program may end by; 128 and the number is the exit code. */
const SIGNAL_NAMES: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  6: "SIGABRT",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
};
const SIGNALED = 128;

/** As a shell has it. */
const CANNOT_EXECUTE = {
  kind: "not_started",
  code: 126,
  why: "cannot be executed",
} as const satisfies ProgramEnd;
const COMMAND_NOT_FOUND = {
  kind: "not_started",
  code: 127,
  why: "command not found",
} as const satisfies ProgramEnd;

export interface ChildRunOptions {
  readonly words: readonly string[];
  readonly tail: OutputTail;
  readonly io: Io;
}

export interface ChildRunOutcome {
  readonly end: ProgramEnd;
  /** The output went to the terminal, past us. */
  readonly isUnseen: boolean;
}

/** Runs the program to its end. */
export async function runChild(options: ChildRunOptions): Promise<ChildRunOutcome> {
  const { stdin, stdout, stderr } = options.io;
  const isAtTerminal = stdin.isTerminal && stdout.isTerminal && stderr.isTerminal;
  if (isAtTerminal && await hasScript()) return { end: await runInTerminal(options), isUnseen: false };
  return { end: await runInherited(options), isUnseen: stdout.isTerminal && stderr.isTerminal };
}

/** Whether there is the `script` of util-linux; that of BSD has other flags. */
async function hasScript(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    const { stdout } = await new Deno.Command("script", {
      args: ["--version"],
      stdin: "null",
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout).includes("util-linux");
  } catch {
    return false;
  }
}

async function runInherited(
  { words: [program = "", ...args], tail, io }: ChildRunOptions,
): Promise<ProgramEnd> {
  let child: Deno.ChildProcess;
  const [out, err] = [io.stdout.isTerminal, io.stderr.isTerminal];
  try {
    child = new Deno.Command(program, {
      args,
      stdin: "inherit",
      stdout: out ? "inherit" : "piped",
      stderr: err ? "inherit" : "piped",
    }).spawn();
  } catch (error) {
    return describeStartFailure(program, error);
  }
  const stop = forwardSignals(child, io);
  try {
    await Promise.all([
      out ? undefined : passThrough(child.stdout, io.stdout, tail),
      err ? undefined : passThrough(child.stderr, io.stderr, tail),
    ]);
    return describeStatus(await child.status);
  } finally {
    stop();
  }
}

function describeStartFailure(program: string, error: unknown): ProgramEnd {
  if (error instanceof Deno.errors.NotCapable || !mayRun(program)) throw error;
  return error instanceof Deno.errors.NotFound ? COMMAND_NOT_FOUND : CANNOT_EXECUTE;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

function describeStatus({ code, signal }: Deno.CommandStatus): ProgramEnd {
  return signal === null ? { kind: "exited", code } : { kind: "signaled", signal, code };
}

/** Up to the end; a reader that has gone closes the program's output, as it would without us. */
async function passThrough(
  from: ReadableStream<Uint8Array>,
  to: OutputStream,
  tail: OutputTail,
): Promise<void> {
  for await (const chunk of from) {
    tail.add(chunk);
    await to.writeBytes(chunk);
    if (to.closedSignal.aborted) break;
  }
}

/**
 * Signals that a person sends from the terminal reach the program anyway; those that are sent to this process alone are
 * passed on. None ends this process. Returns what ends that.
 */
function forwardSignals(child: Deno.ChildProcess, io: Io): () => void {
  const pass = (signal: Deno.Signal) => () => {
    try {
      child.kill(signal);
    } catch {
      // it has ended
    }
  };
  const fromTerminal = (signal: Deno.Signal) => io.stdin.isTerminal ? () => {} : pass(signal);
  const stops = [
    io.onSignal("SIGINT", fromTerminal("SIGINT")),
    io.onSignal("SIGQUIT", fromTerminal("SIGQUIT")),
    io.onSignal("SIGTERM", pass("SIGTERM")),
    io.onSignal("SIGHUP", pass("SIGHUP")),
  ];
  return () => stops.forEach((stop) => stop());
}

/** At a terminal of its own, of which `script` copies the output to ours and to a pipe. */
async function runInTerminal({ words, tail, io }: ChildRunOptions): Promise<ProgramEnd> {
  const [program = ""] = words;
  if (!await isProgram(program)) {
    return program.includes("/") && await exists(program) ? CANNOT_EXECUTE : COMMAND_NOT_FOUND;
  }
  const dir = await Deno.makeTempDir({ prefix: "chatterbox-run-" });
  const pipe = `${dir}/output`;
  try {
    await new Deno.Command("mkfifo", { args: ["-m", "600", pipe] }).output();
    await Deno.writeTextFile(`${dir}/command`, `exec ${words.map(quoteForShell).join(" ")}\n`, {
      mode: 0o600,
    });
    const reading = readTypescript(pipe, tail);
    const child = new Deno.Command("script", {
      // By the person's shell, which may be any; so the words are in a file, for sh.
      args: ["--quiet", "--return", "--flush", "--command", `exec sh ${dir}/command`, pipe],
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    const stop = forwardSignals(child, io);
    const { code, signal } = await child.status;
    stop();
    (await Deno.open(pipe, { read: true, write: true })).close(); // ends the reading where script has not begun
    await reading;
    if (signal !== null) return { kind: "signaled", signal, code };
    const name = SIGNAL_NAMES[code - SIGNALED];
    return name === undefined ? { kind: "exited", code } : { kind: "signaled", signal: name, code };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What `script` writes around the output. */
const HEADER = /^Script started on [^\n]*\n/;
const FOOTER = /\n?Script done on [^\n]*\n?$/;

async function readTypescript(path: string, tail: OutputTail): Promise<void> {
  using file = await Deno.open(path);
  const decoder = new TextDecoder("latin1"); // a byte a character
  const encode = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
  let isFirst = true;
  let held = "";
  for (const buffer = new Uint8Array(64 * 1024);;) {
    const count = await file.read(buffer);
    if (count === null) break;
    held += decoder.decode(buffer.subarray(0, count));
    if (isFirst && !held.includes("\n")) continue;
    if (isFirst) held = held.replace(HEADER, "");
    isFirst = false;
    const end = held.lastIndexOf("\nScript done on ");
    const whole = end < 0 ? held : held.slice(0, end);
    tail.add(encode(whole));
    held = held.slice(whole.length);
  }
  tail.add(encode(held.replace(FOOTER, "")));
}
