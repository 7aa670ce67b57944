/** Name, password and passphrase, as the person at the terminal gives them. */
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
import { formatAddress } from "../../lib/net/address.ts";
import { NAME_FAULT_TEXT, nickFault } from "../../lib/irc/names/name_rules.ts";
import { passphraseFault } from "../../lib/irc/sasl/passphrase.ts";
import { ask, askSecret } from "../../lib/tui/terminal/prompt.ts";
import type { PromptResult } from "../../lib/tui/terminal/prompt.ts";
import type { Terminal } from "../../lib/tui/terminal/terminal.ts";

/** Under the name given or configured; else the one that the person says, or the login name where nobody can be asked. */
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
    return fault === undefined ? undefined : `${NAME_FAULT_TEXT[fault]}.`;
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

/** The name has a passphrase, or another key than ours: either the person knows the passphrase, or wants another name. */
export async function askPassphrase(
  flags: ClientFlags,
  io: Io,
  terminal: Terminal,
  name: string,
): Promise<ClientLoginOutcome> {
  const reply = await askSecret(
    terminal,
    toPrintable(`Passphrase of ${name} (empty: another name)`),
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

/** The server's password; the person may give up by Ctrl-C or Ctrl-D. */
export function askPassword(terminal: Terminal, { address }: ClientLogin): Promise<PromptResult> {
  const question = `Password of ${formatAddress(address)}`;
  return askSecret(terminal, question, passwordFault);
}

/** What is wrong with a password that was typed, or pasted with more than it; undefined: it can be said to a server. */
function passwordFault(text: string): string | undefined {
  if (text === "") return "An empty password is none.";
  return /[\r\n\0]/.test(text) ? "A password is one line." : undefined;
}

type AskableRefusal = "name_taken" | "in_use" | "not_ours" | "wrong_passphrase" | "password";

const ASKABLE: ReadonlySet<RefusalReason | undefined> = new Set<AskableRefusal>([
  "name_taken",
  "in_use",
  "not_ours",
  "wrong_passphrase",
  "password",
]);

/** Whether another answer of the person's may let us in. */
export function isAskable(reason: RefusalReason | undefined): reason is AskableRefusal {
  return ASKABLE.has(reason);
}

/** Why there is a question now; what to do about it is what is asked. */
export function describeAskable(
  reason: AskableRefusal,
  failure: ConnectFailure,
  access: ClientLogin,
): string {
  const { name, address } = access;
  switch (reason) {
    case "name_taken":
    case "in_use":
      return describeConnectFailure(failure, access).text;
    case "not_ours":
      return toPrintable(describeForeignName(access));
    case "wrong_passphrase":
      if (access.keySource !== undefined) return describeConnectFailure(failure, access).text;
      return toPrintable(`that is not the passphrase of ${name}`);
    case "password":
      return access.registration.password === undefined
        ? `${formatAddress(address)} asks for a password`
        : `that is not the password of ${formatAddress(address)}`;
  }
}
