/** Where an etcd cluster is: the text of `--cluster`. */

/** etcd's port for clients. */
const DEFAULT_PORT = 2379;
/** Most addresses in a list. etcd recommends three or five members, and not more than seven. */
export const MAX_ENDPOINTS = 16;

export interface Endpoints {
  /** Whether connections use TLS: `etcds`. */
  readonly secure: boolean;
  /** `http://HOST:PORT` or `https://HOST:PORT`, each once, in the order given. */
  readonly urls: readonly string[];
}

/**
 * The endpoints in `etcd://HOST[:PORT],[SCHEME://]HOST[:PORT]…`. An IPv6 address is in brackets; `etcds` is with TLS.
 * @returns what is wrong, for people, if it is no such list.
 */
export function parseEndpoints(text: string): Endpoints | string {
  const urls = new Set<string>();
  let scheme: string | undefined;
  for (const part of text.split(",")) {
    const { given, address = "" } = /^(?:(?<given>[^/]*):\/\/)?(?<address>.*)$/s.exec(part)?.groups ?? {};
    if (given !== undefined && given !== "etcd" && given !== "etcds") {
      return `${given}:// is not a scheme of etcd: etcd:// is without TLS, etcds:// with`;
    }
    if ((scheme ??= given) === undefined) {
      return `${part || "an empty text"} does not begin with etcd:// or etcds://`;
    }
    if (given !== undefined && given !== scheme) return `one list has both ${scheme}:// and ${given}://`;
    const hostPort = readAddress(address);
    if (hostPort === undefined) return `${part || "an empty part"} is not HOST or HOST:PORT`;
    urls.add(`${scheme === "etcds" ? "https" : "http"}://${hostPort}`);
  }
  if (urls.size > MAX_ENDPOINTS) return `more than ${MAX_ENDPOINTS} endpoints`;
  return { secure: scheme === "etcds", urls: [...urls] };
}

/** `HOST:PORT` as a URL has it; undefined if it is none, or has more than that. */
function readAddress(address: string): string | undefined {
  const { host, port = `${DEFAULT_PORT}` } =
    /^(?<host>\[[\da-f:.]+\]|[^\s:/?#@\[\]\\%]+)(?::(?<port>\d{1,5}))?\/?$/i.exec(address)?.groups ?? {};
  if (host === undefined || Number(port) < 1 || Number(port) > 65535) return undefined;
  const url = URL.parse(`http://${host}:${port}/`);
  return url === null ? undefined : `${url.hostname}:${Number(port)}`;
}
