/** Flag of `serve` for proxies in front of it. */
import { AddressSet, parseCidr } from "../../base/ip.ts";
import type { FlagTable } from "../../cli/flags/flags.ts";

/** Value of `--trust-proxy` for all connections over Unix sockets. */
const UNIX = "unix";
/** Host of a connection over a Unix socket. */
const UNIX_HOST = "localhost";

export const PROXY_FLAGS = {
  "trust-proxy": {
    type: "string",
    repeatable: true,
    value: "ADDRESS|CIDR|unix",
    group: "Behind a proxy (docs/proxies.md)",
    help:
      "proxy that must name the client of each connection, and is refused without; unix: connections over --unix",
  },
} as const satisfies FlagTable;

export function resolveTrustedProxies(
  given: readonly string[],
): { proxies: AddressSet } | { why: string } {
  const members = given.flatMap((text) => text.split(",")).map((text) =>
    text.trim().replace(/^\[(.*)\]$/, "$1")
  );
  const wrong = members.find((text) => text !== UNIX && parseCidr(text) === undefined);
  if (wrong !== undefined) {
    const why = `--trust-proxy ${wrong}: not an address, a block such as 192.0.2.0/24, or "${UNIX}"`;
    return { why };
  }
  return { proxies: new AddressSet(members.map((text) => text === UNIX ? UNIX_HOST : text)) };
}
