/**
 * Prompt of a server that runs at a terminal: the server log scrolls above it, commands (`command_table.ts`) are
 * typed below.
 */
import { toPrintable } from "../../base/printable_text.ts";
import type { Palette } from "../../cli/standard_streams.ts";
import { TerminalUi } from "../../tui/terminal_ui.ts";
import type { Terminal } from "../../tui/terminal/terminal.ts";
import { auditText, parseConsoleLine } from "./command_table.ts";
import { PROMPT_ISSUER } from "./console_command.ts";
import type { LogLevel } from "../server_log.ts";
import type { TurnQueue } from "../turn_queue.ts";
import type { ConsoleRunner } from "./console_runner.ts";

const PROMPT_TEXT = "server> ";
const STYLE_BY_LEVEL = { info: undefined, warning: "bold", error: "alarm" } as const;

/** What the prompt needs of its server. */
export interface ConsolePromptHost {
  readonly turnQueue: Pick<TurnQueue, "run">;
  readonly consoleRunner: Pick<ConsoleRunner, "run" | "handOver">;
  /** Nicks of all users, for completion. */
  nicks(): string[];
}

export class ConsolePrompt {
  readonly #ui: TerminalUi;

  constructor(terminal: Terminal, palette: Palette) {
    this.#ui = new TerminalUi(terminal, palette, { leavesAtOnce: true });
    this.#ui.prompt(PROMPT_TEXT, undefined);
  }

  /** Shows lines, which must be safe to print, above the prompt. */
  show(text: string, level: LogLevel = "info"): void {
    const style = STYLE_BY_LEVEL[level];
    const lines = text.replace(/\n$/, "").split("\n");
    this.#ui.show(lines.map((line) => [style === undefined ? { text: line } : { text: line, style }]));
  }

  /** Runs commands until `quit`, Ctrl-C or Ctrl-D. */
  async run(server: ConsolePromptHost): Promise<void> {
    const quit = Promise.withResolvers<void>();
    const take = (line: string) =>
      server.turnQueue.run(() => {
        this.show(PROMPT_TEXT + toPrintable(redactPassphrase(line)));
        void this.#run(server, line, quit.resolve);
      });
    const completionWords = () => ({ names: server.nicks(), channels: [] });
    await Promise.race([quit.promise, this.#ui.run({ take, completionWords, pageUp: () => {} })]);
  }

  async #run(server: ConsolePromptHost, line: string, quit: () => void): Promise<void> {
    const { lines, failure, next } = await server.consoleRunner.run(line, PROMPT_ISSUER);
    if (next === "stop") return quit();
    const all = failure === undefined ? lines : [...lines, failure.words];
    if (all.length > 0) this.show(all.map(toPrintable).join("\n"));
    if (next === "hand_over") server.consoleRunner.handOver();
  }

  /** Restores the terminal. */
  close(): void {
    this.#ui.close();
  }
}

/** `line` as the terminal shows it: without a passphrase. */
function redactPassphrase(line: string): string {
  const parsed = parseConsoleLine(line);
  const text = auditText(parsed);
  const hides = parsed.command?.auditedWords !== undefined && text !== line.trim();
  return hides ? `${text} …` : line;
}
