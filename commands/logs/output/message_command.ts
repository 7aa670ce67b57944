/** `logs --exec`: a program that runs for each message, without a shell. */
import { toPrintable } from "../../../lib/base/printable_text.ts";
import type { Io } from "../../../lib/cli/command.ts";
import { EXIT } from "../../../lib/cli/exit_codes.ts";
import type { ExitCode, StopReason } from "../../../lib/cli/exit_codes.ts";
import { UsageError } from "../../../lib/cli/flags/command_definition.ts";
import type { MessageEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import { makeEntryRecord } from "../../../lib/client/history/entry_record.ts";
import { splitCommand } from "./command_words.ts";
import { isProgram } from "./program_search.ts";

/** Time for one run; then it is killed (SIGKILL). */
const EXEC_TIMEOUT_MS = 60_000;
/** Length of the text in the environment, in UTF-16 code units; standard input has it whole. */
const MAX_ENVIRONMENT_TEXT = 30_000;

const PREFIX = "CHATTERBOX_MESSAGE_";

/** One run at a time, in the order of the messages. Failures are told, and counted for the exit code. */
export class MessageCommand {
  readonly #words: readonly string[];
  readonly #io: Io;
  readonly #timeoutMs: number;
  #failures = 0;

  private constructor(words: readonly string[], io: Io, timeoutMs: number) {
    this.#words = words;
    this.#io = io;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws {UsageError} The line cannot be split, or names no program. */
  static async open(line: string, io: Io, timeoutMs = EXEC_TIMEOUT_MS): Promise<MessageCommand> {
    const words = splitCommand(line);
    if (words === undefined) {
      throw new UsageError(`--exec ${line}: a quote is not closed, or there is no program`);
    }
    if (!await isProgram(words[0]!)) {
      throw new UsageError(`--exec ${line}: no such program: ${words[0]}; no shell reads the line`);
    }
    return new MessageCommand(words, io, timeoutMs);
  }

  /** Runs the program with `entry` in its environment, and the text on its standard input. `me`: our nick. */
  async run(entry: MessageEntry, me: string): Promise<void> {
    const why = await this.#run(entry, me);
    if (why === undefined || this.#io.signal.aborted) return;
    this.#failures++;
    this.#io.stderr.write(
      `chatterbox: --exec: ${toPrintable(`${this.#words[0]} ${why} (message of ${entry.from})`)}\n`,
    );
  }

  /** The exit code of `logs`: `code`, unless it is 0 and some run has failed. */
  end(code: ExitCode): ExitCode {
    if (this.#failures === 0 || code !== EXIT.ok) return code;
    this.#io.stderr.write(`chatterbox: --exec failed for ${this.#failures} of the messages\n`);
    return EXIT.ioError;
  }

  /** What went wrong; undefined: nothing. */
  async #run(entry: MessageEntry, me: string): Promise<string | undefined> {
    const [program = "", ...args] = this.#words;
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(program, {
        args,
        env: environmentOf(entry, me),
        stdin: "piped",
        stdout: "inherit",
        stderr: "inherit",
      }).spawn();
    } catch (error) {
      return `cannot be started: ${(error as Error).message}`;
    }
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      kill(child, "SIGKILL");
    }, this.#timeoutMs);
    const { signal } = this.#io;
    // Ctrl-C has reached it already.
    const onAbort = () => (signal.reason as StopReason).why === "SIGINT" || kill(child, "SIGTERM");
    signal.addEventListener("abort", onAbort);
    try {
      await give(child, entry.text);
      const status = await child.status;
      if (isLate) return `took longer than ${this.#timeoutMs / 1000} s and was killed`;
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
