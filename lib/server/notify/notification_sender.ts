/**
 * Sends notifications to notify URLs. The URL is a user's, and the server may reach what its users may not: so the name
 * is resolved once, every address of it is checked, and the connection is made to an address that was checked, with the
 * name for HTTP and the certificate. Redirects are not followed, and of the answer only the status is looked at.
 *
 * What these functions say to users has the host and the port of the URL only, and no address of a network that is not
 * public: the rest of the URL may be secret, and so may the names that the server can resolve.
 */
import { parseIp } from "../../base/ip.ts";
import { nodeModules } from "../../base/platform/node_modules.ts";
import { notifyHost, parseNotifyUrl } from "../../base/values/notify_url.ts";
import type { NotifyUrl } from "../../base/values/notify_url.ts";
import type { PageNotification } from "../../base/values/page_notification.ts";
import type { NotifyPolicy } from "../settings/notify_flags.ts";
import { describeConnectionFault, describeStatus } from "./failure_text.ts";
import { base64Of, makeNotificationRequest } from "./notification_request.ts";
import type { NotificationRequest } from "./notification_request.ts";
import { whyNotPublic } from "./public_address.ts";

/** From the resolution of the name to the status of the answer. */
export const NOTIFICATION_TIMEOUT_MS = 10_000;
/** Head of the answer, with the provisional ones before it. The body is not read. */
export const ANSWER_HEAD_MAX_BYTES = 4096;
/** Addresses of a name that are tried, until one takes the connection. */
export const MAX_ADDRESSES_TRIED = 4;

/** What tests replace. */
export interface SenderOptions {
  /** All addresses of a host name. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** Certificates of authorities (PEM) that are trusted instead of the system's. */
  readonly ca?: readonly string[];
  readonly timeoutMs?: number;
  readonly whyNotPublic?: (address: string) => string | undefined;
  /** Ends what is under way. */
  readonly signal?: AbortSignal;
  /** Gets a sentence for the operators of the server: to which address a user's notification may not go. */
  readonly onRefused?: (text: string) => void;
}

/** Sends `notification` to the notify URL `text`. Resolves with the reason if it was not taken; never rejects. */
export async function sendNotification(
  text: string,
  notification: PageNotification,
  policy: NotifyPolicy,
  options: SenderOptions = {},
): Promise<string | undefined> {
  if (!policy.isOn) return "this server sends no notifications (serve --notify off)";
  const target = parseNotifyUrl(text);
  if (typeof target === "string") return target;
  const timeoutMs = options.timeoutMs ?? NOTIFICATION_TIMEOUT_MS;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  const signal = options.signal === undefined ? late.signal : AbortSignal.any([late.signal, options.signal]);
  try {
    const sending = new Sending(target, makeNotificationRequest(target.kind, notification), policy, {
      ...options,
      signal,
      timeoutMs,
    });
    return await Promise.race([sending.run(), whenAborted(signal)]);
  } catch (error) {
    if (options.signal?.aborted) return "the server is stopping";
    return describeConnectionFault(
      notifyHost(target),
      late.signal.aborted ? { code: "TIMEOUT", timeoutMs } : error,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** One notification on its way. */
class Sending {
  readonly #begun = performance.now();
  readonly #host: string;
  /** The host without brackets and without the dot of a full name. */
  readonly #name: string;

  constructor(
    readonly target: NotifyUrl,
    readonly request: NotificationRequest,
    readonly policy: NotifyPolicy,
    readonly options: SenderOptions & { readonly timeoutMs: number; readonly signal: AbortSignal },
  ) {
    this.#host = notifyHost(target);
    this.#name = target.url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  }

  async run(): Promise<string | undefined> {
    const addresses = await this.#resolve();
    if (addresses.length === 0) return `${this.#host} has no address: check the name`;
    const refused = addresses.find((address) => this.#whyRefused(address) !== undefined);
    if (refused !== undefined) return this.#refuse(refused, this.#whyRefused(refused)!);
    const tried = addresses.slice(0, MAX_ADDRESSES_TRIED);
    let fault: unknown;
    for (const [at, address] of tried.entries()) {
      // An address that does not answer leaves time for the next ones.
      const leftMs = this.options.timeoutMs - (performance.now() - this.#begun);
      const answer = await this.#post(address, leftMs / (tried.length - at));
      if (answer.kind === "answered") return describeStatus(this.#host, answer.status);
      if (answer.kind === "own_address") return this.#refuse(address, "an address of this machine");
      fault = answer.fault;
    }
    throw fault;
  }

  async #resolve(): Promise<readonly string[]> {
    if (parseIp(this.#name) !== undefined) return [this.#name];
    const { resolve = resolveHost } = this.options;
    return await resolve(this.#name);
  }

  #whyRefused(address: string): string | undefined {
    if (this.policy.allowed.has(address)) return undefined;
    return (this.options.whyNotPublic ?? whyNotPublic)(address);
  }

  #refuse(address: string, why: string): string {
    this.options.onRefused?.(
      `a notification to ${this.#host} was refused: ${address} is ${why}; serve --notify-allow ${address} allows it`,
    );
    return `${this.#host} is not public: this server sends there only if its operators allow it (serve --notify-allow)`;
  }

  /** Posts to `address`; rejects if a connection was made and there was no answer. `connectMs`: for the connection. */
  #post(address: string, connectMs: number): Promise<Answer> {
    const isSecure = this.target.url.protocol === "https:";
    const { body } = this.request;
    return new Promise((resolve, reject) => {
      const request = (isSecure ? nodeModules.https : nodeModules.http).request(
        this.#options(address, isSecure),
      );
      let isConnected = false;
      const connecting = setTimeout(() => request.destroy(timeoutError(this.options.timeoutMs)), connectMs);
      const settle = (answer: Answer) => {
        resolve(answer);
        request.destroy();
      };
      request.on("socket", (socket) => {
        socket.once("connect", () => {
          clearTimeout(connecting);
          isConnected = true;
          const isOwn = socket.localAddress === socket.remoteAddress && !this.policy.allowed.has(address);
          if (isOwn) settle({ kind: "own_address" });
          else request.end(body);
        });
        request.on("information", () => {
          if (socket.bytesRead > ANSWER_HEAD_MAX_BYTES) request.destroy(notHttpError());
        });
      });
      request.on("response", ({ statusCode = 0 }) => settle({ kind: "answered", status: statusCode }));
      request.on("upgrade", () => settle({ kind: "answered", status: 101 }));
      request.on("error", (fault) => {
        clearTimeout(connecting);
        if (isConnected) reject(fault);
        else resolve({ kind: "unconnected", fault });
      });
    });
  }

  #options(address: string, isSecure: boolean) {
    const { url, credentials } = this.target;
    const { headers, body } = this.request;
    const isAddress = parseIp(this.#name) !== undefined;
    return {
      host: address,
      port: url.port === "" ? isSecure ? 443 : 80 : Number(url.port),
      method: "POST",
      path: url.pathname + url.search,
      agent: false as const,
      maxHeaderSize: ANSWER_HEAD_MAX_BYTES,
      signal: this.options.signal,
      headers: {
        Host: url.host,
        "User-Agent": "ChatterBox",
        "Content-Length": String(new TextEncoder().encode(body).length),
        ...headers,
        ...credentials !== undefined && { Authorization: `Basic ${base64Of(credentials)}` },
      },
      // The name that the certificate must have; that of an address is the address.
      ...isSecure && { servername: isAddress ? "" : this.#name },
      ...isSecure && this.options.ca !== undefined && { ca: [...this.options.ca] },
    };
  }
}

type Answer =
  | { readonly kind: "answered"; readonly status: number }
  /** The address is one of this machine, which the rules for public addresses cannot know. */
  | { readonly kind: "own_address" }
  | { readonly kind: "unconnected"; readonly fault: unknown };

async function resolveHost(host: string): Promise<readonly string[]> {
  const found = await nodeModules.dns.lookup(host, { all: true, verbatim: true });
  return found.map(({ address }) => address);
}

function timeoutError(timeoutMs: number): Error {
  return Object.assign(new Error(), { code: "TIMEOUT", timeoutMs });
}

function notHttpError(): Error {
  return Object.assign(new Error(), { code: "HPE_HEADER_OVERFLOW" });
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
