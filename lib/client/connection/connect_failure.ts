/** Reasons why there is no connection to a server. */
import { formatAddress } from "../../net/address.ts";
import type { Address } from "../../net/address.ts";
import type { RefusalReason } from "../session/refusal.ts";
import type { DialFailure } from "./dial.ts";

export type ConnectFailure = ConnectFailureCause & {
  /** Of several addresses of the chat, the one that the failure is of; left out: there is one. */
  readonly address?: Address;
  /** Why there was no connection to the others that were tried, a clause for each. */
  readonly earlier?: readonly string[];
};

type ConnectFailureCause =
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

/** All causes of `failure`, with those of other addresses before it. */
export function listCauses({ earlier = [], text }: ConnectFailure): string {
  return [...earlier, text].join("; ");
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
