/** Flags of `serve` for clients that connect by WebSocket: browsers and others. */
import type { FlagTable, FlagValues } from "../../cli/flags/flags.ts";
import type { Address } from "../../net/address.ts";
import { mergeWildcards, parseWebAddress } from "../../net/address.ts";

const group = "Web";

export const WEB_FLAGS = {
  web: {
    type: "string",
    repeatable: true,
    value: "[https://]HOST:PORT",
    group,
    help:
      "also listen for WebSocket, on port 8080 unless one is given; with https:// by TLS, then on port 8443",
  },
  "web-origin": {
    type: "string",
    repeatable: true,
    value: "ORIGIN",
    group,
    help: "web origin that may connect, such as https://chat.example; * for all (default this server's own)",
  },
} as const satisfies FlagTable;

type WebFlags = FlagValues<typeof WEB_FLAGS>;

export interface WebSettings {
  /** `tls`: https. */
  readonly addresses: readonly (Address & { kind: "tcp" | "tls" })[];
  /** In lower case, as browsers send them; `*`: all. */
  readonly origins: ReadonlySet<string>;
}

export function resolveWebSettings(flags: Partial<WebFlags>): WebSettings | { why: string } {
  const { web = [], "web-origin": wanted = [] } = flags;
  if (web.length === 0 && wanted.length > 0) return { why: "--web-origin needs --web HOST:PORT" };
  const addresses = [];
  for (const text of web) {
    const address = parseWebAddress(text);
    if (address.kind === "bad") return { why: `--web ${text}: ${address.why}` };
    addresses.push(address);
  }
  const origins = new Set<string>();
  for (const text of wanted) {
    const origin = text === "*" ? text : parseOrigin(text);
    if (origin === undefined) {
      return { why: `--web-origin ${text}: not an origin such as https://chat.example` };
    }
    origins.add(origin);
  }
  return { addresses: mergeWildcards(addresses), origins };
}

function parseOrigin(text: string): string | undefined {
  if (!/^https?:\/\/[^/?#@]+\/?$/i.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text).origin;
}
