/** An open connection to a server, in effect: a socket and timers around a {@link ClientSession}. */
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
import { Keepalive, KEEPALIVE_CHECK_MS } from "./keepalive.ts";
import type { Registration, SessionEvent } from "../session/client_session.ts";
import { ClientSession } from "../session/client_session.ts";
import type { ServerTrust } from "../trust/server_trust.ts";
import { parseSts } from "../trust/sts_value.ts";

export type RequestOutcome =
  /** All lines of the answer; see `failureOf` for what they say. */
  | { readonly kind: "answered"; readonly lines: Message[] }
  /** Whether the server has acted on it is not known. */
  | { readonly kind: "timed_out" }
  | { readonly kind: "lost"; readonly text: string };

export const REQUEST_TIMEOUT_MS = 10_000;

/** A server's line begins with its source or with tags; NOTICE, PING and ERROR without a source come in one piece. */
const COLON = 0x3a;
const AT = 0x40;

const READ_BUFFER_BYTES = 64 * 1024;
/** What we may have queued to a server that does not read, before the link is given up. */
const SEND_QUEUE_BYTES = 4 * 1024 * 1024;
/** After our QUIT the server has this long to close its side. */
const LINGER_MS = 500;

/** Servers may bear with longer lines than 512 bytes (LINELEN); we bear with those. */
const MAX_LINE_RECEIVED_BYTES = 4 * MAX_LINE_BYTES;

export type ConnectOutcome = { readonly kind: "connected"; readonly link: Link } | ConnectFailure;

export interface LinkOptions {
  readonly address: Address;
  readonly registration: Registration;
  /** Judges servers that are reached by TLS, and knows which are to be. */
  readonly trust?: ServerTrust | undefined;
  /** From the first packet until the server has let us in. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Everything but `registered`, `refused`, `not_irc` and answers to requests, in order. */
  readonly onEvent?: ((event: SessionEvent) => void) | undefined;
}

/** An open connection. Made by `connect` only. */
export class Link {
  readonly session: ClientSession;
  readonly address: Address;
  /** Resolves with why, once the connection has ended. Never rejects. */
  readonly closed: Promise<string>;
  /** Resolves when the server has let us in, or has not. */
  readonly opened: Promise<ConnectOutcome | TlsUpgrade>;

  readonly #conn: Conn;
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
  readonly #pulse = new Keepalive(Date.now());
  /** Calls off the next look at the pulse. */
  #lookNoMore: () => void;
  /** What the server began with. */
  #firstByte: number | undefined;
  #reason: string | undefined;
  #refused: RefusedConnection | undefined;
  #over = false;

  /** `remote`: the server's end of `conn`. */
  constructor(conn: Conn, remote: Deno.Addr, { address, registration, onEvent }: LinkOptions) {
    this.#conn = conn;
    this.#remote = remote;
    this.address = address;
    const renewed = registration.keyring?.updateRegistration(registration) ?? registration;
    this.session = new ClientSession(renewed, { isPrivate: isPrivate(address) });
    this.closed = this.#closed.promise;
    this.opened = this.#opened.promise;
    this.#onEvent = onEvent ?? (() => {});
    this.#queue = new SendQueue(conn, SEND_QUEUE_BYTES, (error) => this.#end(describeLinkError(error)));
    this.#lookNoMore = callAfter(KEEPALIVE_CHECK_MS, () => this.#look());
    this.session.start();
    this.#flush();
    this.#read();
  }

  /** The name we have on the server. */
  get nick(): string {
    return this.session.nick;
  }

  /** Nobody but us and the server can listen. */
  get isPrivate(): boolean {
    return isPrivate(this.address);
  }

  /** True until the connection has ended. */
  get isAlive(): boolean {
    return !this.#over;
  }

  /** Set where the server has ended the connection for good, after it had let us in. */
  get refusal(): RefusedConnection | undefined {
    return this.#refused;
  }

  /** True when something has been received that is no line, nor the beginning of one that an IRC server would say first. */
  get hasReceivedNonIrc(): boolean {
    const begins = this.session.speaksIrc || this.#firstByte === COLON || this.#firstByte === AT;
    return this.#splitter.pendingBytes > 0 && !begins;
  }

  /** Sends without waiting for an answer; what the server says to it arrives as events. RangeError if it cannot be framed. */
  send(message: MessageParts): void {
    this.session.send(message);
    this.#flush();
  }

  /**
   * Sends and gathers the whole answer. `rest` goes behind `message`: the lines of a batch that it opens. RangeError if it cannot
   * be framed.
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
        if (this.#pulse.requestPing()) this.#beat();
      });
      this.#pending.set(id, settle);
    });
  }

  /** Says goodbye and waits until the connection is closed, at most half a second. */
  async close(text = "Leaving"): Promise<void> {
    if (this.#over) return;
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
    if (!this.#queue.push([encodeUtf8(lines.join("\r\n") + "\r\n")])) {
      this.#end("the server does not read what we send");
    }
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_BUFFER_BYTES);
    try {
      for (
        let length = await this.#conn.read(buffer);
        length !== null;
        length = await this.#conn.read(buffer)
      ) {
        this.#take(buffer.subarray(0, length));
        if (this.#over) return;
      }
      this.#end("the server closed the connection");
    } catch (error) {
      this.#end(describeLinkError(error));
    }
  }

  #take(chunk: Uint8Array): void {
    this.#pulse.recordActivity();
    this.#firstByte ??= chunk[0];
    const lines: (string | LineFault)[] = [];
    this.#splitter.push(chunk, lines);
    const events: SessionEvent[] = [];
    for (const line of lines) {
      if (typeof line === "string") this.session.receive(line, events); // every line is: see `mend`
    }
    const to = this.#wanted();
    if (to !== undefined) {
      this.#opened.resolve({ kind: "upgrade", to });
      return this.#end("the server asks for TLS"); // before anything of what we would have said
    }
    this.#flush();
    for (const event of events) this.#handle(event);
  }

  /** Where else the server wants to be reached (STS); asked only as long as it has not let us in. */
  #wanted(): Address | undefined {
    if (this.session.isRegistered || isPrivate(this.address) || this.address.kind !== "tcp") return undefined;
    const { port } = parseSts(this.session.capValue("sts") ?? "");
    return port === undefined ? undefined : { kind: "tls", host: this.address.host, port };
  }

  #handle(event: SessionEvent): void {
    switch (event.kind) {
      case "registered":
        return this.#opened.resolve({ kind: "connected", link: this });
      case "prove":
        this.#prove(event.challenge, event.secret);
        return;
      case "seek":
        this.#seek();
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

  async #prove(challenge: ScramChallenge, secret: string): Promise<void> {
    const { keyring } = this.session.registration;
    const salt = keyring && ((...args: Parameters<PasswordSalter>) => keyring.deriveSaltedPassword(...args));
    this.session.handleScramAnswer(await computeScramProof(secret, challenge, salt));
    this.#flush();
  }

  async #seek(): Promise<void> {
    const keys = await this.session.registration.keyring?.listOtherKeys() ?? [];
    const events: SessionEvent[] = [];
    this.session.handleFoundKeys(keys, formatEndpoint(this.#remote), events);
    this.#flush();
    for (const event of events) this.#handle(event);
  }

  #look(): void {
    this.#lookNoMore = callAfter(KEEPALIVE_CHECK_MS, () => this.#look());
    switch (this.#pulse.check(Date.now())) {
      case "ask":
        return this.#beat();
      case "lost":
        return this.#end(`the server has been silent for ${Math.round(this.#pulse.silentMs / 1000)} s`);
      case "fine":
        return;
    }
  }

  /** Asks whether the server is there; any word of it will do for an answer. */
  #beat(): void {
    if (!this.session.isRegistered) return; // the time to let us in is limited anyway
    this.session.ping();
    this.#flush();
  }

  #end(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#reason ??= why;
    if (this.session.isRegisteringAccount) this.session.registration.keyring?.recordDoubt();
    this.#lookNoMore();
    try {
      this.#conn.close();
    } catch {
      // Closed already, by the error that brought us here.
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

/** Whether nobody but us and the server can listen. */
function isPrivate(address: Address): boolean {
  return address.kind !== "tcp" || isLoopback(address.host);
}

function describeLinkError(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe) {
    return "connection reset";
  }
  return error instanceof Error ? error.message : String(error);
}
