/** New passphrase of an account: read from a file, or asked for at the terminal. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import type { Address } from "../../lib/net/address.ts";
import { formatAddress, isLoopback } from "../../lib/net/address.ts";
import type { Registration } from "../../lib/client/session/session_event.ts";
import { askNewPassphrase } from "../../lib/tui/terminal/prompt.ts";
import type { Terminal } from "../../lib/tui/terminal/terminal.ts";
import { readPassphraseFile } from "../support/passphrase_file.ts";

/** The account that the passphrase is for. */
export interface PassphraseOwner {
  readonly name: string;
  readonly address: Address;
  readonly registration?: Pick<Registration, "servers">;
}

export type NewPassphraseOutcome =
  | { readonly kind: "ok"; readonly secret: string }
  /** The reason has been written to standard error. */
  | { readonly kind: "failed"; readonly code: ExitCode };

/**
 * The passphrase in `file`, or the one typed at `terminal`, which is closed afterwards. Warns if it will
 * cross a network unencrypted. Throws {@link UsageError} if there is neither a file nor a terminal.
 */
export async function readNewPassphrase(
  file: string | undefined,
  owner: PassphraseOwner,
  io: Io,
  terminal: Terminal | undefined,
): Promise<NewPassphraseOutcome> {
  const given = file === undefined
    ? await promptPassphrase(owner, terminal)
    : await readPassphraseFile(file, io);
  if (given.kind === "failed") return given;
  if (given.kind === "bad") {
    return { kind: "failed", code: reportFailure(io, EXIT.badConfig, toPrintable(given.why)) };
  }
  const addresses = owner.registration?.servers?.inOrder() ?? [owner.address];
  if (addresses.some((address) => address.kind === "tcp" && !isLoopback(address.host))) {
    io.stderr.write("chatterbox: the passphrase is sent unencrypted; an ircs:// URL encrypts it\n");
  }
  return given;
}

async function promptPassphrase(
  { name, address }: PassphraseOwner,
  terminal: Terminal | undefined,
): Promise<NewPassphraseOutcome> {
  if (terminal === undefined) {
    throw new UsageError("--passphrase needs a terminal to ask at; without one use --passphrase-file FILE");
  }
  try {
    const where = formatAddress(address);
    const reply = await askNewPassphrase(terminal, `New passphrase of ${name} on ${where}`);
    if (reply.kind === "text") return { kind: "ok", secret: reply.text };
    return { kind: "failed", code: reply.kind === "interrupt" ? reply.code : EXIT.interrupted };
  } finally {
    terminal.keyboard.close();
  }
}
