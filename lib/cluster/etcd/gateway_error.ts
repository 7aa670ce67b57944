/**
 * Errors of etcd's gateway. What matters is whether the store has certainly not done what was requested: then it is a
 * refusal; everything else is no answer. Texts and codes: etcd, api/v3rpc/rpctypes/error.go; numbers: gRPC's codes.
 */
import { type RefusalReason, StoreRefusal, StoreUnavailable } from "../key_value_store.ts";

const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const PERMISSION_DENIED = 7;
const FAILED_PRECONDITION = 9;
const OUT_OF_RANGE = 11;
const UNIMPLEMENTED = 12;
const UNAUTHENTICATED = 16;

/** Codes of a request that was examined and not carried out. */
const REFUSED: ReadonlySet<number> = new Set([
  INVALID_ARGUMENT,
  NOT_FOUND,
  ALREADY_EXISTS,
  PERMISSION_DENIED,
  FAILED_PRECONDITION,
  OUT_OF_RANGE,
  UNIMPLEMENTED,
  UNAUTHENTICATED,
]);

/** Texts that say more than the code; etcd's codes are not always the obvious ones. */
const REASONS: readonly (readonly [RegExp, RefusalReason])[] = [
  [/database space exceeded/, "no_space"],
  [/request is too large|too many operations|larger than max/, "too_large"],
  [/requested lease not found/, "no_lease"],
  [/has been compacted/, "compacted"],
  [/permission denied|authentication (failed|is not enabled)|user name (is empty|not found)/, "denied"],
];

/** A token that etcd no longer knows, or that is older than the newest change of users and rights. */
const STALE_TOKEN = /invalid auth token|revision of auth store is old/;

/** An error as etcd says it: `code` is gRPC's. */
export interface GatewayError {
  readonly code: number;
  readonly message: string;
}

/** The error in the body of an answer with an error's status; undefined: it is not etcd's. */
export function readGatewayError(body: string): GatewayError | undefined {
  try {
    return gatewayErrorIn(JSON.parse(body));
  } catch {
    return undefined;
  }
}

/**
 * The error in a message; undefined: there is none. `{message, code}`, before version 3.6 also `{error, code}`; in a
 * stream `{error: {message, code}}`, before version 3.6 `grpc_code`.
 */
export function gatewayErrorIn(answer: unknown): GatewayError | undefined {
  const outer = Object(answer);
  const { message, grpc_code, code = grpc_code } = typeof outer.error === "object"
    ? Object(outer.error)
    : outer;
  return typeof message === "string" && typeof code === "number" ? { code, message } : undefined;
}

export function isStaleToken({ message }: GatewayError): boolean {
  return STALE_TOKEN.test(message);
}

export function errorOf({ code, message }: GatewayError): StoreRefusal | StoreUnavailable {
  const reason = REASONS.find(([text]) => text.test(message))?.[1];
  if (reason !== undefined) return new StoreRefusal(reason, message);
  if (code === PERMISSION_DENIED || code === UNAUTHENTICATED) return new StoreRefusal("denied", message);
  return REFUSED.has(code) ? new StoreRefusal("other", message) : new StoreUnavailable(message);
}

/** The error of an answer that is not etcd's, such as a proxy's. */
export function foreignError(url: string, status: number): StoreRefusal | StoreUnavailable {
  const text = `${url} answers with status ${status}`;
  if (status >= 500 || status === 408 || status === 429) return new StoreUnavailable(text);
  return new StoreRefusal("other", `${text}, as no etcd of version 3.4 or newer does`);
}
