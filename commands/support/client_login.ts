/** The login of a client command: under which name, and with which key or passphrase. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { configDir } from "../../lib/cli/files/user_dirs.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import type { Address } from "../../lib/net/address.ts";
import type { Credentials } from "../../lib/client/session/credentials.ts";
import { readKeyOption } from "./key_option.ts";
import type { KeyOption } from "./key_option.ts";
import { Keyring } from "../../lib/client/identity/keyring.ts";
import { findOrCreateKey } from "../../lib/client/identity/next_key.ts";
import type { Registration } from "../../lib/client/session/client_session.ts";
import type { ServerTrust } from "../../lib/client/trust/server_trust.ts";
import { NO_NAME, readServerAndName } from "./client_options.ts";
import type { ClientFlags, ServerAndName } from "./client_options.ts";

export interface ClientLogin {
  readonly address: Address;
  readonly name: string;
  /** Whether the name was given; otherwise it is the login name, or {@link NO_NAME}. */
  readonly isNameExplicit: boolean;
  readonly registration: Registration;
  /** For servers that are reached by TLS; where left out only authorities vouch for them. */
  readonly trust?: ServerTrust | undefined;
  /** The file in which our key is kept; undefined: it is not kept. `created`: just now. */
  readonly key?: { readonly path: string; readonly created: boolean } | undefined;
  /** The key source of `registration` as the keyring that it is: commands also discard, replace and release keys. */
  readonly keyring?: Keyring | undefined;
  /** The variable or file that gives the key; undefined: none does. */
  readonly keySource?: string | undefined;
}

export type ClientLoginOutcome = { readonly kind: "ok"; readonly access: ClientLogin } | {
  readonly kind: "failed";
  readonly code: ExitCode;
};

/**
 * `make` a key for the name where there is none, and the name ours (to speak under it); only `use` what is there (to read under
 * it); `observe`: the same, but there may be no name.
 */
export type KeyUse = "make" | "use" | "observe";

/**
 * What is needed to connect; what is wrong has been said on standard error. `passphrase`: what the person has typed, in place of
 * the key.
 */
export async function readClientLogin(
  io: Io,
  flags: ClientFlags,
  key: KeyUse,
  passphrase?: string,
): Promise<ClientLoginOutcome> {
  const found = await readServerAndName(io, flags, key !== "observe");
  if (found.kind === "failed") return found;
  const { person } = found;
  const path = flags["passphrase-file"];
  if (passphrase !== undefined) return { kind: "ok", access: makePassphraseLogin(person, passphrase) };
  if (path !== undefined && flags["key-file"] !== undefined) {
    throw new UsageError("--passphrase-file and --key-file exclude each other");
  }
  if (path === undefined) {
    const given = await readKeyOption(io, flags["key-file"]);
    if (given.kind === "bad") {
      return {
        kind: "failed",
        code: reportFailure(io, EXIT.badConfig, toPrintable(`${given.from}: ${given.why}`)),
      };
    }
    if (given.kind === "given" && person.name !== NO_NAME) {
      return { kind: "ok", access: makeGivenKeyLogin(person, key, given) };
    }
    return await makeStoredKeyLogin(person, key, io);
  }
  const { readSecret } = await import("../../lib/cli/files/secret_file.ts");
  const { passphraseFault } = await import("../../lib/irc/sasl/passphrase.ts");
  const read = await readSecret(path, io);
  const why = read.kind === "bad" ? read.why : passphraseFault(read.secret);
  if (read.kind === "ok" && why === undefined) {
    return { kind: "ok", access: makePassphraseLogin(person, read.secret) };
  }
  return { kind: "failed", code: reportFailure(io, EXIT.badConfig, toPrintable(`${path}: ${why}`)) };
}

function makePassphraseLogin(
  { address, name, isNameExplicit, password, trust }: ServerAndName,
  secret: string,
): ClientLogin {
  const credentials: Credentials = {
    account: name,
    kind: "passphrase",
    secret,
    isRequired: true,
    isUnregistered: false,
    isRegisteredOnPurpose: true,
    register: "never",
  };
  return { address, name, isNameExplicit, trust, registration: { nick: name, password, credentials } };
}

/**
 * The key may be an account's, which is why it is not said aloud where others can listen. It is given for a purpose, and has to be that
 * of the name: a name that is misspelled, or another's, must not be registered with it. `chatterbox register` does so on purpose.
 */
function makeGivenKeyLogin(
  { address, name, isNameExplicit, password, trust }: ServerAndName,
  use: KeyUse,
  { key, from }: KeyOption & { kind: "given" },
): ClientLogin {
  const credentials: Credentials = {
    account: name,
    kind: "key",
    secret: key,
    isRequired: use !== "observe",
    isUnregistered: false,
    isRegisteredOnPurpose: true,
    register: "never",
  };
  const registration = { nick: name, password, claimKey: key, isGuarded: true, credentials };
  return { address, name, isNameExplicit, trust, registration, keySource: from };
}

async function makeStoredKeyLogin(
  { address, name, isNameExplicit, password, trust }: ServerAndName,
  use: KeyUse,
  io: Io,
): Promise<ClientLoginOutcome> {
  const dir = configDir(io.env);
  const { found, isNext } = await findOrCreateKey(dir, address, name, use === "make");
  if (found.kind === "exposed") {
    return {
      kind: "failed",
      code: reportFailure(io, EXIT.badConfig, toPrintable(`${found.path}: ${found.why}`)),
    };
  }
  const why = found.kind === "bad"
    ? `${found.path}: ${found.why}`
    : dir === undefined
    ? "there is no configuration folder (HOME is not set)"
    : undefined;
  // A login name becomes nobody's own, so that it is no worse off without a key.
  if (why !== undefined && (found.kind === "bad" || use === "make" && isNameExplicit)) {
    const text = `continuing without a key for the name: ${why}; CHATTERBOX_KEY or --key-file gives one`;
    io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  }
  if (found.kind !== "ok" || dir === undefined) {
    return {
      kind: "ok",
      access: { address, name, isNameExplicit, trust, registration: { nick: name, password } },
    };
  }
  const { key: secret, path, created } = found;
  const keyring = new Keyring(dir, address, name, secret, created, isNext);
  const credentials: Credentials = {
    account: name,
    kind: "key",
    secret,
    isRequired: false,
    isUnregistered: keyring.isUnregistered,
    isRegisteredOnPurpose: keyring.isRegisteredOnPurpose,
    register: use === "make" && (isNameExplicit || !keyring.isUnregistered) ? "ours" : "never",
  };
  const registration = {
    nick: name,
    password,
    claimKey: secret,
    isGuarded: keyring.isGuarded,
    credentials,
    keyring,
  };
  const access = { address, name, isNameExplicit, trust, registration, key: { path, created }, keyring };
  return { kind: "ok", access };
}

/** Someone who only watches: under a name that nobody has, for servers where even that needs one. */
export function makeObserverRegistration(access: ClientLogin): Registration {
  const digits = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => (byte % 36).toString(36))
    .join("");
  return { ...access.registration, nick: `cb${digits}`, isObserver: true };
}
