/**
 * Detects protocols other than IRC on an IRC port, by the first lines of a connection: HTTP, because a web page can
 * make a browser send a request with lines of IRC in its body; and the headers by which proxies and gateways
 * describe their clients. Once a connection has registered, its lines are IRC.
 */
import { unreachable } from "../../base/assert.ts";
import type { HubContext } from "../context.ts";
import type { Session } from "../model/state/entities.ts";

type ForeignProtocol = "HTTP" | "PROXY" | "WEBIRC";

const COMMANDS: ReadonlyMap<string, ForeignProtocol> = new Map<string, ForeignProtocol>([
  // RFC 9110 §9.3, RFC 5789 and the preface of RFC 9113 §3.4
  ...["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI"]
    .map((method) => [method, "HTTP"] as const),
  // For a request with a first line that was too long: browsers send this header first.
  ["HOST:", "HTTP"],
  // https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt §2.1
  ["PROXY", "PROXY"],
  // https://ircv3.net/specs/extensions/webirc
  ["WEBIRC", "WEBIRC"],
]);

/**
 * The signature of version 2 (§2.2) is CR LF CR LF NUL CR LF `QUIT` LF: its first non-empty line is a NUL, written
 * here as its visible symbol.
 */
const BINARY_SIGNATURE_LINE = "\u2400";

/**
 * Closes the unregistered `session` if `words` (a line, or its beginning) belong to another protocol; answers
 * whether they do.
 */
export function refuseForeignProtocol(context: HubContext, session: Session, words: string): boolean {
  const protocol = words === BINARY_SIGNATURE_LINE
    ? "PROXY"
    : COMMANDS.get(words.split(" ", 1)[0]!.toUpperCase());
  if (protocol === undefined) return false;
  if (protocol !== "HTTP") context.reportForwardingHeader(protocol, session.host);
  context.disconnect(session, foreignProtocolText(protocol));
  return true;
}

function foreignProtocolText(protocol: ForeignProtocol): string {
  switch (protocol) {
    case "HTTP":
      return "This port speaks IRC, not HTTP";
    case "PROXY":
      return "PROXY headers are accepted from trusted proxies only: serve --trust-proxy ADDRESS";
    case "WEBIRC":
      return "WEBIRC is not supported: the gateway must send a PROXY header instead";
    default:
      return unreachable(protocol);
  }
}
