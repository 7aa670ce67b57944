/**
 * One HTTP request and its response on a connection that may carry more of them. The platform's HTTP server takes
 * listeners only, not a connection that was accepted, limited and perhaps decrypted before, hence this one.
 */
import { encodeUtf8 } from "../../base/bytes.ts";
import type { Conn } from "../conn.ts";
import { bodyFraming, BodyReader } from "./http_body.ts";
import type { BodyFraming } from "./http_body.ts";
import type { HttpHandler } from "./http_handler.ts";
import type { HttpInput } from "./http_input.ts";
import { hasToken, requestUrl } from "./http_request.ts";
import type { HttpRequest, HttpResponse } from "./http_request.ts";
import { writeResponse } from "./http_response_writer.ts";
import { writeAll } from "../conn.ts";

/** From the end of the head to the end of the body. */
const BODY_MS = 30_000;
const CONTINUE = encodeUtf8("HTTP/1.1 100 Continue\r\n\r\n");
/** Methods that no handler gets: `Request` of the platform does not take them. */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);
/** Status of a response to a handler's error. */
const ERROR_RESPONSE: HttpResponse = { status: 500, text: "The server failed to answer this request." };
const BODY_TIMEOUT_RESPONSE: HttpResponse = { status: 408, text: "The body of the request took too long." };

/**
 * How an exchange ended: `keep`: another request may follow; `close`: the response has been sent; `lost`: the
 * connection is over; else the response that is still to be sent as the last one.
 */
export type ExchangeEnd = "keep" | "close" | "lost" | HttpResponse;

export interface ExchangeOptions {
  readonly conn: Conn;
  /** Input of `conn`, behind the head of `request`. */
  readonly input: HttpInput;
  readonly request: HttpRequest;
  readonly host: string;
  readonly isSecure: boolean;
  readonly handler: HttpHandler;
  /** Counts the body of the request, which is not there yet, until the result is called; or refuses it. */
  readonly takeBody: () => HttpResponse | (() => void);
  /** Charges the client for so many bytes of a response. */
  readonly charge: (bytes: number) => void;
  /** Whether the connection may carry another request. */
  readonly mayKeepAlive: boolean;
  readonly bodyMs?: number;
}

export class HttpExchange {
  readonly #options: ExchangeOptions;
  readonly #gone = new AbortController();
  /** Ends reading ahead. */
  readonly #over = new AbortController();
  /** The response that replaces that of the handler: the body of the request has a fault. */
  #bodyFault: HttpResponse | undefined;
  #body: BodyReader | undefined;
  #bodyTimer: ReturnType<typeof setTimeout> | undefined;
  #releaseBody = () => {};
  /** Rejected when the body takes too long. */
  readonly #late = Promise.withResolvers<never>();

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#late.promise.catch(() => {}); // `pull` gets it, if it waits
  }

  /** The client is gone, or the server stops. */
  abort(): void {
    this.#gone.abort();
  }

  async run(): Promise<ExchangeEnd> {
    const { request, host, isSecure, handler, charge } = this.#options;
    const asked = this.#makeRequest();
    if (!(asked instanceof Request)) return asked;
    try {
      const answered = await handler(asked, { host, isSecure, signal: this.#gone.signal, charge });
      return this.#bodyFault ?? await this.#respond(answered, request);
    } catch {
      // The application answers its own errors: here the body of the request or the connection has failed, or it has a bug.
      return this.#bodyFault ?? (this.#gone.signal.aborted ? "lost" : ERROR_RESPONSE);
    } finally {
      clearTimeout(this.#bodyTimer);
      this.#releaseBody();
      this.#over.abort();
    }
  }

  /** The request as the handler gets it, or the response to a bad one. */
  #makeRequest(): Request | HttpResponse {
    const { request, isSecure, input, bodyMs = BODY_MS } = this.#options;
    if (FORBIDDEN_METHODS.has(request.method)) {
      return { status: 501, text: `This server does not support ${request.method}.` };
    }
    const framing = bodyFraming(request);
    if (framing.kind === "bad") return framing.answer;
    const url = requestUrl(request, isSecure);
    if (url === undefined) return { status: 400, text: "The target or the Host header is malformed." };
    const hasBody = request.method !== "GET" && request.method !== "HEAD" && framing.kind !== "none";
    this.#body = new BodyReader(input, framing);
    if (this.#body.isComplete) this.#watch();
    else {
      const refusal = this.#beginBody(framing);
      if (refusal !== undefined) return refusal;
      this.#bodyTimer = setTimeout(() => this.#timeOutBody(), bodyMs);
    }
    try {
      return new Request(url, {
        method: request.method,
        headers: [...request.headers],
        ...(hasBody && { body: this.#bodyStream(this.#body), duplex: "half" }),
      });
    } catch {
      return { status: 400, text: "A header is malformed." }; // a control character in its value
    }
  }

  #bodyStream(body: BodyReader): ReadableStream<Uint8Array<ArrayBuffer>> {
    let isContinueDue = hasToken(this.#options.request.headers, "expect", "100-continue");
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>) => {
      if (isContinueDue) await writeAll(this.#options.conn, CONTINUE);
      isContinueDue = false;
      try {
        const bytes = await Promise.race([body.read(), this.#late.promise]);
        if (body.isComplete) this.#endBody();
        if (bytes === undefined) controller.close();
        else controller.enqueue(bytes);
      } catch (error) {
        this.#bodyFault ??= body.fault?.answer;
        throw error;
      }
    };
    return new ReadableStream({ pull }, { highWaterMark: 0 });
  }

  /** Counts a body that has not arrived whole; the response that refuses it, if there are too many. */
  #beginBody(framing: BodyFraming): HttpResponse | undefined {
    const { input, takeBody } = this.#options;
    if (framing.kind === "length" && input.available.length >= framing.bytes) return undefined;
    const taken = takeBody();
    if (typeof taken !== "function") return taken;
    this.#releaseBody = () => {
      this.#releaseBody = () => {};
      taken();
    };
    return undefined;
  }

  #endBody(): void {
    clearTimeout(this.#bodyTimer);
    this.#releaseBody();
    this.#watch();
  }

  #timeOutBody(): void {
    this.#bodyFault = BODY_TIMEOUT_RESPONSE;
    this.#late.reject(new Error(BODY_TIMEOUT_RESPONSE.text));
  }

  /** From here on the end of the input means that the client is gone. */
  #watch(): void {
    void this.#options.input.watch(this.#over.signal, () => {
      if (!this.#over.signal.aborted) this.#gone.abort();
    });
  }

  async #respond(response: Response, { method, minor, headers }: HttpRequest): Promise<ExchangeEnd> {
    clearTimeout(this.#bodyTimer);
    const keepsAlive = this.#options.mayKeepAlive && minor === 1 && this.#body!.isComplete &&
      !hasToken(headers, "connection", "close");
    try {
      const mayFollow = await writeResponse(this.#options.conn, response, { method, minor, keepsAlive });
      return mayFollow ? "keep" : "close";
    } catch {
      this.#gone.abort();
      return "lost";
    }
  }
}
