/** An open connection to the server: a WebSocket and timers around a {@link ClientSession}. */
import type { Message, MessageParts } from "../../irc/message.ts";
import { computeScramProof } from "../../irc/sasl/scram_client.ts";
import type { PasswordSalter, ScramChallenge } from "../../irc/sasl/scram_client.ts";
import { ClientSession } from "../../client/session/client_session.ts";
import { Keepalive, KEEPALIVE_CHECK_MS } from "../../client/session/keepalive.ts";
import type { RefusalReason } from "../../client/session/refusal.ts";
import type { Registration, SessionEvent } from "../../client/session/session_event.ts";
import type { RequestResult } from "../../client/conversation/effects.ts";

/** The subprotocol: one line in each message (https://ircv3.net/specs/extensions/websocket). */
export const SUBPROTOCOL = "text.ircv3.net";
/** Time for a response; then it is unknown whether the request has been carried out. */
const REQUEST_TIMEOUT_MS = 10_000;
/** From the first packet to the end of the registration. */
const REGISTRATION_TIMEOUT_MS = 15_000;

/** Why a link has ended. */
export type LinkEnd =
  | { readonly kind: "lost"; readonly text: string }
  /** By the server, for good or until something about the login changes. */
  | {
    readonly kind: "refused";
    readonly reason: RefusalReason;
    readonly text: string;
    readonly unregistered?: string;
  };

export interface LinkHandlers {
  /** The registration is complete. */
  readonly onRegistered: (link: WebSocketLink) => void;
  /** A line of the server that answers nothing. */
  readonly onLine: (line: Message) => void;
  /** Called once, last. */
  readonly onEnd: (end: LinkEnd) => void;
}

export interface LinkOptions {
  readonly url: string;
  readonly registration: Registration;
  /** The connection cannot be read on its way. */
  readonly isPrivate: boolean;
}

export class WebSocketLink {
  readonly session: ClientSession;
  readonly #socket: WebSocket;
  readonly #handlers: LinkHandlers;
  readonly #keepalive = new Keepalive(Date.now());
  readonly #pending = new Map<number, (result: RequestResult) => void>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  /** What the server says at the end. */
  #closingText: string | undefined;
  /** Lines. */
  #received = 0;
  #isOver = false;

  constructor({ url, registration, isPrivate }: LinkOptions, handlers: LinkHandlers) {
    this.#handlers = handlers;
    const renewed = registration.keyring?.updateRegistration(registration) ?? registration;
    this.session = new ClientSession(renewed, { isPrivate });
    this.#socket = new WebSocket(url, SUBPROTOCOL);
    this.#socket.onopen = () => this.#start();
    this.#socket.onmessage = ({ data }) => this.#receive(String(data));
    this.#socket.onclose = () => this.#end({ kind: "lost", text: this.#closingText ?? "connection lost" });
    this.#later(REGISTRATION_TIMEOUT_MS, () => {
      if (!this.session.isRegistered) this.#end({ kind: "lost", text: "the server did not answer" });
    });
  }

  /** Sends `message`, with `rest` behind it, and waits for the whole response; for that of AWAIT as long as it takes. */
  request(message: MessageParts, rest?: readonly MessageParts[]): Promise<RequestResult> {
    if (this.#isOver) return Promise.resolve({ kind: "lost" });
    const id = this.session.request(message, rest);
    this.#flush();
    return new Promise((resolve) => {
      const timer = message.command === "AWAIT" ? undefined : this.#later(REQUEST_TIMEOUT_MS, () => {
        this.session.forget(id);
        settle({ kind: "timed_out" });
        this.probe();
      });
      const settle = (result: RequestResult) => {
        this.#cancel(timer);
        this.#pending.delete(id);
        resolve(result);
      };
      this.#pending.set(id, settle);
    });
  }

  /** Sends without waiting for a response. */
  send(message: MessageParts): void {
    this.session.send(message);
    this.#flush();
  }

  /** Sends a PING: whether the server is still there is known soon, where `ms` is given after so many milliseconds. */
  probe(ms?: number): void {
    if (this.#keepalive.requestPing()) this.#ping();
    if (ms === undefined) return;
    const before = this.#received;
    // The answer may be here already and wait behind other work of the page.
    const check = () => this.#later(50, () => before === this.#received && this.#endSilent());
    this.#later(ms, check);
  }

  /** Ends it without a word to the server, which is out of reach. */
  abandon(): void {
    this.#endSilent();
  }

  /** Leaves the server. */
  quit(text: string): void {
    this.session.quit(text);
    this.#flush();
    this.#end({ kind: "lost", text: "closed" });
  }

  #start(): void {
    this.session.start();
    this.#flush();
    this.#later(KEEPALIVE_CHECK_MS, () => this.#check());
  }

  #receive(line: string): void {
    if (this.#isOver) return;
    this.#received++;
    this.#keepalive.recordActivity();
    const events: SessionEvent[] = [];
    this.session.receive(line, events);
    this.#flush();
    for (const event of events) this.#handle(event);
  }

  #handle(event: SessionEvent): void {
    switch (event.kind) {
      case "registered":
        return this.#handleRegistered();
      case "prove":
        return void this.#prove(event.challenge, event.secret);
      case "seek":
        return void this.#findOtherKeys();
      case "refused":
        return this.#end(event);
      case "not_irc":
        return this.#end({ kind: "lost", text: "the address is not that of a chat server" });
      case "answer":
        return this.#pending.get(event.id)?.({ kind: "answered", lines: event.lines });
      case "closing":
        this.#closingText ??= event.text;
        return;
      case "line":
        return this.#handlers.onLine(event.message);
      case "batch":
        for (const line of event.lines) this.#handlers.onLine(line);
    }
  }

  #handleRegistered(): void {
    const { acceptedSecret, registration } = this.session;
    if (acceptedSecret !== undefined && registration.credentials?.kind === "key") {
      void registration.keyring?.recordAccepted(acceptedSecret.secret, acceptedSecret.ours);
    }
    this.#handlers.onRegistered(this);
  }

  async #prove(challenge: ScramChallenge, secret: string): Promise<void> {
    const { keyring } = this.session.registration;
    const salt = keyring && ((...args: Parameters<PasswordSalter>) => keyring.deriveSaltedPassword(...args));
    this.session.handleScramAnswer(await computeScramProof(secret, challenge, salt));
    this.#flush();
  }

  async #findOtherKeys(): Promise<void> {
    const keys = await this.session.registration.keyring?.listOtherKeys() ?? [];
    const events: SessionEvent[] = [];
    this.session.handleFoundKeys(keys, "", events);
    this.#flush();
    for (const event of events) this.#handle(event);
  }

  #flush(): void {
    const lines = this.session.takeOutput();
    if (this.#isOver || this.#socket.readyState !== WebSocket.OPEN) return;
    for (const line of lines) this.#socket.send(line);
  }

  #check(): void {
    this.#later(KEEPALIVE_CHECK_MS, () => this.#check());
    const step = this.#keepalive.check(Date.now());
    if (step === "ask") this.#ping();
    else if (step === "lost") this.#endSilent();
  }

  #endSilent(): void {
    this.#end({ kind: "lost", text: "the server is silent" });
  }

  #ping(): void {
    if (!this.session.isRegistered) return;
    this.session.ping();
    this.#flush();
  }

  #end(end: LinkEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.session.isRegisteringAccount) this.session.registration.keyring?.recordDoubt();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#socket.close();
    for (const settle of [...this.#pending.values()]) settle({ kind: "lost" });
    this.#handlers.onEnd(end);
  }

  #later(ms: number, run: () => void): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #cancel(timer: ReturnType<typeof setTimeout> | undefined): void {
    clearTimeout(timer);
    if (timer !== undefined) this.#timers.delete(timer);
  }
}
