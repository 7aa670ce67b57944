/** `--color` of the commands that list and show. */
import type { Io } from "../../lib/cli/command.ts";
import type { FlagTable } from "../../lib/cli/flags/flags.ts";
import { readColorLevel, wantsColor } from "../../lib/cli/standard_streams.ts";

export const COLOR_FLAG = {
  color: {
    type: "string",
    value: "WHEN",
    choices: ["always", "never", "auto"],
    default: "auto",
    help: "use colours; auto: on a terminal",
  },
} as const satisfies FlagTable;

export interface ColorFlags {
  readonly color: string;
  readonly "no-color": boolean;
}

/** Whether standard output is to have colours. `--color always` wins over `NO_COLOR` and a dumb terminal. */
export function isColored(flags: ColorFlags, { stdout, env }: Pick<Io, "stdout" | "env">): boolean {
  if (flags.color === "always" && !flags["no-color"]) return true;
  return flags.color !== "never" && wantsColor(stdout, env, flags["no-color"]);
}

/** Whether standard output is to have styles without colours. */
export function isMonochrome(flags: ColorFlags, { stdout, env }: Pick<Io, "stdout" | "env">): boolean {
  return flags.color === "auto" && readColorLevel(stdout, env, flags["no-color"]) === "monochrome";
}
