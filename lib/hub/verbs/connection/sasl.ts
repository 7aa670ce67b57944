/**
 * AUTHENTICATE (https://ircv3.net/specs/extensions/sasl-3.2) by PLAIN (RFC 4616) and SCRAM-SHA-256 (RFC 5802, RFC
 * 7677). EXTERNAL is not supported: the platform does not give access to the certificate of a client.
 */
import { CAP } from "../../../irc/capabilities.ts";
import {
  ERR_SASLALREADY,
  ERR_SASLFAIL,
  ERR_SASLTOOLONG,
  RPL_SASLMECHS,
  RPL_SASLSUCCESS,
} from "../../../irc/numerics.ts";
import type { Message } from "../../../irc/message.ts";
import { encodeSaslChunks, SASL_CHUNK_LENGTH, SaslChunkDecoder } from "../../../irc/sasl/sasl_chunks.ts";
import { isSamePassword, ScramServer } from "../../../irc/sasl/scram_server.ts";
import { accountOf } from "../../model/state/entities.ts";
import type { Account, SaslLogin, Session } from "../../model/state/entities.ts";
import { hashRefusalText } from "../../services/accounts/passwords.ts";
import type { HubContext, Services } from "../../context.ts";
import type { VerbTable } from "../verb.ts";
import { checkPassword, completeLoginWithoutSasl } from "../login.ts";
import { saslAborted } from "../../fanout/replies.ts";

/** Value of the capability. */
export const SASL_MECHANISMS = "SCRAM-SHA-256,PLAIN";
/** Maximum length of all chunks of one response together, in base64. */
const RESPONSE_MAX_LENGTH = 4 * SASL_CHUNK_LENGTH;
const NONCE_BYTES = 18;

function authenticate(context: HubContext, services: Services, session: Session, message: Message): void {
  const data = message.params[0]!;
  const { saslExchange } = session.connection;
  if (context.config.accounts === "off" || !session.caps.has(CAP.sasl)) {
    return failSasl(context, session, "not available");
  }
  if (saslExchange === undefined) return beginMechanism(context, services, session, data);
  if (data === "*") {
    session.connection.saslExchange = undefined;
    return saslAborted(context, session);
  }
  const step = saslExchange.response.push(data);
  switch (step.kind) {
    case "more":
      return;
    case "too_long":
      session.connection.saslExchange = undefined;
      return context.numeric(session, ERR_SASLTOOLONG, "SASL message too long");
    case "bad":
      return failSasl(context, session, "not base64 of UTF-8");
    case "whole":
      return handleSaslResponse(context, services, session, saslExchange, step.text);
  }
}

/** Handles one whole response of the client. */
function handleSaslResponse(
  context: HubContext,
  services: Services,
  session: Session,
  login: SaslLogin,
  response: string,
): void {
  if (login.scram === undefined) authenticatePlain(context, services, session, response);
  else if (login.state === "begun") {
    handleClientFirst(context, services, session, login, login.scram, response);
  } else handleClientFinal(context, services, session, login, login.scram, response);
}

function beginMechanism(context: HubContext, services: Services, session: Session, mechanism: string): void {
  const name = mechanism.toUpperCase();
  if (accountOf(session) !== undefined) {
    return context.numeric(session, ERR_SASLALREADY, "You have already authenticated using SASL");
  }
  if (mechanism === "*") return saslAborted(context, session);
  if (name !== "PLAIN" && name !== "SCRAM-SHA-256") {
    context.numeric(session, RPL_SASLMECHS, SASL_MECHANISMS, "are available SASL mechanisms");
    return failSasl(context, session, "no such mechanism");
  }
  const waitMs = services.attemptLimits.logins.waitMs(session.host, context.monotonic);
  if (waitMs > 0) return failSasl(context, session, hashRefusalText({ kind: "attempts", waitMs }));
  const scram = name === "PLAIN"
    ? undefined
    : new ScramServer(context.randomBytes(NONCE_BYTES).toBase64(), session.endpoint);
  session.connection.saslExchange = {
    mechanism: name,
    response: new SaslChunkDecoder(RESPONSE_MAX_LENGTH),
    scram,
    account: undefined,
    credentials: undefined,
    state: "begun",
  };
  context.send(session, "AUTHENTICATE +");
}

function authenticatePlain(
  context: HubContext,
  services: Services,
  session: Session,
  response: string,
): void {
  const [identity = "", name = "", password = "", ...rest] = response.split("\0");
  if (rest.length > 0 || password === "" || identity !== "" && identity !== name) {
    return failSasl(context, session, "malformed");
  }
  checkPassword(context, services, session, { name, password }, (outcome) => {
    session.connection.saslExchange = undefined;
    if (outcome.kind === "right") completeLogin(context, services, session, outcome.account);
    else failSasl(context, session, outcome.kind === "wrong" ? undefined : hashRefusalText(outcome.refusal));
  });
}

function handleClientFirst(
  context: HubContext,
  services: Services,
  session: Session,
  login: SaslLogin,
  scram: ScramServer,
  response: string,
): void {
  const outcome = scram.readClientFirst(response);
  if (outcome.kind === "bad") return failSasl(context, session, "malformed");
  login.account = services.accounts.get(outcome.username);
  login.state = "challenged";
  const credentials = login.account?.credentials ?? services.decoyCredentials.forName(outcome.username);
  login.credentials = credentials;
  sendAuthenticate(context, session, scram.makeServerFirst(credentials));
}

function handleClientFinal(
  context: HubContext,
  services: Services,
  session: Session,
  login: SaslLogin,
  scram: ScramServer,
  response: string,
): void {
  const { account } = login;
  const known = account !== undefined && services.accounts.get(account.name) === account &&
    login.credentials !== undefined && isSamePassword(login.credentials, account.credentials);
  if (login.state === "proved") { // the client answers the server's last message with an empty response
    if (response !== "" || !known) return failSasl(context, session, "malformed");
    session.connection.saslExchange = undefined;
    return completeLogin(context, services, session, account);
  }
  // Counted here: many exchanges may have begun at the same time.
  const waitMs = services.attemptLimits.logins.take(session.host, context.monotonic);
  if (waitMs > 0) return failSasl(context, session, hashRefusalText({ kind: "attempts", waitMs }));
  const outcome = scram.readClientFinal(response);
  if (outcome.kind !== "ok" || !known) {
    if (outcome.kind !== "bad") context.recordLoginFailure(session, account !== undefined);
    return failSasl(context, session, outcome.kind === "bad" ? "malformed" : undefined);
  }
  services.attemptLimits.logins.refund(session.host, context.monotonic);
  login.state = "proved";
  sendAuthenticate(context, session, outcome.serverFinal);
}

function sendAuthenticate(context: HubContext, session: Session, text: string): void {
  for (const piece of encodeSaslChunks(text)) context.send(session, `AUTHENTICATE ${piece}`);
}

/** Logs `session` in to `account`, and confirms it. */
function completeLogin(
  context: HubContext,
  services: Services,
  session: Session,
  account: Account,
): void {
  completeLoginWithoutSasl(context, services, session, account);
  if (session.closeReason !== undefined) return; // closed by a ban
  context.numeric(session, RPL_SASLSUCCESS, "SASL authentication successful");
}

/** Reports a failed attempt. `why` is absent for a wrong name and for a wrong password, which must look the same. */
function failSasl(context: HubContext, session: Session, why?: string): void {
  session.connection.saslExchange = undefined;
  const words = why === undefined ? "" : `: ${why}`;
  context.numeric(session, ERR_SASLFAIL, `SASL authentication failed${words}`);
}

export const SASL_VERBS: VerbTable = {
  AUTHENTICATE: { min: 1, who: "anyone", run: authenticate },
};
