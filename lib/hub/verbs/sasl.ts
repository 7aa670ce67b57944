/**
 * AUTHENTICATE (https://ircv3.net/specs/extensions/sasl-3.2) by PLAIN (RFC 4616) and SCRAM-SHA-256 (RFC 5802, RFC 7677).
 * EXTERNAL is not there: the platform does not tell the certificate of a client.
 */
import { CAP } from "../../irc/caps.ts";
import {
  ERR_SASLABORTED,
  ERR_SASLALREADY,
  ERR_SASLFAIL,
  ERR_SASLTOOLONG,
  RPL_SASLMECHS,
  RPL_SASLSUCCESS,
} from "../../irc/numerics.ts";
import type { Message } from "../../irc/message.ts";
import { SASL_PIECE_LENGTH, saslPieces, SaslResponse } from "../../irc/sasl.ts";
import { sameCredentials, ScramServer } from "../../irc/scram.ts";
import type { ScramCredentials } from "../../irc/scram.ts";
import { accountOf } from "../accounts.ts";
import { holdOut } from "../banning.ts";
import type { Account } from "../accounts.ts";
import { refusalWords } from "../passwords.ts";
import type { HashRefusal } from "../errands.ts";
import type { Hub } from "../hub.ts";
import type { Session } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { playWaiting } from "../waiting_playback.ts";
import { commitOwning, giveBack } from "./rights.ts";

/** Value of the capability. */
export const SASL_MECHANISMS = "SCRAM-SHA-256,PLAIN";
/** All pieces of one response, in base64. */
const RESPONSE_MAX_LENGTH = 4 * SASL_PIECE_LENGTH;
const NONCE_BYTES = 18;

/** A login that has begun. */
export interface Login {
  readonly mechanism: "PLAIN" | "SCRAM-SHA-256";
  readonly response: SaslResponse;
  readonly scram: ScramServer | undefined;
  /** Whom the SCRAM exchange is about; undefined before it is known, or where there is none. */
  account: Account | undefined;
  /** What the challenge was made of; the account may have another password by the time of the answer. */
  credentials: ScramCredentials | undefined;
  /** What the SCRAM exchange has come to. */
  state: "begun" | "challenged" | "proved";
}

function authenticate(hub: Hub, session: Session, message: Message): void {
  const data = message.params[0]!;
  const { login } = session;
  if (hub.config.accounts === "off" || !(session.caps & CAP.sasl)) {
    return failed(hub, session, "not available");
  }
  if (login === undefined) return begin(hub, session, data);
  if (data === "*") {
    session.login = undefined;
    return hub.numeric(session, ERR_SASLABORTED, ":SASL authentication aborted");
  }
  const step = login.response.push(data);
  switch (step.kind) {
    case "more":
      return;
    case "too_long":
      session.login = undefined;
      return hub.numeric(session, ERR_SASLTOOLONG, ":SASL message too long");
    case "bad":
      return failed(hub, session, "not base64 of UTF-8");
    case "whole":
      return take(hub, session, login, step.text);
  }
}

/** One whole response of the client's. */
function take(hub: Hub, session: Session, login: Login, response: string): void {
  if (login.scram === undefined) plain(hub, session, response);
  else if (login.state === "begun") first(hub, session, login, login.scram, response);
  else final(hub, session, login, login.scram, response);
}

function begin(hub: Hub, session: Session, mechanism: string): void {
  const name = mechanism.toUpperCase();
  if (accountOf(session) !== undefined) {
    return hub.numeric(session, ERR_SASLALREADY, ":You have already authenticated using SASL");
  }
  if (mechanism === "*") return hub.numeric(session, ERR_SASLABORTED, ":SASL authentication aborted");
  if (name !== "PLAIN" && name !== "SCRAM-SHA-256") {
    hub.numeric(session, RPL_SASLMECHS, `${SASL_MECHANISMS} :are available SASL mechanisms`);
    return failed(hub, session, "no such mechanism");
  }
  const waitMs = hub.attempts.logins.wait(session.host, hub.monotonic);
  if (waitMs > 0) return failed(hub, session, refusalWords({ kind: "attempts", waitMs }));
  const scram = name === "PLAIN"
    ? undefined
    : new ScramServer(hub.random(NONCE_BYTES).toBase64(), session.endpoint);
  session.login = {
    mechanism: name,
    response: new SaslResponse(RESPONSE_MAX_LENGTH),
    scram,
    account: undefined,
    credentials: undefined,
    state: "begun",
  };
  hub.tell(session, "AUTHENTICATE +");
}

function plain(hub: Hub, session: Session, response: string): void {
  const [identity = "", name = "", password = "", ...rest] = response.split("\0");
  if (rest.length > 0 || password === "" || identity !== "" && identity !== name) {
    return failed(hub, session, "malformed");
  }
  checkPassword(hub, session, { name, password }, (outcome) => {
    session.login = undefined;
    if (outcome.kind === "right") succeed(hub, session, outcome.account);
    else failed(hub, session, outcome.kind === "wrong" ? undefined : refusalWords(outcome.refusal));
  });
}

export interface PasswordGuess {
  readonly name: string;
  readonly password: string;
  /** Where given: only for such an account the password is right. What it is for others is not found out. */
  readonly of?: (account: Account) => boolean;
}

export type PasswordOutcome =
  | { readonly kind: "right"; readonly account: Account }
  | { readonly kind: "wrong" }
  /** The password was not looked at. */
  | { readonly kind: "refused"; readonly refusal: HashRefusal };

/**
 * Calls `then` with the account called `name` if `password` is its password. Each call is an attempt of the address, which is given
 * back if it is right. A wrong password takes as long as the right one, and a name without an account as long as any.
 */
export function checkPassword(
  hub: Hub,
  session: Session,
  { name, password, of = () => true }: PasswordGuess,
  then: (outcome: PasswordOutcome) => void,
): void {
  const found = hub.accounts.get(name);
  const account = found !== undefined && of(found) ? found : undefined;
  const credentials = account?.credentials ?? hub.decoys.of(name);
  hub.suspend(session, {
    kind: "derive",
    session,
    password,
    salt: credentials.salt,
    iterations: credentials.iterations,
    begin: (now) => hub.attempts.logins.take(session.host, now - hub.clockSteps),
    done: (given) => {
      const right = sameCredentials(given, credentials) && account !== undefined;
      // It may have ended meanwhile, and another one may have its name; or its password was changed.
      const isStill = account !== undefined && hub.accounts.get(name) === account &&
        sameCredentials(given, account.credentials);
      if (!right || !isStill || !of(account)) {
        hub.loginFailed(session, found !== undefined);
        return then({ kind: "wrong" });
      }
      hub.attempts.logins.giveBack(session.host, hub.monotonic);
      then({ kind: "right", account });
    },
    refused: (refusal) => then({ kind: "refused", refusal }),
  });
}

function first(hub: Hub, session: Session, login: Login, scram: ScramServer, response: string): void {
  const outcome = scram.first(response);
  if (outcome.kind === "bad") return failed(hub, session, "malformed");
  login.account = hub.accounts.get(outcome.username);
  login.state = "challenged";
  const credentials = login.account?.credentials ?? hub.decoys.of(outcome.username);
  login.credentials = credentials;
  say(hub, session, scram.challenge(credentials));
}

function final(hub: Hub, session: Session, login: Login, scram: ScramServer, response: string): void {
  const { account } = login;
  const known = account !== undefined && hub.accounts.get(account.name) === account &&
    login.credentials !== undefined && sameCredentials(login.credentials, account.credentials);
  if (login.state === "proved") { // the client has nothing to say to our last message, and sends an empty one
    if (response !== "" || !known) return failed(hub, session, "malformed");
    session.login = undefined;
    return succeed(hub, session, account);
  }
  const waitMs = hub.attempts.logins.take(session.host, hub.monotonic); // many exchanges may have begun at the same time
  if (waitMs > 0) return failed(hub, session, refusalWords({ kind: "attempts", waitMs }));
  const outcome = scram.final(response);
  if (outcome.kind !== "ok" || !known) {
    if (outcome.kind !== "bad") hub.loginFailed(session, account !== undefined);
    return failed(hub, session, outcome.kind === "bad" ? "malformed" : undefined);
  }
  hub.attempts.logins.giveBack(session.host, hub.monotonic);
  login.state = "proved";
  say(hub, session, outcome.serverFinal);
}

function say(hub: Hub, session: Session, text: string): void {
  for (const piece of saslPieces(text)) hub.tell(session, `AUTHENTICATE ${piece}`);
}

/** `session` is logged in to `account`, and is told so. */
export function succeed(hub: Hub, session: Session, account: Account): void {
  loggedIn(hub, session, account);
  if (session.closing !== undefined) return; // it is banned
  hub.numeric(session, RPL_SASLSUCCESS, ":SASL authentication successful");
}

/** As {@link succeed}, by other ways than SASL. Whoever has gone meanwhile is logged in to nothing. */
export function loggedIn(hub: Hub, session: Session, account: Account): void {
  if (session.closing !== undefined) return;
  const { user } = session;
  const targets = [...user?.rooms.keys() ?? []].map((room) => room.target);
  commitOwning(hub, { kind: "login", session, account }, targets);
  for (const room of user?.rooms.keys() ?? []) giveBack(hub, user!, room);
  const observers = session.registered ? [session] : [];
  for (const each of [...user?.sessions ?? observers]) holdOut(hub, each);
  for (const each of [...user?.sessions ?? []]) playWaiting(hub, each);
}

/** The attempt has failed; `why` where it is not that name or password are wrong, which must not be told apart. */
function failed(hub: Hub, session: Session, why?: string): void {
  session.login = undefined;
  const words = why === undefined ? "" : `: ${why}`;
  hub.numeric(session, ERR_SASLFAIL, `:SASL authentication failed${words}`);
}

export const SASL_VERBS: VerbTable = {
  AUTHENTICATE: { min: 1, who: "anyone", run: authenticate },
};
