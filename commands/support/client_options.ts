/** The options of every client command, and the server and name that they choose. */
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
import { describeNameFault, nickFault } from "../../lib/irc/names/new_name_rules.ts";
import type { Address } from "../../lib/net/address.ts";
import { isLoopback, suggestForNameAtServer } from "../../lib/net/address.ts";
import { parseServerList } from "../../lib/net/server_list.ts";
import type { ConnectQuestions } from "../../lib/client/session/connect_questions.ts";
import type { ServerList } from "../../lib/client/session/server_list.ts";
import type { ServerTrust, ServerTrustOptions } from "../../lib/client/trust/server_trust.ts";
import { makeTerminalQuestions } from "./terminal_questions.ts";

/** The flags of every client command. */
export const CLIENT_FLAGS = {
  server: {
    type: "string",
    value: "URL",
    help:
      "irc://HOST:PORT, ircs://HOST:PORT (TLS) or unix:/PATH, or several of one chat with commas between them; " +
      "also CHATTERBOX_SERVER (default irc://127.0.0.1:6667)",
  },
  profile: {
    type: "string",
    value: "NAME",
    help: "settings under this name in config.json; also CHATTERBOX_PROFILE",
  },
  "password-file": {
    type: "string",
    value: "FILE",
    help: "file with the server's password; also CHATTERBOX_PASSWORD",
  },
  "passphrase-file": {
    type: "string",
    value: "FILE",
    help: "file with your passphrase, if your account has one instead of a key",
  },
  "key-file": {
    type: "string",
    value: "FILE",
    help: "file with your key, instead of the one kept on this machine; also CHATTERBOX_KEY",
  },
  ca: {
    type: "string",
    value: "FILE",
    help: "certificates (PEM) of the authorities to trust, instead of the system's; also CHATTERBOX_CA",
  },
  fingerprint: {
    type: "string",
    value: "SHA256:HEX",
    help: "accept only the server certificate with this fingerprint, and remember it",
  },
  "trust-first-use": {
    type: "boolean",
    help:
      "accept the certificate of a server that is not known yet, unseen; also CHATTERBOX_TRUST_FIRST_USE=1",
  },
  "no-color": { type: "boolean", help: "no colour, even on a terminal; also NO_COLOR" },
} as const satisfies FlagTable;

export interface ClientFlags {
  readonly server?: string | undefined;
  readonly profile?: string | undefined;
  readonly "password-file"?: string | undefined;
  readonly "passphrase-file"?: string | undefined;
  readonly "key-file"?: string | undefined;
  readonly ca?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly "trust-first-use"?: boolean | undefined;
  /** The name given on the command line. */
  readonly name?: string | undefined;
  /** The flag or argument with which it is given. */
  readonly nameFlag?: string | undefined;
}

/** Stands for a missing name (RFC 2812 section 5.1 shows such clients as `*`). */
export const NO_NAME = "*";

/** The server and name of a command, before it connects. */
export interface ServerAndName {
  /** Of several addresses the first: keys and files are kept under it. */
  readonly address: Address;
  /** All addresses; undefined: there is one. */
  readonly servers: ServerList | undefined;
  readonly name: string;
  /** Whether the name was given; otherwise it is the login name, or {@link NO_NAME}. */
  readonly isNameExplicit: boolean;
  /** The server's password. */
  readonly password: string | undefined;
  /** For servers that are, or may be, reached by TLS. */
  readonly trust: ServerTrust | undefined;
  /** What is asked at a terminal while connecting; undefined: there is none. */
  readonly questions: ConnectQuestions | undefined;
}

export type ServerAndNameOutcome =
  | { readonly kind: "ok"; readonly person: ServerAndName }
  | { readonly kind: "failed"; readonly code: ExitCode };

/**
 * The server and name that the flags, environment and configuration choose; a failure has been reported on
 * standard error. Without `needsName` there may be no name ({@link NO_NAME}); with it, throws a {@link
 * UsageError}.
 */
export async function readServerAndName(
  io: Io,
  flags: ClientFlags,
  needsName = true,
  trustOptions: TrustOptions = {},
): Promise<ServerAndNameOutcome> {
  const failed = (code: ExitCode, text: string): ServerAndNameOutcome => ({
    kind: "failed",
    code: reportFailure(io, code, toPrintable(text)),
  });
  const read = await loadClientSettings(
    {
      server: flags.server,
      name: flags.name,
      passwordFile: flags["password-file"],
      caFile: flags.ca,
      profile: flags.profile,
    },
    io.env,
    io.systemName,
  );
  if (read.kind === "bad") {
    return failed(read.isUsage ? EXIT.usage : EXIT.badConfig, `${read.path}: ${read.why}`);
  }
  const { server, name = NO_NAME, nameChosen, password, caFile } = read.settings;
  const parsed = parseServerList(server);
  if (parsed.kind === "bad") {
    const { code, where } = attributeFault(io, flags.server, "CHATTERBOX_SERVER");
    return failed(code, `server ${server}${where}: ${parsed.why}`);
  }
  const { addresses } = parsed;
  if (read.settings.name === undefined && needsName) {
    const how = flags.nameFlag ?? "NAME";
    throw new UsageError(
      `no name given, and this user has no login name: give ${how}, or set CHATTERBOX_NAME`,
    );
  }
  const fault = read.settings.name === undefined ? undefined : nickFault(name);
  if (fault !== undefined) {
    const { code, where } = attributeFault(io, flags.name, "CHATTERBOX_NAME");
    return failed(
      code,
      `the name ${JSON.stringify(name)}${where} is not valid: ${
        suggestForNameAtServer(name) ?? describeNameFault(name, fault)
      }`,
    );
  }
  // A server on this machine needs no proof. Most scripts use one, so the code for it is not loaded.
  const needsNoTrust = addresses.every(isLocal) && flags.fingerprint === undefined && caFile === undefined;
  const trust = needsNoTrust ? { trust: undefined } : await readServerTrust(io, flags, caFile, trustOptions);
  if ("why" in trust) return failed(trust.code, trust.why);
  return {
    kind: "ok",
    person: {
      address: addresses[0],
      servers: await makeServerList(addresses),
      name,
      isNameExplicit: nameChosen,
      password,
      trust: trust.trust,
      questions: makeTerminalQuestions(io),
    },
  };
}

function isLocal(address: Address): boolean {
  return address.kind === "unix" || address.kind === "tcp" && isLoopback(address.host);
}

async function makeServerList(addresses: readonly Address[]): Promise<ServerList | undefined> {
  if (addresses.length === 1) return undefined;
  const { ServerList } = await import("../../lib/client/session/server_list.ts");
  return new ServerList(addresses);
}

/** A file of all authorities that Mozilla trusts has 230 KB. */
const MAX_CA_FILE_BYTES = 4 * 1024 * 1024;

type TrustOptions = Pick<ServerTrustOptions, "isReadOnly" | "onCertificate">;

/** The server trust for a TLS server. */
async function readServerTrust(
  io: Io,
  { fingerprint: fingerprintText, "trust-first-use": trustsUnseen = false }: ClientFlags,
  caFile: string | undefined,
  options: TrustOptions,
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
      return { code: EXIT.badConfig, why: `${caFile}: there is no PEM certificate in it` };
    }
    ca = read.text;
  }
  const warn = (text: string) => io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  const now = () => io.clock.now();
  const trustsFirstUse = trustsUnseen || io.env("CHATTERBOX_TRUST_FIRST_USE") === "1";
  const dir = configDir(io.env);
  return { trust: new ServerTrust({ dir, ca, fingerprint, trustsFirstUse, now, warn, ...options }) };
}

/**
 * Exit code and origin of a wrong value: on the command line wrong usage, otherwise bad configuration, with
 * the origin in the text.
 */
function attributeFault(
  io: Io,
  flag: string | undefined,
  variable: string,
): { code: ExitCode; where: string } {
  if (flag !== undefined) return { code: EXIT.usage, where: "" };
  const where = io.env(variable) === undefined ? `${configDir(io.env)}/config.json` : variable;
  return { code: EXIT.badConfig, where: ` (from ${where})` };
}
