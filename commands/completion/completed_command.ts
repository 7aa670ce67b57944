/** The commands of the program as a completion script needs them: from the tables of which the help is made. */
import type { Command } from "../../lib/cli/command.ts";
import { valueCandidates } from "../../lib/cli/flags/candidates.ts";
import type { Candidates } from "../../lib/cli/command_syntax.ts";
import { listWithParts } from "../../lib/cli/flags/flag_owners.ts";
import type { Flag } from "../../lib/cli/flags/flags.ts";

export interface CompletedCommand {
  /** `send`; `bench ipc` for one of two words. */
  readonly name: string;
  /** One line, without a dot. */
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  readonly operands: readonly Candidates[];
  /** The last one of `operands` is that of all further words, too. */
  readonly lastRepeats: boolean;
}

export interface CompletedFlag {
  /** Long names, without dashes. */
  readonly long: readonly string[];
  readonly short: string | undefined;
  /** What it is for, in a few words. */
  readonly summary: string;
  readonly isRepeatable: boolean;
  /** What stands for its value in the help. */
  readonly placeholder: string;
  /** Undefined: it takes no value. */
  readonly value: Candidates | undefined;
}

/** `--lines`, `-n`: a flag as it is typed. */
export function listSpellings({ long, short }: Pick<CompletedFlag, "long" | "short">): string[] {
  return [...long.map((name) => `--${name}`), ...short === undefined ? [] : [`-${short}`]];
}

/** Longest text beside a flag or command; longer ones end at a word, with …. */
const MAX_SUMMARY_LENGTH = 60;

const HELP_FLAG: CompletedFlag = {
  long: ["help"],
  short: "h",
  summary: "show this help",
  isRepeatable: false,
  placeholder: "",
  value: undefined,
};

/** All commands, those of two words behind the one that they begin with; at the end `help` and `version`. */
export function listCompletedCommands(commands: readonly Command[]): CompletedCommand[] {
  const names = commands.map(({ name }) => name);
  const all = commands.flatMap(listWithParts).map((command) => toCompletedCommand(command, names));
  const plain = { flags: [], lastRepeats: false };
  return [
    ...all,
    { ...plain, name: "help", summary: "Show the help of a command", operands: [{ words: names }] },
    { ...plain, name: "version", summary: "Show the version of the program", operands: [] },
  ];
}

/** `names`: of all commands. */
function toCompletedCommand({ help, parts }: Command, names: readonly string[]): CompletedCommand {
  const spell = (operand: Candidates) => operand.sources?.includes("commands") ? { words: names } : operand;
  return {
    name: help.name,
    summary: shorten(help.summary),
    flags: [...Object.entries(help.flags).map(toCompletedFlag), HELP_FLAG],
    operands: parts === undefined ? (help.operands ?? []).map(spell) : [{ words: Object.keys(parts) }],
    lastRepeats: help.lastOperandRepeats === true,
  };
}

function toCompletedFlag([name, flag]: [string, Flag]): CompletedFlag {
  return {
    long: [name, ...flag.aliases ?? []],
    short: flag.short,
    summary: shorten(flag.help),
    isRepeatable: flag.repeatable === true,
    placeholder: flag.value ?? flag.type.toUpperCase(),
    value: valueCandidates(flag),
  };
}

/** The first sentence or clause of `text`. */
function shorten(text: string): string {
  const clause = text.replace(/ \(default [^()]*\)$/, "").split(/; |\.$/)[0]!;
  if (clause.length <= MAX_SUMMARY_LENGTH) return clause;
  const cut = clause.slice(0, MAX_SUMMARY_LENGTH);
  return `${cut.slice(0, cut.lastIndexOf(" "))} …`;
}
