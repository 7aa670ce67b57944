/** The files that keep what a person types in `join`: submitted lines and drafts. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { stateDir } from "../../lib/cli/files/user_dirs.ts";
import type { LineStore } from "../../lib/tui/line_keeper.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { HistoryFile } from "./history_file.ts";
import { openDrafts } from "./kept_drafts.ts";

/**
 * Undefined: nothing is kept, because there is no state folder. A file that cannot be read is left as it is, and told on
 * standard error.
 */
export function openLineFiles({ address, name }: ClientLogin, io: Io): LineStore | undefined {
  const dir = stateDir(io.env);
  if (dir === undefined) return undefined;
  const historyFile = new HistoryFile(dir, address, name);
  const history = historyFile.read();
  if (history.kind === "bad") {
    reportUnused("the typed lines of earlier runs", historyFile.path, history.why, io);
  }
  const lines = history.kind === "ok" ? [...history.lines] : [];
  const { drafts, file, faults } = openDrafts(dir, address, name, (text) => {
    if (history.kind === "bad") {
      throw new Error("two drafts are for one conversation, and the history cannot be read");
    }
    if (lines.includes(text)) return;
    historyFile.add(text);
    lines.push(text);
  });
  for (const [path, why] of faults) reportUnused("the drafts of earlier runs", path, why, io);
  return {
    history: lines,
    drafts,
    addLine: (line) => history.kind === "ok" && historyFile.add(line),
    replaceDrafts: (texts, isDurable) => file?.write(texts, isDurable),
    onExit: (save) => globalThis.addEventListener("unload", save),
  };
}

function reportUnused(what: string, path: string, why: string, io: Io): void {
  io.stderr.write(`chatterbox: ${toPrintable(`${what} are not used: ${path}: ${why}`)}\n`);
}
