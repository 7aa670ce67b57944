/** The manual pages: the parts of the help, in the order of man-pages(7), with the examples first. */
import type { Command } from "../../lib/cli/command.ts";
import { EXIT_CODES } from "../../lib/cli/exit_codes.ts";
import { groupFlags, listUsages } from "../../lib/cli/flags/command_help.ts";
import type { CommandHelp } from "../../lib/cli/flags/command_help.ts";
import type { HelpRow } from "../../lib/cli/flags/help_layout.ts";
import {
  CONFIG_FILE,
  PROGRAM_EXAMPLES,
  PROGRAM_SUMMARY,
  PROGRAM_USAGES,
  VARIABLES,
} from "../../lib/cli/flags/program_help.ts";
import { bold, formatSynopsis, heading, item, paragraphs, prose, quoteArgument, subheading } from "./roff.ts";

export interface Edition {
  readonly version: string;
  /** `2026-01-31`. */
  readonly date: string;
}

const FILES: readonly HelpRow[] = [
  [
    CONFIG_FILE,
    "server, name and others of the variables above, as a JSON object",
  ],
  ["$XDG_CONFIG_HOME/chatterbox/keys/", "the keys of your names, a folder for each server"],
  ["$XDG_STATE_HOME/chatterbox/", "the data folder of a server: history, accounts, settings"],
];

/** `chatterbox-bench-ipc` for the command `bench ipc`; `chatterbox` for the program, "". */
export function pageName(command: string): string {
  return ["chatterbox", ...command.split(/[ -]/)].filter((part) => part !== "").join("-");
}

export function formatProgramPage(commands: readonly Command[], edition: Edition): string {
  return [
    formatTitle(pageName(""), PROGRAM_SUMMARY, edition),
    formatUsages(PROGRAM_USAGES),
    formatExamples(PROGRAM_EXAMPLES),
    heading("Commands"),
    ...commands.map(({ name, summary }) => item(formatPageLink(name), summary)),
    heading("Environment"),
    ...VARIABLES.map(formatRow),
    heading("Files"),
    ...FILES.map(formatRow),
    heading("Exit status"),
    ...EXIT_CODES.map(([code, meaning]) => formatRow([String(code), meaning])),
    formatSeeAlso(commands.map(({ name }) => name)),
  ].join("");
}

/** `parts`: the commands of two words that begin with this one. */
export function formatCommandPage(help: CommandHelp, parts: readonly Command[], edition: Edition): string {
  const groups = groupFlags(help.flags);
  return [
    formatTitle(pageName(help.name), help.summary, edition),
    formatUsages(listUsages(help)),
    formatExamples(help.examples),
    ...help.notes === undefined ? [] : [heading("Description"), paragraphs(help.notes)],
    heading("Options"),
    ...groups.flatMap(([title, rows], nth) => [
      ...nth === 0 ? [] : [subheading(title)],
      ...rows.map(([names, text]) => item(formatSynopsis(names), text)),
    ]),
    ...(help.sections ?? []).flatMap(([title, rows]) => [heading(title), ...rows.map(formatRow)]),
    ...help.exitCodes === undefined ? [] : [heading("Exit status"), ...help.exitCodes.map(formatRow)],
    formatSeeAlso(["", ...parts.map((part) => part.help.name)]),
  ].join("");
}

function formatTitle(name: string, summary: string, { version, date }: Edition): string {
  const what = summary.replace(/\.$/, "");
  return [
    `.TH ${quoteArgument(name.toUpperCase())} 1 ${date} ${
      quoteArgument(`chatterbox ${version}`)
    } "ChatterBox Manual"\n`,
    heading("Name"),
    prose(`${name} - ${what.charAt(0).toLowerCase()}${what.slice(1)}`),
  ].join("");
}

function formatUsages(usages: readonly string[]): string {
  return heading("Synopsis") + usages.map((usage) => `${formatSynopsis(usage)}\n`).join(".br\n");
}

function formatExamples(examples: readonly HelpRow[]): string {
  return heading("Examples") + examples.map(formatRow).join("");
}

function formatRow([term, text]: HelpRow): string {
  return item(bold(term), text);
}

/** `chatterbox-send(1)`. */
function formatPageLink(command: string): string {
  return `${bold(pageName(command))}(1)`;
}

function formatSeeAlso(names: readonly string[]): string {
  return `${heading("See also")}${names.map(formatPageLink).join(",\n")}\n`;
}
