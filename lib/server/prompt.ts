/** The prompt of a server that runs at a terminal: its log scrolls by above, commands are typed below (`console.ts`). */
import { printable } from "../base/printable.ts";
import type { Palette } from "../cli/output.ts";
import { TerminalFace } from "../tui/terminal_face.ts";
import type { Terminal } from "../tui/terminal_face.ts";
import { deriveCredentials } from "../irc/scram.ts";
import { answer } from "./console.ts";
import type { HashRequest } from "./console_oper.ts";
import type { Level } from "./server_log.ts";
import type { ChatServer } from "./server.ts";

const PROMPT = "server> ";
const STYLE = { info: undefined, warning: "bold", error: "alarm" } as const;

export class Prompt {
  readonly #face: TerminalFace;

  constructor(terminal: Terminal, palette: Palette) {
    this.#face = new TerminalFace(terminal, palette);
    this.#face.prompt(PROMPT);
  }

  /** Shows lines, which are safe to show, above the prompt. */
  show(text: string, level: Level = "info"): void {
    const style = STYLE[level];
    const lines = text.replace(/\n$/, "").split("\n");
    this.#face.show(lines.map((line) => [style === undefined ? { text: line } : { text: line, style }]));
  }

  /** Answers commands until `quit`, Ctrl-C or Ctrl-D. */
  async run(server: ChatServer): Promise<void> {
    const quit = Promise.withResolvers<void>();
    const take = (line: string) =>
      server.turn.run((hub, now) => {
        this.show(PROMPT + printable(line));
        const outcome = answer(hub, line, now);
        if (outcome.kind === "quit") quit.resolve();
        else if (outcome.kind === "lines") this.#answer(outcome.lines);
        else void this.#hash(server, outcome.request);
      });
    const names = () => [...server.hub.state.users.values()].map(({ nick }) => nick);
    await Promise.race([quit.promise, this.#face.run(take, () => ({ names: names(), rooms: [] }))]);
  }

  #answer(lines: readonly string[]): void {
    if (lines.length > 0) this.show(lines.map(printable).join("\n"));
  }

  async #hash(server: ChatServer, { password, salt, iterations, done }: HashRequest): Promise<void> {
    const credentials = await deriveCredentials(password, salt, iterations);
    await server.turn.run((hub, now) => {
      hub.now = now;
      this.#answer(done(hub, credentials));
    });
  }

  /** Gives the terminal back. */
  close(): void {
    this.#face.close();
  }
}
