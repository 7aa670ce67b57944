/** The program, which has a bug as soon as `!` is typed in `join`: no timer has run since. */
import { LineKeeper } from "../../lib/tui/line_keeper.ts";

const { noteKey } = LineKeeper.prototype;
LineKeeper.prototype.noteKey = function (line) {
  noteKey.call(this, line);
  if (line.text.endsWith("!")) queueMicrotask(() => Promise.reject(new TypeError("a bug")));
};

await import("../../main.ts");
