/** A passphrase that a name is to have: out of a file, or as the person thinks of it. */
import { printable } from "../base/printable.ts";
import type { Io } from "../cli/command.ts";
import type { ExitCode } from "../cli/exit_codes.ts";
import { EXIT } from "../cli/exit_codes.ts";
import { fail } from "../cli/output.ts";
import { readSecret } from "../cli/secret_file.ts";
import { UsageError } from "../cli/usage.ts";
import { passphraseFault } from "../irc/passphrase.ts";
import type { Address } from "../net/address.ts";
import { formatAddress, isLoopback } from "../net/address.ts";
import { askNewPassphrase } from "./ask.ts";
import type { Terminal } from "./terminal_face.ts";

/** The name that the passphrase is for. */
export interface Owner {
  readonly name: string;
  readonly address: Address;
}

export type NewPassphrase =
  | { readonly kind: "ok"; readonly secret: string }
  /** What is wrong has been said on standard error. */
  | { readonly kind: "failed"; readonly code: ExitCode };

/**
 * The passphrase in `file`, or the one that is typed at `terminal`, which is closed then. Warns where others can listen. Throws
 * {@link UsageError} where there is neither.
 */
export async function newPassphrase(
  file: string | undefined,
  owner: Owner,
  io: Io,
  terminal: Terminal | undefined,
): Promise<NewPassphrase> {
  const given = file === undefined ? await typed(owner, terminal) : await readSecret(file, io);
  if (given.kind === "failed") return given;
  const why = given.kind === "bad" ? given.why : passphraseFault(given.secret);
  if (given.kind === "bad" || why !== undefined) {
    const text = `${file ?? "the passphrase"}: ${why}`;
    return { kind: "failed", code: fail(io, EXIT.badConfig, printable(text)) };
  }
  const { address } = owner;
  if (address.kind === "tcp" && !isLoopback(address.host)) {
    io.stderr.write("chatterbox: the passphrase goes over the network as it is; ircs:// encrypts it\n");
  }
  return given;
}

async function typed({ name, address }: Owner, terminal: Terminal | undefined): Promise<NewPassphrase> {
  if (terminal === undefined) {
    throw new UsageError("--passphrase asks at a terminal; elsewhere there is --passphrase-file FILE");
  }
  try {
    const where = formatAddress(address);
    const reply = await askNewPassphrase(terminal, printable(`New passphrase of ${name} on ${where}`));
    if (reply.kind === "text") return { kind: "ok", secret: reply.text };
    return { kind: "failed", code: reply.kind === "interrupt" ? reply.code : EXIT.interrupted };
  } finally {
    terminal.keyboard.close();
  }
}
