/** Flags of `serve` for browsers and other HTTP and WebSocket clients. */
import type { FlagTable, FlagValues } from "../../cli/flags/flags.ts";
import type { Address } from "../../net/address.ts";
import { DEFAULT_WEB_PORT, mergeWildcards, parseWebAddress } from "../../net/address.ts";

const group = "Web";

export const WEB_FLAGS = {
  web: {
    type: "string",
    repeatable: true,
    value: "[https://]HOST:PORT",
    group,
    help:
      "listen for HTTP and WebSocket (default 127.0.0.1:6680); https:// is by TLS, on port 8443 unless one is given",
  },
  "no-web": { type: "boolean", group, help: "do not listen for HTTP and WebSocket" },
  "web-origin": {
    type: "string",
    repeatable: true,
    value: "ORIGIN",
    group,
    help: "web origin that may connect, such as https://chat.example; * for all (default this server's own)",
  },
} as const satisfies FlagTable;

type WebFlags = FlagValues<typeof WEB_FLAGS>;

/** `tls`: https. */
export type WebAddress = Address & { kind: "tcp" | "tls" };

export interface WebSettings {
  readonly addresses: readonly WebAddress[];
  /** No flag names an address: the server does without one that is in use. */
  readonly isDefault: boolean;
  /** In lower case, as browsers send them; `*`: all. */
  readonly origins: ReadonlySet<string>;
}

const DEFAULT_ADDRESS = { kind: "tcp", host: "127.0.0.1", port: DEFAULT_WEB_PORT } as const;

/**
 * `isUnixOnly`: the server listens at a Unix socket alone, with its permissions; only a flag opens a port to all users
 * of this machine then.
 */
export function resolveWebSettings(
  flags: Partial<WebFlags>,
  isUnixOnly = false,
): WebSettings | { why: string } {
  const { web = [], "no-web": isOff = false, "web-origin": wanted = [] } = flags;
  if (isOff && web.length > 0) return { why: "--web and --no-web contradict each other" };
  const isDefault = web.length === 0 && !isOff && !isUnixOnly;
  if (web.length === 0 && !isDefault && wanted.length > 0) {
    return { why: "--web-origin needs --web HOST:PORT" };
  }
  const addresses: WebAddress[] = isDefault ? [DEFAULT_ADDRESS] : [];
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
  return { addresses: mergeWildcards(addresses), isDefault, origins };
}

function parseOrigin(text: string): string | undefined {
  if (!/^https?:\/\/[^/?#@]+\/?$/i.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text).origin;
}
