/**
 * The server's address in a form that both sides of a connection can compute: the client from its socket, the server
 * from its own. The two differ if a device in between translates addresses.
 */

/** `tcp:[HOST]:PORT` or `unix:PATH`; "" if unknown. */
export function formatEndpoint(address: Deno.Addr): string {
  switch (address.transport) {
    case "tcp": {
      // An IPv6 socket shows an IPv4 client's address as IPv4-mapped; a zone (%eth0) is local to each machine.
      const host = address.hostname.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
      return `tcp:[${host}]:${address.port}`;
    }
    case "unix":
      return formatUnixEndpoint(address.path);
    default:
      return "";
  }
}

function formatUnixEndpoint(path: string): string {
  try {
    return `unix:${Deno.realPathSync(path)}`;
  } catch {
    return ""; // moved since
  }
}
