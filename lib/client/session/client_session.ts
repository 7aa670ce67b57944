/**
 * The protocol side of one connection to a server: lines go in, events and lines to send come out. It has no
 * I/O and no clock, so that the same session serves a terminal, scripts and a page in a browser.
 *
 * With a server without labeled-response, each request is followed by a PING; the numerics up to its PONG are
 * the response.
 */
import { isSameName } from "../../irc/names/casemap.ts";
import { formatMessage, parseMessage, parseSource } from "../../irc/message.ts";
import type { Message, MessageParts } from "../../irc/message.ts";
import {
  ERR_NOMOTD,
  ERR_YOUREBANNEDCREEP,
  RPL_ENDOFMOTD,
  RPL_ISUPPORT,
  RPL_LOGGEDIN,
  RPL_LOGGEDOUT,
  RPL_WELCOME,
} from "../../irc/numerics.ts";
import type { ScramProof } from "../../irc/sasl/scram_client.ts";
import { OBSERVER_CAPABILITY } from "../../irc/vendor_extensions.ts";
import { BatchCollector } from "./batch_collector.ts";
import { CapabilityTracker } from "./capability_tracker.ts";
import type { AccountStatus } from "./credentials.ts";
import { isIrcGreeting } from "./irc_probe.ts";
import { IsupportTable } from "./isupport_table.ts";
import { LoginFlow } from "./login.ts";
import type { LoginStep } from "./login.ts";
import type { RefusalReason } from "./refusal.ts";
import { replyText } from "./failure_reply.ts";
import { NAME_TAKEN, parseClosingReason, parseRefusal } from "./refusal.ts";
import { RequestTracker } from "./request_tracker.ts";
import type { Registration, SessionEvent } from "./session_event.ts";

export interface SessionOptions {
  /** The connection cannot be read on its way: TLS, or no network between. */
  readonly isPrivate?: boolean | undefined;
  /** For tests: replaces random nonces. */
  readonly nonce?: (() => string) | undefined;
}

/** Tokens of the session's own PINGs; their PONG is no event. */
const READY_TOKEN = "chatterbox-ready";
const KEEPALIVE_TOKEN = "chatterbox-beat";

export class ClientSession {
  /** The nick on the server; before registration the requested one. */
  nick: string;
  readonly #isupport = new IsupportTable();
  readonly #caps: CapabilityTracker;
  readonly #login: LoginFlow;
  readonly #batches = new BatchCollector();
  readonly #requests = new RequestTracker();
  #state: "new" | "negotiating" | "welcomed" | "registered" | "over" = "new";
  #heard = false;
  #out: string[] = [];

  constructor(readonly registration: Registration, { isPrivate, nonce }: SessionOptions = {}) {
    const { nick, isObserver, credentials, wantsEvents } = registration;
    this.nick = nick;
    this.#caps = new CapabilityTracker(isObserver === true, credentials !== undefined, wantsEvents === true);
    this.#login = new LoginFlow({
      registration,
      caps: this.#caps,
      isPrivate: isPrivate === true,
      nonce,
      say: (message) => this.#say(message),
    });
  }

  /** ISUPPORT tokens with their values; "" for none. */
  get isupport(): ReadonlyMap<string, string> {
    return this.#isupport;
  }

  /** Capabilities in force. */
  get caps(): ReadonlySet<string> {
    return this.#caps.enabled;
  }

  /** The value of the offered capability `name` (CAP LS 302): "" for none; undefined: it is not offered. */
  capValue(name: string): string | undefined {
    return this.#caps.value(name);
  }

  /** Whether messages are recorded under an account or claim key: a later connection is the same sender. */
  get isClaimed(): boolean {
    return this.#login.isIdentified;
  }

  /** What the login came to. */
  get accountStatus(): AccountStatus {
    return this.#login.accountStatus;
  }

  /** The account of the session; undefined: it is not logged in. */
  get account(): string | undefined {
    return this.#login.account;
  }

  /** The secret of the login, and whether the server is a ChatterBox server; undefined: not logged in. */
  get acceptedSecret(): { readonly secret: string; readonly ours: boolean } | undefined {
    const { secret, isOurs } = this.#login;
    return secret === undefined ? undefined : { secret, ours: isOurs };
  }

  get isRegistered(): boolean {
    return this.#state === "registered";
  }

  /** Whether a request to register an account has not been answered yet. */
  get isRegisteringAccount(): boolean {
    return this.#login.isRegistering;
  }

  /** Whether the server has accepted the session as an observer, which has no name. */
  get isObserver(): boolean {
    return this.#caps.enabled.has(OBSERVER_CAPABILITY);
  }

  /** Sends the first lines. To be called once, when the connection is established. */
  start(): void {
    const { nick, username, realname, password } = this.registration;
    this.#state = "negotiating";
    this.#say({ command: "CAP", params: ["LS", "302"] });
    if (password !== undefined) this.#say({ command: "PASS", params: [password] });
    this.#say({ command: "NICK", params: [nick] });
    this.#say({ command: "USER", params: [username ?? nick, "0", "*", realname ?? nick] });
  }

  /** Whether the server has sent a line of IRC. */
  get speaksIrc(): boolean {
    return this.#heard;
  }

  /** The lines to send since the last call, without CRLF. */
  takeOutput(): string[] {
    if (this.#out.length === 0) return [];
    const lines = this.#out;
    this.#out = [];
    return lines;
  }

  /** Sends `message` without waiting for a response. Throws a RangeError if it cannot be framed. */
  send(message: MessageParts): void {
    this.#say(message);
  }

  /**
   * Sends `message`, and `rest` behind it. Returns the id of the `answer` event that will have the response.
   * For registered sessions only. Throws a RangeError as above.
   */
  request(message: MessageParts, rest?: readonly MessageParts[]): number {
    const { id, lines } = this.#requests.open(message, this.caps.has("labeled-response"), rest);
    this.#out.push(...lines);
    return id;
  }

  /** Drops the response to request `id` when it comes. */
  forget(id: number): void {
    this.#requests.forget(id);
  }

  /** Sends a PING; its PONG is no event. */
  ping(): void {
    this.#say({ command: "PING", params: [KEEPALIVE_TOKEN] });
  }

  /** Sends QUIT. */
  quit(text: string): void {
    this.#say({ command: "QUIT", params: [text] });
  }

  /** The answer to the event `prove`. */
  handleScramAnswer(answer: ScramProof): void {
    this.#login.handleScramAnswer(answer);
  }

  /** The answer to the event `seek`: other keys of the name, and the endpoint (`net/endpoint.ts`). */
  handleFoundKeys(keys: readonly string[], endpoint: string, events: SessionEvent[]): void {
    if (this.#state !== "over") this.#take(this.#login.handleFoundKeys(keys, endpoint), events);
  }

  /** Handles one line of the server. */
  receive(line: string, events: SessionEvent[]): void {
    if (this.#state === "over") return;
    const message = parseMessage(line);
    if (!this.#heard && (message === undefined || !isIrcGreeting(message))) {
      this.#state = "over";
      events.push({ kind: "not_irc", text: line.slice(0, 64) });
      return;
    }
    this.#heard = true;
    if (message === undefined) return; // no command: spaces, or only tags or a source
    const step = this.#batches.receive(message);
    switch (step.kind) {
      case "held":
        return;
      case "overflow":
        this.#state = "over";
        events.push({ kind: "closing", text: "the server has too many open batches, or too long ones" });
        return;
      case "complete": {
        if (step.batch.type === "labeled-response") {
          for (const line of step.batch.lines) {
            this.#follow(line);
          }
        }
        const answer = this.#requests.takeBatch(step.batch);
        if (answer === "held") return;
        events.push(answer === undefined ? { kind: "batch", ...step.batch } : { kind: "answer", ...answer });
        return;
      }
      case "message":
        return this.#handle(step.message, events);
      case "pass":
        return this.#handle(message, events);
    }
  }

  #handle(message: Message, events: SessionEvent[]): void {
    switch (message.command) {
      case "PING":
        return this.#say({ command: "PONG", params: message.params.slice(0, 1) });
      case "PONG":
        return this.#pong(message, events);
      case "CAP":
        return this.#negotiate(message, events);
      case "ERROR":
        return this.#over(message, events);
      case RPL_WELCOME:
        return this.#welcome(message);
      case RPL_ISUPPORT:
        this.#isupport.learn(message.params.slice(1, -1));
        break;
      case RPL_ENDOFMOTD:
      case ERR_NOMOTD:
        if (this.#state === "welcomed") this.#enter(events);
    }
    if (this.#state === "negotiating" && this.#caps.isRefusal(message)) return;
    if (this.#state !== "registered") {
      const step = this.#login.receive(message);
      if (step !== undefined) return this.#take(step, events);
      if (this.#refusedBy(message, events)) return;
    }
    const answer = this.#requests.takeLine(message, this.#isOurs(message));
    this.#follow(message);
    if (answer === "held") return;
    if (answer !== undefined) events.push({ kind: "answer", ...answer });
    else if (message.command === RPL_LOGGEDOUT) this.#refuse("logged_out", message, events);
    else if (message.command === ERR_YOUREBANNEDCREEP) this.#refuse("banned", message, events);
    else events.push({ kind: "line", message });
  }

  #isOurs(message: Message): boolean {
    return message.source !== undefined && isSameName(parseSource(message.source).nick, this.nick);
  }

  /** Follows changes of the session's own nick and account. */
  #follow(message: Message): void {
    if (message.command === "NICK" && this.#isOurs(message)) this.nick = message.params[0] ?? this.nick;
    else if (message.command === RPL_LOGGEDIN) this.#login.account = message.params[2];
    else if (message.command === RPL_LOGGEDOUT) this.#login.account = undefined;
  }

  #pong(message: Message, events: SessionEvent[]): void {
    const token = message.params.at(-1) ?? "";
    if (token === KEEPALIVE_TOKEN) return;
    if (token === READY_TOKEN) {
      if (this.#state === "welcomed") this.#enter(events);
      return;
    }
    const answer = this.#requests.takeLine(message, false) ?? this.#requests.takePong(token);
    if (answer === undefined) events.push({ kind: "line", message });
    else if (answer !== "held") events.push({ kind: "answer", ...answer });
  }

  #negotiate(message: Message, events: SessionEvent[]): void {
    for (const line of this.#caps.receive(message.params)) this.#out.push(line);
    if (this.#state !== "negotiating" || !this.#caps.isListed || this.#login.hasEnded) return;
    this.#login.authenticateEarly();
    if (this.#caps.isSettled) this.#take(this.#login.begin(), events);
  }

  #take(step: LoginStep, events: SessionEvent[]): void {
    switch (step.kind) {
      case "wait":
        return;
      case "prove":
      case "seek":
        events.push(step);
        return;
      case "refused":
        this.#state = "over";
        events.push(step);
    }
  }

  /** True if `message` refuses the registration, or may do so. */
  #refusedBy(message: Message, events: SessionEvent[]): boolean {
    const reason = parseRefusal(message);
    if (reason === undefined) return false;
    if (NAME_TAKEN.has(message.command) && this.#caps.isSupported && this.#login.mayRetryName) {
      this.#login.nameRefused = message;
    } else this.#refuse(reason, message, events);
    return true;
  }

  #refuse(reason: RefusalReason, message: Message, events: SessionEvent[]): void {
    this.#state = "over";
    events.push(this.#login.makeRefusal(reason, message));
  }

  #welcome(message: Message): void {
    if (this.#state !== "negotiating") return;
    this.nick = message.params[0] ?? this.nick;
    this.#state = "welcomed";
    this.#say({ command: "PING", params: [READY_TOKEN] });
  }

  /**
   * The session is registered at the end of the welcome: then ISUPPORT is known, and no line of the welcome is
   * taken for a response. A server without an end of MOTD answers at least the PING.
   */
  #enter(events: SessionEvent[]): void {
    this.#state = "registered";
    events.push({ kind: "registered", nick: this.nick });
  }

  #over(message: Message, events: SessionEvent[]): void {
    if (this.#state !== "registered") {
      const reason = this.#login.nameRefused === undefined ? parseClosingReason(message) : "name_taken";
      return this.#refuse(reason, message, events);
    }
    this.#state = "over";
    events.push({ kind: "closing", text: replyText(message) });
  }

  #say(message: MessageParts): void {
    this.#out.push(formatMessage(message));
  }
}
