/** Reasons why there is no connection to a server. */
import { formatAddress } from "../../net/address.ts";
import type { Address } from "../../net/address.ts";
import type { RefusalReason } from "../session/refusal.ts";
import type { DialFailure } from "./dial.ts";

export type ConnectFailure =
  | DialFailure
  | { readonly kind: "timed_out"; readonly text: string }
  | RefusedConnection
  /** The caller's signal was aborted. `code`: a question was interrupted, and this is the exit code. */
  | { readonly kind: "aborted"; readonly text: string; readonly code?: number };

/** The server refuses the client. */
export interface RefusedConnection {
  readonly kind: "refused";
  readonly reason: RefusalReason;
  readonly text: string;
  /** Why the server did not register the account that it requires. */
  readonly unregistered?: string;
}

/** The server requires TLS, at `to`. */
export interface TlsUpgrade {
  readonly kind: "upgrade";
  readonly to: Address;
}

/** The caller's signal was aborted. */
export const ABORTED = { kind: "aborted", text: "interrupted" } as const satisfies ConnectFailure;

export function makeNotIrcFailure(address: Address): DialFailure {
  return { kind: "not_irc", text: `the server at ${formatAddress(address)} is not an IRC server` };
}
