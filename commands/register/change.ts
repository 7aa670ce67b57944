/** `chatterbox register NAME --change`: replaces the key or passphrase of an account. */
import { unreachable } from "../../lib/base/assert.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { configDir, NO_CONFIG_DIR_TEXT } from "../../lib/cli/files/user_dirs.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import { makeAccountRegistration, readClientLogin } from "../support/client_login.ts";
import type { ClientFlags } from "../support/client_options.ts";
import type { ClientLogin, ClientLoginOutcome } from "../support/client_login.ts";
import { connect } from "../../lib/client/connection/connect.ts";
import { withLink } from "../../lib/client/connection/with_link.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";
import type { Credentials } from "../../lib/client/session/credentials.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { changeKey, changePassphrase } from "../../lib/client/accounts/secret_change.ts";
import type { SecretNotChanged } from "../../lib/client/accounts/secret_change.ts";
import { passphraseFault } from "../../lib/irc/sasl/passphrase.ts";
import { formatAddress } from "../../lib/net/address.ts";
import { askSecret } from "../../lib/tui/terminal/prompt.ts";
import { readNewPassphrase } from "./new_passphrase.ts";
import { createTerminal } from "../../lib/tui/terminal/terminal.ts";
import type { Terminal } from "../../lib/tui/terminal/terminal.ts";

type Flags = ClientFlags & {
  readonly name: string;
  readonly passphrase: boolean;
  readonly "old-passphrase-file"?: string | undefined;
};

/** Throws {@link UsageError}. */
export async function changeCommand(flags: Flags, io: Io): Promise<ExitCode> {
  const { passphrase: asks, "passphrase-file": file, "old-passphrase-file": oldFile, ...others } = flags;
  if (asks && file !== undefined) {
    throw new UsageError("--passphrase and --passphrase-file exclude each other");
  }
  const found = await readClientLogin(io, { ...others, "passphrase-file": oldFile }, "use");
  if (found.kind === "failed") return found.code;
  const terminal = createTerminal(io);
  const change: Change = async (link, access) => {
    try {
      return asks || file !== undefined
        ? await changeToPassphrase(link, access, file, io, terminal)
        : await changeToKey(link, access, io);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      const text = `the key of ${access.name}: ${(error as Error).message}`;
      return reportFailure(io, EXIT.ioError, toPrintable(text));
    }
  };
  try {
    return await changeWithLogin(found.access, others, io, terminal, change);
  } finally {
    terminal?.keyboard.close();
  }
}

/** Replaces the present secret, by a new key or a passphrase. */
type Change = (link: Link, access: ClientLogin) => Promise<ExitCode>;

/**
 * Logs in and runs `change`: with the key that is kept for this address, with another one that a change may
 * have left there, or with the passphrase that is typed. A key that is kept for another address is not tried:
 * nothing of this login binds it to the server that receives it.
 */
async function changeWithLogin(
  access: ClientLogin,
  flags: ClientFlags,
  io: Io,
  terminal: Terminal | undefined,
  change: Change,
): Promise<ExitCode> {
  const { keyring, registration: { credentials } } = access;
  const isKey = credentials?.kind === "key";
  const secrets = credentials === undefined
    ? []
    : [credentials.secret, ...isKey ? await keyring?.listKeysHere() ?? [] : []];
  for (const secret of secrets) {
    const code = await changeWithSecret(access, secret, io, change);
    if (code !== undefined) return code;
  }
  if (terminal !== undefined && (credentials === undefined || isKey)) {
    const asked = await askPresentPassphrase(access, flags, io, terminal);
    if (asked.kind === "failed") return asked.code;
    const { secret } = asked.access.registration.credentials!;
    const code = await changeWithSecret(asked.access, secret, io, change);
    if (code !== undefined) return code;
  }
  const what = secrets.length > 0 || terminal !== undefined
    ? `wrong key or passphrase for ${access.name} on ${formatAddress(access.address)}`
    : `there is no key of ${access.name} for ${
      formatAddress(access.address)
    } on this machine; give --old-passphrase-file FILE, or import the key`;
  return reportFailure(io, EXIT.refused, toPrintable(what));
}

/** Runs `change`, logged in with `secret`. Undefined: the server does not accept it. */
async function changeWithSecret(
  access: ClientLogin,
  secret: string,
  io: Io,
  change: Change,
): Promise<ExitCode | undefined> {
  const { signal } = io;
  const { address, trust } = access;
  const credentials: Credentials = {
    ...access.registration.credentials!,
    secret,
    isRequired: false,
    isUnregistered: false,
  };
  const registration = makeAccountRegistration(access, credentials);
  const connecting = connect({ address, trust, registration, signal });
  const outcome = await withLink(connecting, signal, async (link) => {
    const isLoggedIn = link.session.accountStatus.kind === "logged_in";
    return isLoggedIn ? await change(link, access) : undefined;
  });
  return outcome.kind === "done" ? outcome.value : reportConnectFailure(io, outcome, access);
}

async function askPresentPassphrase(
  access: ClientLogin,
  flags: ClientFlags,
  io: Io,
  terminal: Terminal,
): Promise<ClientLoginOutcome> {
  const where = formatAddress(access.address);
  const question = toPrintable(`Present passphrase of ${access.name} on ${where}`);
  const reply = await askSecret(terminal, question, passphraseFault);
  if (reply.kind === "text") return await readClientLogin(io, flags, "use", reply.text);
  return { kind: "failed", code: reply.kind === "interrupt" ? reply.code : EXIT.interrupted };
}

async function changeToKey(link: Link, { name, address }: ClientLogin, io: Io): Promise<ExitCode> {
  const where = formatAddress(address);
  const dir = configDir(io.env);
  if (dir === undefined) {
    return reportFailure(io, EXIT.badConfig, `the new key cannot be stored: ${NO_CONFIG_DIR_TEXT}`);
  }
  if (!link.isPrivate) {
    const text = `the connection to ${where} is not encrypted; use ircs://, or the machine of the server`;
    return reportFailure(io, EXIT.refused, toPrintable(text));
  }
  const outcome = await changeKey(link, dir, address, name);
  if (outcome.kind !== "done") return reportNotChanged(outcome, name, where, io);
  io.stdout.write(toPrintable(`${name} has a new key on ${where}; it is in ${outcome.path}`) + "\n");
  reportPreviousKey(outcome.before, io);
  return EXIT.ok;
}

/** To the passphrase in `file`, or to one that is typed. */
async function changeToPassphrase(
  link: Link,
  access: ClientLogin,
  file: string | undefined,
  io: Io,
  terminal: Terminal | undefined,
): Promise<ExitCode> {
  const { name, address } = access;
  const given = await readNewPassphrase(file, access, io, terminal);
  if (given.kind === "failed") return given.code;
  const where = formatAddress(address);
  const outcome = await changePassphrase(link, configDir(io.env), address, name, given.secret);
  if (outcome.kind !== "done") return reportNotChanged(outcome, name, where, io);
  io.stdout.write(toPrintable(`${name} has a new passphrase on ${where}`) + "\n");
  reportPreviousKey(outcome.before, io);
  return EXIT.ok;
}

function reportPreviousKey(path: string | undefined, io: Io): void {
  if (path !== undefined) {
    io.stdout.write(toPrintable(`the previous key no longer works; it is kept in ${path}`) + "\n");
  }
}

function reportNotChanged(
  outcome: SecretNotChanged,
  name: string,
  where: string,
  io: Io,
): ExitCode {
  if (io.signal.aborted) return exitCodeForSignal(io.signal);
  switch (outcome.kind) {
    case "unsupported":
      return reportFailure(
        io,
        EXIT.unreachable,
        toPrintable(`${where} does not support changing a key or passphrase (it may have a NickServ)`),
      );
    case "failed": {
      const code = outcome.isTemporary ? EXIT.tryAgain : EXIT.refused;
      return reportFailure(
        io,
        code,
        toPrintable(`${where} refuses to change the key or passphrase of ${name}: ${outcome.text}`),
      );
    }
    case "busy":
      return reportFailure(
        io,
        EXIT.tryAgain,
        toPrintable(`the key or passphrase of ${name} on ${where} is not changed: ${outcome.text}`),
      );
    case "silent": {
      const text =
        `${where} did not answer; it is unknown whether the key or passphrase of ${name} has changed; try both`;
      return reportFailure(io, EXIT.tryAgain, toPrintable(text));
    }
    default:
      return unreachable(outcome);
  }
}
