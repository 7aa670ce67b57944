/**
 * Scopes of a token: what it may be used for (docs/protocol/token.md). The hub checks their form when a token is made;
 * the HTTP API enforces them. Pure.
 *
 *     send:#room  send:nick  send:*   sends messages to that room, to that user, to all that the account may write to
 *     read:#room  read:*              reads that room; everything that the account may read, direct messages included
 *     people                          who is online
 *     metrics                         the figures of the server
 */
import { utf8Length } from "../base/bytes.ts";
import { casefold } from "./names/casemap.ts";
import { channelFault, isChannelName } from "./names/name_rules.ts";
import { nickFault } from "./names/new_name_rules.ts";

/** Most scopes of one token. */
export const MAX_TOKEN_SCOPES = 20;
/** Most bytes of all scopes of one token, with their commas. */
export const MAX_TOKEN_SCOPES_BYTES = 200;

/** Target of a scope that stands for all of its kind. */
const EVERYTHING = "*";

export type TokenScope =
  | { readonly kind: "send" | "read"; readonly target: string }
  | { readonly kind: "people" | "metrics" };

/** What a holder of a token asks for: `target` is a room, or the nick of the other user of a direct conversation. */
export type TokenAction = TokenScope;

/** Whether one of `scopes` allows `action`. Names are compared as the server compares them. */
export function permits(scopes: readonly TokenScope[], action: TokenAction): boolean {
  return scopes.some((scope) => {
    if (scope.kind !== action.kind) return false;
    if (!("target" in scope) || !("target" in action)) return true;
    return scope.target === EVERYTHING || casefold(scope.target) === casefold(action.target);
  });
}

/** Parses one scope; undefined: it is not one. */
export function parseTokenScope(text: string): TokenScope | undefined {
  if (text === "people" || text === "metrics") return { kind: text };
  const [, kind, target = ""] = /^(send|read):(.+)$/s.exec(text) ?? [];
  if (kind !== "send" && kind !== "read") return undefined;
  return isTarget(kind, target) ? { kind, target } : undefined;
}

/** A direct conversation can only be read with `read:*`: its other user has a name that others may take later. */
function isTarget(kind: "send" | "read", target: string): boolean {
  if (target === EVERYTHING) return true;
  if (isChannelName(target)) return channelFault(target) === undefined;
  return kind === "send" && nickFault(target) === undefined;
}

export function formatTokenScope(scope: TokenScope): string {
  return "target" in scope ? `${scope.kind}:${scope.target}` : scope.kind;
}

/** Scopes as they are sent: separated by commas, which no name contains. */
export function formatTokenScopes(scopes: readonly TokenScope[]): string {
  return scopes.map(formatTokenScope).join(",");
}

export type ParsedTokenScopes =
  | { readonly kind: "ok"; readonly scopes: readonly TokenScope[] }
  /** `scope` is not one. */
  | { readonly kind: "invalid"; readonly scope: string }
  | { readonly kind: "too_many" };

/** Parses scopes that are separated by commas; one that is there twice counts once. */
export function parseTokenScopes(text: string): ParsedTokenScopes {
  const words = text.split(",");
  if (words.length > MAX_TOKEN_SCOPES || utf8Length(text) > MAX_TOKEN_SCOPES_BYTES) {
    return { kind: "too_many" };
  }
  const scopes = new Map<string, TokenScope>();
  for (const word of words) {
    const scope = parseTokenScope(word);
    if (scope === undefined) return { kind: "invalid", scope: word };
    scopes.set(casefold(word), scope);
  }
  return { kind: "ok", scopes: [...scopes.values()] };
}
