/** A program that a person has run for messages (`logs --exec`, `join --notify`), without a shell. */
import type { StopReason } from "../../lib/cli/exit_codes.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { makeEntryRecord } from "../../lib/client/history/entry_record.ts";
import { splitCommand } from "./command_words.ts";
import { CHILD_ENVIRONMENT, isProgram, mayRun } from "./program_search.ts";

/** Time for one run; then it is killed (SIGKILL). */
const EXEC_TIMEOUT_MS = 60_000;
/** Length of the text in the environment, in UTF-16 code units; standard input has it whole. */
const MAX_ENVIRONMENT_TEXT = 30_000;

const PREFIX = "CHATTERBOX_MESSAGE_";

export interface MessageProgramOptions {
  /** The flag that names it. */
  readonly flag: string;
  /** Where its standard output and standard error go. */
  readonly output: "inherit" | "null";
  /** Ends a run. */
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

export class MessageProgram {
  readonly #words: readonly string[];
  readonly #options: MessageProgramOptions;

  private constructor(words: readonly string[], options: MessageProgramOptions) {
    this.#words = words;
    this.#options = options;
  }

  /**
   * @throws {UsageError} The line cannot be split, or names no program.
   * @throws {Deno.errors.NotCapable} This program may not start others.
   */
  static async open(line: string, options: MessageProgramOptions): Promise<MessageProgram> {
    const { flag } = options;
    const words = splitCommand(line);
    if (words === undefined) {
      throw new UsageError(`${flag} ${line}: a quote is not closed, or there is no program`);
    }
    if (!await isProgram(words[0]!)) {
      throw new UsageError(`${flag} ${line}: no such program: ${words[0]}; no shell reads the line`);
    }
    if (!mayRun(words[0]!)) throw new Deno.errors.NotCapable(`Requires run access to "${words[0]}"`);
    return new MessageProgram(words, options);
  }

  /**
   * Runs the program with `entry` in its environment, and the text on its standard input. `me`: our nick. Resolves with
   * what went wrong, in words that begin with the program; undefined: nothing, or a signal has ended it.
   */
  async run(entry: MessageEntry, me: string): Promise<string | undefined> {
    const why = await this.#run(entry, me);
    return why === undefined || this.#options.signal.aborted ? undefined : `${this.#words[0]} ${why}`;
  }

  async #run(entry: MessageEntry, me: string): Promise<string | undefined> {
    const [program = "", ...args] = this.#words;
    const { output, signal, timeoutMs = EXEC_TIMEOUT_MS } = this.#options;
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(program, {
        args,
        env: { ...CHILD_ENVIRONMENT, ...environmentOf(entry, me) },
        stdin: "piped",
        stdout: output,
        stderr: output,
      }).spawn();
    } catch (error) {
      return `cannot be started: ${(error as Error).message}`;
    }
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      kill(child, "SIGKILL");
    }, timeoutMs);
    // Ctrl-C has reached it already.
    const onAbort = () => (signal.reason as Partial<StopReason>).why === "SIGINT" || kill(child, "SIGTERM");
    signal.addEventListener("abort", onAbort);
    try {
      await give(child, entry.text);
      const status = await child.status;
      if (isLate) return `took longer than ${timeoutMs / 1000} s and was killed`;
      if (status.signal !== null) return `was ended by ${status.signal}`;
      return status.code === 0 ? undefined : `ended with ${status.code}`;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  }
}

/** `CHATTERBOX_MESSAGE_FROM` and the other keys of `logs --json`; what is unknown is empty. */
function environmentOf(entry: MessageEntry, me: string): Record<string, string> {
  const all = { room: "", with: "", to: "", ...makeEntryRecord(entry, me) };
  return Object.fromEntries(
    Object.entries(all).map(([key, value]) => [
      PREFIX + key.toUpperCase(),
      String(value ?? "").replaceAll("\0", "").slice(0, MAX_ENVIRONMENT_TEXT).toWellFormed(),
    ]),
  );
}

/** The program need not read it. */
async function give(child: Deno.ChildProcess, text: string): Promise<void> {
  try {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${text}\n`));
    await writer.close();
  } catch {
    // it has closed its standard input, or has ended
  }
}

function kill(child: Deno.ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    child.kill(signal);
  } catch {
    // it has ended
  }
}
