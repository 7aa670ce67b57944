/** The command line of `chatterbox logs` for what a chat does not show, to copy into a shell. Pure. */
import { isChannelName } from "../../irc/names/name_rules.ts";

export interface LogsCommand {
  /** A channel or a user. */
  readonly target: string;
  /** Milliseconds since the epoch; inclusive. */
  readonly since: number;
  /** Our nick. */
  readonly name: string;
  /** The server as typed by the person; undefined: not at all. */
  readonly server: string | undefined;
}

export function formatLogsCommand({ target, since, name, server }: LogsCommand): string {
  const place = isChannelName(target)
    ? ["--room", quoteShellWord(target)]
    : ["--with", quoteShellWord(target), "--name", quoteShellWord(name)];
  const at = server === undefined ? [] : ["--server", quoteShellWord(server)];
  // Shorter than a date: one row of a terminal can be copied whole.
  return ["chatterbox logs", ...place, ...at, "--since", `@${since / 1000}`].join(" ");
}

/** `text` as one word of a POSIX shell (XCU section 2.2, "Quoting"). */
function quoteShellWord(text: string): string {
  return /^[\w.:/+@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
