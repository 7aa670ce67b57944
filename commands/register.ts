/** `chatterbox register`: registers a name, on any server with accounts. */
import { unreachable } from "../lib/base/assert.ts";
import { toPrintable } from "../lib/base/printable_text.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { reportFailure } from "../lib/cli/standard_streams.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import { CLIENT_FLAGS } from "./support/client_options.ts";
import { readClientLogin } from "./support/client_login.ts";
import { requestAccountRegistration } from "../lib/client/accounts/account_registration.ts";
import { reportConnectFailure } from "./support/connect_failure_text.ts";
import type { ClientFlags } from "./support/client_options.ts";
import type { ClientLogin, ClientLoginOutcome } from "./support/client_login.ts";
import { connect, recordAcceptedKey } from "../lib/client/connection/connect.ts";
import { withLink } from "../lib/client/connection/with_link.ts";
import type { AccountStatus } from "../lib/client/session/credentials.ts";
import type { Link } from "../lib/client/connection/link.ts";
import { ACCOUNT_REGISTRATION } from "../lib/irc/capability_names.ts";
import { formatAddress, isLoopback } from "../lib/net/address.ts";
import { readNewPassphrase } from "./register/new_passphrase.ts";
import { createTerminal } from "../lib/tui/terminal/terminal.ts";

export const command: Command = defineCommand({
  name: "register",
  summary: "Register a name on a server, so that it is yours.",
  synopsis: "NAME [--change] [FLAGS]",
  examples: [
    ["chatterbox register alice", "register alice; the key is kept on this machine"],
    ["chatterbox register alice --passphrase", "with a passphrase, for other IRC clients too"],
    ["chatterbox register alice --server irc://irc.example.net", "on a server of another kind"],
    ["chatterbox register alice --change", "replace the key of alice"],
    [
      "chatterbox register alice --change --passphrase",
      "replace the key, or the passphrase, by a new passphrase",
    ],
  ],
  operands: [{ sources: ["names"] }],
  flags: {
    passphrase: { type: "boolean", help: "ask for a passphrase, twice, instead of making a key" },
    change: { type: "boolean", help: "replace the key or passphrase of a name that is yours" },
    "old-passphrase-file": {
      type: "string",
      value: "FILE",
      help: "with --change: the present passphrase, if no key of the name is kept here",
    },
    ...CLIENT_FLAGS,
    "passphrase-file": {
      type: "string",
      value: "FILE",
      help: "read the new passphrase from FILE; --passphrase-file=-: from standard input",
    },
  },
  notes: [
    "On ChatterBox servers join and send register a name that you give, with a key. With a passphrase any IRC client " +
    "can use the name: join asks for it, and join and send take --passphrase-file. A passphrase has 8 to 300 bytes.",
    "--change logs in with the key that is kept here, or asks for the passphrase. The previous key is kept beside the " +
    "new one and no longer works; replace copies of it on other machines (chatterbox key export NAME).",
  ],
  exitCodes: [
    ["0", "the name is yours"],
    ["64", "wrong usage"],
    ["68, 69", "server not found, not reachable, or without account registration"],
    ["75", "no answer, or not possible at present"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "the name belongs to another user, or the server refuses it"],
    ["78", "bad configuration, or other users can read a secret file"],
    ["130, 143", "interrupted"],
  ],
}, async (flags, words, io) => {
  const [name, ...more] = words;
  if (name === undefined || more.length > 0) throw new UsageError("give one name");
  if (flags.change) {
    const { changeCommand } = await import("./register/change.ts");
    return await changeCommand({ ...flags, name }, io);
  }
  if (flags["old-passphrase-file"] !== undefined) {
    throw new UsageError("--old-passphrase-file needs --change");
  }
  const found = await registrationAccess({ ...flags, name }, flags.passphrase, io);
  if (found.kind === "failed") return found.code;
  const outcome = await register(found.access, io);
  if (outcome !== "forgotten") return outcome;
  if (found.access.keySource === undefined) return await registerAnew(found.access, { ...flags, name }, io);
  return reportConnectFailure(io, { kind: "refused", reason: "forgotten", text: "" }, found.access);
});

/** The login with which the name is to be registered. */
async function registrationAccess(flags: ClientFlags, asks: boolean, io: Io): Promise<ClientLoginOutcome> {
  const file = flags["passphrase-file"];
  const { "passphrase-file": _, ...others } = flags;
  if (!asks && file === undefined) {
    const found = await readClientLogin(io, others, "make");
    if (found.kind === "ok" && found.access.registration.credentials === undefined) {
      return {
        kind: "failed",
        code: reportFailure(io, EXIT.badConfig, "there is no key to register the name with"),
      };
    }
    return found.kind === "ok" ? { kind: "ok", access: withRegistrationIntent(found.access) } : found;
  }
  if (others["key-file"] !== undefined) {
    throw new UsageError("a passphrase and --key-file exclude each other");
  }
  if (asks && file !== undefined) {
    throw new UsageError("--passphrase and --passphrase-file exclude each other");
  }
  // The key that is kept is the claim under which earlier messages were recorded.
  const found = await readClientLogin(io, others, "use");
  if (found.kind === "failed") return found;
  const given = await readNewPassphrase(file, found.access, io, asks ? createTerminal(io) : undefined);
  if (given.kind === "failed") return given;
  const { access: { registration: { claimKey, isGuarded } } } = found;
  const asked = await readClientLogin(io, others, "use", given.secret);
  if (asked.kind === "failed") return asked;
  const { registration } = asked.access;
  return {
    kind: "ok",
    access: withRegistrationIntent({
      ...asked.access,
      registration: { ...registration, claimKey, isGuarded },
    }),
  };
}

/** The same login for registration on any server. No server knows a new passphrase. */
function withRegistrationIntent(access: ClientLogin): ClientLogin {
  const { registration } = access;
  const credentials = registration.credentials!;
  const fresh = credentials.isUnregistered || credentials.kind === "passphrase";
  return {
    ...access,
    registration: {
      ...registration,
      credentials: {
        ...credentials,
        isUnregistered: fresh,
        isRequired: false,
        isRegisteredOnPurpose: true,
        register: "any",
      },
    },
  };
}

/**
 * `forgotten`: the server does not know the key, which was that of an account and is not sent over this
 * connection. In that case nothing has been reported.
 */
async function register(access: ClientLogin, io: Io): Promise<ExitCode | "forgotten"> {
  const { signal } = io;
  const { address, trust, registration } = access;
  const connecting = connect({ address, trust, registration, signal });
  const outcome = await withLink(connecting, signal, async (link) => {
    const trouble = await requestRegistration(link, access);
    if (trouble !== undefined) return trouble;
    await recordAcceptedKey(link);
    reportRegistered(access, link.session.accountStatus, io);
    return undefined;
  });
  if (outcome.kind !== "done") {
    if (outcome.kind === "refused" && outcome.reason === "forgotten") return "forgotten";
    await access.keyring?.discard();
    return reportConnectFailure(io, outcome, access);
  }
  const trouble = outcome.value;
  if (trouble === undefined) return EXIT.ok;
  await access.keyring?.discard();
  return trouble === "forgotten" ? trouble : reportFailure(io, trouble.code, toPrintable(trouble.text));
}

/**
 * Registers with a new key, because the present one, which was that of an account, is not sent over this
 * connection. If that fails, the previous key is restored.
 */
async function registerAnew(before: ClientLogin, flags: ClientFlags, io: Io): Promise<ExitCode> {
  const { keyring, key } = before;
  try {
    const aside = await keyring!.setAside();
    const found = await registrationAccess(flags, false, io);
    const outcome = found.kind === "failed" ? found.code : await register(found.access, io);
    if (outcome === EXIT.ok) {
      io.stdout.write(toPrintable(`the previous key is kept in ${aside.path}`) + "\n");
      return outcome;
    }
    await aside.undo();
    return outcome === "forgotten" ? EXIT.refused : outcome;
  } catch (error) {
    return reportFailure(io, EXIT.ioError, toPrintable(`${key?.path}: ${(error as Error).message}`));
  }
}

interface RegistrationTrouble {
  readonly code: ExitCode;
  readonly text: string;
}

/**
 * Registers if connecting has not done so: on servers that accept REGISTER only later. Undefined: the name is
 * registered.
 */
async function requestRegistration(
  link: Link,
  { name, address, registration, keyring }: ClientLogin,
): Promise<RegistrationTrouble | "forgotten" | undefined> {
  const { session } = link;
  const where = formatAddress(address);
  const { accountStatus } = session;
  const value = session.capValue(ACCOUNT_REGISTRATION);
  if (accountStatus.kind === "logged_in") return undefined;
  if (value === undefined) {
    return {
      code: EXIT.unreachable,
      text: `${where} does not support account registration (it may have a NickServ)`,
    };
  }
  if (value.includes("before-connect") && accountStatus.kind === "no_account") {
    const code = accountStatus.isTemporary ? EXIT.tryAgain : EXIT.refused;
    return { code, text: `${where} refuses to register ${name}: ${accountStatus.why}` };
  }
  const { credentials, isGuarded } = registration;
  if (credentials?.kind === "key" && isGuarded === true && !link.isPrivate) return "forgotten";
  const outcome = await requestAccountRegistration(link, name, credentials!.secret);
  switch (outcome.kind) {
    case "done":
    case "already":
      return undefined;
    case "pending":
      keyring?.recordDoubt(); // the account may come to be with this key
      return {
        code: EXIT.refused,
        text: `${where} requires another step to register ${name}: ${outcome.text}`,
      };
    case "failed": {
      const code = outcome.isTemporary ? EXIT.tryAgain : EXIT.refused;
      return { code, text: `${where} refuses to register ${name}: ${outcome.text}` };
    }
    case "silent":
      keyring?.recordDoubt();
      return {
        code: EXIT.tryAgain,
        text: `${where} did not answer; it is unknown whether ${name} is registered; try again`,
      };
    default:
      return unreachable(outcome);
  }
}

function reportRegistered(
  { name, address, key, keyring, keySource, registration }: ClientLogin,
  accountStatus: AccountStatus,
  io: Io,
): void {
  const before = accountStatus.kind === "logged_in" && !accountStatus.isNew ? " already" : "";
  const where = formatAddress(address);
  if (registration.credentials?.kind === "key") {
    keyring?.recordRegistered();
    const kept = keySource === undefined
      ? `the key is in ${key?.path}`
      : `the key is the one from ${keySource}`;
    io.stdout.write(toPrintable(`${name} is yours${before} on ${where}; ${kept}`) + "\n");
    return;
  }
  io.stdout.write(
    `${toPrintable(`${name} is yours${before} on ${where}`)}\n${describeOtherClients(name, address)}`,
  );
}

/** The commands for the most common IRC clients. */
function describeOtherClients(name: string, address: ClientLogin["address"]): string {
  if (address.kind === "unix") return "";
  const { kind, host, port } = address;
  const tls = kind === "tls" ? "-tls" : "-notls";
  const mechanism = kind === "tls" || isLoopback(host) ? "PLAIN" : "SCRAM-SHA-256"; // which irssi 1.4 does not know
  return [
    "irssi:",
    `  /network add -sasl_username ${name} -sasl_password PASSPHRASE -sasl_mechanism ${mechanism} chatterbox`,
    `  /server add -auto ${tls} -network chatterbox ${host} ${port}`,
    "WeeChat:",
    `  /server add chatterbox ${host}/${port} ${tls} -nicks=${name}`,
    "  /set irc.server.chatterbox.sasl_mechanism scram-sha-256",
    `  /set irc.server.chatterbox.sasl_username ${name}`,
    "  /set irc.server.chatterbox.sasl_password PASSPHRASE",
    "",
  ].join("\n");
}
