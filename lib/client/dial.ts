/** Opens a socket, and tells apart why it could not be opened. */
import type { Address } from "../net/address.ts";
import { formatAddress } from "../net/address.ts";

export type DialOutcome =
  | { readonly kind: "connected"; readonly conn: Deno.Conn }
  | { readonly kind: "no_such_host" | "unreachable"; readonly text: string }
  | { readonly kind: "aborted" };

/** What the platforms' resolvers say about a name that does not exist: getaddrinfo on Unix, then on Windows. */
const NO_SUCH_HOST = /failed to lookup address|No such host is known|11001/;

/** Connects to `address` unless `signal` is aborted first. */
export async function dial(address: Address, signal: AbortSignal): Promise<DialOutcome> {
  const where = formatAddress(address);
  try {
    if (address.kind === "unix") {
      return { kind: "connected", conn: await Deno.connect({ transport: "unix", path: address.path }) };
    }
    const conn = await Deno.connect({ hostname: address.host, port: address.port, signal });
    conn.setNoDelay(true);
    return { kind: "connected", conn };
  } catch (error) {
    if (signal.aborted) return { kind: "aborted" };
    if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
    if (error instanceof URIError || NO_SUCH_HOST.test(error.message)) {
      return { kind: "no_such_host", text: `no such host: ${address.kind === "tcp" ? address.host : where}` };
    }
    return { kind: "unreachable", text: `cannot reach ${where}: ${reason(error, address)}` };
  }
}

function reason(error: Error, address: Address): string {
  if (error instanceof Deno.errors.ConnectionRefused) return "nobody listens there";
  if (error instanceof Deno.errors.NotFound && address.kind === "unix") return "no such socket";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return error.message.replace(/ \(os error \d+\)$/, "");
}
