/**
 * One connection to a server as a client sees it, without its wires: lines go in, events come out, and lines to send are
 * gathered in between. No I/O and no clock, so that the same session serves the terminal, scripts and a browser.
 *
 * Against a server without any capability it does the same by older means: a request ends with the PONG of a PING sent
 * right after it, and what numerics came in between are its answer.
 */
import { sameName } from "../irc/casemap.ts";
import { parseIsupportToken } from "../irc/isupport.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import { formatMessage, parseMessage, parseSource } from "../irc/message.ts";
import type { Message, MessageParts } from "../irc/message.ts";
import { ERR_NOMOTD, RPL_ENDOFMOTD, RPL_ISUPPORT, RPL_WELCOME } from "../irc/numerics.ts";
import { BatchCollector } from "./batches.ts";
import { CapTracker } from "./cap_tracker.ts";
import type { Refusal } from "./refusal.ts";
import { NAME_TAKEN, refusalOf, textOf } from "./refusal.ts";
import { RequestBook } from "./requests.ts";
import type { Answer } from "./requests.ts";

/** Who wants in. */
export interface Registration {
  readonly nick: string;
  /** Account name on the client's machine, shown to others; the nick when left out. */
  readonly username?: string | undefined;
  readonly realname?: string | undefined;
  readonly password?: string | undefined;
  /** Claim key (see `identity.ts`); only said to a server that knows the capability. */
  readonly claim?: string | undefined;
  /** Watch without taking a name, where the server can do that. */
  readonly observer?: boolean | undefined;
}

export type SessionEvent =
  /** We are in, as `nick` (a server may have shortened it). */
  | { readonly kind: "registered"; readonly nick: string }
  /** We are not let in. The connection is of no more use. */
  | { readonly kind: "refused"; readonly reason: Refusal; readonly text: string }
  /** What talks there does not speak IRC; `text` is how it began. */
  | { readonly kind: "not_irc"; readonly text: string }
  /** All lines that answer request `id`; none: it was carried out and there is nothing to say. */
  | { readonly kind: "answer" } & Answer
  /** A line that nobody asked for, or that answers what was sent without a request. */
  | { readonly kind: "line"; readonly message: Message }
  /** A batch that nobody asked for. */
  | {
    readonly kind: "batch";
    readonly type: string;
    readonly params: readonly string[];
    readonly lines: Message[];
  }
  /** The server says goodbye, or cannot be followed any longer. */
  | { readonly kind: "closing"; readonly text: string };

const CLAIM = "chatterbox.chat/claim";
const OBSERVER = "chatterbox.chat/observer";

/** PONG of these tokens is ours and no event. */
const READY_TOKEN = "chatterbox-ready";
const BEAT_TOKEN = "chatterbox-beat";

/** Tokens of ISUPPORT kept; servers send fifty or so. */
const MAX_ISUPPORT_TOKENS = 500;

/** What a server may say first; everything else, or a numeric from nobody, is not IRC (an SMTP server says `220 …`). */
const FIRST_COMMANDS = new Set(["NOTICE", "PING", "ERROR", "CAP", "AUTHENTICATE", "FAIL", "WARN", "NOTE"]);

export class ClientSession {
  /** The name we have; the wanted one until we are in. */
  nick: string;
  /** ISUPPORT tokens; "" for those without a value. */
  readonly isupport = new Map<string, string>();
  readonly #caps: CapTracker;
  readonly #batches = new BatchCollector();
  readonly #requests = new RequestBook();
  #state: "new" | "negotiating" | "welcomed" | "registered" | "over" = "new";
  #heard = false;
  /** CAP LS is the first line we send: a server that answers something else first does not know it. */
  #knowsCaps = false;
  /** CAP END has been sent, or there was nothing to negotiate about. */
  #ended = false;
  #nameRefused: Message | undefined;
  #out: string[] = [];

  constructor(readonly registration: Registration) {
    this.nick = registration.nick;
    this.#caps = new CapTracker(registration.observer === true);
  }

  /** Capabilities in force. */
  get caps(): ReadonlySet<string> {
    return this.#caps.enabled;
  }

  /** The value that the server gives to the capability `name` (CAP LS 302); "" for none, undefined: not offered. */
  capValue(name: string): string | undefined {
    return this.#caps.value(name);
  }

  /** Whether what we say is filed under our claim key, so that a later connection with it is the same sender. */
  get claimed(): boolean {
    return this.registration.claim !== undefined && this.#caps.enabled.has(CLAIM);
  }

  get registered(): boolean {
    return this.#state === "registered";
  }

  /** Whether the server has granted to watch without a name. */
  get observing(): boolean {
    return this.#caps.enabled.has(OBSERVER);
  }

  /** The opening lines: to be called once, when the connection is there. */
  start(): void {
    const { nick, username, realname, password } = this.registration;
    this.#state = "negotiating";
    this.#say({ command: "CAP", params: ["LS", "302"] });
    if (password !== undefined) this.#say({ command: "PASS", params: [password] });
    this.#say({ command: "NICK", params: [nick] });
    this.#say({ command: "USER", params: [username ?? nick, "0", "*", realname ?? nick] });
  }

  /** The server has said a line of IRC. */
  get speaksIrc(): boolean {
    return this.#heard;
  }

  /** Lines (no CRLF) gathered since the last call. */
  takeOutput(): string[] {
    if (this.#out.length === 0) return [];
    const lines = this.#out;
    this.#out = [];
    return lines;
  }

  /** Sends `message` without asking what becomes of it. RangeError when it cannot be framed. */
  send(message: MessageParts): void {
    this.#say(message);
  }

  /** Sends `message` and answers the id of the `answer` event to come. Registered sessions only. RangeError as above. */
  request(message: MessageParts): number {
    const { id, lines } = this.#requests.open(message, this.caps.has("labeled-response"));
    this.#out.push(...lines);
    return id;
  }

  /** Nobody waits for `id` any more: its answer is dropped when it comes. */
  forget(id: number): void {
    this.#requests.forget(id);
  }

  /** Asks for a sign of life; the answer shows only as a line received. */
  beat(): void {
    this.#say({ command: "PING", params: [BEAT_TOKEN] });
  }

  /** Says goodbye. */
  quit(text: string): void {
    this.#say({ command: "QUIT", params: [text] });
  }

  /** One line of the server, or what was wrong with one. */
  receive(line: string | LineFault, events: SessionEvent[]): void {
    if (this.#state === "over") return;
    const message = typeof line === "string" ? parseMessage(line) : undefined;
    if (!this.#heard && (message === undefined || !beginsIrc(message))) {
      this.#state = "over";
      events.push({ kind: "not_irc", text: typeof line === "string" ? line.slice(0, 64) : line.head });
      return;
    }
    this.#heard = true;
    if (message === undefined) return; // a damaged line of a server that has spoken IRC before: skipped
    const step = this.#batches.receive(message);
    switch (step.kind) {
      case "held":
        return;
      case "overflow":
        this.#state = "over";
        events.push({ kind: "closing", text: "the server sends batches without bounds" });
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
        this.#learn(message.params.slice(1, -1));
        break;
      case RPL_ENDOFMOTD:
      case ERR_NOMOTD:
        if (this.#state === "welcomed") this.#enter(events);
    }
    if (this.#state !== "registered" && this.#refusedBy(message, events)) return;
    const answer = this.#requests.takeLine(message, this.#isOurs(message));
    this.#follow(message);
    if (answer === "held") return;
    events.push(answer === undefined ? { kind: "line", message } : { kind: "answer", ...answer });
  }

  #isOurs(message: Message): boolean {
    return message.source !== undefined && sameName(parseSource(message.source).nick, this.nick);
  }

  /** Our own NICK changes what we are called. */
  #follow(message: Message): void {
    if (message.command === "NICK" && this.#isOurs(message)) this.nick = message.params[0] ?? this.nick;
  }

  #pong(message: Message, events: SessionEvent[]): void {
    const token = message.params.at(-1) ?? "";
    if (token === BEAT_TOKEN) return;
    if (token === READY_TOKEN) {
      if (this.#state === "welcomed") this.#enter(events);
      return;
    }
    const answer = this.#requests.takeLine(message, false) ?? this.#requests.takePong(token);
    if (answer === undefined) events.push({ kind: "line", message });
    else if (answer !== "held") events.push({ kind: "answer", ...answer });
  }

  #negotiate(message: Message, events: SessionEvent[]): void {
    this.#knowsCaps = true;
    for (const line of this.#caps.receive(message.params)) this.#out.push(line);
    if (this.#state !== "negotiating" || !this.#caps.settled || this.#ended) return;
    this.#ended = true;
    const { claim, nick } = this.registration;
    const claims = claim !== undefined && this.caps.has(CLAIM);
    if (claims) this.#say({ command: "CLAIM", params: [claim] });
    if (this.#nameRefused !== undefined) {
      if (!claims && !this.observing) return this.#refuse("name_taken", this.#nameRefused, events);
      // Some servers judge a name as soon as they hear it; with the key, or as an observer, it may be ours after all.
      this.#nameRefused = undefined;
      this.#say({ command: "NICK", params: [nick] });
    }
    this.#say({ command: "CAP", params: ["END"] });
  }

  /** True when `message` says that we are not let in, or may say so. */
  #refusedBy(message: Message, events: SessionEvent[]): boolean {
    const reason = refusalOf(message);
    if (reason === undefined) return false;
    const { claim, observer } = this.registration;
    const mayChange = this.#knowsCaps && !this.#ended && (claim !== undefined || observer === true);
    if (NAME_TAKEN.has(message.command) && mayChange) this.#nameRefused = message;
    else this.#refuse(reason, message, events);
    return true;
  }

  #refuse(reason: Refusal, message: Message, events: SessionEvent[]): void {
    this.#state = "over";
    events.push({ kind: "refused", reason, text: textOf(message) });
  }

  #welcome(message: Message): void {
    if (this.#state !== "negotiating") return;
    this.nick = message.params[0] ?? this.nick;
    this.#state = "welcomed";
    this.#say({ command: "PING", params: [READY_TOKEN] });
  }

  /**
   * We are in when the welcome has been said to its end: then ISUPPORT is known, and no line of it can be taken for the answer
   * to a first request. A server that has no end of MOTD says at least PONG to what we sent at the beginning.
   */
  #enter(events: SessionEvent[]): void {
    this.#state = "registered";
    events.push({ kind: "registered", nick: this.nick });
  }

  #learn(tokens: readonly string[]): void {
    for (const token of tokens) {
      const { name, value } = parseIsupportToken(token);
      if (value === false) this.isupport.delete(name);
      else if (this.isupport.size >= MAX_ISUPPORT_TOKENS) return;
      else this.isupport.set(name, value === true ? "" : value);
    }
  }

  #over(message: Message, events: SessionEvent[]): void {
    if (this.#state !== "registered") {
      return this.#refuse(this.#nameRefused === undefined ? "closed" : "name_taken", message, events);
    }
    this.#state = "over";
    events.push({ kind: "closing", text: textOf(message) });
  }

  #say(message: MessageParts): void {
    this.#out.push(formatMessage(message));
  }
}

function beginsIrc(message: Message): boolean {
  const { command, source } = message;
  return FIRST_COMMANDS.has(command) || source !== undefined && /^\d{3}$/.test(command);
}
