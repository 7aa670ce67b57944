/** A link that connects again after each loss, with growing delays, and at once when the network is back. */
import { backoffMs } from "../../client/session/backoff.ts";
import { TEMPORARY_REFUSALS } from "../../client/session/refusal.ts";
import type { ClientSession } from "../../client/session/client_session.ts";
import type { RequestResult } from "../../client/conversation/effects.ts";
import type { Message, MessageParts } from "../../irc/message.ts";
import { WebSocketLink } from "./web_socket_link.ts";
import type { LinkEnd, LinkOptions } from "./web_socket_link.ts";

export type LinkState =
  /** Registered, for the first time or `again`. */
  | { readonly kind: "up"; readonly session: ClientSession; readonly again: boolean }
  /** The connection is lost; the next attempt is in `retryMs`. */
  | { readonly kind: "down"; readonly text: string; readonly retryMs: number }
  /** An attempt to connect again begins. */
  | { readonly kind: "trying" }
  /** An attempt has failed; the next is in `retryMs`. */
  | { readonly kind: "failed"; readonly text: string; readonly retryMs: number }
  /** The first attempt has failed, or the server refuses for good: there is no further attempt. */
  | { readonly kind: "over"; readonly end: LinkEnd };

export interface ReconnectingLinkOptions {
  /** Called before each attempt: the nick may have changed. */
  readonly options: () => LinkOptions;
  readonly onLine: (line: Message) => void;
  readonly onState: (state: LinkState) => void;
  /** The longest delay between two attempts, ms. */
  readonly mostRetryMs: () => number;
}

/** An answer of a server that is there comes sooner, unless the connection is far worse than most. */
const PROBE_MS = 5_000;
/** After a change of the network most connections are dead: one more login costs less than a longer wait. */
const NETWORK_PROBE_MS = 400;

export class ReconnectingLink {
  readonly #options: ReconnectingLinkOptions;
  #link: WebSocketLink | undefined;
  #hasBeenUp = false;
  #isUp = false;
  #isClosed = false;
  /** Failed attempts since the connection was lost. */
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ReconnectingLinkOptions) {
    this.#options = options;
    this.#connect();
  }

  /** Sends a request; without a connection it is `lost` at once. */
  request(message: MessageParts, rest?: readonly MessageParts[]): Promise<RequestResult> {
    return this.#isUp ? this.#link!.request(message, rest) : Promise.resolve({ kind: "lost" });
  }

  /** Sends without waiting for a response, if there is a connection. */
  send(message: MessageParts): void {
    if (this.#isUp) this.#link!.send(message);
  }

  /** The network may be back: tries at once, or finds out whether the connection has survived. */
  hurry(): void {
    if (this.#isUp) this.#link!.probe(PROBE_MS);
    else if (this.#retry !== undefined) this.#tryAgain();
  }

  /** The network has gone or is another one: an attempt that began before is dead. */
  handleNetworkChange(): void {
    if (this.#isUp) return this.#link!.probe(NETWORK_PROBE_MS);
    if (!this.#hasBeenUp) return;
    if (this.#retry === undefined) this.#link!.abandon();
    this.#attempt = 0;
    this.hurry();
  }

  /** Leaves, and does not reconnect. */
  close(text = ""): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#link?.quit(text);
  }

  #connect(): void {
    this.#link = new WebSocketLink(this.#options.options(), {
      onRegistered: ({ session }) => this.#handleUp(session),
      onLine: this.#options.onLine,
      onEnd: (end) => this.#handleEnd(end),
    });
  }

  #handleUp(session: ClientSession): void {
    const again = this.#hasBeenUp;
    this.#attempt = 0;
    this.#isUp = this.#hasBeenUp = true;
    this.#options.onState({ kind: "up", session, again });
  }

  #handleEnd(end: LinkEnd): void {
    const wasUp = this.#isUp;
    this.#isUp = false;
    if (this.#isClosed) return;
    if (!this.#hasBeenUp || isFinal(end)) return this.#options.onState({ kind: "over", end });
    const retryMs = backoffMs(this.#attempt++, Math.random(), this.#options.mostRetryMs());
    const { text } = end;
    this.#retry = setTimeout(() => this.#tryAgain(), retryMs);
    this.#options.onState({ kind: wasUp ? "down" : "failed", text, retryMs });
  }

  #tryAgain(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#options.onState({ kind: "trying" });
    this.#connect();
  }
}

/** A name that is taken may be held by the connection before; a server that closed may be full. */
function isFinal(end: LinkEnd): boolean {
  return end.kind === "refused" && end.reason !== "name_taken" && !TEMPORARY_REFUSALS.has(end.reason);
}
