/** `logs --exec`: a program that runs for each message. */
import { toPrintable } from "../../../lib/base/printable_text.ts";
import type { Io } from "../../../lib/cli/command.ts";
import { EXIT } from "../../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../../lib/cli/exit_codes.ts";
import type { MessageEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import { MessageProgram } from "../../support/message_program.ts";

/** One run at a time, in the order of the messages. Failures are told, and counted for the exit code. */
export class MessageCommand {
  readonly #program: MessageProgram;
  readonly #io: Io;
  #failures = 0;

  private constructor(program: MessageProgram, io: Io) {
    this.#program = program;
    this.#io = io;
  }

  /** @throws {UsageError} The line cannot be split, or names no program. */
  static async open(line: string, io: Io, timeoutMs?: number): Promise<MessageCommand> {
    const options = { flag: "--exec", output: "inherit", signal: io.signal } as const;
    const timed = timeoutMs === undefined ? options : { ...options, timeoutMs };
    return new MessageCommand(await MessageProgram.open(line, timed), io);
  }

  /** Runs the program for `entry`. `me`: our nick. */
  async run(entry: MessageEntry, me: string): Promise<void> {
    const failure = await this.#program.run(entry, me);
    if (failure === undefined) return;
    this.#failures++;
    this.#io.stderr.write(`chatterbox: --exec: ${toPrintable(`${failure} (message of ${entry.from})`)}\n`);
  }

  /** The exit code of `logs`: `code`, unless it is 0 and some run has failed. */
  end(code: ExitCode): ExitCode {
    if (this.#failures === 0 || code !== EXIT.ok) return code;
    this.#io.stderr.write(`chatterbox: --exec failed for ${this.#failures} of the messages\n`);
    return EXIT.ioError;
  }
}
