/**
 * Admission of a connection at a web listener: finds the client that its HTTP request comes from, and admits or
 * refuses it.
 */
import type { AddressSet } from "../../base/ip.ts";
import type { ForwardingHeader } from "../../hub/model/server_event.ts";
import { findForwardedHeader } from "../../net/proxy/forwarded_header.ts";
import type { RefusalKind } from "../../net/refused_connections.ts";
import type { UpgradeAdmission } from "../../net/web/http_upgrade.ts";
import type { HttpRequest, HttpResponse } from "../../net/web/http_request.ts";
import type { AdmissionRefusal, AdmittedClient } from "./address_limits.ts";
import { describeProxyFault, originFromRequest, sharedHost } from "./client_origin.ts";
import type { ClientOrigin } from "./client_origin.ts";

/**
 * Tokens that an HTTP request takes from the bucket in which the lines of its address count: a millisecond of the
 * server's time, which is more than most requests take, costs as much.
 */
export const REQUEST_TOKENS = 10;
/** Bytes of a large response for one token more: the server needs a tenth of a millisecond for them, at the most. */
const RESPONSE_TOKEN_BYTES = 1024;

/** What the admission needs of the acceptor. */
export interface WebAdmissionHost {
  /** Time of the clock without its steps, in milliseconds. */
  now(): number;
  /** What a banned client is told; undefined: no ban covers `host` now. */
  findBan(host: string): string | undefined;
  /** Counts a connection of `host`, unless it is refused. */
  admit(host: string): AdmittedClient | AdmissionRefusal;
  /** Reports that `host`, which is not a trusted proxy, has sent a forwarding header. */
  noteForwarding(header: ForwardingHeader, host: string): void;
  /** Counts a refused connection; `why` is for the server log. */
  countRefused(why: string, kind: RefusalKind): void;
}

/** Addresses that a trusted proxy may ask for itself, without naming a client. */
const HEALTH_CHECKS: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

/** Whether `request` asks how the server is. */
export function isHealthCheck({ target }: HttpRequest): boolean {
  return HEALTH_CHECKS.has(target);
}

export class WebClientAdmission implements UpgradeAdmission {
  /** By the socket at first, then by the HTTP request. */
  origin: ClientOrigin;
  /** Undefined: the connection is of a trusted proxy, and its client is not known yet. */
  admission: AdmittedClient | undefined;
  readonly hasOneClient: boolean;
  readonly #host: WebAdmissionHost;
  readonly #proxies: AddressSet | undefined;

  constructor(
    host: WebAdmissionHost,
    origin: ClientOrigin,
    admission: AdmittedClient | undefined,
    proxies: AddressSet | undefined,
  ) {
    this.#host = host;
    this.origin = origin;
    this.admission = admission;
    this.hasOneClient = admission !== undefined;
    this.#proxies = proxies;
  }

  admit(request: HttpRequest): HttpResponse | undefined {
    if (this.admission === undefined) return this.#admitProxied(request);
    const header = findForwardedHeader(request.headers);
    if (header === undefined) return undefined;
    this.#host.noteForwarding(header, this.origin.host);
    const host = sharedHost(this.origin.host);
    // Clients behind an untrusted proxy on this machine do not share the exemption of this machine.
    return this.admission.kind === "exempt" && host !== this.origin.host
      ? this.#admitOrigin({ ...this.origin, host })
      : undefined;
  }

  admitRequest(request: HttpRequest): HttpResponse | undefined {
    const isProxys = this.admission === undefined && findForwardedHeader(request.headers) === undefined;
    if (isProxys && isHealthCheck(request)) {
      this.origin = { ...this.origin, host: sharedHost(this.origin.host) };
      return undefined;
    }
    const refusal = this.admit(request);
    if (refusal !== undefined) return refusal;
    const text = this.#host.findBan(this.origin.host);
    if (text !== undefined) {
      this.#host.countRefused(text, "banned");
      return { status: 403, text };
    }
    return undefined;
  }

  /** An address that owes tokens gets no further request answered. */
  takeTokens(): boolean {
    if (this.admission?.kind !== "counted") return true;
    const { lines } = this.admission;
    const now = this.#host.now();
    if (lines.available(now) < 0) return false;
    lines.spend(REQUEST_TOKENS, now);
    return true;
  }

  get site(): string | undefined {
    return this.admission?.kind === "counted" ? this.admission.site : undefined;
  }

  charge(bytes: number): void {
    if (this.admission?.kind !== "counted") return;
    this.admission.lines.spend(bytes / RESPONSE_TOKEN_BYTES, this.#host.now());
  }

  handleProxyHeader(): void {
    if (this.admission === undefined) {
      this.#host.countRefused(describeProxyFault(this.origin, "a PROXY header to a web port"), "proxy");
    } else this.#host.noteForwarding("PROXY", this.origin.host);
  }

  #admitProxied(request: HttpRequest): HttpResponse | undefined {
    const origin = originFromRequest(this.origin, request, this.#proxies!);
    if ("host" in origin) return this.#admitOrigin(origin);
    const text = describeProxyFault(this.origin, origin.why);
    this.#host.countRefused(text, "proxy");
    return { status: 400, text };
  }

  #admitOrigin(origin: ClientOrigin): HttpResponse | undefined {
    const admission = this.#host.admit(origin.host);
    if (admission.kind === "refused") {
      this.#host.countRefused(admission.why, admission.cause);
      return { status: admission.status, text: admission.why };
    }
    this.origin = origin;
    this.admission = admission;
    return undefined;
  }
}
