/** The help of a command: `chatterbox COMMAND --help`. */
import type { CommandHelp, Flag, FlagTable, HelpRow } from "../command_syntax.ts";
import { formatBound } from "./flags.ts";
import {
  formatHelpExamples,
  formatHelpParagraph,
  formatHelpSection,
  formatHelpUsages,
  MAX_HELP_COLUMNS,
} from "./help_layout.ts";

export type { CommandHelp } from "../command_syntax.ts";

/** The summary, the examples, then every flag with its default, in lines of at most `columns`. */
export function formatHelp(usage: CommandHelp, columns = MAX_HELP_COLUMNS): string {
  const section = (heading: string, rows: readonly HelpRow[]) => formatHelpSection(heading, rows, columns);
  return [
    formatHelpParagraph(usage.summary, columns),
    formatHelpExamples(usage.examples, columns),
    formatHelpUsages(listUsages(usage), columns),
    ...groupFlags(usage.flags).map(([heading, rows]) => section(heading, rows.map(padNames))),
    ...(usage.sections ?? []).map(([heading, rows]) => section(heading, rows)),
    ...(usage.notes ?? []).map((note) => formatHelpParagraph(note, columns)),
    ...usage.exitCodes === undefined ? [] : [section("Exit codes", usage.exitCodes)],
  ].join("\n");
}

/** `chatterbox send TARGET [TEXT…]`: a line for each form. */
export function listUsages({ name, synopsis }: CommandHelp): string[] {
  const synopses = typeof synopsis === "string" ? [synopsis] : synopsis;
  return synopses.map((each) => `chatterbox ${name} ${each}`.trimEnd());
}

/**
 * Headings and their flags, as names and text: the flags without a group first, then each group, in the order of the
 * table.
 */
export function groupFlags(table: FlagTable): [heading: string, rows: HelpRow[]][] {
  const groups = new Map<string, HelpRow[]>([["Flags", []]]);
  for (const [name, flag] of Object.entries(table)) {
    const group = flag.group ?? "Flags";
    groups.set(group, [...groups.get(group) ?? [], [formatFlagNames(name, flag), formatFlagHelp(flag)]]);
  }
  groups.get("Flags")!.push(["-h, --help", "show this help"]);
  return [...groups];
}

/** `-n, --lines N` */
function formatFlagNames(name: string, flag: Flag): string {
  const short = flag.short ? `-${flag.short}, ` : "";
  const long = [name, ...flag.aliases ?? []].map((alias) => `--${alias}`).join(", ");
  return flag.type === "boolean"
    ? `${short}${long}`
    : `${short}${long} ${flag.value ?? flag.type.toUpperCase()}`;
}

/** The long names of all flags are below each other. */
function padNames([names, text]: HelpRow): HelpRow {
  return [names.startsWith("--") ? `    ${names}` : names, text];
}

/**
 * The purpose of a flag, then its values and default in one pair of brackets; a text that ends with its
 * default in brackets is merged with them.
 */
function formatFlagHelp(flag: Flag): string {
  const [, words = flag.help, told] = /^(.*) \((default [^()]*)\)$/s.exec(flag.help) ?? [];
  const notes = [];
  if (flag.choices && flag.value !== flag.choices.join("|")) notes.push(formatChoices(flag.choices));
  if (flag.min !== undefined && flag.max !== undefined) {
    notes.push(`${formatBound(flag, flag.min)} to ${formatBound(flag, flag.max)}`);
  }
  if (flag.repeatable) notes.push("repeatable");
  if (flag.default !== undefined) notes.push(`default ${flag.default}`);
  if (told !== undefined) notes.push(told);
  return notes.length === 0 ? words : `${words} (${notes.join("; ")})`;
}

/** `a, b or c`. */
function formatChoices(choices: readonly string[]): string {
  return [choices.slice(0, -1).join(", "), choices.at(-1)].filter((text) => text !== "").join(" or ");
}
