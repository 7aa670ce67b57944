/**
 * Where a connection goes to, in words that both of its sides find by themselves: the server's address as the client's socket has
 * it, and as the server's own has it. They differ where something between translates addresses.
 */

/** `tcp:[HOST]:PORT` or `unix:PATH`; "" where it is not known. */
export function formatEndpoint(address: Deno.Addr): string {
  switch (address.transport) {
    case "tcp": {
      // An IPv4 client of an IPv6 socket has an address of its own kind there; a zone (%eth0) is each machine's own.
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
    return ""; // moved away since
  }
}
