/** A failed connection, as text and as an exit code. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { DEFAULT_PORT, DEFAULT_TLS_PORT, formatAddress } from "../../lib/net/address.ts";
import type { Address } from "../../lib/net/address.ts";
import type { ClientLogin } from "./client_login.ts";
import type { ConnectFailure } from "../../lib/client/connection/connect_failure.ts";
import type { UntrustedServer } from "../../lib/client/trust/server_trust.ts";
import { formatOtherNamesHint } from "./other_names_hint.ts";

/** Reports why there is no connection. Returns the exit code. An interruption is not reported. */
export function reportConnectFailure(
  io: Io,
  failure: ConnectFailure,
  access: ClientLogin,
  signal: AbortSignal = io.signal,
): ExitCode {
  if (failure.kind === "aborted") return failure.code as ExitCode ?? exitCodeForSignal(signal);
  const { code, text } = describeConnectFailure(failure, access);
  const needsName = failure.kind === "refused" && failure.reason === "account_required";
  const hint = needsName ? toPrintable(formatOtherNamesHint(io, access.address, access.name)) : "";
  return reportFailure(io, code, text + hint);
}

/** The reason why there is no connection, with what to do about it, in one line, and the exit code. */
export function describeConnectFailure(
  failure: ConnectFailure,
  access: ClientLogin,
): { code: ExitCode; text: string } {
  const { address = access.address, earlier = [] } = failure;
  const { code, text } = describeUnescaped(failure, { ...access, address });
  return { code, text: toPrintable([...earlier, text].join("; ")) }; // a server's words are foreign text
}

function describeUnescaped(failure: ConnectFailure, access: ClientLogin): { code: ExitCode; text: string } {
  switch (failure.kind) {
    case "no_such_host":
      return { code: EXIT.noHost, text: failure.text };
    case "unreachable":
      return {
        code: EXIT.unreachable,
        text: failure.denied
          ? `${failure.text}; serve --unix-mode and --unix-group let other users of its machine connect`
          : failure.text + describeUnreachable(failure.text, access.address),
      };
    case "not_irc":
      return { code: EXIT.notIrc, text: failure.text + describeOtherAddress(failure.text, access.address) };
    case "untrusted":
      return { code: EXIT.refused, text: failure.text + describeAcceptance(failure) };
    case "timed_out":
      return { code: EXIT.tryAgain, text: failure.text };
    case "aborted":
      return { code: failure.code as ExitCode ?? EXIT.interrupted, text: failure.text };
    case "refused": {
      if (needsTls(failure)) return { code: EXIT.notIrc, text: describeTlsPort(access.address) };
      const code = failure.reason === "try_later" ? EXIT.tryAgain : EXIT.refused;
      return { code, text: describeRefusal(failure, access) };
    }
  }
}

/** Behind `text`, why there may be no connection. A port with TLS may close one without TLS before a word is said. */
export function describeUnreachable(text: string, address: Address): string {
  if (address.kind === "tcp" && text.endsWith("the server closed the connection")) {
    const withTls = formatAddress({ ...address, kind: "tls" });
    return `; is a server running there, or does it want TLS (${withTls})?`;
  }
  return "; is a server running? (chatterbox serve starts one)";
}

/** Behind `text`, what to try where no IRC server has answered. */
export function describeOtherAddress(text: string, address: Address): string {
  if (address.kind === "unix") return "";
  if (address.kind === "tls" && text.endsWith("does not speak TLS")) {
    return `; without TLS it is --server ${formatAddress({ ...address, kind: "tcp" })}`;
  }
  return `; check host and port (IRC has ${DEFAULT_PORT}, with TLS ${DEFAULT_TLS_PORT})`;
}

/** Whether the port that was reached without TLS speaks TLS. */
function needsTls({ reason, text }: ConnectFailure & { kind: "refused" }): boolean {
  return reason === "closed" && /\bthis port speaks TLS$/.test(text);
}

function describeTlsPort(address: ClientLogin["address"]): string {
  const where = formatAddress(address);
  return address.kind === "unix" ? `${where} speaks TLS` : `${where} speaks TLS: use ircs://${where}`;
}

/** How to accept the certificate nevertheless; "": not possible. */
function describeAcceptance({ acceptable, first }: UntrustedServer): string {
  if (acceptable === undefined) return "";
  const { fingerprint, pinPath } = acceptable;
  const other = first !== undefined
    ? "; --trust-first-use accepts it unseen"
    : pinPath !== undefined
    ? `, or remove ${pinPath}`
    : "";
  return `. If the server's owner confirms this fingerprint, connect once with --fingerprint ${fingerprint}${other}`;
}

/** The server's words, unless they only say that the name is in use, kept or registered. */
function reasonOf(text: string): string {
  return /\bin use\b|^nickname is (?:registered|kept)\b/i.test(text) ? "" : ` (${text})`;
}

function describeWrongKey(
  where: string,
  { name, isNameExplicit, keySource }: ClientLogin,
  text: string,
): string {
  const hint = isNameExplicit
    ? `; if the name is free, chatterbox register ${name} registers it with this key`
    : `; ${name} is your login name: give the name that the key is for (CHATTERBOX_NAME)`;
  return `the key from ${keySource} is not that of ${name} on ${where}: ${text}${hint}`;
}

/** The name has an account with another key. */
export function describeForeignName({ name, address, key }: ClientLogin): string {
  const where = formatAddress(address);
  return key === undefined || key.created
    ? `the name ${name} is registered on ${where}, and its key is not on this machine`
    : `the key of ${name} on this machine is not valid any more on ${where}: ` +
      "the account has a new key or passphrase, or the name is another user's";
}

/** The server's words behind ours, without their beginning where it says the same. */
function withoutRepetition(same: RegExp, words: string): string {
  const rest = words.replace(same, "");
  return rest === words ? `: ${words}` : rest;
}

function describeRefusal(failure: ConnectFailure & { kind: "refused" }, access: ClientLogin): string {
  const where = formatAddress(access.address);
  switch (failure.reason) {
    case "name_taken":
      return access.isNameExplicit
        ? `the name ${access.name} is taken on ${where}${reasonOf(failure.text)}; choose another one`
        : `${access.name}, your login name, is taken on ${where}${reasonOf(failure.text)}; ` +
          "give another name (--from NAME, join NAME, or CHATTERBOX_NAME)";
    case "in_use":
      return `the name ${access.name} is taken on ${where}; choose another one, or try again later`;
    case "bad_name":
      return `${where} does not accept the name ${access.name}: ${failure.text}`;
    case "password":
      return access.registration.password === undefined
        ? `${where} requires a password: give it with --password-file FILE or CHATTERBOX_PASSWORD`
        : `${where} does not accept the password${
          withoutRepetition(/^password incorrect/i, failure.text)
        } (--password-file FILE or CHATTERBOX_PASSWORD)`;
    case "banned":
      return `you are banned from ${where}${
        withoutRepetition(/^you are banned from this server/i, failure.text)
      }`;
    case "claim":
      return `${where} does not accept the claim key of ${access.name}: ${failure.text}`;
    case "not_ours":
      return `${describeForeignName(access)}; if it is yours, copy its key from the machine that has it ` +
        `(chatterbox key export ${access.name}) to this one (chatterbox key import ${access.name}), ` +
        "or give CHATTERBOX_KEY, --key-file FILE or --passphrase-file FILE; otherwise choose another name";
    case "forgotten":
      if (access.keySource !== undefined) {
        return `${where} does not know the key of ${access.name} from ${access.keySource}; ` +
          "to register the name with it, use TLS (ircs://) or the machine of the server";
      }
      return `${where} does not know the key of ${access.name}: the account was deleted, or has another key now; ` +
        `if the server was set up anew, chatterbox register ${access.name} makes the name yours again; ` +
        `otherwise give the new key (chatterbox key import ${access.name}) or --passphrase-file FILE`;
    case "wrong_passphrase":
      return access.keySource === undefined
        ? `${where} does not accept the passphrase of ${access.name}: ${failure.text}`
        : describeWrongKey(where, access, failure.text);
    case "impostor":
      return `${where} could not prove that it knows the account ${access.name}; it may be another server than before`;
    case "account_required":
      if (failure.unregistered !== undefined) {
        return `${where} refuses to register ${access.name}: ${failure.unregistered}; it admits accounts only`;
      }
      return `${where} admits accounts only${
        withoutRepetition(/^this server requires a login to an account( \(SASL\))?/i, failure.text)
      }; chatterbox join NAME registers one if the server allows it`;
    case "try_later":
      return `${where} refuses logins at present: ${failure.text}`;
    case "logged_out":
      return `no longer logged in as ${access.name} on ${where}${
        withoutRepetition(/^you are now logged out/i, failure.text)
      }`;
    case "closed":
      return `${where} closed the connection: ${failure.text}`;
  }
}
