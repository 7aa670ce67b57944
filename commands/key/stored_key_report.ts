/** What became of a key that was to be stored, in words. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import type { KeyStoreOutcome } from "../../lib/client/identity/key_file.ts";
import { markImported } from "../../lib/client/identity/keyring.ts";
import { formatAddress } from "../../lib/net/address.ts";
import type { ServerAndName } from "../support/client_options.ts";

/** Reports `outcome`, and marks a key that is stored as an imported one. `dir`: the configuration folder. */
export function reportStored(
  outcome: KeyStoreOutcome,
  { address, name }: ServerAndName,
  dir: string,
  io: Io,
): ExitCode {
  const where = `${name} on ${formatAddress(address)}`;
  switch (outcome.kind) {
    case "stored":
    case "same": {
      markImported(dir, address, name);
      const replaced = outcome.kind === "stored" && outcome.replaced ? ", which replaces another one" : "";
      const text = outcome.kind === "same"
        ? `the key of ${where} is saved already`
        : `saved the key of ${where}`;
      io.stdout.write(toPrintable(`${text}${replaced}: ${outcome.path}`) + "\n");
      return EXIT.ok;
    }
    case "other": {
      const text = `another key of ${where} is in ${outcome.path}; --force overwrites it`;
      return reportFailure(io, EXIT.cannotCreate, toPrintable(text));
    }
    case "bad":
      return reportFailure(io, EXIT.ioError, toPrintable(`${outcome.path}: ${outcome.why}`));
  }
}
