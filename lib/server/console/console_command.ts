/** What the commands of the console share: what they are given, and what becomes of them. */
import { AddressSet, LOOPBACK } from "../../base/ip.ts";
import type { Hub } from "../../hub/hub.ts";
import type { ScramCredentials } from "../../irc/sasl/scram_server.ts";
import type { Session, User } from "../../hub/model/state/entities.ts";

const loopback = new AddressSet(LOOPBACK);

/** The ways in which a command fails: a word on the wire of the admin socket, and an exit code of `chatterbox admin`. */
export type FailureStatus =
  /** There is no such command, or it has not what it takes. */
  | "usage"
  /** No such user, account, channel or ban. */
  | "not_found"
  /** It is not allowed, or not possible as things are. */
  | "refused"
  /** Some of it is done, and the rest is not possible. */
  | "partly_done"
  /** It is done, and would be undone by a crash: the disk failed. */
  | "not_saved"
  /** What came is no line of UTF-8 within the bounds. */
  | "malformed"
  /** Too many at the same time. */
  | "busy";

/** Why a command was not done, or not all of it, in words. */
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

/** What a command has to show. */
export interface CommandAnswer {
  readonly lines: readonly string[];
  readonly failure?: CommandFailure;
}

/** The user of a command: a person at the server's prompt, at the admin socket, or a server operator on IRC. */
export interface Issuer {
  /** For the server's log; undefined: what is done is not noted there. */
  readonly audit: string | undefined;
  /** Undefined: at the server's machine, with the rights of the process itself. */
  readonly user: User | undefined;
  /** A passphrase in the answer can be read by others on its way. */
  readonly isExposed: boolean;
}

/** The server's own prompt: its terminal shows what was typed. */
export const PROMPT_ISSUER: Issuer = { audit: undefined, user: undefined, isExposed: false };

/** A server operator on IRC. A connection that does not leave this machine is as private as one over TLS. */
export function operatorIssuer({ isSecure, host }: Session, user: User): Issuer {
  const { nick, account } = user;
  const named = account === undefined || account.folded === user.folded ? nick : `${nick} (${account.name})`;
  return { audit: `${named} on IRC`, user, isExposed: !isSecure && !loopback.has(host) };
}

/** A password to hash, which takes a while, and what comes of it then, in a turn. */
export interface HashRequest {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly done: (hub: Hub, credentials: ScramCredentials) => string[] | CommandFailure;
}

/** What the run of a command gives at once: lines to show, why it was not done, both, or what has to be waited for. */
export type CommandResult = string[] | CommandFailure | CommandAnswer | HashRequest;

export type CommandRun = (hub: Hub, rest: string, issuer: Issuer) => CommandResult;
