/**
 * Defines a command by its table of flags, its examples and its function. Help and usage errors have the same
 * form for all commands.
 */
import { toPrintable } from "../../base/printable_text.ts";
import type { Command, Io, Permission } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import type { CommandHelp } from "./command_help.ts";
import type { FlagTable, FlagValues } from "./flags.ts";
import { parseFlags } from "./flags.ts";

export interface CommandDefinition<T extends FlagTable> extends CommandHelp {
  /** Default: those of a client. */
  readonly permissions?: readonly Permission[];
  readonly flags: T;
  /** Words may begin with one dash, as in `mode #tea -m`; the table then has no short flags. */
  readonly dashWords?: true;
}

/** Permissions to find out the user's login name. */
export const LOGIN_NAME_PERMISSIONS: readonly Permission[] = ["sys:uid", "sys:gid", "sys:userInfo"];

/** Permissions to ask a question at a terminal (`lib/tui/terminal/inquirer.ts`), besides the environment. */
export const QUESTION_PERMISSIONS: readonly Permission[] = ["sys:osRelease"];

/** Permissions for the network, and for checking a server's certificate. */
export const NETWORK_PERMISSIONS: readonly Permission[] = ["net", "sys:ca"];

/** Permissions of a client: for files, the network, the login name, and questions before it is connected. */
export const CLIENT_PERMISSIONS: readonly Permission[] = [
  "read",
  "write",
  ...NETWORK_PERMISSIONS,
  ...LOGIN_NAME_PERMISSIONS,
  ...QUESTION_PERMISSIONS,
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
    help: usage,
    async run(args, io) {
      const parsed = parseFlags(usage.flags, args, io.clock, usage.dashWords);
      switch (parsed.kind) {
        case "help": {
          const { formatHelp } = await import("./command_help.ts"); // most runs don't need it
          const { helpColumns } = await import("./help_layout.ts");
          io.stdout.write(formatHelp(usage, helpColumns(io.stdout)));
          return EXIT.ok;
        }
        case "usage": {
          if (parsed.unknown === undefined) return reportUsageError(io, usage.name, parsed.text);
          const { describeFlagOwners } = await import("./flag_owners.ts");
          const owners = await describeFlagOwners(parsed.unknown, usage, io.commands);
          return reportUsageError(io, usage.name, parsed.text + owners);
        }
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
