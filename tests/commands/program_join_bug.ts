/** The program, which has a bug while `join` has the terminal. */
import { TerminalUi } from "../../lib/tui/terminal_ui.ts";

const { show } = TerminalUi.prototype;
TerminalUi.prototype.show = function (lines, replaced) {
  show.call(this, lines, replaced);
  if (lines.flat().some(({ text }) => text.includes("1 person"))) {
    setTimeout(() => {
      throw new TypeError("a bug");
    }, 50);
  }
};

await import("../../main.ts");
