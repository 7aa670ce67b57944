/**
 * Tokens of accounts: secrets by which a script uses the HTTP API as an account, within their scopes. Only the hash of
 * a secret is kept. A secret is found by its hash, so that the time of the search says nothing of a secret.
 *
 *     fact token, by id: { owner, hash, scopes, label, createdAt, expiresAt }
 */
import { nodeModules } from "../../../base/platform/node_modules.ts";
import { utf8Length } from "../../../base/bytes.ts";
import { MINUTE_MS } from "../../../base/values/time_unit.ts";
import { parseTokenScopes } from "../../../irc/token_scopes.ts";
import { readMember, readTime } from "../../log/facts.ts";
import type { FactBuffer } from "../../log/facts.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import type { AccountToken } from "../../model/account_token.ts";

/** Most tokens of one account. */
export const MAX_TOKENS_PER_ACCOUNT = 20;
/** Most tokens of one server. */
export const MAX_TOKENS = 50_000;
/** Most bytes of UTF-8 of a label. */
export const MAX_TOKEN_LABEL_BYTES = 100;
/** Longest time to live of a token that expires, in days. */
export const MAX_TOKEN_DAYS = 3650;
/** Shortest time to live. */
export const MIN_TOKEN_TTL_MS = MINUTE_MS;

/** In front of every secret: scanners of repositories find it by that. */
const SECRET_PREFIX = "cbt_";
const SECRET_BYTES = 32;
const ID_BYTES = 4;
const ID_PATTERN = /^[0-9a-f]{8}$/;
const HASH_PATTERN = /^[0-9a-f]{64}$/;

/** What the owner of a token chooses. */
export type TokenWish = Pick<AccountToken, "owner" | "scopes" | "label" | "createdAt" | "expiresAt">;

const NONE: ReadonlySet<AccountToken> = new Set();

export class AccountTokens {
  readonly #facts: FactBuffer;
  readonly #randomBytes: (count: number) => Uint8Array;
  readonly #byId = new Map<string, AccountToken>();
  readonly #byHash = new Map<string, AccountToken>();
  readonly #byOwner = new Map<OwnerId, Set<AccountToken>>();
  /** Lower bound of the times at which tokens expire. */
  #nextExpiry = Infinity;

  constructor(facts: FactBuffer, randomBytes: (count: number) => Uint8Array) {
    this.#facts = facts;
    this.#randomBytes = randomBytes;
  }

  get isFull(): boolean {
    return this.#byId.size >= MAX_TOKENS;
  }

  /** Tokens of the account with this owner id, the oldest first; some may have expired. */
  of(owner: OwnerId): ReadonlySet<AccountToken> {
    return this.#byOwner.get(owner) ?? NONE;
  }

  get(id: string): AccountToken | undefined {
    return this.#byId.get(id);
  }

  /** Whether `token` is in force: neither revoked nor expired. */
  isValid(token: AccountToken, now: number): boolean {
    return this.#byId.get(token.id) === token && !isTokenExpired(token, now);
  }

  /** The token in force with this secret. */
  find(secret: string, now: number): AccountToken | undefined {
    const token = this.#byHash.get(hashSecret(secret));
    return token === undefined || isTokenExpired(token, now) ? undefined : token;
  }

  /** Makes a token, and returns it with its secret, which is not kept. */
  create(wish: TokenWish): { token: AccountToken; secret: string } {
    const secret = SECRET_PREFIX + toBase64Url(this.#randomBytes(SECRET_BYTES));
    let id: string;
    do id = this.#randomBytes(ID_BYTES).toHex(); while (this.#byId.has(id));
    const token = { id, ...wish, hash: hashSecret(secret) };
    this.#add(token);
    const { id: _, ...value } = token;
    this.#facts.put("token", id, value);
    return { token, secret };
  }

  delete(token: AccountToken): void {
    this.#byId.delete(token.id);
    this.#byHash.delete(token.hash);
    const others = this.#byOwner.get(token.owner);
    others?.delete(token);
    if (others?.size === 0) this.#byOwner.delete(token.owner);
    this.#facts.put("token", token.id, undefined);
  }

  /** Drops all tokens of an account; returns their number. */
  dropOwner(owner: OwnerId): number {
    const dropped = [...this.of(owner)];
    for (const token of dropped) this.delete(token);
    return dropped.length;
  }

  /** Drops the tokens that have expired. */
  expire(now: number): void {
    if (now < this.#nextExpiry) return;
    this.#nextExpiry = Infinity;
    for (const token of [...this.#byId.values()]) {
      if (isTokenExpired(token, now)) this.delete(token);
      else this.#noteExpiry(token);
    }
  }

  /** Called when the server starts: drops the tokens of accounts that there are no more. */
  prune(isPossibleOwner: (owner: OwnerId) => boolean): void {
    for (const owner of [...this.#byOwner.keys()]) if (!isPossibleOwner(owner)) this.dropOwner(owner);
  }

  /** Restores the fact `token`; one that has expired is dropped by the next tick. */
  restore(id: string, value: unknown): void {
    if (!isTokenId(id)) throw new TypeError("its key is not the id of a token");
    this.#add(readToken(id, value));
  }

  #add(token: AccountToken): void {
    this.#byId.set(token.id, token);
    this.#byHash.set(token.hash, token);
    const others = this.#byOwner.get(token.owner) ?? new Set();
    this.#byOwner.set(token.owner, others.add(token));
    this.#noteExpiry(token);
  }

  #noteExpiry({ expiresAt }: AccountToken): void {
    if (expiresAt !== 0) this.#nextExpiry = Math.min(this.#nextExpiry, expiresAt);
  }
}

/** Whether `text` has the form of an id. */
export function isTokenId(text: string): boolean {
  return ID_PATTERN.test(text);
}

export function isTokenExpired({ expiresAt }: AccountToken, now: number): boolean {
  return expiresAt !== 0 && now >= expiresAt;
}

function readToken(id: string, value: unknown): AccountToken {
  const text = (name: string) => readMember(value, name, "string");
  const [owner, hash, scopes, label] = [text("owner"), text("hash"), text("scopes"), text("label")];
  if (owner === "") throw new TypeError("its owner id is empty");
  if (!HASH_PATTERN.test(hash)) throw new TypeError("its hash is not one");
  if (parseTokenScopes(scopes).kind !== "ok") throw new TypeError("its scopes are not valid");
  if (utf8Length(label) > MAX_TOKEN_LABEL_BYTES) throw new RangeError("its label is too long");
  const [createdAt, expiresAt] = [readTime(value, "createdAt"), readTime(value, "expiresAt")];
  return { id, owner, hash, scopes, label, createdAt, expiresAt };
}

function hashSecret(secret: string): string {
  return nodeModules.crypto.createHash("sha256").update(secret).digest("hex");
}

function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
