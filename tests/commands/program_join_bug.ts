/** The program, which has a bug while `join` has the terminal. */
import { TerminalUi } from "../../lib/tui/terminal_ui.ts";

const { show } = TerminalUi.prototype;
TerminalUi.prototype.show = function (lines) {
  show.call(this, lines);
  if (lines.length > 0) {
    setTimeout(() => {
      throw new TypeError("a bug");
    }, 50);
  }
};

await import("../../main.ts");
