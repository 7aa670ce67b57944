/** Where `list --watch` shows its lists: the alternate screen of a terminal, or one block after the other. */
import type { OutputStream } from "../../lib/cli/standard_streams.ts";

/** The alternate screen (xterm's 1049) without a cursor; and back. */
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
/** Cursor home; erase to the end of a line; erase to the end of the screen. */
const HOME = "\x1b[H";
const ERASE_LINE = "\x1b[K";
const ERASE_BELOW = "\x1b[J";

const DEFAULT_ROWS = 24;

export class WatchScreen {
  readonly #output: OutputStream;
  /** Gives the terminal back; undefined: it is not taken. */
  #leave: (() => void) | undefined;
  #hasShown = false;

  /** `isScreen`: redraws a terminal. */
  constructor(output: OutputStream, readonly isScreen: boolean) {
    this.#output = output;
  }

  /** Shows `text`, and on a screen `status` below it ("": none). */
  show(text: string, status = ""): void {
    if (this.isScreen) {
      this.#leave ??= this.#output.changeTerminal(ENTER, LEAVE);
      this.#output.write(this.#draw(text, status));
    } else this.#output.write((this.#hasShown ? "\n" : "") + text);
    this.#hasShown = true;
  }

  /** The terminal is as it was before. */
  close(): void {
    this.#leave?.();
  }

  /** What does not fit is counted: a screen that scrolls would lose its heading. */
  #draw(text: string, status: string): string {
    const rows = this.#output.size()?.rows ?? DEFAULT_ROWS;
    const lines = text.trimEnd().split("\n");
    const room = Math.max(1, rows - (status === "" ? 0 : 1));
    const shown = lines.length <= room
      ? lines
      : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more`];
    return HOME + [...shown, ...status === "" ? [] : [status]].map((line) => line + ERASE_LINE).join("\r\n") +
      ERASE_BELOW;
  }
}
