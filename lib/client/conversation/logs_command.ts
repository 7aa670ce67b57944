/** The command line of `chatterbox logs` that shows what a chat does not, for a person to copy into a shell. Pure. */
import { isChannelName } from "../../irc/names/name_rules.ts";

export interface LogsCommand {
  /** A channel or a person. */
  readonly target: string;
  /** Milliseconds since the epoch; a message of that time is shown, too. */
  readonly since: number;
  /** Under which name the person is here. */
  readonly name: string;
  /** The server as the person has named it; undefined: by the environment, or not at all. */
  readonly server: string | undefined;
}

export function formatLogsCommand({ target, since, name, server }: LogsCommand): string {
  const place = isChannelName(target)
    ? ["--room", quoteShellWord(target)]
    : ["--with", quoteShellWord(target), "--name", quoteShellWord(name)];
  const at = server === undefined ? [] : ["--server", quoteShellWord(server)];
  // Shorter than a date, so that it mostly fits one row of a terminal, from which it can be copied whole.
  return ["chatterbox logs", ...place, ...at, "--since", `@${since / 1000}`].join(" ");
}

/** One word of a POSIX shell (XCU section 2.2, "Quoting"); what it may understand otherwise is quoted. */
function quoteShellWord(text: string): string {
  return /^[\w.:/+@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
