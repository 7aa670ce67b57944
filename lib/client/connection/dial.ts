/** Opening a socket, with TLS over it where the address says so. */
import type { Address } from "../../net/address.ts";
import { formatAddress } from "../../net/address.ts";
import type { Conn } from "../../net/conn.ts";
import type { ServerTrust, TlsAddress, TrustVerdict, UntrustedServer } from "../trust/server_trust.ts";

export type DialOutcome =
  /** `remote`: the server's end of the connection. */
  | { readonly kind: "connected"; readonly conn: Conn; readonly remote: Deno.Addr }
  | DialFailure
  | { readonly kind: "aborted" };

export type DialFailure =
  | {
    /** `not_irc`: the peer does not speak TLS. */
    readonly kind: "no_such_host" | "unreachable" | "not_irc";
    readonly text: string;
    /** A server is there, and does not let this user of the machine connect. */
    readonly denied?: true;
  }
  /** The peer may not be the server that is meant. */
  | UntrustedServer;

/**
 * The errors of the platforms' resolvers for a name that does not exist: getaddrinfo on Unix, then on
 * Windows.
 */
const NO_SUCH_HOST = /failed to lookup address|No such host is known|11001/;

/**
 * Connects to `address` unless `signal` is aborted first. Without `trust` only certificates that this machine
 * trusts are accepted.
 */
export async function dial(address: Address, signal: AbortSignal, trust?: ServerTrust): Promise<DialOutcome> {
  const where = formatAddress(address);
  try {
    if (address.kind === "unix") {
      return makeConnected(await Deno.connect({ transport: "unix", path: address.path }));
    }
    const conn = await Deno.connect({ hostname: address.host, port: address.port, signal });
    conn.setNoDelay(true);
    return address.kind === "tls" ? await upgradeToTls(conn, address, signal, trust) : makeConnected(conn);
  } catch (error) {
    if (signal.aborted) return { kind: "aborted" };
    if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
    if (error instanceof URIError || NO_SUCH_HOST.test(error.message)) {
      return {
        kind: "no_such_host",
        text: `no such host: ${address.kind === "unix" ? where : address.host}`,
      };
    }
    const text = `cannot reach ${where}: ${describeDialError(error, address)}`;
    const isDenied = address.kind === "unix" && error instanceof Deno.errors.PermissionDenied;
    return { kind: "unreachable", text, ...isDenied && { denied: true } };
  }
}

function makeConnected(conn: Deno.Conn): DialOutcome {
  return { kind: "connected", conn, remote: conn.remoteAddr };
}

async function upgradeToTls(
  socket: Deno.TcpConn,
  address: TlsAddress,
  signal: AbortSignal,
  trust: ServerTrust | undefined,
): Promise<DialOutcome> {
  const onAbort = () => {
    try {
      socket.close();
    } catch {
      // closed before
    }
  };
  signal.addEventListener("abort", onAbort);
  try {
    const { connectTls } = await import("../../net/tls/tls_conn.ts");
    const outcome = await connectTls(socket, address.host, trust?.ca);
    if (signal.aborted) return { kind: "aborted" };
    const where = formatAddress(address);
    if (outcome.kind === "failed") {
      return { kind: outcome.speaksTls ? "unreachable" : "not_irc", text: `${where}: ${outcome.why}` };
    }
    const { conn, certificate } = outcome;
    const verdict = trust?.checkCertificate(address, certificate) ??
      checkAuthority(where, certificate.problem);
    if (verdict.kind === "trusted") return { kind: "connected", conn, remote: socket.remoteAddr };
    conn.close();
    return verdict;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function checkAuthority(where: string, problem: string | undefined): TrustVerdict {
  return problem === undefined
    ? { kind: "trusted" }
    : { kind: "untrusted", text: `the certificate of ${where} is not trusted: ${problem}` };
}

function describeDialError(error: Error, address: Address): string {
  if (error instanceof Deno.errors.ConnectionRefused) return "connection refused";
  if (error instanceof Deno.errors.NotFound && address.kind === "unix") return "no such socket";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return error.message.replace(/ \(os error \d+\)$/, "");
}
