/** Permissions of the runtime that the program was not started with: no fault of the program. */
import { PERMISSIONS } from "./command.ts";
import type { Command } from "./command.ts";

/** The runtime's words: `Requires run access to "sh", run again with the --allow-run flag`. */
const REQUIRED = /^Requires ([a-z]+) access(?: to (.*?))?(?:, run again.*|, specify.*)?$/s;

/**
 * The text for an error that a missing permission has caused; undefined for any other error. `command`: the subcommand
 * that runs; that it uses what it does not ask for, and has therefore given up, is a bug.
 */
export function describeMissingPermission(
  error: unknown,
  command: Pick<Command, "name" | "permissions"> | undefined,
): string | undefined {
  if (!(error instanceof Deno.errors.NotCapable)) return undefined;
  const [, kind = "", what] = REQUIRED.exec(error.message) ?? [];
  if (kind === "all") return `${what}: it belongs to the system, and the runtime keeps programs from it`;
  const isOfKind = (permission: string) => permission.split(":")[0] === kind;
  if (command !== undefined && PERMISSIONS.some(isOfKind) && !command.permissions.some(isOfKind)) {
    return undefined;
  }
  const needed = kind === ""
    ? error.message
    : what === undefined
    ? `${kind} access`
    : `${kind} access to ${what}`;
  const task = command === undefined ? "deno task" : `deno task ${command.name}`;
  return `started without a permission that it needs here (${needed}); ${task} gives all that are needed`;
}
