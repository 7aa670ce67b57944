/** Tokens of an account, for the HTTP API of its server: TOKEN (docs/protocol/token.md). */
import { ERR_NOPRIVILEGES, ERR_UNKNOWNCOMMAND } from "../../irc/numerics.ts";
import type { Message } from "../../irc/message.ts";
import { parseTokenScopes } from "../../irc/token_scopes.ts";
import type { TokenScope } from "../../irc/token_scopes.ts";
import { parseWireTime } from "../../irc/wire_number.ts";
import type { Link } from "../connection/link.ts";
import { explainFailure, findFailureReply } from "../session/failure_reply.ts";

/** Times are in milliseconds since the epoch; `expiresAt` undefined: never. */
export interface TokenDetails {
  readonly id: string;
  readonly scopes: readonly TokenScope[];
  readonly expiresAt: number | undefined;
}

export interface NewToken extends TokenDetails {
  readonly secret: string;
}

export interface ListedToken extends TokenDetails {
  readonly createdAt: number | undefined;
  /** "": none. */
  readonly label: string;
}

export interface TokenWish {
  /** As TOKEN CREATE takes it: `90d`, or `*` for no end. */
  readonly time: string;
  readonly scopes: string;
  readonly label: string;
}

export type TokenOutcome<T> =
  | { readonly kind: "done"; readonly value: T }
  /** The server has no tokens. */
  | { readonly kind: "unsupported" }
  | { readonly kind: "not_found" | "refused" | "try_again"; readonly text: string }
  /** The server did not answer, or the answer is not understood: it may have done what was asked. */
  | { readonly kind: "silent" };

export async function createToken(
  link: Link,
  { time, scopes, label }: TokenWish,
): Promise<TokenOutcome<NewToken>> {
  return await ask(link, ["CREATE", time, scopes, ...label === "" ? [] : [label]], (lines) => {
    // <id> <until|*> <scopes> :<secret>
    const [, id, until, granted, secret] = lines.find(({ params }) => params[0] === "CREATE")?.params ?? [];
    const token = readToken(id, until, granted);
    return token === undefined || secret === undefined ? undefined : { ...token, secret };
  });
}

/** The tokens of the account that `link` is logged in to, or, for operators of the server, of `account`. */
export async function listTokens(
  link: Link,
  account: string | undefined,
): Promise<TokenOutcome<readonly ListedToken[]>> {
  return await ask(link, ["LIST", ...account === undefined ? [] : [account]], (lines) => {
    const rows = lines.filter(({ params }) => params[0] === "LIST");
    if (rows.at(-1)?.params[1] !== "*") return undefined; // the end of the list
    return rows.flatMap(({ params: [, id, since, until, scopes, label = ""] }) => {
      const token = readToken(id, until, scopes);
      return token === undefined ? [] : { ...token, createdAt: parseWireTime(since), label };
    });
  });
}

export async function revokeToken(link: Link, id: string): Promise<TokenOutcome<string>> {
  return await ask(
    link,
    ["REVOKE", id],
    (lines) => lines.find(({ params }) => params[0] === "REVOKE")?.params[1],
  );
}

async function ask<T>(
  link: Link,
  params: readonly string[],
  read: (lines: readonly Message[]) => T | undefined,
): Promise<TokenOutcome<T>> {
  const outcome = await link.request({ command: "TOKEN", params: [...params] });
  if (outcome.kind !== "answered") return { kind: "silent" };
  const failure = findFailureReply(outcome.lines);
  if (failure !== undefined) return readFailure(failure);
  const value = read(outcome.lines.filter(({ command }) => command === "TOKEN"));
  return value === undefined ? { kind: "silent" } : { kind: "done", value };
}

function readFailure(failure: Message): TokenOutcome<never> {
  const text = explainFailure(failure);
  if (failure.command === ERR_UNKNOWNCOMMAND) return { kind: "unsupported" };
  if (failure.command === ERR_NOPRIVILEGES) return { kind: "refused", text };
  switch (failure.params[1]) {
    case "NO_SUCH_TOKEN":
    case "NO_SUCH_ACCOUNT":
      return { kind: "not_found", text };
    case "TEMPORARILY_UNAVAILABLE":
      return { kind: "try_again", text };
    default:
      return { kind: "refused", text };
  }
}

/** A scope that this version does not know is left out. */
function readToken(
  id: string | undefined,
  until: string | undefined,
  scopes: string | undefined,
): TokenDetails | undefined {
  if (id === undefined || until === undefined || scopes === undefined) return undefined;
  const expiresAt = until === "*" ? undefined : parseWireTime(until);
  if (until !== "*" && expiresAt === undefined) return undefined;
  const known = scopes.split(",").flatMap((each) => {
    const parsed = parseTokenScopes(each);
    return parsed.kind === "ok" ? parsed.scopes : [];
  });
  return { id, scopes: known, expiresAt };
}
