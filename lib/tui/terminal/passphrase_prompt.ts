/** A passphrase that a name is to have: out of a file, or as the person thinks of it. */
import { toPrintable } from "../../base/printable_text.ts";
import type { Io } from "../../cli/command.ts";
import type { ExitCode } from "../../cli/exit_codes.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { reportFailure } from "../../cli/standard_streams.ts";
import { readSecret } from "../../cli/files/secret_file.ts";
import { UsageError } from "../../cli/flags/command_definition.ts";
import { passphraseFault } from "../../irc/sasl/passphrase.ts";
import type { Address } from "../../net/address.ts";
import { formatAddress, isLoopback } from "../../net/address.ts";
import { askNewPassphrase } from "./prompt.ts";
import type { Terminal } from "./terminal.ts";

/** The name that the passphrase is for. */
export interface PassphraseOwner {
  readonly name: string;
  readonly address: Address;
}

export type NewPassphraseOutcome =
  | { readonly kind: "ok"; readonly secret: string }
  /** What is wrong has been said on standard error. */
  | { readonly kind: "failed"; readonly code: ExitCode };

/**
 * The passphrase in `file`, or the one that is typed at `terminal`, which is closed then. Warns where others can listen. Throws
 * {@link UsageError} where there is neither.
 */
export async function readNewPassphrase(
  file: string | undefined,
  owner: PassphraseOwner,
  io: Io,
  terminal: Terminal | undefined,
): Promise<NewPassphraseOutcome> {
  const given = file === undefined ? await promptPassphrase(owner, terminal) : await readSecret(file, io);
  if (given.kind === "failed") return given;
  const why = given.kind === "bad" ? given.why : passphraseFault(given.secret);
  if (given.kind === "bad" || why !== undefined) {
    const text = `${file ?? "the passphrase"}: ${why}`;
    return { kind: "failed", code: reportFailure(io, EXIT.badConfig, toPrintable(text)) };
  }
  const { address } = owner;
  if (address.kind === "tcp" && !isLoopback(address.host)) {
    io.stderr.write("chatterbox: the passphrase goes over the network as it is; ircs:// encrypts it\n");
  }
  return given;
}

async function promptPassphrase(
  { name, address }: PassphraseOwner,
  terminal: Terminal | undefined,
): Promise<NewPassphraseOutcome> {
  if (terminal === undefined) {
    throw new UsageError("--passphrase asks at a terminal; elsewhere there is --passphrase-file FILE");
  }
  try {
    const where = formatAddress(address);
    const reply = await askNewPassphrase(terminal, toPrintable(`New passphrase of ${name} on ${where}`));
    if (reply.kind === "text") return { kind: "ok", secret: reply.text };
    return { kind: "failed", code: reply.kind === "interrupt" ? reply.code : EXIT.interrupted };
  } finally {
    terminal.keyboard.close();
  }
}
