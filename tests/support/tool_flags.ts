/** Flags of the tools in tests/ that have a task in deno.json. */
import { parseFlags } from "../../lib/cli/flags/flags.ts";
import type { FlagTable, FlagValues } from "../../lib/cli/flags/flags.ts";

/** The flags in `args`; `code`: the tool ends with it, because the help or a usage error has been printed. */
export function readToolFlags<const T extends FlagTable>(
  table: T,
  args: readonly string[],
): { readonly flags: FlagValues<T> } | { readonly code: number } {
  const parsed = parseFlags(table, args);
  if (parsed.kind === "ok") return parsed;
  console.error(parsed.kind === "usage" ? parsed.text : formatHelp(table));
  return { code: parsed.kind === "usage" ? 64 : 0 };
}

function formatHelp(table: FlagTable): string {
  return Object.entries(table).map(([name, flag]) => `--${name.padEnd(9)} ${flag.help}`).join("\n");
}
