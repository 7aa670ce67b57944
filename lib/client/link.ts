/** A connection to a server, in effect: sockets and timers around a {@link ClientSession}. */
import { utf8 } from "../base/bytes.ts";
import { MAX_LINE_BYTES, MAX_SERVER_TAGS_BYTES } from "../irc/limits.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import { LineSplitter } from "../irc/line_splitter.ts";
import type { Message, MessageParts } from "../irc/message.ts";
import { answerChallenge } from "../irc/scram_client.ts";
import type { ScramChallenge } from "../irc/scram_client.ts";
import type { Address } from "../net/address.ts";
import { formatAddress, isLoopback } from "../net/address.ts";
import type { Conn } from "../net/conn.ts";
import { SendQueue } from "../net/send_queue.ts";
import { dial } from "./dial.ts";
import type { DialFailure } from "./dial.ts";
import { LOOK_EVERY_MS, Pulse } from "./pulse.ts";
import type { Refusal } from "./refusal.ts";
import type { Registration, SessionEvent } from "./session.ts";
import { ClientSession } from "./session.ts";
import { parseSts } from "./sts.ts";
import type { Trust } from "./trust.ts";

export type ConnectFailure =
  | DialFailure
  | { readonly kind: "timed_out"; readonly text: string }
  | Refused
  /** The caller's signal was aborted. */
  | { readonly kind: "aborted"; readonly text: string };

/** The server does not want us, and says why. */
export interface Refused {
  readonly kind: "refused";
  readonly reason: Refusal;
  readonly text: string;
}

export type ConnectOutcome = { readonly kind: "connected"; readonly link: Link } | ConnectFailure;

export type RequestOutcome =
  /** All lines of the answer; see `failureOf` for what they say. */
  | { readonly kind: "answered"; readonly lines: Message[] }
  /** Whether the server has acted on it is not known. */
  | { readonly kind: "timed_out" }
  | { readonly kind: "lost"; readonly text: string };

export interface LinkOptions {
  readonly address: Address;
  readonly registration: Registration;
  /** Judges servers that are reached by TLS, and knows which are to be. */
  readonly trust?: Trust | undefined;
  /** From the first packet until the server has let us in. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Everything but `registered`, `refused`, `not_irc` and answers to requests, in order. */
  readonly onEvent?: ((event: SessionEvent) => void) | undefined;
}

export const CONNECT_TIMEOUT_MS = 10_000;
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

/**
 * Connects and registers. Never throws for what servers and networks do. A server that asks for TLS
 * (https://ircv3.net/specs/extensions/sts) gets it, now and from then on.
 */
export async function connect(options: LinkOptions): Promise<ConnectOutcome> {
  const { trust } = options;
  const { address, policy } = trust?.route(options.address) ??
    { address: options.address, policy: undefined };
  let outcome = await connectOnce({ ...options, address });
  if (outcome.kind === "upgrade") outcome = await connectOnce({ ...options, address: outcome.to });
  if (outcome.kind === "upgrade") return notIrc(outcome.to); // it was asked for over TLS already
  if (outcome.kind === "connected") keepPolicy(outcome.link, trust);
  else if (outcome.kind !== "aborted" && policy !== undefined) {
    return { ...outcome, text: `${outcome.text} (this server has asked for TLS only: ${policy})` };
  }
  return outcome;
}

/** What the server says over TLS of how long it is to be reached so only. */
function keepPolicy({ address, session, closed }: Link, trust: Trust | undefined): void {
  const value = session.capValue("sts");
  if (address.kind !== "tls" || value === undefined || trust === undefined) return;
  trust.learn(address, value);
  void closed.then(() => trust.learn(address, value));
}

/** The server is to be reached at `to`. */
interface Upgrade {
  readonly kind: "upgrade";
  readonly to: Address;
}

async function connectOnce(options: LinkOptions): Promise<ConnectOutcome | Upgrade> {
  const { address, signal, timeoutMs = CONNECT_TIMEOUT_MS } = options;
  const where = formatAddress(address);
  if (signal?.aborted) return { kind: "aborted", text: "interrupted" };
  const deadline = new AbortController();
  const onAbort = () => deadline.abort();
  const timer = setTimeout(onAbort, timeoutMs);
  signal?.addEventListener("abort", onAbort);
  const lateOutcome = (): ConnectFailure =>
    signal?.aborted
      ? { kind: "aborted", text: "interrupted" }
      : { kind: "timed_out", text: `${where} has not answered within ${timeoutMs / 1000} s` };
  try {
    const dialed = await dial(address, deadline.signal, options.trust);
    if (dialed.kind === "aborted") return lateOutcome();
    if (dialed.kind !== "connected") return dialed;
    const link = new Link(dialed.conn, options);
    const late = Promise.withResolvers<ConnectFailure>();
    deadline.signal.addEventListener("abort", () => late.resolve(lateOutcome()));
    const outcome = await Promise.race([link.opened, late.promise]);
    if (outcome.kind === "connected") return outcome;
    link.drop("not connected");
    return outcome.kind === "timed_out" && link.babbling ? notIrc(address) : outcome;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** An open connection. Made by {@link connect} only. */
export class Link {
  readonly session: ClientSession;
  readonly address: Address;
  /** Resolves with why, once the connection has ended. Never rejects. */
  readonly closed: Promise<string>;
  /** Resolves when the server has let us in, or has not. */
  readonly opened: Promise<ConnectOutcome | Upgrade>;

  readonly #conn: Conn;
  readonly #queue: SendQueue;
  readonly #splitter = new LineSplitter({
    tagsBytes: MAX_SERVER_TAGS_BYTES,
    restBytes: MAX_LINE_RECEIVED_BYTES,
  });
  readonly #onEvent: (event: SessionEvent) => void;
  readonly #pending = new Map<number, (outcome: RequestOutcome) => void>();
  readonly #opened = Promise.withResolvers<ConnectOutcome | Upgrade>();
  readonly #closed = Promise.withResolvers<string>();
  readonly #pulse = new Pulse(Date.now());
  readonly #looking: ReturnType<typeof setInterval>;
  /** What the server began with. */
  #firstByte: number | undefined;
  #reason: string | undefined;
  #refused: Refused | undefined;
  #over = false;

  constructor(conn: Conn, { address, registration, onEvent }: LinkOptions) {
    this.#conn = conn;
    this.address = address;
    this.session = new ClientSession(registration, { isPrivate: isPrivate(address) });
    this.closed = this.#closed.promise;
    this.opened = this.#opened.promise;
    this.#onEvent = onEvent ?? (() => {});
    this.#queue = new SendQueue(conn, SEND_QUEUE_BYTES, (error) => this.#end(describe(error)));
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.session.start();
    this.#flush();
    this.#read();
  }

  /** The name we have on the server. */
  get nick(): string {
    return this.session.nick;
  }

  /** True until the connection has ended. */
  get alive(): boolean {
    return !this.#over;
  }

  /** Set where the server has ended the connection for good, after it had let us in. */
  get refused(): Refused | undefined {
    return this.#refused;
  }

  /** True when something has been received that is no line, nor the beginning of one that an IRC server would say first. */
  get babbling(): boolean {
    const begins = this.session.speaksIrc || this.#firstByte === COLON || this.#firstByte === AT;
    return this.#splitter.pending > 0 && !begins;
  }

  /** Sends without waiting for an answer; what the server says to it arrives as events. RangeError if it cannot be framed. */
  send(message: MessageParts): void {
    this.session.send(message);
    this.#flush();
  }

  /** Sends and gathers the whole answer. RangeError if it cannot be framed. */
  request(message: MessageParts, timeoutMs: number = REQUEST_TIMEOUT_MS): Promise<RequestOutcome> {
    if (this.#over) return Promise.resolve({ kind: "lost", text: this.#reason ?? "closed" });
    const id = this.session.request(message);
    this.#flush();
    return new Promise((resolve) => {
      const settle = (outcome: RequestOutcome) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        resolve(outcome);
      };
      const timer = setTimeout(() => {
        this.session.forget(id);
        settle({ kind: "timed_out" });
        if (this.#pulse.doubt()) this.#beat();
      }, timeoutMs);
      this.#pending.set(id, settle);
    });
  }

  /** Says goodbye and waits until the connection is closed, at most half a second. */
  async close(text = "Leaving"): Promise<void> {
    if (this.#over) return;
    this.session.quit(text);
    this.#flush();
    const timer = setTimeout(() => this.#end("closed"), LINGER_MS);
    await this.closed;
    clearTimeout(timer);
  }

  /** Closes at once. */
  drop(why: string): void {
    this.#end(why);
  }

  #flush(): void {
    const lines = this.session.takeOutput();
    if (lines.length === 0 || this.#over) return;
    if (!this.#queue.push([utf8(lines.join("\r\n") + "\r\n")])) {
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
      this.#end(describe(error));
    }
  }

  #take(chunk: Uint8Array): void {
    this.#pulse.heard();
    this.#firstByte ??= chunk[0];
    const lines: (string | LineFault)[] = [];
    this.#splitter.push(chunk, lines);
    const events: SessionEvent[] = [];
    for (const line of lines) this.session.receive(line, events);
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
    if (this.session.registered || isPrivate(this.address) || this.address.kind !== "tcp") return undefined;
    const { port } = parseSts(this.session.capValue("sts") ?? "");
    return port === undefined ? undefined : { kind: "tls", host: this.address.host, port };
  }

  #handle(event: SessionEvent): void {
    switch (event.kind) {
      case "registered":
        return this.#opened.resolve({ kind: "connected", link: this });
      case "prove":
        this.#prove(event.challenge);
        return;
      case "refused":
        this.#refused = event;
        this.#opened.resolve(event);
        return this.#end(event.text);
      case "not_irc":
        this.#opened.resolve(notIrc(this.address));
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

  async #prove(challenge: ScramChallenge): Promise<void> {
    const { credentials } = this.session.registration;
    this.session.proved(await answerChallenge(credentials?.secret ?? "", challenge));
    this.#flush();
  }

  #look(): void {
    switch (this.#pulse.look(Date.now())) {
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
    if (!this.session.registered) return; // the time to let us in is limited anyway
    this.session.beat();
    this.#flush();
  }

  #end(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#reason ??= why;
    clearInterval(this.#looking);
    try {
      this.#conn.close();
    } catch {
      // Closed already, by the error that brought us here.
    }
    this.#opened.resolve(
      this.babbling
        ? notIrc(this.address)
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

function notIrc(address: Address): ConnectFailure {
  return { kind: "not_irc", text: `what answers at ${formatAddress(address)} is not an IRC server` };
}

function describe(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe) {
    return "connection reset";
  }
  return error instanceof Error ? error.message : String(error);
}
