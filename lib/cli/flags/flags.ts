/**
 * Flags declared in a table, which gives the typed values, the errors with hints, and the text of `--help`.
 * `@std/cli` splits the arguments.
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Clock } from "../../base/clock.ts";
import { systemClock } from "../../base/clock.ts";
import type { Rate } from "../../base/token_bucket.ts";
import { formatExactDuration, parseDuration } from "../../base/values/duration.ts";
import type { Flag, FlagTable, FlagType } from "../command_syntax.ts";
import { suggestWord } from "./word_suggestion.ts";
import { parseRate } from "../../base/values/rate.ts";
import { formatSize, parseSize } from "../../base/values/size.ts";
import { parseSpokenInstant, SPOKEN_INSTANTS } from "../../base/values/spoken_instant.ts";

export type { Flag, FlagTable } from "../command_syntax.ts";

type SingleValue<F extends Flag> = F["type"] extends "boolean" ? boolean
  : F["type"] extends "string" ? string
  : F["type"] extends "rate" ? Rate
  : number;

/**
 * A repeatable flag has a list, a flag with a default always has a value, and an absent boolean flag is
 * false.
 */
type ValueOf<F extends Flag> = F extends { repeatable: true } ? SingleValue<F>[]
  : F["type"] extends "boolean" ? boolean
  : F extends { default: string } ? SingleValue<F>
  : SingleValue<F> | undefined;

export type FlagValues<T extends FlagTable> = { readonly [Name in keyof T]: ValueOf<T[Name]> };

export type ParsedFlags<T extends FlagTable> =
  | { readonly kind: "ok"; readonly flags: FlagValues<T>; readonly args: string[] }
  | { readonly kind: "help" }
  /**
   * `text`: which argument is wrong, why, and what to do. `unknown`: the name of the flag, if the table has none like
   * it, and another table may.
   */
  | { readonly kind: "usage"; readonly text: string; readonly unknown?: string };

type RawFlags = Record<string, unknown> & { _: string[] };
type ParseArgs = (args: string[], options: Record<string, unknown>) => RawFlags;

/** Prefix of a word that is not to be parsed as a flag. No argument of a process can contain it. */
const WORD_MARK = "\0";

/**
 * Parses `args` by `table`; `--help` and `-h` are always known. `clock` is the reference of relative
 * `instant` values. `dashWords`: an argument with one leading dash is a word, except for `-h`.
 */
export function parseFlags<const T extends FlagTable>(
  table: T,
  args: readonly string[],
  clock: Clock = systemClock,
  dashWords = false,
): ParsedFlags<T> {
  if (dashWords) args = markWords(args);
  const names = Object.keys(table);
  const long = new Map<string, string>();
  const short = new Map<string, string>([["h", "help"]]);
  for (const [name, flag] of Object.entries(table)) {
    for (const alias of [name, ...flag.aliases ?? []]) long.set(alias, name);
    if (flag.short !== undefined) short.set(flag.short, name);
  }
  const isBoolean = (name: string) => name === "help" || table[long.get(name) ?? ""]?.type === "boolean";
  const isInstant = (arg = "") =>
    /^--[^=]+$/.test(arg) && table[long.get(arg.slice(2)) ?? ""]?.type === "instant";

  const valued = beforeWords(args).find((arg) => /^--.+?=/s.test(arg) && isBoolean(flagNameOf(arg)));
  if (valued !== undefined) return { kind: "usage", text: `--${flagNameOf(valued)} takes no value` };
  const unknown: string[] = [];
  const raw = (parseArgs as unknown as ParseArgs)(expandShortFlags(args, short, isBoolean, isInstant), {
    string: [...names.filter((name) => !isBoolean(name)), "_"],
    boolean: ["help", ...names.filter(isBoolean)],
    collect: names.filter((name) => !isBoolean(name)),
    alias: aliasesOf(table),
    unknown: (arg: string) => arg === "-" || !arg.startsWith("-") || (unknown.push(arg), false),
  });
  if (unknown[0] !== undefined) {
    const before = args[args.indexOf(unknown[0]) - 1] ?? "";
    const name = before.startsWith("--") ? long.get(before.slice(2)) : short.get(before.slice(1));
    const flag = name === undefined ? undefined : table[name];
    const isValue = /^-\d/.test(unknown[0]) && flag !== undefined && flag.type !== "boolean";
    return isValue && flag.type !== "string"
      ? { kind: "usage", text: describeWrongValue(name!, flag, unknown[0]) }
      : { kind: "usage", ...describeUnknownFlag(unknown[0], [...long.keys(), "help"]) };
  }
  if (raw.help === true) return { kind: "help" };

  const flags: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(table)) {
    const outcome = readFlag(name, flag, raw[name], clock);
    if ("fault" in outcome) return { kind: "usage", text: outcome.fault };
    flags[name] = outcome.value;
  }
  return { kind: "ok", flags: flags as FlagValues<T>, args: raw._.map(unmarkWord) };
}

function markWords(args: readonly string[]): string[] {
  const isWord = (arg: string, at: number) =>
    /^-[^-]/.test(arg) && arg !== "-h" && at < beforeWords(args).length;
  return args.map((arg, at) => isWord(arg, at) ? WORD_MARK + arg : arg);
}

function unmarkWord(text: string): string {
  return text.startsWith(WORD_MARK) ? text.slice(WORD_MARK.length) : text;
}

/**
 * `-fn20` becomes `--follow=true --lines=20`, and `--json` becomes `--json=true`. A boolean flag written this
 * way does not take the next word "true" or "false" as its value (`send bob -q true`), and the value of a
 * letter may follow at once (`-gfoo`), as may that of a time with a dash (`--since -1h`).
 */
function expandShortFlags(
  args: readonly string[],
  short: ReadonlyMap<string, string>,
  isBoolean: (name: string) => boolean,
  isInstant: (arg: string | undefined) => boolean,
): string[] {
  const flags = beforeWords(args);
  const spelled: string[] = [];
  for (const arg of flags) {
    if (arg.startsWith("--")) {
      spelled.push(isBoolean(arg.slice(2)) ? `--${unnegated(arg.slice(2))}=true` : arg);
    } else if (/^-\d/.test(arg) && isInstant(spelled.at(-1))) spelled.push(`${spelled.pop()}=${arg}`);
    else if (/^-./s.test(arg)) spelled.push(...expandCluster(arg, short, isBoolean));
    else spelled.push(arg);
  }
  return [...spelled, ...args.slice(flags.length)];
}

/** The arguments before `--`; those after it are words. */
function beforeWords(args: readonly string[]): readonly string[] {
  const end = args.indexOf("--");
  return end < 0 ? args : args.slice(0, end);
}

/** `lines` of `--lines=20`. */
function flagNameOf(arg: string): string {
  return arg.replace(/^-+/, "").replace(/=.*$/s, "");
}

function expandCluster(
  arg: string,
  short: ReadonlyMap<string, string>,
  isBoolean: (name: string) => boolean,
): string[] {
  const spelled: string[] = [];
  for (let i = 1; i < arg.length; i++) {
    const name = short.get(arg[i]!);
    if (name === undefined) return [...spelled, `-${arg.slice(i)}`];
    const rest = arg.slice(i + 1).replace(/^=/, "");
    if (!isBoolean(name)) return [...spelled, rest === "" ? `--${name}` : `--${name}=${rest}`];
    spelled.push(`--${unnegated(name)}=true`);
  }
  return spelled;
}

function aliasesOf(table: FlagTable): Record<string, string[]> {
  const aliases: Record<string, string[]> = {};
  for (const [name, flag] of Object.entries(table)) {
    aliases[name] = [...flag.aliases ?? []];
    if (unnegated(name) !== name) aliases[name].push(unnegated(name));
  }
  return aliases;
}

/** `@std/cli` reads `--no-color=true` as `color`; under this alias the flag keeps its name. */
function unnegated(name: string): string {
  return name.startsWith("no-") ? `_${name}` : name;
}

type FlagOutcome = { value: unknown } | { fault: string };

function readFlag(name: string, flag: Flag, raw: unknown, clock: Clock): FlagOutcome {
  if (flag.type === "boolean") return { value: raw === true };
  const given = Array.isArray(raw) ? raw.map((value) => unmarkWord(String(value))) : [];
  const texts = given.length > 0 ? given : flag.default === undefined ? [] : [flag.default];
  const values: (string | number | Rate)[] = [];
  for (const text of texts) {
    const value = readValue(flag, text, clock);
    if (value === undefined) return { fault: describeWrongValue(name, flag, text) };
    values.push(value);
  }
  return { value: flag.repeatable ? values : values.at(-1) };
}

function readValue(flag: Flag, text: string, clock: Clock): string | number | Rate | undefined {
  if (text === "") return undefined;
  if (flag.type === "string") return flag.choices?.includes(text) === false ? undefined : text;
  if (flag.type === "rate") return parseRate(text);
  if (flag.type === "instant") return parseSpokenInstant(text, clock.now());
  const number = flag.type === "duration"
    ? parseDuration(text)
    : flag.type === "size"
    ? parseSize(text)
    : /^\d{1,15}$/.test(text)
    ? Number(text)
    : undefined;
  return number !== undefined && number >= (flag.min ?? 0) && number <= (flag.max ?? Infinity)
    ? number
    : undefined;
}

const EXPECTED_VALUE: Readonly<Record<FlagType, string>> = {
  boolean: "no value",
  string: "a value",
  integer: "a whole number",
  duration: "a duration",
  instant: `a time; understood are ${SPOKEN_INSTANTS} (Unix seconds)`,
  size: "a size",
  rate: "a number per duration such as 60/30s, or off",
};

/** How values with units are written. */
const EXAMPLES: Readonly<Partial<Record<FlagType, readonly string[]>>> = {
  duration: ["500ms", "10s", "1h30m"],
  size: ["512KiB", "64MiB"],
};

function describeWrongValue(name: string, flag: Flag, text: string): string {
  const expected = flag.choices
    ? `one of ${flag.choices.join(", ")}`
    : EXPECTED_VALUE[flag.type] + describeExtent(flag);
  return text === "" ? `--${name} needs ${expected}` : `--${name} ${text}: not ${expected}`;
}

/** ` such as 500ms or 10s, at least 1ms`, ` of at most 5`, ` from 1 to 5`: examples within the bounds, and the bounds. */
function describeExtent(flag: Flag): string {
  const allowed = (EXAMPLES[flag.type] ?? []).filter((text) =>
    readValue(flag, text, systemClock) !== undefined
  );
  const last = allowed.pop();
  const such = last === undefined
    ? ""
    : ` such as ${[allowed.join(", "), last].filter(Boolean).join(" or ")}`;
  const [min, max] = [flag.min, flag.max].map((each) => each === undefined ? each : formatBound(flag, each));
  if (min !== undefined && max !== undefined) return `${such} from ${min} to ${max}`;
  const joint = such === "" ? " of" : `${such},`;
  if (min !== undefined) return `${joint} at least ${min}`;
  return max === undefined ? such : `${joint} at most ${max}`;
}

/** A bound as the user would write it. */
export function formatBound(flag: Flag, bound: number): string {
  if (flag.type === "size") return formatSize(bound).replace(" ", "");
  if (flag.type === "duration") return formatExactDuration(bound).replace(" ", "");
  return String(bound);
}

/** A long flag, with or without a value; other arguments with dashes may be text, or the value of a flag. */
const LONG_FLAG = /^--([a-z][a-z0-9-]*)(?:=|$)/i;

function describeUnknownFlag(arg: string, known: readonly string[]): { text: string; unknown?: string } {
  const text = `unknown flag ${arg.replace(/=.*$/s, "")}`;
  const hint = arg.startsWith("--") ? suggestWord(flagNameOf(arg), known) : undefined;
  if (hint !== undefined) return { text: `${text}; did you mean --${hint}?` };
  const name = arg === "-V" ? "version" : LONG_FLAG.exec(arg)?.[1];
  return name !== undefined
    ? { text, unknown: name }
    : { text: `${text}; if that is text, put -- before it; if it is the value of a flag, put = before it` };
}
