/** The program, of which `list` has a bug while it has the alternate screen. */
import { command } from "../../commands/list.ts";
import type { Io } from "../../lib/cli/command.ts";

Object.assign(command, {
  run(_: string[], io: Io) {
    io.stdout.changeTerminal("\x1b[?1049hon the alternate screen", "\x1b[?1049l");
    setTimeout(() => {
      throw new TypeError("a bug");
    }, 50);
    return new Promise(() => {});
  },
});

await import("../../main.ts");
