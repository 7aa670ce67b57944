/** The certificate that a server presents, and whether it can be trusted. */
import * as tls from "node:tls";
import { formatUtcSecond } from "../../base/timestamp.ts";

/** What a server has shown. */
export interface ServerCertificate {
  /** SHA-256 of the certificate (DER), as `AB:CD:…`. */
  readonly fingerprint: string;
  /** Why nobody that we trust vouches for it as that of the host we wanted, in a few words; undefined: somebody does. */
  readonly problem: string | undefined;
  /** By the clock of this machine it is not valid yet, or no more: that is the problem, whatever else may be. */
  readonly isOutOfTime?: boolean;
}

const PROBLEMS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is for another host",
};

/** Where the server's own certificate is valid, and one between it and the authority is not. */
const OUT_OF_TIME: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "one that it depends on has expired",
  CERT_NOT_YET_VALID: "one that it depends on is not valid yet",
};

/** What is wrong with what the server has shown, as of `now` (milliseconds since the epoch). */
export function verifyServerCertificate(
  socket: tls.TLSSocket,
  host: string,
  shown: tls.PeerCertificate,
  now: number,
): Omit<ServerCertificate, "fingerprint"> {
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
  return { problem: PROBLEMS[code] ?? "nobody that is trusted here has signed it" };
}
