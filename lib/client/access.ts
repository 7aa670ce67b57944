/** From flags, environment and files to a server and a name; and from a connection that failed to words and exit code. */
import { printable } from "../base/printable.ts";
import type { Io } from "../cli/command.ts";
import { clientSettings } from "../cli/config.ts";
import { EXIT, exitCodeOf } from "../cli/exit_codes.ts";
import type { ExitCode } from "../cli/exit_codes.ts";
import type { FlagTable } from "../cli/flags.ts";
import { fail } from "../cli/output.ts";
import { configDir } from "../cli/paths.ts";
import { NAME_FAULT_TEXT, nickFault } from "../irc/names.ts";
import type { Address } from "../net/address.ts";
import { formatAddress, parseServerUrl } from "../net/address.ts";
import { claimKey } from "./identity.ts";
import type { ConnectFailure } from "./link.ts";
import type { Registration } from "./session.ts";

/** The flags of every command that talks to a server. */
export const ACCESS_FLAGS = {
  server: {
    type: "string",
    value: "URL",
    help: "irc://HOST:PORT or unix:/PATH; also CHATTERBOX_SERVER (default irc://127.0.0.1:6667)",
  },
  "password-file": { type: "string", value: "FILE", help: "the server's password; also CHATTERBOX_PASSWORD" },
  "no-color": { type: "boolean", help: "no colour, even on a terminal; also NO_COLOR" },
} as const satisfies FlagTable;

export interface AccessFlags {
  readonly server?: string | undefined;
  readonly "password-file"?: string | undefined;
  /** The name given on the command line. */
  readonly name?: string | undefined;
}

export interface Access {
  readonly address: Address;
  readonly name: string;
  /** Whether somebody chose the name, or it was derived from the login name. */
  readonly nameChosen: boolean;
  readonly registration: Registration;
}

export type AccessOutcome = { readonly kind: "ok"; readonly access: Access } | {
  readonly kind: "failed";
  readonly code: ExitCode;
};

/**
 * What is needed to connect; what is wrong has been said on standard error. `key`: `make` a claim key for the name where there
 * is none (to speak under it), or only `use` one that is there (to read).
 */
export async function readAccess(io: Io, flags: AccessFlags, key: "make" | "use"): Promise<AccessOutcome> {
  const failed = (code: ExitCode, text: string): AccessOutcome => ({
    kind: "failed",
    code: fail(io, code, printable(text)),
  });
  const read = await clientSettings(
    { server: flags.server, name: flags.name, passwordFile: flags["password-file"] },
    io.env,
  );
  if (read.kind === "bad") return failed(EXIT.badConfig, `${read.path}: ${read.why}`);
  const { server, name, nameChosen, password } = read.settings;
  const address = parseServerUrl(server);
  if (address.kind === "bad") {
    const { code, where } = blame(io, flags.server, "CHATTERBOX_SERVER");
    return failed(code, `server ${server}${where}: ${address.why}`);
  }
  const fault = nickFault(name);
  if (fault !== undefined) {
    const { code, where } = blame(io, flags.name, "CHATTERBOX_NAME");
    return failed(code, `the name ${JSON.stringify(name)}${where} will not do: ${NAME_FAULT_TEXT[fault]}`);
  }
  const found = await claimKey(configDir(io.env), address, name, key === "make");
  if (found.kind === "bad") {
    io.stderr.write(`chatterbox: going on without a claim to the name: ${found.path}: ${found.why}\n`);
  }
  const claim = found.kind === "ok" ? found.key : undefined;
  return { kind: "ok", access: { address, name, nameChosen, registration: { nick: name, password, claim } } };
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

/** Says why we could not connect and answers the exit code. An interruption is no news to who caused it. */
export function connectFailed(
  io: Io,
  failure: ConnectFailure,
  access: Access,
  signal: AbortSignal = io.signal,
): ExitCode {
  if (failure.kind === "aborted") return exitCodeOf(signal);
  const { code, text } = failureWords(failure, access);
  return fail(io, code, text);
}

/** One line on why we could not connect, with what to do about it, and the exit code. */
export function failureWords(failure: ConnectFailure, access: Access): { code: ExitCode; text: string } {
  const { code, text } = rawWords(failure, access);
  return { code, text: printable(text) }; // a server's words are foreign text
}

function rawWords(failure: ConnectFailure, access: Access): { code: ExitCode; text: string } {
  switch (failure.kind) {
    case "no_such_host":
      return { code: EXIT.noHost, text: failure.text };
    case "unreachable":
      return {
        code: EXIT.unreachable,
        text: `${failure.text}; is a server running? (chatterbox serve starts one)`,
      };
    case "not_irc":
      return { code: EXIT.notIrc, text: failure.text };
    case "timed_out":
      return { code: EXIT.tryAgain, text: failure.text };
    case "aborted":
      return { code: EXIT.interrupted, text: failure.text };
    case "refused":
      return { code: EXIT.refused, text: refusalWords(failure, access) };
  }
}

function refusalWords(failure: ConnectFailure & { kind: "refused" }, access: Access): string {
  const where = formatAddress(access.address);
  switch (failure.reason) {
    case "name_taken":
      return `the name ${access.name} is taken on ${where}; choose another one`;
    case "bad_name":
      return `${where} does not accept the name ${access.name}: ${failure.text}`;
    case "password":
      return `${where} asks for a password: ${failure.text} (--password-file FILE)`;
    case "banned":
      return `banned from ${where}: ${failure.text}`;
    case "claim":
      return `${where} does not accept the claim key of ${access.name}: ${failure.text}`;
    case "closed":
      return `${where} does not let us in: ${failure.text}`;
  }
}
