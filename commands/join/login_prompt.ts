/** Questions of `join` at a terminal: name and passphrase. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { NO_NAME } from "../support/client_options.ts";
import { readClientLogin } from "../support/client_login.ts";
import { describeConnectFailure, describeForeignName } from "../support/connect_failure_text.ts";
import type { ClientFlags } from "../support/client_options.ts";
import type { ClientLogin, ClientLoginOutcome } from "../support/client_login.ts";
import type { ConnectFailure } from "../../lib/client/connection/connect_failure.ts";
import type { RefusalReason } from "../../lib/client/session/refusal.ts";
import { describeNameFault, nickFault } from "../../lib/irc/names/new_name_rules.ts";
import { passphraseFault } from "../../lib/irc/sasl/passphrase.ts";
import { ask, askSecret } from "../../lib/tui/terminal/prompt.ts";
import type { Terminal } from "../../lib/tui/terminal/terminal.ts";

/**
 * Login under the name given or configured; otherwise under the name asked for, or the login name without a
 * terminal.
 */
export async function initialAccess(
  flags: ClientFlags,
  io: Io,
  terminal: Terminal | undefined,
): Promise<ClientLoginOutcome> {
  const found = await readClientLogin(io, flags, "observe");
  if (found.kind === "failed") return found;
  const { name, isNameExplicit } = found.access;
  if (!isNameExplicit && terminal !== undefined) {
    return await askName(flags, io, terminal, name === NO_NAME ? "" : name);
  }
  return await readClientLogin(io, flags, "make");
}

export async function askName(
  flags: ClientFlags,
  io: Io,
  terminal: Terminal,
  suggestion: string,
): Promise<ClientLoginOutcome> {
  const reply = await ask(terminal, "Your name", suggestion, (name) => {
    const fault = nickFault(name);
    return fault === undefined ? undefined : toPrintable(`${describeNameFault(name, fault)}.`);
  });
  switch (reply.kind) {
    case "text":
      return await readClientLogin(io, { ...flags, name: reply.text }, "make");
    case "interrupt":
      return { kind: "failed", code: reply.code };
    case "end":
      return { kind: "failed", code: EXIT.ok };
  }
}

/**
 * For a name that has a passphrase or another key than ours: asks for the passphrase, or for another name.
 */
export async function askPassphrase(
  flags: ClientFlags,
  io: Io,
  terminal: Terminal,
  name: string,
): Promise<ClientLoginOutcome> {
  const reply = await askSecret(
    terminal,
    `Passphrase of ${name} (Enter: choose another name)`,
    (text) => text === "" ? undefined : passphraseFault(text),
  );
  switch (reply.kind) {
    case "text":
      if (reply.text === "") return await askName(flags, io, terminal, "");
      return await readClientLogin(io, { ...flags, name }, "use", reply.text);
    case "interrupt":
      return { kind: "failed", code: reply.code };
    case "end":
      return { kind: "failed", code: EXIT.ok };
  }
}

type AskableRefusal = "name_taken" | "in_use" | "not_ours" | "wrong_passphrase";

const ASKABLE: ReadonlySet<RefusalReason | undefined> = new Set<AskableRefusal>([
  "name_taken",
  "in_use",
  "not_ours",
  "wrong_passphrase",
]);

/** Whether another name or secret may be accepted. */
export function isAskable(reason: RefusalReason | undefined): reason is AskableRefusal {
  return ASKABLE.has(reason);
}

/** Reason for the question that follows. */
export function describeAskable(
  reason: AskableRefusal,
  failure: ConnectFailure,
  access: ClientLogin,
): string {
  const { name } = access;
  switch (reason) {
    case "name_taken":
    case "in_use":
      return describeConnectFailure(failure, access).text;
    case "not_ours":
      return toPrintable(
        `${
          describeForeignName(access)
        }; if it is yours, give its passphrase, or copy its key (chatterbox key --help)`,
      );
    case "wrong_passphrase":
      if (access.keySource !== undefined) return describeConnectFailure(failure, access).text;
      return toPrintable(`wrong passphrase of ${name}`);
  }
}
