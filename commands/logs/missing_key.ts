/** What `logs` says where it has no key: direct messages are shown to their owner only. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { formatAddress } from "../../lib/net/address.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { formatOtherNamesHint } from "../support/other_names_hint.ts";

/** The failure of a reading of direct messages without key and passphrase; undefined: there is one of them. */
export function reportMissingKey(access: ClientLogin, io: Io): ExitCode | undefined {
  return access.registration.credentials === undefined ? reportNoKey(access, io) : undefined;
}

export function reportNoKey(access: ClientLogin, io: Io): ExitCode {
  const { name, address } = access;
  const hint = formatOtherNamesHint(io, address, name) || "; to import one: chatterbox key import";
  const text = `no key of ${name} for ${formatAddress(address)} on this machine${hint}; ` +
    "if the name has a passphrase: --passphrase-file FILE";
  return reportFailure(io, EXIT.refused, toPrintable(text));
}
