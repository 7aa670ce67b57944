/** A passphrase in a file: of an account that exists, or a new one. */
import type { Io } from "../../lib/cli/command.ts";
import { describeSecretPath, readSecret } from "../../lib/cli/files/secret_file.ts";
import { passphraseFault } from "../../lib/irc/sasl/passphrase.ts";

export type PassphraseFileOutcome =
  | { readonly kind: "ok"; readonly secret: string }
  /** `why` names the file, and has nothing of what is in it. */
  | { readonly kind: "bad"; readonly why: string };

/** Reads the passphrase in the file at `path`; `-` is standard input. */
export async function readPassphraseFile(path: string, io: Io): Promise<PassphraseFileOutcome> {
  const read = await readSecret(path, io);
  const why = read.kind === "bad" ? read.why : passphraseFault(read.secret);
  if (read.kind === "ok" && why === undefined) return { kind: "ok", secret: read.secret };
  return { kind: "bad", why: `${describeSecretPath(path)}: ${why}` };
}
