/**
 * A page (docs/protocol/oncall.md), over as many connections as it takes: it is given to the server, which keeps it and
 * rings, and taken up again after each loss, until what is waited for has come. Nothing here withdraws it.
 */
import type { Clock } from "../../base/clock.ts";
import type { Message } from "../../irc/message.ts";
import type { Link } from "../connection/link.ts";
import { delayAcrossSuspend } from "../connection/suspend_aware_delay.ts";
import type { SleepFunction } from "../connection/suspend_aware_delay.ts";
import { ATTEMPT_MS, attemptUntilSettled, CHECK_MS, onceAborted } from "../sending/attempts.ts";
import type { LostConnection, Unreachable } from "../sending/attempts.ts";
import { NameClaim } from "../sending/name_claim.ts";
import type { NameClaimOptions } from "../sending/name_claim.ts";
import type { AccountStatus } from "../session/credentials.ts";
import { findFailureReply } from "../session/failure_reply.ts";
import type { SessionEvent } from "../session/session_event.ts";
import { hasOncall } from "./oncall_requests.ts";
import { PageLog } from "./page_log.ts";
import type { OpenedPage, PageEnding, PageLogEvents } from "./page_log.ts";

export interface PageEvents extends PageLogEvents {
  /** The first connection is registered, or the name could not be registered behind the page. */
  readonly onEntered: (status: AccountStatus) => void;
  /** The connection is lost, or there is none; called once for each loss. */
  readonly onRetry: (text: string) => void;
}

/** `stored`: the page is on the server's disk, or cannot be saved at present. `ack`: it has ended, as a rule because a person has acknowledged it. */
export const PAGE_WAITS = ["stored", "ack"] as const;

export type PageWait = (typeof PAGE_WAITS)[number];

export interface PageRunOptions extends NameClaimOptions {
  readonly id: string;
  readonly list: string;
  readonly text: string;
  readonly wait: PageWait;
  /** Milliseconds after which no more is waited for. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly on: PageEvents;
  /** For tests: replaces {@link delayAcrossSuspend}. */
  readonly sleep?: SleepFunction;
  /** For tests: a number in [0, 1). */
  readonly random?: () => number;
}

export type PageOutcome =
  | PageEnding
  /** Nothing more is waited for. */
  | { readonly kind: "stored"; readonly page: OpenedPage }
  /** The server refused it: its reply. */
  | { readonly kind: "rejected"; readonly reply: Message }
  /** The server has no on-call. */
  | { readonly kind: "unsupported" }
  | Unreachable
  /**
   * The time is over, or the caller's signal was aborted. `page`: what the server keeps; undefined with `isSent`: it may
   * keep it, and otherwise it does not.
   */
  | { readonly kind: "late" | "aborted"; readonly page: OpenedPage | undefined; readonly isSent: boolean };

type Settled = Exclude<PageOutcome, Unreachable>;
type Step = PageOutcome | LostConnection;

export class OncallPageRun {
  readonly #options: PageRunOptions;
  readonly #nameClaim: NameClaim;
  readonly #log: PageLog;
  readonly #end: number;
  #isSent = false;
  #isEntered = false;
  #identified = false;

  constructor(options: PageRunOptions) {
    this.#options = options;
    this.#log = new PageLog(options.id, options.on);
    this.#end = options.clock.now() + options.timeoutMs;
    this.#nameClaim = new NameClaim({ ...options, onEvent: (event) => this.#handle(event) });
  }

  /** Whether the page is, or may be, kept under an account or claim key: another run can take it up. */
  get isIdentified(): boolean {
    return this.#identified;
  }

  /** Runs to the end. Failures of servers and networks are outcomes, not exceptions. */
  async run(): Promise<PageOutcome> {
    const end = await attemptUntilSettled<Settled>(() => this.#attempt(), {
      ...this.#options,
      leftMs: () => this.#leftMs,
      isEntered: () => this.#isEntered,
      onRetry: this.#options.on.onRetry,
    });
    if (end.why === "settled") return end.step;
    const { kind } = end.step;
    if (kind === "ended" || kind === "stored" || kind === "rejected") return end.step;
    return { kind: end.why, page: this.#log.opened, isSent: this.#isSent };
  }

  get #leftMs(): number {
    return Math.max(0, this.#end - this.#options.clock.now());
  }

  async #attempt(): Promise<Step> {
    const outcome = await this.#nameClaim.connect(() => Math.min(ATTEMPT_MS, Math.max(1, this.#leftMs)));
    if (outcome.kind !== "connected") {
      return { kind: "unreachable", why: outcome, isOpen: this.#isSent };
    }
    const { link } = outcome;
    try {
      return await this.#pageOver(link);
    } finally {
      await link.close();
    }
  }

  async #pageOver(link: Link): Promise<Step> {
    const { signal, on, wait } = this.#options;
    if (!this.#isEntered) on.onEntered(link.session.accountStatus);
    this.#isEntered = true;
    if (!hasOncall(link)) return { kind: "unsupported" };
    const aborted = onceAborted(signal);
    for (let isRegistered = false; !signal.aborted; isRegistered = true) {
      const step = await Promise.race([this.#open(link), aborted]);
      if (step !== undefined) return step;
      if (signal.aborted) break;
      if (!isRegistered) await this.#register(link);
      const opened = this.#log.opened!;
      if (wait === "stored" && (opened.state === "ringing" || opened.state === "silenced")) {
        return { kind: "stored", page: opened };
      }
      const end = await this.#awaitEnd(link, aborted);
      if (end === "over") break;
      if (end !== "check") return end;
    }
    return { kind: signal.aborted ? "aborted" : "late", page: this.#log.opened, isSent: this.#isSent };
  }

  /** Gives the page to the server, or takes it up; undefined: the server has it. */
  async #open(link: Link): Promise<Step | undefined> {
    const { id, list, text } = this.#options;
    this.#isSent = true;
    const request = { command: "PAGE", params: ["OPEN", id, list, text] };
    const outcome = await link.request(request, Math.min(ATTEMPT_MS, Math.max(1, this.#leftMs)));
    const reply = outcome.kind === "answered" ? findFailureReply(outcome.lines) : undefined;
    const isRestart = reply?.params[1] === "TEMPORARILY_UNAVAILABLE" && this.#log.opened !== undefined;
    if (reply !== undefined && !isRestart) return { kind: "rejected", reply };
    if (link.session.isClaimed) this.#identified = true;
    if (outcome.kind === "lost") return outcome;
    if (outcome.kind === "timed_out") return { kind: "lost", text: "no answer" };
    this.#log.receive(outcome.lines);
    // A hub that takes over answers a line of the last hub by what that has recorded, and no more.
    return this.#log.opened === undefined ? { kind: "lost", text: "no answer" } : undefined;
  }

  async #register(link: Link): Promise<void> {
    const status = await this.#nameClaim.register(link, () => ATTEMPT_MS);
    if (status !== undefined) this.#options.on.onEntered(status);
  }

  /** Waits for the end. "over": the caller gives up, or the time is over. "check": something may have been missed. */
  async #awaitEnd(link: Link, aborted: Promise<undefined>): Promise<Step | "over" | "check"> {
    const { sleep = delayAcrossSuspend } = this.#options;
    const done = new AbortController();
    const left = this.#leftMs;
    try {
      return await Promise.race([
        this.#log.ended,
        link.closed.then((text) => ({ kind: "lost" as const, text })),
        aborted.then(() => "over" as const),
        sleep(Math.min(left, CHECK_MS), done.signal).then(() => left <= CHECK_MS ? "over" : "check"),
      ]);
    } finally {
      done.abort();
    }
  }

  #handle(event: SessionEvent): void {
    if (event.kind === "line") this.#log.receive([event.message]);
    if (event.kind === "batch") this.#log.receive(event.lines);
  }
}
