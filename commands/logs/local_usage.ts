/** Which flags of `logs` go with `--local`. */
import { UsageError } from "../../lib/cli/flags/command_definition.ts";

export interface LocalUsage {
  readonly local: boolean;
  readonly "data-dir"?: string | undefined;
  readonly with?: string | undefined;
  readonly file?: string | undefined;
  readonly server?: string | undefined;
  readonly verify: boolean;
}

export function checkLocalUsage(flags: LocalUsage): void {
  if (!flags.local) {
    if (flags["data-dir"] === undefined) return;
    throw new UsageError("--data-dir requires --local; without it, --server names the server");
  }
  if (flags.with !== undefined) {
    throw new UsageError(
      "--local and --with cannot be used together: the server shows direct messages to their owner; omit --local",
    );
  }
  const others = ["file", "server"] as const;
  const other = flags.verify ? "verify" : others.find((name) => flags[name] !== undefined);
  if (other !== undefined) {
    throw new UsageError(`--local and --${other} cannot be used together`);
  }
}
