/** The certificate that a server presents, and the check whether it is trusted. */
import * as tls from "node:tls";
import { formatUtcSecond } from "../../base/values/timestamp.ts";

/** A server's certificate after the check. */
export interface ServerCertificate {
  /** SHA-256 of the certificate (DER), as `AB:CD:…`. */
  readonly fingerprint: string;
  /**
   * Why no trusted authority confirms the certificate for the requested host, as a short clause; undefined if one
   * does.
   */
  readonly problem: string | undefined;
  /** By this machine's clock the certificate is not valid yet or has expired; this outweighs any other problem. */
  readonly isOutOfTime?: boolean;
  /** Milliseconds since the epoch; left out: unknown. */
  readonly expiresAt?: number;
}

const PROBLEMS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is for another host",
};

/** The server's own certificate is valid, but one between it and the authority is not. */
const OUT_OF_TIME: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "a certificate in its chain has expired",
  CERT_NOT_YET_VALID: "a certificate in its chain is not valid yet",
};

/** Problem of the presented certificate at `now` (milliseconds since the epoch). */
export function verifyServerCertificate(
  socket: tls.TLSSocket,
  host: string,
  shown: tls.PeerCertificate,
  now: number,
): Omit<ServerCertificate, "fingerprint" | "expiresAt"> {
  if (socket.authorized && tls.checkServerIdentity(host, shown) === undefined) return { problem: undefined };
  const said: unknown = socket.authorizationError ?? "ERR_TLS_CERT_ALTNAME_INVALID";
  const code = said instanceof Error && "code" in said ? String(said.code) : String(said);
  const [from, to] = [Date.parse(shown.valid_from), Date.parse(shown.valid_to)];
  const why = now < from
    ? `it is not valid before ${formatUtcSecond(from)}`
    : now > to
    ? `it expired at ${formatUtcSecond(to)}`
    : OUT_OF_TIME[code];
  if (why !== undefined) {
    return {
      problem: `${why}, and the clock of this machine says ${formatUtcSecond(now)}`,
      isOutOfTime: true,
    };
  }
  return { problem: PROBLEMS[code] ?? "no trusted authority has signed it" };
}
