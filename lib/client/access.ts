/** From flags, environment and files to a server and a name; and from a connection that failed to words and exit code. */
import { printable } from "../base/printable.ts";
import type { Io } from "../cli/command.ts";
import { clientSettings } from "../cli/config.ts";
import { EXIT } from "../cli/exit_codes.ts";
import type { ExitCode } from "../cli/exit_codes.ts";
import type { FlagTable } from "../cli/flags.ts";
import { fail } from "../cli/output.ts";
import { configDir } from "../cli/paths.ts";
import { readSmallFile } from "../cli/small_file.ts";
import { UsageError } from "../cli/usage.ts";
import { NAME_FAULT_TEXT, nickFault } from "../irc/names.ts";
import type { Address } from "../net/address.ts";
import { isLoopback, nameAndServerHint, parseServerUrl } from "../net/address.ts";
import type { Credentials } from "./credentials.ts";
import { givenKey } from "./given_key.ts";
import type { GivenKey } from "./given_key.ts";
import { Keyring } from "./keyring.ts";
import { findKey } from "./next_key.ts";
import type { Registration } from "./session.ts";
import type { Trust } from "./trust.ts";

/** The flags of every command that talks to a server. */
export const ACCESS_FLAGS = {
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

export interface AccessFlags {
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
export interface Person {
  readonly address: Address;
  readonly name: string;
  /** Whether the name was given; otherwise it is the login name, or {@link NO_NAME}. */
  readonly nameChosen: boolean;
  /** The server's password. */
  readonly password: string | undefined;
  /** For servers that are reached by TLS, or may be. */
  readonly trust: Trust | undefined;
}

export type PersonOutcome =
  | { readonly kind: "ok"; readonly person: Person }
  | { readonly kind: "failed"; readonly code: ExitCode };

export interface Access {
  readonly address: Address;
  readonly name: string;
  /** Whether the name was given; otherwise it is the login name, or {@link NO_NAME}. */
  readonly nameChosen: boolean;
  readonly registration: Registration;
  /** For servers that are reached by TLS; where left out only authorities vouch for them. */
  readonly trust?: Trust | undefined;
  /** The file in which our key is kept; undefined: it is not kept. `created`: just now. */
  readonly key?: { readonly path: string; readonly created: boolean } | undefined;
  /** The variable or file that gives the key; undefined: none does. */
  readonly keyFrom?: string | undefined;
}

export type AccessOutcome = { readonly kind: "ok"; readonly access: Access } | {
  readonly kind: "failed";
  readonly code: ExitCode;
};

/**
 * Which server and which name are meant; what is wrong has been said on standard error. Without `needsName` there may be none
 * ({@link NO_NAME}). Throws {@link UsageError} where the name is missing.
 */
export async function readPerson(io: Io, flags: AccessFlags, needsName = true): Promise<PersonOutcome> {
  const failed = (code: ExitCode, text: string): PersonOutcome => ({
    kind: "failed",
    code: fail(io, code, printable(text)),
  });
  const read = await clientSettings(
    { server: flags.server, name: flags.name, passwordFile: flags["password-file"], caFile: flags.ca },
    io.env,
    io.systemName,
  );
  if (read.kind === "bad") return failed(EXIT.badConfig, `${read.path}: ${read.why}`);
  const { server, name = NO_NAME, nameChosen, password, caFile } = read.settings;
  const address = parseServerUrl(server);
  if (address.kind === "bad") {
    const { code, where } = blame(io, flags.server, "CHATTERBOX_SERVER");
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
    const { code, where } = blame(io, flags.name, "CHATTERBOX_NAME");
    return failed(
      code,
      `the name ${JSON.stringify(name)}${where} will not do: ${
        nameAndServerHint(name) ?? NAME_FAULT_TEXT[fault]
      }`,
    );
  }
  // This machine needs no proof that it is itself, and most scripts talk to it: what is not needed takes its time to load.
  const near = address.kind === "unix" || address.kind === "tcp" && isLoopback(address.host);
  const idle = near && flags.fingerprint === undefined && caFile === undefined;
  const trust = idle ? { trust: undefined } : await readTrust(io, flags.fingerprint, caFile);
  if ("why" in trust) return failed(trust.code, trust.why);
  return { kind: "ok", person: { address, name, nameChosen, password, trust: trust.trust } };
}

/** A file with all authorities that Mozilla trusts has 230 KB. */
const MAX_CA_FILE_BYTES = 4 * 1024 * 1024;

/** What it takes to judge a server that is reached by TLS. */
async function readTrust(
  io: Io,
  fingerprintText: string | undefined,
  caFile: string | undefined,
): Promise<{ trust: Trust } | { code: ExitCode; why: string }> {
  const { Trust } = await import("./trust.ts");
  const { parseFingerprint } = await import("./pins.ts");
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
  const tell = (text: string) => io.stderr.write(`chatterbox: ${printable(text)}\n`);
  const now = () => io.clock.now();
  return { trust: new Trust({ dir: configDir(io.env), ca, fingerprint, now, tell }) };
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
export async function readAccess(
  io: Io,
  flags: AccessFlags,
  key: KeyUse,
  passphrase?: string,
): Promise<AccessOutcome> {
  const found = await readPerson(io, flags, key !== "observe");
  if (found.kind === "failed") return found;
  const { person } = found;
  const path = flags["passphrase-file"];
  if (passphrase !== undefined) return { kind: "ok", access: byPassphrase(person, passphrase) };
  if (path !== undefined && flags["key-file"] !== undefined) {
    throw new UsageError("--passphrase-file and --key-file exclude each other");
  }
  if (path === undefined) {
    const given = await givenKey(io, flags["key-file"]);
    if (given.kind === "bad") {
      return { kind: "failed", code: fail(io, EXIT.badConfig, printable(`${given.from}: ${given.why}`)) };
    }
    if (given.kind === "given" && person.name !== NO_NAME) {
      return { kind: "ok", access: byGivenKey(person, key, given) };
    }
    return await byKey(person, key, io);
  }
  const { readSecret } = await import("../cli/secret_file.ts");
  const { passphraseFault } = await import("../irc/passphrase.ts");
  const read = await readSecret(path, io);
  const why = read.kind === "bad" ? read.why : passphraseFault(read.secret);
  if (read.kind === "ok" && why === undefined) {
    return { kind: "ok", access: byPassphrase(person, read.secret) };
  }
  return { kind: "failed", code: fail(io, EXIT.badConfig, printable(`${path}: ${why}`)) };
}

function byPassphrase({ address, name, nameChosen, password, trust }: Person, secret: string): Access {
  const credentials: Credentials = {
    account: name,
    kind: "passphrase",
    secret,
    needed: true,
    fresh: false,
    known: true,
    register: "never",
  };
  return { address, name, nameChosen, trust, registration: { nick: name, password, credentials } };
}

/**
 * The key may be an account's, which is why it is not said aloud where others can listen. It is given for a purpose, and has to be that
 * of the name: a name that is misspelled, or another's, must not be registered with it. `chatterbox register` does so on purpose.
 */
function byGivenKey(
  { address, name, nameChosen, password, trust }: Person,
  use: KeyUse,
  { key, from }: GivenKey & { kind: "given" },
): Access {
  const credentials: Credentials = {
    account: name,
    kind: "key",
    secret: key,
    needed: use !== "observe",
    fresh: false,
    known: true,
    register: "never",
  };
  const registration = { nick: name, password, claim: key, guarded: true, credentials };
  return { address, name, nameChosen, trust, registration, keyFrom: from };
}

async function byKey(
  { address, name, nameChosen, password, trust }: Person,
  use: KeyUse,
  io: Io,
): Promise<AccessOutcome> {
  const dir = configDir(io.env);
  const { found, isNext } = await findKey(dir, address, name, use === "make");
  if (found.kind === "exposed") {
    return { kind: "failed", code: fail(io, EXIT.badConfig, printable(`${found.path}: ${found.why}`)) };
  }
  const why = found.kind === "bad"
    ? `${found.path}: ${found.why}`
    : dir === undefined
    ? "no folder is known to keep it in (HOME is not set)"
    : undefined;
  // A login name becomes nobody's own, so that it is no worse off without a key.
  if (why !== undefined && (found.kind === "bad" || use === "make" && nameChosen)) {
    const text = `going on without a key to the name: ${why}; CHATTERBOX_KEY or --key-file gives one`;
    io.stderr.write(`chatterbox: ${printable(text)}\n`);
  }
  if (found.kind !== "ok" || dir === undefined) {
    return {
      kind: "ok",
      access: { address, name, nameChosen, trust, registration: { nick: name, password } },
    };
  }
  const { key: secret, path, created } = found;
  const keyring = new Keyring(dir, address, name, secret, created, isNext);
  const credentials: Credentials = {
    account: name,
    kind: "key",
    secret,
    needed: false,
    fresh: keyring.unregistered,
    known: keyring.asked,
    register: use === "make" && (nameChosen || !keyring.unregistered) ? "ours" : "never",
  };
  const { guarded } = keyring;
  const registration = { nick: name, password, claim: secret, guarded, credentials, keyring };
  const access = { address, name, nameChosen, trust, registration, key: { path, created } };
  return { kind: "ok", access };
}

/** A wrong value on the command line is wrong usage; from the environment or the file, which are named, bad configuration. */
function blame(io: Io, flag: string | undefined, variable: string): { code: ExitCode; where: string } {
  if (flag !== undefined) return { code: EXIT.usage, where: "" };
  const where = io.env(variable) === undefined ? `${configDir(io.env)}/config.json` : variable;
  return { code: EXIT.badConfig, where: ` (from ${where})` };
}

/** Someone who only watches: under a name that nobody has, for servers where even that needs one. */
export function observerOf(access: Access): Registration {
  const digits = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => (byte % 36).toString(36))
    .join("");
  return { ...access.registration, nick: `cb${digits}`, observer: true };
}
