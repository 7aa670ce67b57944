/**
 * A key from a flag or the environment, for machines that keep none. It is used instead of a kept key, and is
 * not kept.
 */
import type { Io } from "../../lib/cli/command.ts";
import { describeSecretPath, readSecret } from "../../lib/cli/files/secret_file.ts";
import { isKey } from "../../lib/client/identity/key_file.ts";

export type KeyOption =
  | { readonly kind: "none" }
  /** `from`: the variable or the file. */
  | { readonly kind: "given"; readonly key: string; readonly from: string }
  /** `why` has nothing of what was read. */
  | { readonly kind: "bad"; readonly from: string; readonly why: string };

/** The key in `file`, which other users must not be able to read; otherwise the one in the environment. */
export async function readKeyOption(io: Io, file: string | undefined): Promise<KeyOption> {
  if (file === undefined) {
    const text = io.env("CHATTERBOX_KEY");
    return text === undefined ? { kind: "none" } : checkKeyOption(text.trim(), "CHATTERBOX_KEY");
  }
  const read = await readSecret(file, io);
  const from = describeSecretPath(file);
  return read.kind === "ok" ? checkKeyOption(read.secret, from) : { kind: "bad", from, why: read.why };
}

function checkKeyOption(key: string, from: string): KeyOption {
  if (isKey(key)) return { kind: "given", key, from };
  return {
    kind: "bad",
    from,
    why: "not a key (43 characters of base64url, as chatterbox key export prints)",
  };
}
