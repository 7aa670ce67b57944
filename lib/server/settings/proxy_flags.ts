/** The flag of `serve` for proxies in front of it. */
import { AddressSet, parseCidr } from "../../base/ip.ts";
import type { FlagTable } from "../../cli/flags/flags.ts";

/** What `--trust-proxy` calls all that comes over Unix sockets, and the host that it has here. */
const UNIX = "unix";
const UNIX_HOST = "localhost";

/** Without defaults of their own, as all flags of `serve`. */
export const PROXY_FLAGS = {
  "trust-proxy": {
    type: "string",
    repeatable: true,
    value: "ADDRESS|CIDR|unix",
    group: "Behind a proxy (docs/proxies.md)",
    help:
      "a proxy that tells for whom it connects, and without that is refused; unix: what comes over --unix",
  },
} as const satisfies FlagTable;

/** Undefined: no proxy is trusted. */
export function resolveTrustedProxies(
  given: readonly string[],
): { proxies: AddressSet | undefined } | { why: string } {
  const members = given.flatMap((text) => text.split(",")).map((text) =>
    text.trim().replace(/^\[(.*)\]$/, "$1")
  );
  const wrong = members.find((text) => text !== UNIX && parseCidr(text) === undefined);
  if (wrong !== undefined) {
    const why = `--trust-proxy ${wrong}: not an address, nor a block such as 192.0.2.0/24, nor "${UNIX}"`;
    return { why };
  }
  if (members.length === 0) return { proxies: undefined };
  return { proxies: new AddressSet(members.map((text) => text === UNIX ? UNIX_HOST : text)) };
}
