/** `chatterbox --help`. */
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import {
  formatHelpExamples,
  formatHelpParagraph,
  formatHelpSection,
  formatHelpUsages,
  MAX_HELP_COLUMNS,
} from "./help_layout.ts";

export const PROGRAM_EXAMPLES = [
  ["chatterbox serve", "start a server; no configuration is needed"],
  ["chatterbox join alice", "join the chat in another terminal"],
  ['chatterbox send bob "hi"', "send one message, for example from a script"],
  ["chatterbox logs --tail", "show the history, then new messages as they arrive"],
  ["chatterbox list", "list users and rooms"],
] as const;

export const VARIABLES = [
  ["CHATTERBOX_SERVER", "the server, or a list of its addresses, as --server; in the file: server"],
  ["CHATTERBOX_NAME", "your name; in the file: name"],
  ["CHATTERBOX_PASSWORD", "the server's password; in the file: password"],
  ["CHATTERBOX_KEY", "the key of your name, as --key-file; not in the file"],
  ["CHATTERBOX_CA", "file of certificates to trust, as --ca; in the file: ca"],
  ["NO_COLOR", "any value: no colours"],
] as const;

export const CONFIG_FILE = "$XDG_CONFIG_HOME/chatterbox/config.json";
export const PROGRAM_SUMMARY = "Chat for terminals and scripts: a server and its clients in one program.";
export const PROGRAM_USAGES = ["chatterbox COMMAND [FLAGS]", "chatterbox --help | --version"];

/** Examples, commands, environment, exit codes, in lines of at most `columns`. */
export function formatProgramHelp(commands: readonly Command[], columns = MAX_HELP_COLUMNS): string {
  return [
    formatHelpParagraph(PROGRAM_SUMMARY, columns),
    formatHelpExamples(PROGRAM_EXAMPLES, columns),
    formatHelpUsages(PROGRAM_USAGES, columns),
    formatHelpSection(
      "Commands (for each: chatterbox COMMAND --help)",
      commands.map(({ name, summary }) => [name, summary]),
      columns,
    ),
    formatHelpSection("Environment", VARIABLES, columns) +
    formatHelpParagraph(`The file is ${CONFIG_FILE} (JSON).`, columns),
    formatHelpSection("Exit codes", EXIT_CODES.map(([code, meaning]) => [String(code), meaning]), columns),
  ].join("\n");
}
