/**
 * A link that connects again after each loss, with growing delays, until it is closed or refused for good.
 */
import type { MessageParts } from "../../irc/message.ts";
import type { Address } from "../../net/address.ts";
import { backoffMs } from "../session/backoff.ts";
import type { ConnectFailure } from "./connect_failure.ts";
import type { ConnectOutcome, Link, RequestOutcome } from "./link.ts";
import { connect } from "./connect.ts";
import { delayAcrossSuspend } from "./suspend_aware_delay.ts";
import type { SleepFunction } from "./suspend_aware_delay.ts";
import { TEMPORARY_REFUSALS } from "../session/refusal.ts";
import type { Registration, SessionEvent } from "../session/session_event.ts";
import type { ServerTrust } from "../trust/server_trust.ts";

export type LinkState =
  /**
   * Connected, for the first time or `again`: the user of the link joins its channels and reads what it has
   * missed.
   */
  | { readonly kind: "up"; readonly link: Link; readonly again: boolean }
  /** The connection is lost. The next attempt is in `retryMs`. */
  | { readonly kind: "down"; readonly text: string; readonly retryMs: number }
  /** An attempt to connect again begins. */
  | { readonly kind: "trying" }
  /** An attempt has failed. The next is in `retryMs`. */
  | { readonly kind: "failed"; readonly failure: ConnectFailure; readonly retryMs: number }
  /** Refused for good: there is no further attempt. */
  | { readonly kind: "over"; readonly failure: ConnectFailure };

export interface ReconnectingLinkOptions {
  readonly address: Address;
  readonly trust?: ServerTrust | undefined;
  /** Called before each attempt: the nick may have changed. */
  readonly registration: () => Registration;
  readonly timeoutMs?: number | undefined;
  readonly signal: AbortSignal;
  readonly onEvent: (event: SessionEvent) => void;
  readonly onState: (state: LinkState) => void;
  /** For tests: replaces {@link delayAcrossSuspend}. */
  readonly sleep?: SleepFunction;
  /** For tests: a number in [0, 1). */
  readonly random?: () => number;
}

export class ReconnectingLink {
  readonly #options: ReconnectingLinkOptions;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  #link: Link | undefined;

  constructor(options: ReconnectingLinkOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#closing.signal]);
  }

  /** The open link; undefined: there is none at present. */
  get link(): Link | undefined {
    return this.#link?.isAlive ? this.#link : undefined;
  }

  /** Makes the first attempt; the caller reports its failure. After its success the link reconnects. */
  async start(): Promise<ConnectOutcome> {
    const outcome = await this.#connect();
    if (outcome.kind === "connected") this.#maintain(outcome.link);
    return outcome;
  }

  /** As {@link Link.request}; without a connection it is `lost` at once. */
  request(
    message: MessageParts,
    timeoutMs?: number,
    rest?: readonly MessageParts[],
  ): Promise<RequestOutcome> {
    const { link } = this;
    if (link === undefined) return Promise.resolve({ kind: "lost", text: "not connected" });
    return link.request(message, timeoutMs, rest);
  }

  /** Sends QUIT, and does not reconnect. */
  async close(text?: string): Promise<void> {
    this.#closing.abort();
    await this.#link?.close(text);
  }

  #connect(): Promise<ConnectOutcome> {
    const { address, trust, registration, timeoutMs, onEvent } = this.#options;
    return connect({
      address,
      trust,
      registration: registration(),
      timeoutMs,
      onEvent,
      signal: this.#signal,
    });
  }

  async #maintain(first: Link): Promise<void> {
    const { onState } = this.#options;
    let link: Link | undefined = first;
    for (let again = false; link !== undefined; again = true) {
      this.#link = link;
      onState({ kind: "up", link, again });
      const text: string = await link.closed;
      if (this.#signal.aborted) return;
      if (link.refusal !== undefined) return onState({ kind: "over", failure: link.refusal });
      link = await this.#reconnect(text);
    }
  }

  /** Tries until it is connected; undefined: it was refused for good, or stopped. */
  async #reconnect(text: string): Promise<Link | undefined> {
    const { onState, sleep = delayAcrossSuspend, random = Math.random } = this.#options;
    let retryMs = backoffMs(0, random());
    onState({ kind: "down", text, retryMs });
    for (let attempt = 1;; attempt++) {
      await sleep(retryMs, this.#signal);
      if (this.#signal.aborted) return undefined;
      onState({ kind: "trying" });
      const outcome = await this.#connect();
      if (outcome.kind === "connected") return outcome.link;
      if (outcome.kind === "aborted") return undefined;
      if (isFinalFailure(outcome)) return onState({ kind: "over", failure: outcome }), undefined;
      retryMs = backoffMs(attempt, random());
      onState({ kind: "failed", failure: outcome, retryMs });
    }
  }
}

/**
 * A name that is taken may be held by the previous connection, and a server that closed may be full: another
 * attempt may succeed. An untrusted certificate is reported instead of being tried again: the connection may
 * be intercepted.
 */
export function isFinalFailure(failure: ConnectFailure): boolean {
  if (failure.kind === "untrusted") return true;
  return failure.kind === "refused" && failure.reason !== "name_taken" &&
    !TEMPORARY_REFUSALS.has(failure.reason);
}
