/** A connection at a web listener until it has a session: whom its request comes from, and whether that client may come in. */
import type { AddressSet } from "../base/ip.ts";
import type { ForwardingHeader } from "../hub/foreign_protocol.ts";
import { forwardingHeader } from "../net/forwarded.ts";
import type { WebAdmission } from "../net/web_door.ts";
import type { WebAnswer, WebRequest } from "../net/web_request.ts";
import type { Admitted, Refusal } from "./acceptor.ts";
import { originOfRequest, proxyFault, sharedHost } from "./client_origin.ts";
import type { ClientOrigin } from "./client_origin.ts";

/** What it needs of the server. */
export interface WebHost {
  /** Counts a connection of `host`, unless it may not come in. */
  admit(host: string): Admitted | Refusal;
  /** `host`, which is no trusted proxy, has sent what one sends. */
  noteForwarding(header: ForwardingHeader, host: string): void;
  /** A connection is refused, in words. */
  noteRefused(why: string): void;
}

export class WebArrival implements WebAdmission {
  /** As its socket has it at first, then as its request has it. */
  origin: ClientOrigin;
  /** Undefined: it comes from a trusted proxy, and its client is not known yet. */
  admission: Admitted | undefined;
  readonly #host: WebHost;
  readonly #proxies: AddressSet | undefined;

  constructor(
    host: WebHost,
    origin: ClientOrigin,
    admission: Admitted | undefined,
    proxies: AddressSet | undefined,
  ) {
    this.#host = host;
    this.origin = origin;
    this.admission = admission;
    this.#proxies = proxies;
  }

  admit(request: WebRequest): WebAnswer | undefined {
    if (this.admission === undefined) return this.#admitProxied(request);
    const header = forwardingHeader(request.headers);
    if (header === undefined) return undefined;
    this.#host.noteForwarding(header, this.origin.host);
    const host = sharedHost(this.origin.host);
    // Behind a proxy that is not trusted on this machine nobody is exempt as this machine is.
    return this.admission.kind === "exempt" && host !== this.origin.host
      ? this.#admitFrom({ ...this.origin, host })
      : undefined;
  }

  proxyHeader(): void {
    if (this.admission === undefined) {
      this.#host.noteRefused(proxyFault(this.origin, "a PROXY header to a web port"));
    } else this.#host.noteForwarding("PROXY", this.origin.host);
  }

  #admitProxied(request: WebRequest): WebAnswer | undefined {
    const origin = originOfRequest(this.origin, request, this.#proxies!);
    if ("host" in origin) return this.#admitFrom(origin);
    const text = proxyFault(this.origin, origin.why);
    this.#host.noteRefused(text);
    return { status: 400, text };
  }

  #admitFrom(origin: ClientOrigin): WebAnswer | undefined {
    const admission = this.#host.admit(origin.host);
    if (admission.kind === "refused") {
      this.#host.noteRefused(admission.why);
      return { status: admission.status, text: admission.why };
    }
    this.origin = origin;
    this.admission = admission;
    return undefined;
  }
}
