/** An open connection to a server: a socket and timers around a {@link ClientSession}. */
import { encodeUtf8 } from "../../base/bytes.ts";
import { callAfter } from "../../base/deadlines.ts";
import { MAX_LINE_BYTES, MAX_SERVER_TAGS_BYTES } from "../../irc/limits.ts";
import type { LineFault } from "../../irc/line_splitter.ts";
import { LineSplitter } from "../../irc/line_splitter.ts";
import type { Message, MessageParts } from "../../irc/message.ts";
import { computeScramProof } from "../../irc/sasl/scram_client.ts";
import type { PasswordSalter, ScramChallenge } from "../../irc/sasl/scram_client.ts";
import type { Address } from "../../net/address.ts";
import { formatAddress, isLoopback } from "../../net/address.ts";
import type { Conn } from "../../net/conn.ts";
import { formatEndpoint } from "../../net/endpoint.ts";
import { SendQueue } from "../../net/send_queue.ts";
import { makeNotIrcFailure } from "./connect_failure.ts";
import type { ConnectFailure, RefusedConnection, TlsUpgrade } from "./connect_failure.ts";
import { decodeLenientLine } from "./lenient_line.ts";
import { ReadBudget } from "./read_budget.ts";
import { Keepalive, KEEPALIVE_CHECK_MS } from "../session/keepalive.ts";
import type { Registration, SessionEvent } from "../session/session_event.ts";
import { ClientSession } from "../session/client_session.ts";
import type { ServerTrust } from "../trust/server_trust.ts";
import { parseSts } from "../trust/sts_value.ts";

export type RequestOutcome =
  /** All lines of the response; `findFailureReply` finds a failure in them. */
  | { readonly kind: "answered"; readonly lines: Message[] }
  /** It is unknown whether the server has carried out the request. */
  | { readonly kind: "timed_out" }
  | { readonly kind: "lost"; readonly text: string };

const REQUEST_TIMEOUT_MS = 10_000;

/**
 * A line of a server begins with its source or with tags; NOTICE, PING and ERROR without a source come in one
 * piece.
 */
const COLON = 0x3a;
const AT = 0x40;

const READ_BUFFER_BYTES = 64 * 1024;
/** Bytes queued to a server that does not read; beyond them the link ends. */
const SEND_QUEUE_BYTES = 4 * 1024 * 1024;
/** Time for the server to close its side after QUIT. */
const LINGER_MS = 500;

/** Servers may send longer lines than 512 bytes (LINELEN); these are accepted. */
const MAX_LINE_RECEIVED_BYTES = 4 * MAX_LINE_BYTES;

export type ConnectOutcome = { readonly kind: "connected"; readonly link: Link } | ConnectFailure;

export interface LinkOptions {
  readonly address: Address;
  readonly registration: Registration;
  /** Decides about the certificates of TLS servers, and knows which servers require TLS. */
  readonly trust?: ServerTrust | undefined;
  /** From the first packet to the end of the registration. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Makes the connection that is used, around the socket. */
  readonly wrap?: ((conn: Conn) => Conn) | undefined;
  /** Gets all events in order, except `registered`, `refused`, `not_irc` and the responses to requests. */
  readonly onEvent?: ((event: SessionEvent) => void) | undefined;
  readonly budget?: ReadBudget; // for tests
}

/** An open connection. Created by `connect` only. */
export class Link {
  readonly session: ClientSession;
  readonly address: Address;
  /** Resolves with the reason when the connection has ended. Never rejects. */
  readonly closed: Promise<string>;
  /** Resolves when the registration is complete or has failed. */
  readonly opened: Promise<ConnectOutcome | TlsUpgrade>;
  hasQuit = false;

  readonly #conn: Conn;
  readonly #budget: ReadBudget;
  readonly #remote: Deno.Addr;
  readonly #queue: SendQueue;
  readonly #splitter = new LineSplitter({
    tagsBytes: MAX_SERVER_TAGS_BYTES,
    restBytes: MAX_LINE_RECEIVED_BYTES,
    repairLine: decodeLenientLine,
  });
  readonly #onEvent: (event: SessionEvent) => void;
  readonly #pending = new Map<number, (outcome: RequestOutcome) => void>();
  readonly #opened = Promise.withResolvers<ConnectOutcome | TlsUpgrade>();
  readonly #closed = Promise.withResolvers<string>();
  readonly #keepalive = new Keepalive(Date.now());
  /** Cancels the next check of the keepalive. */
  #stopChecks: () => void;
  /** The first byte from the server. */
  #firstByte: number | undefined;
  #reason: string | undefined;
  #refused: RefusedConnection | undefined;
  #over = false;

  /** `remote`: the server's end of `conn`. */
  constructor(conn: Conn, remote: Deno.Addr, { address, registration, onEvent, budget }: LinkOptions) {
    this.#conn = conn;
    this.#budget = budget ?? new ReadBudget();
    this.#remote = remote;
    this.address = address;
    const renewed = registration.keyring?.updateRegistration(registration) ?? registration;
    this.session = new ClientSession(renewed, { isPrivate: isPrivate(address) });
    this.closed = this.#closed.promise;
    this.opened = this.#opened.promise;
    this.#onEvent = onEvent ?? (() => {});
    this.#queue = new SendQueue(conn, SEND_QUEUE_BYTES, (error) => this.#end(describeLinkError(error)));
    this.#stopChecks = callAfter(KEEPALIVE_CHECK_MS, () => this.#check());
    this.session.start();
    this.#flush();
    this.#read();
  }

  /** The nick on the server. */
  get nick(): string {
    return this.session.nick;
  }

  /** Whether the connection cannot be read on its way. */
  get isPrivate(): boolean {
    return isPrivate(this.address);
  }

  /** Whether the connection has not ended. */
  get isAlive(): boolean {
    return !this.#over;
  }

  /** Why the connection has ended; undefined: it has not. */
  get endReason(): string | undefined {
    return this.#over ? this.#reason : undefined;
  }

  /** The reason for which the server has ended the session for good, after the registration. */
  get refusal(): RefusedConnection | undefined {
    return this.#refused;
  }

  /** Whether bytes have come that are neither a line of IRC nor the beginning of one. */
  get hasReceivedNonIrc(): boolean {
    const begins = this.session.speaksIrc || this.#firstByte === COLON || this.#firstByte === AT;
    return this.#splitter.pendingBytes > 0 && !begins;
  }

  /**
   * Sends without waiting for a response; its lines arrive as events. Throws a RangeError if it cannot be
   * framed.
   */
  send(message: MessageParts): void {
    this.session.send(message);
    this.#flush();
  }

  /**
   * Sends `message` and waits for the whole response. `rest` follows `message`: the lines of a batch that it
   * opens. Throws a RangeError if it cannot be framed.
   */
  request(
    message: MessageParts,
    timeoutMs: number = REQUEST_TIMEOUT_MS,
    rest?: readonly MessageParts[],
  ): Promise<RequestOutcome> {
    if (this.#over) return Promise.resolve({ kind: "lost", text: this.#reason ?? "closed" });
    const id = this.session.request(message, rest);
    this.#flush();
    return new Promise((resolve) => {
      const settle = (outcome: RequestOutcome) => {
        callOff();
        this.#pending.delete(id);
        resolve(outcome);
      };
      const callOff = callAfter(timeoutMs, () => {
        this.session.forget(id);
        settle({ kind: "timed_out" });
        if (this.#keepalive.requestPing()) this.#ping();
      });
      this.#pending.set(id, settle);
    });
  }

  /** Sends QUIT and waits until the connection is closed, at most half a second. */
  async close(text = "Leaving"): Promise<void> {
    if (this.#over) return;
    this.hasQuit = true;
    this.session.quit(text);
    this.#flush();
    const callOff = callAfter(LINGER_MS, () => this.#end("closed"));
    await this.closed;
    callOff();
  }

  /** Closes at once. */
  abort(why: string): void {
    this.#end(why);
  }

  #flush(): void {
    const lines = this.session.takeOutput();
    if (lines.length === 0 || this.#over) return;
    const bytes = encodeUtf8(lines.join("\r\n") + "\r\n");
    if (!this.#queue.push([bytes])) this.#end("the server does not read");
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_BUFFER_BYTES);
    const read = () => this.#conn.read(buffer);
    try {
      for (
        let length = await this.#budget.read(read);
        length !== null;
        length = await this.#budget.read(read)
      ) {
        await this.#handleChunk(buffer.subarray(0, length));
        if (this.#over) return;
      }
      this.#end("the server closed the connection");
    } catch (error) {
      this.#end(describeLinkError(error));
    }
  }

  async #handleChunk(chunk: Uint8Array): Promise<void> {
    this.#keepalive.recordActivity();
    this.#firstByte ??= chunk[0];
    const lines: (string | LineFault)[] = [];
    this.#splitter.push(chunk, lines);
    for await (const group of this.#budget.groups(lines)) {
      if (this.#over) return;
      this.#handleLines(group);
    }
  }

  #handleLines(lines: readonly (string | LineFault)[]): void {
    const events: SessionEvent[] = [];
    for (const line of lines) {
      if (typeof line === "string") this.session.receive(line, events); // with `repairLine` every line is a string
    }
    const to = this.#findTlsUpgrade();
    if (to !== undefined) {
      this.#opened.resolve({ kind: "upgrade", to });
      return this.#end("the server asks for TLS"); // before anything is sent
    }
    this.#flush();
    for (const event of events) this.#handle(event);
  }

  /** The TLS address that the server requires instead (STS); undefined after the registration. */
  #findTlsUpgrade(): Address | undefined {
    if (this.session.isRegistered || isPrivate(this.address) || this.address.kind !== "tcp") return undefined;
    const { port } = parseSts(this.session.capValue("sts") ?? "");
    return port === undefined ? undefined : { kind: "tls", host: this.address.host, port };
  }

  #handle(event: SessionEvent): void {
    switch (event.kind) {
      case "registered":
        return this.#opened.resolve({ kind: "connected", link: this });
      case "prove":
        this.#proveKey(event.challenge, event.secret);
        return;
      case "seek":
        this.#findOtherKeys();
        return;
      case "refused":
        this.#refused = event;
        this.#opened.resolve(event);
        return this.#end(event.text);
      case "not_irc":
        this.#opened.resolve(makeNotIrcFailure(this.address));
        return this.#end("not IRC");
      case "answer":
        return this.#pending.get(event.id)?.({ kind: "answered", lines: event.lines });
      case "closing":
        this.#reason ??= event.text;
        return this.#onEvent(event);
      case "line":
      case "batch":
        return this.#onEvent(event);
    }
  }

  async #proveKey(challenge: ScramChallenge, secret: string): Promise<void> {
    const { keyring } = this.session.registration;
    const salt = keyring && ((...args: Parameters<PasswordSalter>) => keyring.deriveSaltedPassword(...args));
    this.session.handleScramAnswer(await computeScramProof(secret, challenge, salt));
    this.#flush();
  }

  async #findOtherKeys(): Promise<void> {
    const keys = await this.session.registration.keyring?.listOtherKeys() ?? [];
    const events: SessionEvent[] = [];
    this.session.handleFoundKeys(keys, formatEndpoint(this.#remote), events);
    this.#flush();
    for (const event of events) this.#handle(event);
  }

  #check(): void {
    this.#stopChecks = callAfter(KEEPALIVE_CHECK_MS, () => this.#check());
    switch (this.#keepalive.check(Date.now())) {
      case "ask":
        return this.#ping();
      case "lost":
        return this.#end(`the server has been silent for ${Math.round(this.#keepalive.silentMs / 1000)} s`);
      case "fine":
        return;
    }
  }

  /** Any line of the server is an answer. */
  #ping(): void {
    if (!this.session.isRegistered) return; // the registration has a time limit of its own
    this.session.ping();
    this.#flush();
  }

  #end(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#reason ??= why;
    if (this.session.isRegisteringAccount) this.session.registration.keyring?.recordDoubt();
    this.#stopChecks();
    try {
      this.#conn.close();
    } catch {
      // closed by the error that is the reason
    }
    this.#opened.resolve(
      this.hasReceivedNonIrc
        ? makeNotIrcFailure(this.address)
        : { kind: "unreachable", text: `${formatAddress(this.address)}: ${this.#reason}` },
    );
    for (const settle of [...this.#pending.values()]) settle({ kind: "lost", text: this.#reason });
    this.#closed.resolve(this.#reason);
  }
}

/** Whether the connection to `address` cannot be read on its way. */
function isPrivate(address: Address): boolean {
  return address.kind !== "tcp" || isLoopback(address.host);
}

function describeLinkError(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe) {
    return "connection reset";
  }
  return error instanceof Error ? error.message : String(error);
}
