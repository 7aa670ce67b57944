/** What the user interface at a terminal gets from the program. */
import type { callAfter as callLater } from "../base/deadlines.ts";
import type { LineStore } from "./line_keeper.ts";
import type { OutsideEdit } from "./ui.ts";

export interface TerminalUiOptions {
  /** Keeps typed lines and drafts from run to run; left out: they end with this one. */
  readonly store?: LineStore | undefined;
  /**
   * Opens the person's editor, which has the terminal until this resolves; left out: this program may start none.
   * `noteSaved` gets another text that was saved where a signal ends this program before.
   */
  readonly editOutside?: (text: string, noteSaved: (text: string) => void) => Promise<OutsideEdit>;
  /** Stops this program until the shell continues it; the text says why it cannot. Left out: it may not. */
  readonly suspend?: () => string | undefined;
  /** A single Ctrl-C on the empty line leaves. */
  readonly leavesAtOnce?: boolean;
  /** For tests. */
  readonly later?: typeof callLater;
}
