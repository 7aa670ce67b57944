/** The help of a command: `chatterbox COMMAND --help`. */
import type { Flag, FlagTable } from "./flags.ts";
import { formatBound } from "./flags.ts";
import { formatHelpExamples, formatHelpParagraph, formatHelpSection } from "./help_layout.ts";
import type { HelpRow } from "./help_layout.ts";

/** What the help says of a command. */
export interface CommandHelp {
  readonly name: string;
  readonly summary: string;
  /** The arguments after the name: `TARGET [TEXT…]`; a list if there are several forms. */
  readonly synopsis: string | readonly string[];
  /** What to type, and what it does; the most useful first. */
  readonly examples: readonly HelpRow[];
  readonly flags: FlagTable;
  /** Sections of their own after the flags: heading and rows. */
  readonly sections?: readonly (readonly [heading: string, rows: readonly HelpRow[]])[];
  /** Paragraphs after the flags and sections; the help breaks their lines. */
  readonly notes?: readonly string[];
  /** The exit codes of the command and their meanings, at the end of the help. */
  readonly exitCodes?: readonly HelpRow[];
}

/** The summary, the examples, then every flag with its default. */
export function formatHelp(usage: CommandHelp): string {
  const synopses = typeof usage.synopsis === "string" ? [usage.synopsis] : usage.synopsis;
  return [
    `${usage.summary}\n`,
    formatHelpExamples(usage.examples),
    `Usage:\n${
      synopses.map((synopsis) => `  chatterbox ${usage.name} ${synopsis}`.trimEnd() + "\n").join("")
    }`,
    ...formatFlagSections(usage.flags),
    ...(usage.sections ?? []).map(([heading, rows]) => formatHelpSection(heading, rows)),
    ...(usage.notes ?? []).map(formatHelpParagraph),
    ...usage.exitCodes === undefined ? [] : [formatHelpSection("Exit codes", usage.exitCodes)],
  ].join("\n");
}

/** One section for the flags without a group, then one for each group, in the order of the table. */
function formatFlagSections(table: FlagTable): string[] {
  const groups = new Map<string, [string, string][]>([["Flags", []]]);
  for (const [name, flag] of Object.entries(table)) {
    const group = flag.group ?? "Flags";
    groups.set(group, [...groups.get(group) ?? [], [formatFlagNames(name, flag), formatFlagHelp(flag)]]);
  }
  groups.get("Flags")!.push(["-h, --help", "show this help"]);
  return [...groups].map(([heading, lines]) => formatHelpSection(heading, lines));
}

function formatFlagNames(name: string, flag: Flag): string {
  const short = flag.short ? `-${flag.short}, ` : "    ";
  const long = [name, ...flag.aliases ?? []].map((alias) => `--${alias}`).join(", ");
  return flag.type === "boolean"
    ? `${short}${long}`
    : `${short}${long} ${flag.value ?? flag.type.toUpperCase()}`;
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
