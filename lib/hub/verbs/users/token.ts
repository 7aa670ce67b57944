/**
 * TOKEN (our own; docs/protocol/token.md): tokens of an account for the HTTP API.
 *
 *     TOKEN CREATE <time>|* <scope>{,<scope>} [:<label>]   TOKEN CREATE <id> <until>|* <scopes> :<secret>
 *     TOKEN LIST [<account>]                               TOKEN LIST <id> <since> <until>|* <scopes> :<label>
 *                                                          TOKEN LIST *
 *     TOKEN REVOKE <id>                                    TOKEN REVOKE <id>
 *     TOKEN LOGIN <secret>                                 TOKEN LOGIN <account> <until>|* <scopes>
 */
import { utf8Length } from "../../../base/bytes.ts";
import { parseDuration } from "../../../base/values/duration.ts";
import { DAY_MS } from "../../../base/values/time_unit.ts";
import type { Message } from "../../../irc/message.ts";
import { ERR_ALREADYREGISTERED } from "../../../irc/numerics.ts";
import {
  formatTokenScopes,
  MAX_TOKEN_SCOPES,
  MAX_TOKEN_SCOPES_BYTES,
  parseTokenScopes,
} from "../../../irc/token_scopes.ts";
import type { HubContext, Services } from "../../context.ts";
import { needMoreParams, notServerOperator } from "../../fanout/replies.ts";
import { accountOf } from "../../model/state/entities.ts";
import type { Account, Session } from "../../model/state/entities.ts";
import type { AccountToken } from "../../model/account_token.ts";
import { formatTimestamp } from "../../output/render.ts";
import { retryText } from "../../services/accounts/passwords.ts";
import {
  isTokenExpired,
  isTokenId,
  MAX_TOKEN_DAYS,
  MAX_TOKEN_LABEL_BYTES,
  MAX_TOKENS,
  MAX_TOKENS_PER_ACCOUNT,
  MIN_TOKEN_TTL_MS,
} from "../../services/accounts/account_tokens.ts";
import { completeLoginWithoutSasl } from "../login.ts";
import type { VerbTable } from "../verb.ts";

function token(context: HubContext, services: Services, session: Session, message: Message): void {
  const [word = "", ...params] = message.params;
  if (context.config.accounts === "off") {
    return failToken(context, session, "DISALLOWED", "There are no accounts on this server");
  }
  switch (word.toUpperCase()) {
    case "CREATE":
      return createToken(context, services, session, params);
    case "LIST":
      return listTokens(context, services, session, params[0]);
    case "REVOKE":
      return revokeToken(context, services, session, params[0]);
    case "LOGIN":
      return logInByToken(context, services, session, params[0]);
    default:
      return context.fail(session, "TOKEN", "SUBCOMMAND_INVALID", [], "Use CREATE, LIST or REVOKE");
  }
}

function failToken(
  context: HubContext,
  session: Session,
  code: string,
  text: string,
  about: readonly string[] = [],
): void {
  context.fail(session, "TOKEN", code, about, text);
}

/** Sends `TOKEN <words>`, without the name of the client, which may have none yet. */
function sendToken(context: HubContext, session: Session, words: string): void {
  context.send(session, `:${context.config.serverName} TOKEN ${words}`);
}

/** The account that `session` is logged in to; undefined: it is not, and has been told so. */
function requireAccount(context: HubContext, session: Session): Account | undefined {
  const account = accountOf(session);
  if (account === undefined) {
    failToken(context, session, "ACCOUNT_REQUIRED", "You are not logged in to an account");
  }
  return account;
}

/** `CREATE <time>|* <scopes> [<label>]`. The secret is sent once the token is on disk. */
function createToken(
  context: HubContext,
  services: Services,
  session: Session,
  [time, wanted, label = ""]: readonly string[],
): void {
  if (time === undefined || wanted === undefined) return needMoreParams(context, session, "TOKEN");
  const account = requireAccount(context, session);
  if (account === undefined) return;
  const ttlMs = readTtl(context, session, time);
  const scopes = readScopes(context, session, wanted);
  if (ttlMs === undefined || scopes === undefined) return;
  const refusal = creationRefusal(services, account, label);
  if (refusal !== undefined) return failToken(context, session, refusal.code, refusal.text);
  const { owner } = account;
  const expiresAt = ttlMs === 0 ? 0 : context.now + ttlMs;
  const { token, secret } = services.accountTokens.create({
    owner,
    scopes,
    label,
    createdAt: context.now,
    expiresAt,
  });
  context.suspend(session, {
    kind: "save",
    session,
    done: (trouble) => {
      if (services.accountTokens.get(token.id) !== token) {
        const text = "The token was revoked, or the account ended, before it was saved";
        return failToken(context, session, "TEMPORARILY_UNAVAILABLE", text);
      }
      if (trouble !== undefined) {
        services.accountTokens.delete(token);
        return failToken(context, session, "TEMPORARILY_UNAVAILABLE", "The token could not be saved");
      }
      sendToken(context, session, `CREATE ${token.id} ${formatExpiry(token)} ${scopes} :${secret}`);
    },
  });
}

/** Time to live of a new token in milliseconds, 0: without an end; undefined: it is not one, and has been refused. */
function readTtl(context: HubContext, session: Session, text: string): number | undefined {
  if (text === "*") return 0;
  const ms = /^\d{1,5}$/.test(text) ? Number(text) * DAY_MS : parseDuration(text);
  if (ms !== undefined && ms >= MIN_TOKEN_TTL_MS && ms <= MAX_TOKEN_DAYS * DAY_MS) return ms;
  failToken(
    context,
    session,
    "INVALID_DURATION",
    `Expected a number of days, a time such as 12h or 90d from 1m to ${MAX_TOKEN_DAYS}d, or * for no end`,
    [text],
  );
  return undefined;
}

function readScopes(context: HubContext, session: Session, text: string): string | undefined {
  const parsed = parseTokenScopes(text);
  switch (parsed.kind) {
    case "ok":
      return formatTokenScopes(parsed.scopes);
    case "invalid":
      failToken(
        context,
        session,
        "INVALID_SCOPE",
        "Expected send:#room, send:nick, send:*, read:#room, read:*, people or metrics",
        [parsed.scope],
      );
      return undefined;
    case "too_many":
      failToken(
        context,
        session,
        "INVALID_SCOPE",
        `A token has at most ${MAX_TOKEN_SCOPES} scopes of ${MAX_TOKEN_SCOPES_BYTES} bytes together`,
      );
      return undefined;
  }
}

function creationRefusal(
  { accountTokens }: Services,
  account: Account,
  label: string,
): { code: string; text: string } | undefined {
  if (utf8Length(label) > MAX_TOKEN_LABEL_BYTES || /\p{Cc}/u.test(label)) {
    const text = `A label has at most ${MAX_TOKEN_LABEL_BYTES} bytes, and no control characters`;
    return { code: "INVALID_LABEL", text };
  }
  if (accountTokens.of(account.owner).size >= MAX_TOKENS_PER_ACCOUNT) {
    const text = `An account has at most ${MAX_TOKENS_PER_ACCOUNT} tokens: revoke one first`;
    return { code: "TOO_MANY", text };
  }
  if (!accountTokens.isFull) return undefined;
  const text = `This server has reached its limit of ${MAX_TOKENS} tokens`;
  return { code: "TEMPORARILY_UNAVAILABLE", text };
}

/** `LIST [<account>]`: only operators of the server may name another account. */
function listTokens(
  context: HubContext,
  services: Services,
  session: Session,
  name: string | undefined,
): void {
  const own = accountOf(session);
  const named = name === undefined ? requireAccount(context, session) : services.accounts.get(name);
  if (name === undefined && named === undefined) return;
  if (named === undefined || named !== own) {
    if (session.user?.isServerOperator !== true) return notServerOperator(context, session);
    if (named === undefined) {
      return failToken(context, session, "NO_SUCH_ACCOUNT", "There is no such account", [name!]);
    }
  }
  for (const each of services.accountTokens.of(named.owner)) {
    if (isTokenExpired(each, context.now)) continue;
    const { id, createdAt, scopes, label } = each;
    const times = `${formatTimestamp(createdAt)} ${formatExpiry(each)}`;
    sendToken(context, session, `LIST ${id} ${times} ${scopes} :${label}`);
  }
  sendToken(context, session, "LIST *");
}

function formatExpiry({ expiresAt }: AccountToken): string {
  return expiresAt === 0 ? "*" : formatTimestamp(expiresAt);
}

/** `REVOKE <id>`: of one's own account; operators of the server may revoke all. */
function revokeToken(
  context: HubContext,
  services: Services,
  session: Session,
  id: string | undefined,
): void {
  if (id === undefined) return needMoreParams(context, session, "TOKEN");
  const isOperator = session.user?.isServerOperator === true;
  const account = isOperator ? undefined : requireAccount(context, session);
  if (account === undefined && !isOperator) return;
  const found = services.accountTokens.get(id);
  if (found === undefined || !isOperator && found.owner !== account?.owner) {
    const about = isTokenId(id) ? [id] : []; // a secret that was given by mistake is not repeated
    return failToken(context, session, "NO_SUCH_TOKEN", "You have no token with this id", about);
  }
  services.accountTokens.delete(found);
  endTokenSessions(context, services);
  context.suspend(session, {
    kind: "save",
    session,
    done: (trouble) => {
      if (trouble === undefined) return sendToken(context, session, `REVOKE ${id}`);
      const text =
        "The token is revoked, but that could not be saved: it may return when the server restarts";
      failToken(context, session, "TEMPORARILY_UNAVAILABLE", text, [id]);
    },
  });
}

/** Disconnects the sessions that were logged in with a token that is no longer in force. */
export function endTokenSessions(context: HubContext, services: Services): void {
  for (const each of [...context.state.sessions.values()]) endInvalidToken(context, services, each);
}

/** Disconnects `session` if it was logged in with a token that is no longer in force; returns whether it was. */
export function endInvalidToken(context: HubContext, services: Services, session: Session): boolean {
  const { token } = session.connection;
  if (token === undefined || services.accountTokens.isValid(token, context.now)) return false;
  if (session.closeReason === undefined) context.disconnect(session, "The token is no longer valid");
  return true;
}

/** `LOGIN <secret>`: logs in as SASL does. */
function logInByToken(
  context: HubContext,
  services: Services,
  session: Session,
  secret: string | undefined,
): void {
  const { phase } = session;
  if (secret === undefined) return needMoreParams(context, session, "TOKEN");
  if (!session.isInternal) {
    return failToken(context, session, "DISALLOWED", "Tokens are for the HTTP API only; log in with SASL");
  }
  if (phase.kind !== "registering") {
    return context.numeric(session, ERR_ALREADYREGISTERED, "You may not reregister");
  }
  if (accountOf(session) !== undefined) {
    return failToken(context, session, "ALREADY_AUTHENTICATED", "You are already logged in");
  }
  const found = services.accountTokens.find(secret, context.now);
  const account = found && services.accounts.byOwner(found.owner);
  if (found === undefined || account === undefined) return refuseToken(context, services, session);
  phase.hasGivenServerPassword = true; // the session that made the token had given it
  session.connection.token = found;
  completeLoginWithoutSasl(context, services, session, account);
  if (session.closeReason === undefined) {
    sendToken(context, session, `LOGIN ${account.name} ${formatExpiry(found)} ${found.scopes}`);
  }
}

/**
 * Counts a wrong token, apart from wrong passwords: 256 bits cannot be guessed, and a script at the same address may go
 * on with a token that was revoked. So one in force is never kept out, and the bound is for the server log.
 */
function refuseToken(context: HubContext, services: Services, session: Session): void {
  const waitMs = services.attemptLimits.tokens.take(session.host, context.monotonic);
  if (waitMs > 0) {
    const text = `Too many wrong tokens from your address; ${retryText(waitMs)}`;
    return failToken(context, session, "TEMPORARILY_UNAVAILABLE", text);
  }
  context.recordLoginFailure(session);
  failToken(context, session, "INVALID_TOKEN", "The token is wrong, has expired or was revoked");
}

export const TOKEN_VERBS: VerbTable = {
  TOKEN: { min: 1, who: "anyone", run: token },
};
