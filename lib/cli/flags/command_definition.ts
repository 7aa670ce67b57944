/**
 * Defines a command by its table of flags, its examples and its function. Help and usage errors have the same
 * form for all commands.
 */
import { toPrintable } from "../../base/printable_text.ts";
import type { Command, Io, Permission } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import type { Flag, FlagTable, FlagValues } from "./flags.ts";
import { formatBound, parseFlags } from "./flags.ts";
import { formatHelpExamples, formatHelpParagraph, formatHelpSection } from "./help_layout.ts";
import type { HelpRow } from "./help_layout.ts";

export interface CommandDefinition<T extends FlagTable> {
  readonly name: string;
  readonly summary: string;
  /** Default: those of a client. */
  readonly permissions?: readonly Permission[];
  /** The arguments after the name: `TARGET [TEXT…]`; a list if there are several forms. */
  readonly synopsis: string | readonly string[];
  /** What to type, and what it does; the most useful first. */
  readonly examples: readonly HelpRow[];
  readonly flags: T;
  /** Sections of their own after the flags: heading and rows. */
  readonly sections?: readonly (readonly [heading: string, rows: readonly HelpRow[]])[];
  /** Words may begin with one dash, as in `mode #tea -m`; the table then has no short flags. */
  readonly dashWords?: true;
  /** Paragraphs after the flags and sections; the help breaks their lines. */
  readonly notes?: readonly string[];
  /** The exit codes of the command and their meanings, at the end of the help. */
  readonly exitCodes?: readonly HelpRow[];
}

/** Permissions to find out the user's login name. */
export const LOGIN_NAME_PERMISSIONS: readonly Permission[] = ["sys:uid", "sys:gid", "sys:userInfo"];

/** Permissions to ask a question at a terminal (`lib/tui/terminal/inquirer.ts`), besides the environment. */
export const QUESTION_PERMISSIONS: readonly Permission[] = ["sys:osRelease"];

/** Permissions for files, the network, checking a server's certificate, and the login name. */
export const CLIENT_PERMISSIONS: readonly Permission[] = [
  "read",
  "write",
  "net",
  "sys:ca",
  ...LOGIN_NAME_PERMISSIONS,
];

/** The same, for a client that may have nothing to write for a long time: see {@link watchStdoutReader}. */
export const WATCHING_CLIENT_PERMISSIONS: readonly Permission[] = [...CLIENT_PERMISSIONS, "ffi"];

/**
 * If the command `waits` for events, `io.stdout.closedSignal` is aborted from now on as soon as the reader of
 * standard output closes its end. The permission for that is revoked in any case, before anything is read
 * from the network.
 */
export function watchStdoutReader(io: Io, waits: boolean): void {
  if (waits) io.stdout.watchForClose();
  io.revoke(["ffi"]);
}

/** A fault of the arguments that the table of flags cannot express. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * The command that `usage` describes. `run` gets the typed flags and the remaining words. It may throw a
 * {@link UsageError}, which is reported as one line with exit code 64.
 */
export function defineCommand<const T extends FlagTable>(
  usage: CommandDefinition<T>,
  run: (flags: FlagValues<T>, words: string[], io: Io) => Promise<number>,
): Command {
  return {
    name: usage.name,
    summary: usage.summary,
    permissions: usage.permissions ?? CLIENT_PERMISSIONS,
    async run(args, io) {
      const parsed = parseFlags(usage.flags, args, io.clock, usage.dashWords);
      switch (parsed.kind) {
        case "help":
          io.stdout.write(formatHelp(usage));
          return EXIT.ok;
        case "usage":
          return reportUsageError(io, usage.name, parsed.text);
        case "ok":
          return await runChecked(usage.name, io, () => run(parsed.flags, parsed.args, io));
      }
    },
  };
}

async function runChecked(name: string, io: Io, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return reportUsageError(io, name, error.message);
  }
}

function reportUsageError(io: Io, name: string, text: string): number {
  io.stderr.write(
    `chatterbox ${name}: ${toPrintable(text)}\n(for usage: chatterbox ${name} --help)\n`,
  );
  return EXIT.usage;
}

/** The summary, the examples, then every flag with its default. */
export function formatHelp(usage: CommandDefinition<FlagTable>): string {
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
