/** A token of an account, for the HTTP API (docs/protocol/token.md). Its secret is not kept. */
import type { OwnerId } from "./identifiers.ts";

export interface AccountToken {
  /** Public name: 8 hexadecimal digits. */
  readonly id: string;
  /** Owner id of its account: an account that later gets the name has another one. */
  readonly owner: OwnerId;
  /** SHA-256 of the secret, in hexadecimal. */
  readonly hash: string;
  /** As `formatTokenScopes` writes them. */
  readonly scopes: string;
  /** What its owner calls it; "": nothing. */
  readonly label: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds since the epoch; 0: never. */
  readonly expiresAt: number;
}
