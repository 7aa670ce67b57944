/** The configuration file of `serve`: a JSON object with the flags' names as keys. */
import { readSmallFile } from "../../cli/files/small_file.ts";
import { parseFlags } from "../../cli/flags/flags.ts";
import { SERVE_FLAGS } from "./serve_flags.ts";
import type { ServeFlags } from "./serve_flags.ts";

/** Flags that cannot be set in the file: the file itself, and flags for a single start. */
const NOT_IN_CONFIG: readonly string[] = ["config", "accept-database", "shrink"];
const SETTINGS = Object.keys(SERVE_FLAGS).filter((name) => !NOT_IN_CONFIG.includes(name));
/** Maximum size of the file. */
const MAX_CONFIG_BYTES = 64 * 1024;

/** The settings of the file at `path`, parsed as the flags of the command line are. */
export async function readConfig(path: string): Promise<{ flags: ServeFlags } | { why: string }> {
  const read = await readSmallFile(path, MAX_CONFIG_BYTES);
  if (read.kind === "bad") return { why: read.why };
  let value: unknown;
  try {
    value = JSON.parse(read.text);
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { why: "not a JSON object" };
  }
  const args = [];
  for (const [key, setting] of Object.entries(value)) {
    if (!SETTINGS.includes(key)) {
      return { why: `unknown setting "${key}"; the settings are ${SETTINGS.join(", ")}` };
    }
    for (const each of Array.isArray(setting) ? setting : [setting]) {
      if (typeof each !== "boolean") args.push(`--${key}=${String(each)}`);
      else if (SERVE_FLAGS[key as keyof ServeFlags].type !== "boolean") {
        return { why: `"${key}" takes a value, not ${each}` };
      } else if (each) args.push(`--${key}`);
    }
  }
  const parsed = parseFlags(SERVE_FLAGS, args);
  if (parsed.kind === "ok") return { flags: parsed.flags };
  return { why: parsed.kind === "usage" ? parsed.text : "--help is not a setting" };
}

/** `flags`, with the value of `file` for each flag that is not given. */
export function mergeFlags(flags: ServeFlags, file: ServeFlags): ServeFlags {
  const isGiven = (value: unknown) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  const given = Object.entries(flags).filter(([, value]) => isGiven(value));
  return { ...file, ...Object.fromEntries(given) };
}
