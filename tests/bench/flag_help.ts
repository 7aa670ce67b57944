import type { FlagTable } from "../../lib/cli/flags/flags.ts";
import { formatHelpSection } from "../../lib/cli/flags/help_layout.ts";

/** The section of a benchmark's help that lists its flags. */
export function formatFlagHelp(flags: FlagTable): string {
  return formatHelpSection(
    "Flags",
    Object.entries(flags).map(([name, flag]) => [
      `--${name} ${flag.value ?? ""}`,
      flag.default === undefined ? flag.help : `${flag.help} (default ${flag.default})`,
    ]),
  );
}
