/** A terminal for tests: keys go in by {@link FakeTerminal.press}, the screen is an xterm.js. */
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { QueuedOutput } from "../../lib/cli/standard_streams.ts";
import { Keyboard } from "../../lib/tui/terminal/keyboard.ts";
import type { Terminal } from "../../lib/tui/terminal/terminal.ts";
import { inTime } from "../support/guard.ts";
import { Xterm } from "./xterm.ts";

export class FakeTerminal implements Terminal {
  readonly keyboard: Keyboard;
  readonly output: QueuedOutput;
  readonly screen: Xterm;
  /** All that was written, as text. */
  written = "";
  /** Until then the terminal takes nothing more. */
  stop: Promise<void> | undefined;
  /** Raw mode now. */
  raw = false;
  #left = false;
  #size: { columns: number; rows: number };
  #resized: () => void = () => {};
  readonly #keys: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #waiting: (() => void)[] = [];

  constructor(columns = 60, rows = 20) {
    this.#size = { columns, rows };
    this.screen = new Xterm(columns, rows, (text) => this.press(text));
    let keys: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
    const readable = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => void (keys = controller),
      cancel: () => void (this.#left = true),
    });
    this.#keys = keys!;
    this.keyboard = new Keyboard({ isTerminal: true, readable, setRaw: (on) => this.raw = on });
    const decoder = new TextDecoder();
    this.output = new QueuedOutput({
      write: async (bytes) => {
        if (this.stop !== undefined) await this.stop;
        this.written += decoder.decode(bytes, { stream: true });
        await this.screen.write(bytes);
        for (const look of this.#waiting.splice(0)) look();
        return bytes.length;
      },
    }, true);
  }

  readonly size = () => this.#size;

  readonly onResize = (handler: () => void) => {
    this.#resized = handler;
    return () => this.#resized = () => {};
  };

  #continued: () => void = () => {};

  readonly onContinue = (handler: () => void) => {
    this.#continued = handler;
    return () => this.#continued = () => {};
  };

  /** A SIGCONT. */
  goOn(): void {
    this.#continued();
  }

  /** Handlers of a signal that ends the program. */
  readonly onSignal = new Set<(code: ExitCode) => void>();

  readonly onInterrupt = (handler: (code: ExitCode) => void) => {
    this.onSignal.add(handler);
    return () => void this.onSignal.delete(handler);
  };

  press(text: string): void {
    if (!this.#left) this.#keys.enqueue(encodeUtf8(text)); // else nobody reads any more, and the shell gets it
  }

  hangUp(): void {
    this.#keys.close();
  }

  /** The terminal is closed: from then on reading it fails. */
  breakOff(): void {
    this.#keys.error(new Error("Input/output error (os error 5)"));
  }

  resize(columns: number, rows: number): void {
    this.#size = { columns, rows };
    this.screen.resize(columns, rows);
    this.#resized();
  }

  /** Waits until the screen's lines are as `expected`. */
  async shows(expected: (lines: string[]) => boolean): Promise<string[]> {
    const come = async () => {
      while (!expected(this.screen.lines())) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    };
    await inTime(`a screen with ${expected}`, come(), { heard: () => this.screen.lines() });
    return this.screen.lines();
  }
}
