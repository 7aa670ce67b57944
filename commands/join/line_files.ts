/** The files that keep what a person types in `join`: submitted lines and drafts. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { stateDir } from "../../lib/cli/files/user_dirs.ts";
import type { LineStore } from "../../lib/tui/line_keeper.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { DraftsFile } from "./drafts_file.ts";
import { HistoryFile } from "./history_file.ts";

/**
 * Undefined: nothing is kept, because there is no state folder. A file that cannot be read is left as it is, and told on
 * standard error.
 */
export function openLineFiles({ address, name }: ClientLogin, io: Io): LineStore | undefined {
  const dir = stateDir(io.env);
  if (dir === undefined) return undefined;
  const historyFile = new HistoryFile(dir, address, name);
  const history = historyFile.read();
  const draftsFile = new DraftsFile(dir, address, name);
  const drafts = draftsFile.read();
  if (history.kind === "bad") {
    reportUnused("the typed lines of earlier runs", historyFile.path, history.why, io);
  }
  if (drafts.kind === "bad") reportUnused("the drafts of earlier runs", draftsFile.path, drafts.why, io);
  return {
    history: history.kind === "ok" ? history.lines : [],
    drafts: drafts.kind === "ok" ? drafts.drafts : {},
    addLine: (line) => history.kind === "ok" && historyFile.add(line),
    replaceDrafts: (texts) => drafts.kind === "ok" && draftsFile.write(texts),
  };
}

function reportUnused(what: string, path: string, why: string, io: Io): void {
  io.stderr.write(`chatterbox: ${toPrintable(`${what} are not used: ${path}: ${why}`)}\n`);
}
