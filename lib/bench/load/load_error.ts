/** Why a load cannot be put on a server. */
import type { DialFailure } from "../../client/connection/dial.ts";

export type LoadErrorKind =
  | DialFailure["kind"]
  | "timed_out"
  /** The server has answered a registration, a JOIN or a request with an error. */
  | "refused"
  /** It requires a password, or another one. */
  | "password"
  /** The server has closed the connection. */
  | "closed"
  /** The server lacks what the load needs. */
  | "unsupported";

export class LoadError extends Error {
  override readonly name = "LoadError";

  constructor(readonly kind: LoadErrorKind, text: string) {
    super(text);
  }
}
