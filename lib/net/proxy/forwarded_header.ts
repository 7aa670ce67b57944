/**
 * Headers with the client's address that web proxies add to a request: `Forwarded` (RFC 7239) and the older
 * `X-Forwarded-For`. Pure.
 */
import { formatIp, parseIp } from "../../base/ip.ts";

type Headers = ReadonlyMap<string, string>;
export type ForwardedHeaderName = "Forwarded" | "X-Forwarded-For";

export type ForwardedOutcome =
  | {
    readonly kind: "ok";
    /** In the form of `formatIp`. */
    readonly host: string;
    /** Whether the client's connection uses TLS; undefined: not stated. */
    readonly secure: boolean | undefined;
  }
  | { readonly kind: "none" }
  /** `why`: description of the input. */
  | { readonly kind: "bad"; readonly why: string };

/** One proxy's statement: the host that it got the request from, and the protocol. */
interface ForwardedHop {
  /** "": not stated, or not as an address. */
  readonly host: string;
  readonly proto: string | undefined;
}

/** A pair of a Forwarded element and its separator (RFC 7239 §4, RFC 9110 §5.6). */
const PAIR = /[ \t]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?[ \t]*(;|,|$)/gy;

/** The header that marks the request as forwarded; undefined if there is none. */
export function findForwardedHeader(headers: Headers): ForwardedHeaderName | undefined {
  return headers.has("forwarded")
    ? "Forwarded"
    : headers.has("x-forwarded-for")
    ? "X-Forwarded-For"
    : undefined;
}

/**
 * The client of a request from a trusted proxy: the rightmost hop that `isTrusted` rejects, because any client may
 * have written the hops to its left. If both headers are present they must agree: one of them may come from the
 * client, through a proxy that adds only the other.
 */
export function resolveForwardedClient(
  headers: Headers,
  isTrusted: (host: string) => boolean,
): ForwardedOutcome {
  const listed = headers.get("x-forwarded-for");
  const standard = headers.get("forwarded");
  if (listed === undefined && standard === undefined) return { kind: "none" };
  const proto = headers.get("x-forwarded-proto")?.split(",").at(-1)?.trim();
  const outcomes = [
    ...listed === undefined
      ? []
      : [firstUntrustedHop(parseXForwardedFor(listed, proto), "X-Forwarded-For", isTrusted)],
    ...standard === undefined ? [] : [firstUntrustedHop(parseForwarded(standard), "Forwarded", isTrusted)],
  ];
  const [first, second] = outcomes;
  const unfit = outcomes.find(({ kind }) => kind === "bad");
  if (unfit !== undefined) return unfit;
  if (first?.kind !== "ok" || second?.kind !== "ok" || first.host === second.host) return first!;
  return { kind: "bad", why: "Forwarded and X-Forwarded-For headers that name different clients" };
}

function firstUntrustedHop(
  hops: readonly ForwardedHop[] | undefined,
  header: ForwardedHeaderName,
  isTrusted: (host: string) => boolean,
): ForwardedOutcome {
  const client = hops?.findLast(({ host }) => host === "" || !isTrusted(host)) ?? hops?.[0];
  if (client === undefined) return { kind: "bad", why: `a malformed ${header} header` };
  if (client.host === "") {
    return { kind: "bad", why: `a ${header} header without the client's address` };
  }
  return { kind: "ok", host: client.host, secure: isSecureProto(client.proto) };
}

function parseXForwardedFor(value: string, proto: string | undefined): ForwardedHop[] {
  return value.split(",").map((node) => ({ host: parseNodeHost(node.trim()), proto }));
}

/** Undefined if the header is malformed. */
function parseForwarded(value: string): ForwardedHop[] | undefined {
  const hops: ForwardedHop[] = [];
  let pairs = new Map<string, string>();
  for (PAIR.lastIndex = 0;;) {
    const found = PAIR.exec(value);
    if (found === null) return undefined;
    const [, name, quoted, token = "", end] = found;
    if (name !== undefined) pairs.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? token);
    if (end === ";") continue;
    hops.push({ host: parseNodeHost(pairs.get("for") ?? ""), proto: pairs.get("proto") });
    if (end === "") return hops;
    pairs = new Map();
  }
}

/**
 * Address in `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`; "" if there is
 * none.
 */
function parseNodeHost(node: string): string {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\]|([\d.]+))(?::[\w.-]+)?$/.exec(node) ?? [];
  const address = parseIp(bracketed ?? dotted ?? node);
  return address === undefined ? "" : formatIp(address);
}

function isSecureProto(proto: string | undefined): boolean | undefined {
  switch (proto?.toLowerCase()) {
    case "https":
    case "wss":
      return true;
    case "http":
    case "ws":
      return false;
    default:
      return undefined;
  }
}
