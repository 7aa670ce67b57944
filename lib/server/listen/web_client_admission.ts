/** A connection at a web listener until it has a session: whom its request comes from, and whether that client may come in. */
import type { AddressSet } from "../../base/ip.ts";
import type { ForwardingHeader } from "../../hub/model/server_event.ts";
import { findForwardedHeader } from "../../net/proxy/forwarded_header.ts";
import type { UpgradeAdmission } from "../../net/web/http_upgrade.ts";
import type { HttpRequest, HttpResponse } from "../../net/web/http_request.ts";
import type { AdmissionRefusal, AdmittedClient } from "./address_limits.ts";
import { describeProxyFault, originFromRequest, sharedHost } from "./client_origin.ts";
import type { ClientOrigin } from "./client_origin.ts";

/** What it needs of the server. */
export interface WebAdmissionHost {
  /** Counts a connection of `host`, unless it may not come in. */
  admit(host: string): AdmittedClient | AdmissionRefusal;
  /** `host`, which is no trusted proxy, has sent what one sends. */
  noteForwarding(header: ForwardingHeader, host: string): void;
  /** A connection is refused, in words. */
  countRefused(why: string): void;
}

export class WebClientAdmission implements UpgradeAdmission {
  /** As its socket has it at first, then as its request has it. */
  origin: ClientOrigin;
  /** Undefined: it comes from a trusted proxy, and its client is not known yet. */
  admission: AdmittedClient | undefined;
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
    this.#proxies = proxies;
  }

  admit(request: HttpRequest): HttpResponse | undefined {
    if (this.admission === undefined) return this.#admitProxied(request);
    const header = findForwardedHeader(request.headers);
    if (header === undefined) return undefined;
    this.#host.noteForwarding(header, this.origin.host);
    const host = sharedHost(this.origin.host);
    // Behind a proxy that is not trusted on this machine nobody is exempt as this machine is.
    return this.admission.kind === "exempt" && host !== this.origin.host
      ? this.#admitOrigin({ ...this.origin, host })
      : undefined;
  }

  handleProxyHeader(): void {
    if (this.admission === undefined) {
      this.#host.countRefused(describeProxyFault(this.origin, "a PROXY header to a web port"));
    } else this.#host.noteForwarding("PROXY", this.origin.host);
  }

  #admitProxied(request: HttpRequest): HttpResponse | undefined {
    const origin = originFromRequest(this.origin, request, this.#proxies!);
    if ("host" in origin) return this.#admitOrigin(origin);
    const text = describeProxyFault(this.origin, origin.why);
    this.#host.countRefused(text);
    return { status: 400, text };
  }

  #admitOrigin(origin: ClientOrigin): HttpResponse | undefined {
    const admission = this.#host.admit(origin.host);
    if (admission.kind === "refused") {
      this.#host.countRefused(admission.why);
      return { status: admission.status, text: admission.why };
    }
    this.origin = origin;
    this.admission = admission;
    return undefined;
  }
}
