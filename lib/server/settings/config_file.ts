/** The configuration file of `serve`: a JSON object with the flags' names as keys. */
import { readSmallFile } from "../../cli/files/small_file.ts";
import { parseFlags } from "../../cli/flags/flags.ts";
import { suggestWord } from "../../cli/flags/word_suggestion.ts";
import { keyLines, lineOfSyntaxError } from "./json_lines.ts";
import { SERVE_FLAGS } from "./serve_flags.ts";
import type { ServeFlags } from "./serve_flags.ts";

/** Flags that cannot be set in the file: the file itself, and flags for a single start. */
const NOT_IN_CONFIG: readonly string[] = ["config", "accept-database", "shrink"];
/** Names of the settings, in the order of the help. */
export const SETTINGS = Object.keys(SERVE_FLAGS).filter((name) => !NOT_IN_CONFIG.includes(name)) as readonly (
  keyof ServeFlags
)[];
/** A key that tells an editor where the schema is; the server ignores it. */
export const SCHEMA_KEY = "$schema";
/** Maximum size of the file. */
const MAX_CONFIG_BYTES = 64 * 1024;

/** What is wrong in the file, and what to do. */
export interface ConfigFault {
  /** From 1; undefined: it belongs to no line. */
  readonly line: number | undefined;
  readonly why: string;
}

/** Settings, and the line of each of them. */
export interface ConfigSettings {
  readonly flags: ServeFlags;
  readonly lines: ReadonlyMap<string, number>;
}

export type ConfigOutcome =
  | { readonly kind: "ok" } & ConfigSettings
  /** `others`: the settings without a fault of their own; undefined: the file is not a JSON object. */
  | { readonly kind: "bad"; readonly faults: readonly ConfigFault[]; readonly others?: ConfigSettings };

/** The settings of the file at `path`, parsed as the flags of the command line are; all faults of it. */
export async function readConfig(path: string): Promise<ConfigOutcome> {
  const read = await readSmallFile(path, MAX_CONFIG_BYTES);
  if (read.kind === "bad") return { kind: "bad", faults: [{ line: undefined, why: read.why }] };
  return parseConfig(read.text);
}

/** The settings in `text`; `lines`: where each of them is. */
export function parseConfig(text: string): ConfigOutcome {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    const why = `${message}; JSON has quotes around names and texts, a comma between two settings and none ` +
      "after the last one, and no comments";
    return { kind: "bad", faults: [{ line: lineOfSyntaxError(message), why }] };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { kind: "bad", faults: [{ line: undefined, why: "not a JSON object" }] };
  }
  const lines = keyLines(text);
  const args: string[] = [];
  const faults: ConfigFault[] = [];
  for (const [key, setting] of Object.entries(value)) {
    const [first, ...further] = lines.get(key) ?? [];
    for (const line of further) {
      faults.push({ line, why: `"${key}" is set on line ${first}, too; remove one of them` });
    }
    if (key === SCHEMA_KEY) continue;
    const parsed = parseSetting(key, setting);
    if ("why" in parsed) faults.push({ line: first, why: parsed.why });
    else args.push(...parsed.args);
  }
  const parsed = parseFlags(SERVE_FLAGS, args);
  if (parsed.kind !== "ok") return { kind: "bad", faults };
  const settings: ConfigSettings = {
    flags: parsed.flags,
    lines: new Map(Array.from(lines, ([key, [first = 1]]) => [key, first])),
  };
  return faults.length === 0
    ? { kind: "ok", ...settings }
    : { kind: "bad", faults: faults.sort(byLine), others: settings };
}

/** One setting as arguments of `serve`. */
function parseSetting(key: string, setting: unknown): { args: string[] } | { why: string } {
  const name = SETTINGS.find((each) => each === key);
  if (name === undefined) return { why: describeUnknownSetting(key) };
  const isSwitch = SERVE_FLAGS[name].type === "boolean";
  const values = Array.isArray(setting) ? setting : [setting];
  if (Array.isArray(setting) && !("repeatable" in SERVE_FLAGS[name])) {
    return { why: `"${key}" takes one value, not a list` };
  }
  const args = [];
  for (const each of values) {
    const isFit = isSwitch
      ? typeof each === "boolean"
      : typeof each === "string" || Number.isSafeInteger(each);
    if (!isFit) {
      const expected = isSwitch ? "is true or false" : "takes a value";
      return { why: `"${key}" ${expected}, not ${JSON.stringify(each)}` };
    }
    if (typeof each !== "boolean") args.push(`--${key}=${each}`);
    else if (each) args.push(`--${key}`);
  }
  const parsed = parseFlags(SERVE_FLAGS, args);
  if (parsed.kind === "ok") return { args };
  return { why: parsed.kind === "usage" ? parsed.text.replace(/^--/, "") : "--help is not a setting" };
}

function describeUnknownSetting(key: string): string {
  const what = `unknown setting ${JSON.stringify(key)}`;
  if (NOT_IN_CONFIG.includes(key)) return `${what}: --${key} is for the command line alone`;
  const near = suggestWord(key, SETTINGS);
  return near === undefined
    ? `${what}; the settings are ${SETTINGS.join(", ")}`
    : `${what}; did you mean "${near}"?`;
}

/** Compares faults by their lines; those without one come first. */
export function byLine(a: ConfigFault, b: ConfigFault): number {
  return (a.line ?? 0) - (b.line ?? 0);
}

/** A fault as one line: `line 3: …`. */
export function configFaultText({ line, why }: ConfigFault): string {
  return line === undefined ? why : `line ${line}: ${why}`;
}

/** `flags`, with the value of `file` for each flag that is not given. */
export function mergeFlags(flags: ServeFlags, file: ServeFlags): ServeFlags {
  const isGiven = (value: unknown) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  const given = Object.entries(flags).filter(([, value]) => isGiven(value));
  return { ...file, ...Object.fromEntries(given) };
}
