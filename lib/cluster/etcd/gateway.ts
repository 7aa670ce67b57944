/**
 * Requests to an etcd cluster through its HTTP gateway (etcd.io/docs, "Why gRPC gateway"), which every member has on its
 * port for clients since version 3.4.
 */
import { encodeUtf8 } from "../../base/bytes.ts";
import { callAfter } from "../../base/deadlines.ts";
import { StoreRefusal, StoreUnavailable, StoreUntrusted } from "../key_value_store.ts";
import { readBody, TooManyBytes } from "./bounded_body.ts";
import type { Endpoints } from "./endpoints.ts";
import { errorOf, foreignError, gatewayErrorIn, isStaleToken, readGatewayError } from "./gateway_error.ts";

/** Time in which a request is answered. */
export const REQUEST_TIMEOUT_MS = 2000;
/** Most bytes of an answer. A range is read in pages, its caller knows how large its values are. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** Most bytes of a page of metrics, in which the quota is found. */
const MAX_METRICS_BYTES = 4 * 1024 * 1024;
/** Most endpoints that one request is sent to. */
const MAX_TRIES = 3;

/** How Deno's `fetch` tells that it does not take the certificate of the other side (rustls, `CertificateError`). */
const UNTRUSTED = /invalid peer certificate/;

export interface EtcdOptions {
  readonly endpoints: Endpoints;
  /** PEM texts: authorities to be trusted instead of the system's, and the certificate of this client with its key. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly user?: Credentials;
  /** Left out: {@link REQUEST_TIMEOUT_MS}. */
  readonly requestTimeoutMs?: number;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

/**
 * The credentials in the text of a file: `NAME:PASSWORD` in one line, as etcdctl's `--user` has them.
 * @returns what is wrong with it, if something is.
 */
export function parseCredentials(text: string): Credentials | string {
  const line = text.replace(/\r?\n$/, "");
  const colon = line.indexOf(":");
  if (colon < 1 || colon === line.length - 1 || /[\r\n]/.test(line)) {
    return "it is not one line NAME:PASSWORD";
  }
  return { name: line.slice(0, colon), password: line.slice(colon + 1) };
}

/** Makes the body of a request, for each time that it is sent. */
type BodySource = () => BodyInit;

/** A response of which nothing has been read yet. */
interface OpenResponse {
  readonly url: string;
  readonly response: Response;
}

export class Gateway {
  readonly #options: EtcdOptions;
  readonly #client: Deno.HttpClient;
  readonly #timeoutMs: number;
  readonly #end = new AbortController();
  /** The endpoint that answered last. */
  #current = 0;
  /** Undefined: none is needed, or none is known yet. */
  #token: string | undefined;

  constructor(options: EtcdOptions) {
    const { ca, cert, key } = options.tls ?? {};
    this.#options = options;
    this.#timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    // One connection for each request in flight: one that hangs holds up no other.
    this.#client = Deno.createHttpClient({
      http2: false,
      ...(ca === undefined ? {} : { caCerts: [ca] }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
    });
  }

  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** Ends all that is open; what waits for an answer gets none. */
  close(): void {
    if (this.#end.signal.aborted) return;
    this.#end.abort();
    this.#client.close();
  }

  /**
   * The answer to a request that may be carried out more than once: where an endpoint gives none, the next one is asked.
   * @throws StoreUnavailable, StoreRefusal
   */
  ask<T>(path: string, request: unknown): Promise<T> {
    return this.#tryEach((url, timeoutMs) => this.#answer<T>(url + path, request, timeoutMs));
  }

  /**
   * The answer to a request that is sent once: without an answer it may have been carried out.
   * @throws StoreUnavailable, StoreRefusal
   */
  askOnce<T>(path: string, request: unknown): Promise<T> {
    return this.#tryEach((url, timeoutMs) => this.#answer<T>(url + path, request, timeoutMs, true), 1);
  }

  /**
   * A response that goes on until `signal` is aborted; it has begun within the time of a request.
   * @throws StoreUnavailable, StoreRefusal
   */
  open(
    path: string,
    request: unknown,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<OpenResponse> {
    return this.#tryEach(async (url, timeoutMs) => {
      const abort = new AbortController();
      const both = AbortSignal.any([signal, abort.signal]);
      const cancel = callAfter(timeoutMs, () => abort.abort());
      try {
        return { url, response: await this.#send(url + path, bodyOf(request), both, headers) };
      } catch (error) {
        throw this.#failure(url, error, timeoutMs, abort.signal);
      } finally {
        cancel();
      }
    });
  }

  /** The metrics page of the endpoint that answered last; undefined: it has none here. */
  async metrics(): Promise<string | undefined> {
    const url = this.#options.endpoints.urls[this.#current]!;
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(this.#timeoutMs)]);
    try {
      const response = await fetch(`${url}/metrics`, { client: this.#client, signal });
      return response.ok ? await readBody(response, MAX_METRICS_BYTES) : void await response.body?.cancel();
    } catch {
      return undefined;
    }
  }

  /**
   * Tries endpoints in turn, beginning with the one that answered last, until one has answered.
   * Where none does, one that is not trusted is told before one that cannot be reached.
   */
  async #tryEach<T>(
    work: (url: string, timeoutMs: number) => Promise<T>,
    tries = Math.min(MAX_TRIES, this.#options.endpoints.urls.length),
  ): Promise<T> {
    let untrusted: StoreUntrusted | undefined;
    for (let left = tries;; left--) {
      const { urls } = this.#options.endpoints;
      const at = this.#current;
      try {
        // Less time where another one can be asked: a member that hangs must not cost a lease.
        return await work(urls[at]!, left > 1 ? this.#timeoutMs / 2 : this.#timeoutMs);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        if (this.#current === at) this.#current = (at + 1) % urls.length;
        if (error instanceof StoreUntrusted) untrusted = error;
        if (left <= 1) throw untrusted ?? error;
      }
    }
  }

  /** `isOnce`: an answer that can't be read says nothing of whether the request was carried out. */
  async #answer<T>(url: string, request: unknown, timeoutMs: number, isOnce = false): Promise<T> {
    const abort = new AbortController();
    const cancel = callAfter(timeoutMs, () => abort.abort());
    const body = isOnce ? bodyOnceOf(request) : bodyOf(request);
    try {
      const answer = JSON.parse(
        await readBody(await this.#send(url, body, abort.signal), MAX_ANSWER_BYTES),
      );
      const error = gatewayErrorIn(answer); // a stream's comes with status 200
      if (error === undefined) return answer;
      throw errorOf(error);
    } catch (error) {
      if (error instanceof TooManyBytes && !isOnce) throw new StoreRefusal("too_large", error.message);
      throw this.#failure(url, error, timeoutMs, abort.signal);
    } finally {
      cancel();
    }
  }

  /** Why there is no answer. */
  #failure(url: string, error: unknown, timeoutMs: number, timeout: AbortSignal): Error {
    if (error instanceof StoreRefusal || error instanceof StoreUnavailable) return error;
    if (this.#end.signal.aborted) return new StoreUnavailable("closed");
    const { host } = new URL(url);
    if (timeout.aborted) return new StoreUnavailable(`${host} has not answered within ${timeoutMs} ms`);
    const text = `${host}: ${describe(error)}`;
    return UNTRUSTED.test(text) ? new StoreUntrusted(text) : new StoreUnavailable(text);
  }

  /** Sends a request, with a new token if etcd does not take the one that is known. */
  async #send(url: string, body: BodySource, signal: AbortSignal, headers = {}): Promise<Response> {
    for (let tries = 0;; tries++) {
      const token = await this.#authenticate(new URL(url).origin, signal);
      const response = await this.#post(url, body, signal, {
        ...headers,
        ...(token === undefined ? {} : { authorization: token }),
      });
      if (response.ok) return response;
      const error = readGatewayError(await readBody(response, MAX_ANSWER_BYTES));
      if (error === undefined) throw foreignError(url, response.status);
      if (token === undefined || tries > 0 || !isStaleToken(error)) throw errorOf(error);
      if (this.#token === token) this.#token = undefined;
    }
  }

  /** The token of the user; undefined: there is no user. */
  async #authenticate(origin: string, signal: AbortSignal): Promise<string | undefined> {
    const { user } = this.#options;
    if (user === undefined || this.#token !== undefined) return this.#token;
    const response = await this.#post(`${origin}/v3/auth/authenticate`, bodyOf(user), signal, {});
    const body = await readBody(response, MAX_ANSWER_BYTES);
    if (response.ok) return this.#token = JSON.parse(body).token;
    const error = readGatewayError(body);
    throw error === undefined ? foreignError(origin, response.status) : errorOf(error);
  }

  #post(
    url: string,
    body: BodySource,
    signal: AbortSignal,
    headers: Record<string, string>,
  ): Promise<Response> {
    return fetch(url, {
      method: "POST",
      body: body(),
      headers: { "content-type": "application/json", ...headers },
      signal: AbortSignal.any([signal, this.#end.signal]),
      client: this.#client,
      redirect: "error",
    });
  }
}

function bodyOf(request: unknown): BodySource {
  const text = JSON.stringify(request);
  return () => text;
}

/**
 * A body that is sent once. Deno's `fetch` sends a request again, also a POST, where the connection that it had kept
 * breaks before the answer (denoland/deno#32566), unless the body is a stream.
 */
function bodyOnceOf(request: unknown): BodySource {
  const bytes = encodeUtf8(JSON.stringify(request));
  return () => ReadableStream.from([bytes]);
}

/** The cause of a failed `fetch`, without the URL that its message repeats. */
function describe(error: unknown): string {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const text = cause instanceof Error ? `${message}: ${cause.message}` : message;
  return text.replace(/error sending request for url \(\S+\):? ?/, "");
}
