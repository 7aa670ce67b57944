/** The questions of a connection attempt, at the terminal of a client command. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import type {
  ConnectQuestions,
  QuestionAnswer,
  UnknownCertificate,
} from "../../lib/client/session/connect_questions.ts";
import type { PromptResult } from "../../lib/tui/terminal/inquirer.ts";
import type { Terminal } from "../../lib/tui/terminal/terminal.ts";

const DECLINED: QuestionAnswer = { kind: "declined" };

/**
 * Questions at the terminal of `io`; undefined: it has none (`createTerminal`). What asks is read and loaded with the
 * first question: most runs have none.
 */
export function makeTerminalQuestions(io: Io): ConnectQuestions | undefined {
  if (!io.stdin.isTerminal || !(io.terminal ?? io.stdout).isTerminal || io.env("TERM") === "dumb") {
    return undefined;
  }
  return new TerminalQuestions(io);
}

class TerminalQuestions implements ConnectQuestions {
  readonly #io: Io;
  #isClosed = false;
  password: string | undefined;
  waitedMs = 0;

  constructor(io: Io) {
    this.#io = io;
  }

  async askPassword(where: string, isWrong: boolean): Promise<QuestionAnswer> {
    this.#tell(isWrong ? `wrong password for ${where}` : `${where} asks for a password`);
    const answer = await this.#ask(({ askSecret }, terminal) =>
      askSecret(terminal, `Password of ${where}`, passwordFault)
    );
    if (answer.kind === "answer") this.password = answer.text;
    return answer;
  }

  askTrust({ where, fingerprint, problem }: UnknownCertificate): Promise<QuestionAnswer> {
    this.#tell(
      `${where} is not known here, and no authority vouches for its certificate (${problem}). Its fingerprint, ` +
        "to compare with the one that the server showed at its start:",
    );
    this.#tell(fingerprint);
    return this.#ask(({ askYesOrNo }, terminal) => askYesOrNo(terminal, "Accept it, now and from now on?"));
  }

  close(): void {
    this.#isClosed = true;
  }

  #tell(text: string): void {
    if (!this.#isClosed) (this.#io.terminal ?? this.#io.stdout).write(`${toPrintable(text)}\n`);
  }

  /** The terminal is given back after the question. */
  async #ask(
    question: (
      prompts: typeof import("../../lib/tui/terminal/prompt.ts"),
      terminal: Terminal,
    ) => Promise<PromptResult>,
  ): Promise<QuestionAnswer> {
    if (this.#isClosed) return DECLINED;
    const { clock } = this.#io;
    const start = clock.now();
    const { createTerminal }: typeof import("../../lib/tui/terminal/terminal.ts") = await import(
      import.meta.resolve("../../lib/tui/terminal/terminal.ts")
    );
    const terminal = createTerminal(this.#io);
    if (terminal === undefined) return DECLINED;
    try {
      const reply = await question(
        await import(import.meta.resolve("../../lib/tui/terminal/prompt.ts")),
        terminal,
      );
      switch (reply.kind) {
        case "text":
          return { kind: "answer", text: reply.text };
        case "interrupt":
          return { kind: "interrupted", code: reply.code };
        case "end":
          return DECLINED;
      }
    } finally {
      terminal.keyboard.close();
      await terminal.output.flush(); // in front of what standard error tells next
      this.waitedMs += clock.now() - start;
    }
  }
}

/** Fault of a password, as one sentence; undefined if it can be sent to a server. */
function passwordFault(text: string): string | undefined {
  if (text === "") return "A password is not empty.";
  return /[\r\n\0]/.test(text) ? "A password is one line." : undefined;
}
