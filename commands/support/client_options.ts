/** From flags, environment and files to a server and a name; and from a connection that failed to words and exit code. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { loadClientSettings } from "../../lib/cli/files/client_settings.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import type { FlagTable } from "../../lib/cli/flags/flags.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { configDir } from "../../lib/cli/files/user_dirs.ts";
import { readSmallFile } from "../../lib/cli/files/small_file.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import { NAME_FAULT_TEXT, nickFault } from "../../lib/irc/names/name_rules.ts";
import type { Address } from "../../lib/net/address.ts";
import { isLoopback, parseServerUrl, suggestForNameAtServer } from "../../lib/net/address.ts";
import type { Credentials } from "../../lib/client/session/credentials.ts";
import { readKeyOption } from "./key_option.ts";
import type { KeyOption } from "./key_option.ts";
import { Keyring } from "../../lib/client/identity/keyring.ts";
import { findOrCreateKey } from "../../lib/client/identity/next_key.ts";
import type { Registration } from "../../lib/client/session/client_session.ts";
import type { ServerTrust } from "../../lib/client/trust/server_trust.ts";

/** The flags of every command that talks to a server. */
export const CLIENT_FLAGS = {
  server: {
    type: "string",
    value: "URL",
    help:
      "irc://HOST:PORT, ircs://HOST:PORT (TLS) or unix:/PATH; also CHATTERBOX_SERVER (default irc://127.0.0.1:6667)",
  },
  "password-file": { type: "string", value: "FILE", help: "the server's password; also CHATTERBOX_PASSWORD" },
  "passphrase-file": {
    type: "string",
    value: "FILE",
    help: "your passphrase, where your name on the server has one instead of a key",
  },
  "key-file": {
    type: "string",
    value: "FILE",
    help: "the key of your name, in place of one that is kept on this machine; also CHATTERBOX_KEY",
  },
  ca: {
    type: "string",
    value: "FILE",
    help: "certificates (PEM) of those who may vouch for a server, and nobody else; also CHATTERBOX_CA",
  },
  fingerprint: {
    type: "string",
    value: "SHA256:HEX",
    help: "the only certificate of the server's to take, whoever vouches for it; known from then on",
  },
  "no-color": { type: "boolean", help: "no colour, even on a terminal; also NO_COLOR" },
} as const satisfies FlagTable;

export interface ClientFlags {
  readonly server?: string | undefined;
  readonly "password-file"?: string | undefined;
  readonly "passphrase-file"?: string | undefined;
  readonly "key-file"?: string | undefined;
  readonly ca?: string | undefined;
  readonly fingerprint?: string | undefined;
  /** The name given on the command line. */
  readonly name?: string | undefined;
  /** How the name is given there. */
  readonly nameFlag?: string | undefined;
}

/** Stands for a name where none is known and none is needed (RFC 2812 section 5.1 shows such clients as `*`). */
export const NO_NAME = "*";

/** Somebody on a server, before it is asked. */
export interface ServerAndName {
  readonly address: Address;
  readonly name: string;
  /** Whether the name was given; otherwise it is the login name, or {@link NO_NAME}. */
  readonly isNameExplicit: boolean;
  /** The server's password. */
  readonly password: string | undefined;
  /** For servers that are reached by TLS, or may be. */
  readonly trust: ServerTrust | undefined;
}

export type ServerAndNameOutcome =
  | { readonly kind: "ok"; readonly person: ServerAndName }
  | { readonly kind: "failed"; readonly code: ExitCode };

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
  /** What keeps it there: the registration's, for what only commands do with it. */
  readonly keyring?: Keyring | undefined;
  /** The variable or file that gives the key; undefined: none does. */
  readonly keySource?: string | undefined;
}

export type ClientLoginOutcome = { readonly kind: "ok"; readonly access: ClientLogin } | {
  readonly kind: "failed";
  readonly code: ExitCode;
};

/**
 * Which server and which name are meant; what is wrong has been said on standard error. Without `needsName` there may be none
 * ({@link NO_NAME}). Throws {@link UsageError} where the name is missing.
 */
export async function readServerAndName(
  io: Io,
  flags: ClientFlags,
  needsName = true,
): Promise<ServerAndNameOutcome> {
  const failed = (code: ExitCode, text: string): ServerAndNameOutcome => ({
    kind: "failed",
    code: reportFailure(io, code, toPrintable(text)),
  });
  const read = await loadClientSettings(
    { server: flags.server, name: flags.name, passwordFile: flags["password-file"], caFile: flags.ca },
    io.env,
    io.systemName,
  );
  if (read.kind === "bad") return failed(EXIT.badConfig, `${read.path}: ${read.why}`);
  const { server, name = NO_NAME, nameChosen, password, caFile } = read.settings;
  const address = parseServerUrl(server);
  if (address.kind === "bad") {
    const { code, where } = attributeFault(io, flags.server, "CHATTERBOX_SERVER");
    return failed(code, `server ${server}${where}: ${address.why}`);
  }
  if (read.settings.name === undefined && needsName) {
    const how = flags.nameFlag ?? "NAME";
    throw new UsageError(
      `under which name? This user has no login name: give ${how}, or set CHATTERBOX_NAME`,
    );
  }
  const fault = read.settings.name === undefined ? undefined : nickFault(name);
  if (fault !== undefined) {
    const { code, where } = attributeFault(io, flags.name, "CHATTERBOX_NAME");
    return failed(
      code,
      `the name ${JSON.stringify(name)}${where} will not do: ${
        suggestForNameAtServer(name) ?? NAME_FAULT_TEXT[fault]
      }`,
    );
  }
  // This machine needs no proof that it is itself, and most scripts talk to it: what is not needed takes its time to load.
  const near = address.kind === "unix" || address.kind === "tcp" && isLoopback(address.host);
  const idle = near && flags.fingerprint === undefined && caFile === undefined;
  const trust = idle ? { trust: undefined } : await readServerTrust(io, flags.fingerprint, caFile);
  if ("why" in trust) return failed(trust.code, trust.why);
  return { kind: "ok", person: { address, name, isNameExplicit: nameChosen, password, trust: trust.trust } };
}

/** A file with all authorities that Mozilla trusts has 230 KB. */
const MAX_CA_FILE_BYTES = 4 * 1024 * 1024;

/** What it takes to judge a server that is reached by TLS. */
async function readServerTrust(
  io: Io,
  fingerprintText: string | undefined,
  caFile: string | undefined,
): Promise<{ trust: ServerTrust } | { code: ExitCode; why: string }> {
  const { ServerTrust } = await import("../../lib/client/trust/server_trust.ts");
  const { parseFingerprint } = await import("../../lib/client/trust/certificate_pins.ts");
  const fingerprint = fingerprintText === undefined ? undefined : parseFingerprint(fingerprintText);
  if (fingerprintText !== undefined && fingerprint === undefined) {
    return {
      code: EXIT.usage,
      why: `--fingerprint ${fingerprintText}: not SHA256: and 64 hexadecimal digits`,
    };
  }
  let ca: string | undefined;
  if (caFile !== undefined) {
    const read = await readSmallFile(caFile, MAX_CA_FILE_BYTES);
    if (read.kind === "bad") return { code: EXIT.badConfig, why: `${caFile}: ${read.why}` };
    if (!read.text.includes("-----BEGIN CERTIFICATE-----")) {
      return { code: EXIT.badConfig, why: `${caFile}: no certificate in it (PEM)` };
    }
    ca = read.text;
  }
  const tell = (text: string) => io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  const now = () => io.clock.now();
  return { trust: new ServerTrust({ dir: configDir(io.env), ca, fingerprint, now, warn: tell }) };
}

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
    ? "no folder is known to keep it in (HOME is not set)"
    : undefined;
  // A login name becomes nobody's own, so that it is no worse off without a key.
  if (why !== undefined && (found.kind === "bad" || use === "make" && isNameExplicit)) {
    const text = `going on without a key to the name: ${why}; CHATTERBOX_KEY or --key-file gives one`;
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

/** A wrong value on the command line is wrong usage; from the environment or the file, which are named, bad configuration. */
function attributeFault(
  io: Io,
  flag: string | undefined,
  variable: string,
): { code: ExitCode; where: string } {
  if (flag !== undefined) return { code: EXIT.usage, where: "" };
  const where = io.env(variable) === undefined ? `${configDir(io.env)}/config.json` : variable;
  return { code: EXIT.badConfig, where: ` (from ${where})` };
}

/** Someone who only watches: under a name that nobody has, for servers where even that needs one. */
export function makeObserverRegistration(access: ClientLogin): Registration {
  const digits = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => (byte % 36).toString(36))
    .join("");
  return { ...access.registration, nick: `cb${digits}`, isObserver: true };
}
