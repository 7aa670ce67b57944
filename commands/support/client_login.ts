/** The login of a client command: server, name, and key or passphrase. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { configDir, NO_CONFIG_DIR_TEXT } from "../../lib/cli/files/user_dirs.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import type { Address } from "../../lib/net/address.ts";
import type { Credentials } from "../../lib/client/session/credentials.ts";
import { readKeyOption } from "./key_option.ts";
import type { KeyOption } from "./key_option.ts";
import { Keyring } from "../../lib/client/identity/keyring.ts";
import { findOrCreateKey } from "../../lib/client/identity/next_key.ts";
import type { Registration } from "../../lib/client/session/session_event.ts";
import type { ServerTrust } from "../../lib/client/trust/server_trust.ts";
import { NO_NAME, readServerAndName } from "./client_options.ts";
import type { ClientFlags, ServerAndName } from "./client_options.ts";

export interface ClientLogin {
  /** Of several addresses (`registration.servers`) the first. */
  readonly address: Address;
  readonly name: string;
  /** Whether the name was given; otherwise it is the login name, or {@link NO_NAME}. */
  readonly isNameExplicit: boolean;
  readonly registration: Registration;
  /** For TLS servers; if left out, only certificates that this machine trusts are accepted. */
  readonly trust?: ServerTrust | undefined;
  /** The file of the key; undefined: it is not kept. `created`: by this run. */
  readonly key?: { readonly path: string; readonly created: boolean } | undefined;
  /** The keyring behind the key source of `registration`: commands also discard, replace and release keys. */
  readonly keyring?: Keyring | undefined;
  /** The variable or file that the key comes from; undefined: it is a kept one. */
  readonly keySource?: string | undefined;
}

export type ClientLoginOutcome = { readonly kind: "ok"; readonly access: ClientLogin } | {
  readonly kind: "failed";
  readonly code: ExitCode;
};

/**
 * `make`: to send under the name; makes a key if there is none, and registers the name. `use`: to read under
 * it; uses only what is there. `observe`: the same, but there may be no name.
 */
export type KeyUse = "make" | "use" | "observe";

/**
 * The login to connect with; a failure has been reported on standard error. `passphrase`: as typed, instead
 * of the key.
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
  const { readPassphraseFile } = await import("./passphrase_file.ts");
  const read = await readPassphraseFile(path, io);
  return read.kind === "ok"
    ? { kind: "ok", access: makePassphraseLogin(person, read.secret) }
    : { kind: "failed", code: reportFailure(io, EXIT.badConfig, toPrintable(read.why)) };
}

function makePassphraseLogin(
  { address, servers, name, isNameExplicit, password, trust, questions }: ServerAndName,
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
  return {
    address,
    name,
    isNameExplicit,
    trust,
    registration: { nick: name, password, credentials, questions, servers },
  };
}

/**
 * The key may be that of an account, so it is sent over private connections only. It must be that of the
 * name: a misspelled name, or that of another user, must not be registered with it. `chatterbox register`
 * does so on purpose.
 */
function makeGivenKeyLogin(
  { address, servers, name, isNameExplicit, password, trust, questions }: ServerAndName,
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
  const registration = {
    nick: name,
    password,
    claimKey: key,
    isGuarded: true,
    credentials,
    questions,
    servers,
  };
  return { address, name, isNameExplicit, trust, registration, keySource: from };
}

async function makeStoredKeyLogin(
  { address, servers, name, isNameExplicit, password, trust, questions }: ServerAndName,
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
    ? NO_CONFIG_DIR_TEXT
    : undefined;
  // A login name is not registered, so it needs no key.
  if (why !== undefined && (found.kind === "bad" || use === "make" && isNameExplicit)) {
    const text = `continuing without a key for the name: ${why}; CHATTERBOX_KEY or --key-file gives one`;
    io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  }
  if (found.kind !== "ok" || dir === undefined) {
    return {
      kind: "ok",
      access: {
        address,
        name,
        isNameExplicit,
        trust,
        registration: { nick: name, password, questions, servers },
      },
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
    questions,
    servers,
  };
  const access = { address, name, isNameExplicit, trust, registration, key: { path, created }, keyring };
  return { kind: "ok", access };
}

/** Registration of an observer. It has a random nick, for servers without the observer capability. */
export function makeObserverRegistration(access: ClientLogin): Registration {
  return { ...access.registration, nick: makeRandomNick(), isObserver: true };
}

/**
 * `credentials` of an account, and the same with each other key that is kept beside it here: an interrupted change of
 * the key may have left the right one there. The server has to accept one of them: a guest is no use.
 */
export async function listAccountCredentials(
  { keyring }: ClientLogin,
  credentials: Credentials,
): Promise<Credentials[]> {
  const others = await keyring?.listKeysHere() ?? [];
  const tried = [credentials, ...others.map((secret) => ({ ...credentials, secret, isUnregistered: false }))];
  return tried.map((each) => ({ ...each, isRequired: false }));
}

/** Logs in with `credentials` under a random nick, because another user may have the name at present. */
export function makeAccountRegistration(access: ClientLogin, credentials: Credentials): Registration {
  return {
    ...access.registration,
    nick: makeRandomNick(),
    isObserver: false,
    claimKey: undefined,
    credentials,
  };
}

function makeRandomNick(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return `cb${Array.from(bytes, (byte) => (byte % 36).toString(36)).join("")}`;
}
