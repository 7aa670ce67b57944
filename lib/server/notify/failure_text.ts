/** Why a notification was not taken, for the person with the notify URL: what happened, and what to do. Pure. */

/** Undefined: `status` says that it was taken. */
export function describeStatus(host: string, status: number): string | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status >= 300 && status < 400) {
    return `${host} redirects to another URL (${status}), which is not followed: set the URL that it leads to`;
  }
  return `${host} answered ${status}${
    STATUS_ADVICE[status] ?? (status >= 500 ? ": it has trouble of its own" : "")
  }`;
}

const STATUS_ADVICE: Readonly<Record<number, string>> = {
  400: ": it does not take this form; check the URL, and whether it needs ntfy+ or gotify+ in front",
  401: ": check the user, password or token in the URL",
  403: ": check the user, password or token in the URL",
  404: ": check the path of the URL",
  405: ": check the path of the URL",
  429: ": it gets too many messages at present",
};

interface Fault {
  readonly code?: string;
  readonly timeoutMs?: number;
}

/** `fault`: an error of Node with its code; a `TIMEOUT` has `timeoutMs`. */
export function describeConnectionFault(host: string, fault: unknown): string {
  const { code = errorName(fault), timeoutMs = 0 } = fault as Fault;
  const known = FAULTS[code]?.(host, timeoutMs);
  if (known !== undefined) return known;
  if (code.startsWith("HPE_")) {
    return `${host} does not answer as an HTTP server does: check the port of the URL`;
  }
  if (/CERT|TLS|SSL|SIGN|ISSUER/i.test(code)) {
    return `${host} has no valid certificate for this name (${code}): check the URL, or renew it`;
  }
  return `${host} could not be reached${code === "" ? "" : ` (${code})`}: check the URL`;
}

/** Kind of an error without a code, such as a missing permission. */
function errorName(fault: unknown): string {
  return fault instanceof Error && fault.name !== "Error" ? fault.name : "";
}

const unreachable = (host: string) => `${host} cannot be reached from this server: check the URL`;
const closed = (host: string) =>
  `${host} closed the connection without an answer: check the scheme and port of the URL`;
const notFound = (host: string) => `${host} cannot be found: check the name`;

const FAULTS: Readonly<Record<string, (host: string, timeoutMs: number) => string>> = {
  TIMEOUT: (host, timeoutMs) => `${host} did not answer within ${timeoutMs / 1000} s`,
  ENOTFOUND: notFound,
  ENODATA: notFound,
  EAI_AGAIN: (host) => `the name ${host} cannot be resolved at present`,
  ECONNREFUSED: (host) => `${host} refuses connections: check the port of the URL`,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: unreachable,
  ECONNRESET: closed,
  EPIPE: closed,
};
