/** xterm.js without a window, and its screen as text. */
import headless from "@xterm/headless";

export class Xterm {
  readonly #terminal;

  /**
   * `onAnswer`: what the terminal says to the program. A resize wraps all lines anew but the one with the cursor, as in VS Code.
   */
  constructor(columns: number, rows: number, onAnswer: (text: string) => void = () => {}) {
    this.#terminal = new headless.Terminal({
      cols: columns,
      rows,
      scrollback: 10_000,
      allowProposedApi: true,
    });
    this.#terminal.onData(onAnswer);
  }

  write(text: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(text, resolve));
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  /** All lines, scrollback included, wrapped ones in one piece, without spaces at the end; empty ones at the end left out. */
  lines(): string[] {
    const buffer = this.#terminal.buffer.active;
    const lines: string[] = [];
    for (let y = 0; y < buffer.length; y++) {
      const row = buffer.getLine(y)!;
      const continues = buffer.getLine(y + 1)?.isWrapped === true;
      const text = row.translateToString(!continues, 0, continues ? columnsInUse(row) : undefined);
      if (row.isWrapped) lines[lines.length - 1] += text;
      else lines.push(text);
    }
    while (lines.at(-1)?.trimEnd() === "") lines.pop();
    return lines.map((line) => line.trimEnd());
  }

  /** The line the cursor is in, up to the cursor. */
  beforeCursor(): string {
    const buffer = this.#terminal.buffer.active;
    let y = buffer.baseY + buffer.cursorY;
    let text = buffer.getLine(y)!.translateToString(false, 0, buffer.cursorX);
    while (buffer.getLine(y)!.isWrapped) {
      const row = buffer.getLine(--y)!;
      text = row.translateToString(false, 0, columnsInUse(row)) + text;
    }
    return text;
  }

  /** Bracketed paste is on. */
  get marksPastes(): boolean {
    return this.#terminal.modes.bracketedPasteMode;
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}

/** Without the last cell, where a wide character did not fit it. */
function columnsInUse(
  row: {
    readonly length: number;
    getCell(x: number): { getChars(): string; getWidth(): number } | undefined;
  },
) {
  const last = row.getCell(row.length - 1);
  return last?.getChars() === "" && last.getWidth() === 1 ? row.length - 1 : row.length;
}
