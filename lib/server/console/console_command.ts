/** Types that the console commands share: their issuer, their results, and their failures. */
import { AddressSet, LOOPBACK } from "../../base/ip.ts";
import type { Hub } from "../../hub/hub.ts";
import type { ScramCredentials } from "../../irc/sasl/scram_server.ts";
import type { Session, User } from "../../hub/model/state/entities.ts";

const loopback = new AddressSet(LOOPBACK);

/** How a command failed: a status word on the admin socket, and an exit code of `chatterbox admin`. */
export type FailureStatus =
  /** Unknown command, or missing or wrong arguments. */
  | "usage"
  /** No such user, account, channel or ban. */
  | "not_found"
  /** Not allowed, or not possible at present. */
  | "refused"
  /** Done in part; the rest is not possible. */
  | "partly_done"
  /** Done, but the disk failed: a crash would undo it. */
  | "not_saved"
  /** Not a line of UTF-8 within the bounds. */
  | "malformed"
  /** Too many connections. */
  | "busy";

/** Why a command was not done, or only in part. */
export class CommandFailure {
  constructor(readonly status: FailureStatus, readonly words: string) {}
}

export function wrongUsage(words: string): CommandFailure {
  return new CommandFailure("usage", words);
}

export function notFoundFailure(words: string): CommandFailure {
  return new CommandFailure("not_found", words);
}

export function refusedFailure(words: string): CommandFailure {
  return new CommandFailure("refused", words);
}

/** Output of a command. */
export interface CommandAnswer {
  readonly lines: readonly string[];
  readonly failure?: CommandFailure;
}

/** Where a command comes from: the server's prompt, the admin socket, or a server operator on IRC. */
export interface Issuer {
  /** Name of the issuer in the server log; undefined: the command is not logged. */
  readonly audit: string | undefined;
  /** Undefined: a user of the server's machine, with the rights of the process itself. */
  readonly user: User | undefined;
  /** Others could read a passphrase in the answer on the network. */
  readonly isExposed: boolean;
}

/** The server's prompt. Its commands are not logged: the terminal shows them. */
export const PROMPT_ISSUER: Issuer = { audit: undefined, user: undefined, isExposed: false };

/** A server operator on IRC. A connection that does not leave this machine is as private as one over TLS. */
export function operatorIssuer({ isSecure, host }: Session, user: User): Issuer {
  const { nick, account } = user;
  const named = account === undefined || account.folded === user.folded ? nick : `${nick} (${account.name})`;
  return { audit: `${named} on IRC`, user, isExposed: !isSecure && !loopback.has(host) };
}

/** A password to hash asynchronously; `done` finishes the command in a later turn. */
export interface HashRequest {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly done: (hub: Hub, credentials: ScramCredentials) => string[] | CommandFailure;
}

/** Result of a command: lines to show, a failure, both, or a password to hash first. */
export type CommandResult = string[] | CommandFailure | CommandAnswer | HashRequest;

export type CommandRun = (hub: Hub, rest: string, issuer: Issuer) => CommandResult;
