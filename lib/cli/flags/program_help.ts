/** `chatterbox --help`. */
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import { formatHelpExamples, formatHelpSection } from "./help_layout.ts";

const EXAMPLES = [
  ["chatterbox serve", "start a server; no configuration is needed"],
  ["chatterbox join alice", "join the chat in another terminal"],
  ['chatterbox send bob "hi"', "send one message, for example from a script"],
  ["chatterbox logs --tail", "show the history, then new messages as they arrive"],
  ["chatterbox list", "list users and rooms"],
] as const;

const VARIABLES = [
  ["CHATTERBOX_SERVER", "the server, as --server; in the file: server"],
  ["CHATTERBOX_NAME", "your name; in the file: name"],
  ["CHATTERBOX_PASSWORD", "the server's password; in the file: password"],
  ["CHATTERBOX_KEY", "the key of your name, as --key-file; not in the file"],
  ["CHATTERBOX_CA", "file of certificates to trust, as --ca; in the file: ca"],
  ["NO_COLOR", "any value: no colours"],
] as const;

/** Examples, commands, environment, exit codes. */
export function formatProgramHelp(commands: readonly Command[]): string {
  return [
    "Chat for terminals and scripts: a server and its clients in one program.\n",
    formatHelpExamples(EXAMPLES),
    "Usage:\n  chatterbox COMMAND [FLAGS]\n  chatterbox --help | --version\n",
    formatHelpSection(
      "Commands (for each: chatterbox COMMAND --help)",
      commands.map(({ name, summary }) => [name, summary]),
    ),
    formatHelpSection("Environment (or the JSON file $XDG_CONFIG_HOME/chatterbox/config.json)", VARIABLES),
    formatHelpSection("Exit codes", EXIT_CODES.map(([code, meaning]) => [String(code), meaning])),
  ].join("\n");
}
