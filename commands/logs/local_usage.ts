/** Which flags of `logs` go with `--local`. */
import { UsageError } from "../../lib/cli/flags/command_definition.ts";

/** Flags of a connection, of a login or of another source. */
const OTHERS = [
  "file",
  "server",
  "name",
  "password-file",
  "passphrase-file",
  "key-file",
  "ca",
  "fingerprint",
] as const;

export interface LocalUsage extends Partial<Readonly<Record<typeof OTHERS[number], string | undefined>>> {
  readonly local: boolean;
  readonly "data-dir"?: string | undefined;
  readonly with?: string | undefined;
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
  const other = flags.verify ? "verify" : OTHERS.find((name) => flags[name] !== undefined);
  if (other !== undefined) {
    throw new UsageError(`--local and --${other} cannot be used together`);
  }
}
