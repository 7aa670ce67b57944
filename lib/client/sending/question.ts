/**
 * A question that people are asked (docs/protocol/ask.md), over as many connections as it takes: it is put to the
 * server, which keeps it, and taken up again after each loss, until it has ended.
 */
import type { Clock } from "../../base/clock.ts";
import { callAfter } from "../../base/deadlines.ts";
import type { Message } from "../../irc/message.ts";
import type { QuestionRule } from "../../irc/question.ts";
import { ASK_CAPABILITY } from "../../irc/vendor_extensions.ts";
import type { Link, RequestOutcome } from "../connection/link.ts";
import { delayAcrossSuspend } from "../connection/suspend_aware_delay.ts";
import type { SleepFunction } from "../connection/suspend_aware_delay.ts";
import type { AccountStatus } from "../session/credentials.ts";
import { findFailureReply } from "../session/failure_reply.ts";
import type { SessionEvent } from "../session/session_event.ts";
import { ATTEMPT_MS, attemptUntilSettled, CHECK_MS, onceAborted } from "./attempts.ts";
import type { LostConnection, Unreachable } from "./attempts.ts";
import { NameClaim } from "./name_claim.ts";
import type { NameClaimOptions } from "./name_claim.ts";
import { QuestionLog } from "./question_log.ts";
import type { QuestionEnding, QuestionLogEvents } from "./question_log.ts";

export interface QuestionEvents extends QuestionLogEvents {
  /** The first connection is registered, or the name could not be registered behind the question. */
  readonly onEntered: (status: AccountStatus) => void;
  /** The connection is lost, or there is none; called once for each loss. */
  readonly onRetry: (text: string) => void;
  /** All that was told is out; the server may forget it. */
  readonly onDone: () => Promise<void>;
}

/** A connection that others use, too, in place of one of its own. It stays open. */
export interface SharedConnection extends Pick<NameClaim, "connect" | "register"> {
  /** Calls `receive` with each event, until the returned function is called. */
  subscribe(receive: (event: SessionEvent) => void): () => void;
}

export interface QuestionOptions extends NameClaimOptions {
  /** Left out: a connection of its own for each attempt. */
  readonly shared?: SharedConnection | undefined;
  readonly id: string;
  readonly targets: readonly string[];
  readonly text: string;
  /** Empty: the answer is a text. */
  readonly options: readonly string[];
  readonly rule: QuestionRule;
  /** Milliseconds for which the question is open, in whole seconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly on: QuestionEvents;
  /** For tests: replaces {@link delayAcrossSuspend}. */
  readonly sleep?: SleepFunction;
  /** For tests: a number in [0, 1). */
  readonly random?: () => number;
}

export type QuestionOutcome =
  | QuestionEnding
  /** The server refused it: its reply. */
  | { readonly kind: "rejected"; readonly reply: Message }
  /** The server does not keep questions. */
  | { readonly kind: "unsupported" }
  | Unreachable
  /** Its time is over here, and the server did not say how it ended. */
  | { readonly kind: "silent" }
  /** The caller's signal was aborted; "open": the server could not be told, and keeps the question. */
  | { readonly kind: "aborted"; readonly became: "withdrawn" | "open" | "never_asked" };

/** The reason with which a signal is aborted where the question stays open without this run. */
export const LEAVE_OPEN = Symbol("the question stays open");

/** Longest time for the server to confirm that a question is withdrawn, or that its end is known. */
const LAST_WORDS_MS = 3_000;

/** Other commands have no use for it. */
const REQUEST_CAPABILITY = { command: "CAP", params: ["REQ", ASK_CAPABILITY] };

type Step = QuestionOutcome | LostConnection;

export class QuestionRun {
  readonly #options: QuestionOptions;
  readonly #connection: Pick<NameClaim, "connect" | "register">;
  readonly #log: QuestionLog;
  /** The end came without all answers: the server is asked for the rest at once, the first time. */
  #hasAskedForRest = false;
  #isAsked = false;
  #isEntered = false;
  #identified = false;

  constructor(options: QuestionOptions) {
    this.#options = options;
    const { id, clock, on } = options;
    this.#log = new QuestionLog(id, () => clock.now(), on);
    this.#connection = options.shared ??
      new NameClaim({ ...options, onEvent: (event) => this.#handle(event) });
  }

  /** Whether the question is, or may be, kept under an account or claim key: another run can take it up. */
  get isIdentified(): boolean {
    return this.#identified;
  }

  /** Runs to the end. Failures of servers and networks are outcomes, not exceptions. */
  async run(): Promise<QuestionOutcome> {
    const unsubscribe = this.#options.shared?.subscribe((event) => this.#handle(event));
    try {
      return await this.#run();
    } finally {
      unsubscribe?.();
    }
  }

  async #run(): Promise<QuestionOutcome> {
    const { clock, on, timeoutMs } = this.#options;
    const begun = clock.now();
    const end = await attemptUntilSettled<Exclude<QuestionOutcome, Unreachable>>(() => this.#attempt(), {
      ...this.#options,
      leftMs: () => (this.#log.until ?? begun + timeoutMs) - clock.now(),
      isEntered: () => this.#isEntered,
      onRetry: on.onRetry,
    });
    if (end.why === "settled") return end.step;
    const { step } = end;
    if (step.kind === "ended" && step.how !== "withdrawn") return step;
    if (end.why === "aborted") return await this.#giveUp(step);
    return this.#log.until === undefined && step.kind === "unreachable" ? step : { kind: "silent" };
  }

  async #attempt(): Promise<Step> {
    const outcome = await this.#connection.connect(() => ATTEMPT_MS);
    if (outcome.kind !== "connected") {
      return { kind: "unreachable", why: outcome, isOpen: this.#isAsked };
    }
    const { link } = outcome;
    try {
      return await this.#askOver(link);
    } finally {
      await this.#release(link);
    }
  }

  async #release(link: Link): Promise<void> {
    if (this.#options.shared === undefined) await link.close();
  }

  async #askOver(link: Link): Promise<Step> {
    const { signal, on, id } = this.#options;
    if (!this.#isEntered) on.onEntered(link.session.accountStatus);
    this.#isEntered = true;
    if (link.session.capValue(ASK_CAPABILITY) === undefined) return { kind: "unsupported" };
    link.send(REQUEST_CAPABILITY);
    this.#isAsked = true;
    const aborted = onceAborted(signal);
    for (let isRegistered = false; !signal.aborted; isRegistered = true) {
      const failure = await Promise.race([this.#open(link), aborted]);
      if (failure !== undefined) return failure;
      if (signal.aborted) break;
      if (!isRegistered) await this.#register(link);
      const step = await this.#awaitEnd(link, aborted);
      if (step === "check") continue;
      if (step === "over") break;
      return step;
    }
    if (signal.reason !== LEAVE_OPEN) await this.#tell(link, ["WITHDRAW", id]);
    if (this.#log.ending !== undefined) return await this.#conclude(link, this.#log.ending);
    return link.isAlive ? { kind: "silent" } : { kind: "lost", text: link.endReason ?? "closed" };
  }

  /** Puts the question to the server, or takes it up; undefined: the server has it. */
  async #open(link: Link): Promise<Step | undefined> {
    const outcome = await link.request(this.#openRequest(), ATTEMPT_MS);
    const reply = outcome.kind === "answered" ? findFailureReply(outcome.lines) : undefined;
    const isRestart = reply?.params[1] === "TEMPORARILY_UNAVAILABLE" && this.#log.until !== undefined;
    if (reply !== undefined && !isRestart) return { kind: "rejected", reply };
    if (link.session.isClaimed) this.#identified = true;
    if (outcome.kind === "lost") return outcome;
    if (outcome.kind === "timed_out") return { kind: "lost", text: "no answer" };
    this.#log.receive(outcome.lines);
    // A hub that takes over answers a line of the last hub by what that has recorded, and no more.
    return this.#log.until === undefined ? { kind: "lost", text: "no answer" } : undefined;
  }

  #openRequest(): { command: string; params: string[] } {
    const { id, targets, timeoutMs, rule, options, text } = this.#options;
    const seconds = String(Math.ceil(timeoutMs / 1000));
    const choices = options.length === 0 ? "*" : options.join(",");
    return { command: "ASK", params: ["OPEN", id, targets.join(","), seconds, String(rule), choices, text] };
  }

  async #register(link: Link): Promise<void> {
    const status = await this.#connection.register(link, () => ATTEMPT_MS);
    if (status !== undefined) this.#options.on.onEntered(status);
  }

  /**
   * Waits for the end. "over": the caller gives up, or the time is over and the server has not said so. "check": something
   * may have been missed.
   */
  async #awaitEnd(link: Link, aborted: Promise<undefined>): Promise<Step | "over" | "check"> {
    const { clock, timeoutMs, sleep = delayAcrossSuspend } = this.#options;
    const done = new AbortController();
    const leftMs = Math.max(0, (this.#log.until ?? clock.now() + timeoutMs) - clock.now());
    const pause = (ms: number) => sleep(ms, done.signal);
    try {
      const first = await Promise.race([
        this.#log.ended,
        link.closed.then((text) => ({ kind: "lost" as const, text })),
        aborted.then(() => "over" as const),
        leftMs <= CHECK_MS
          ? pause(leftMs).then(() => "over" as const)
          : pause(CHECK_MS).then(() => "check" as const),
        ...this.#hasAskedForRest ? [] : [this.#log.incomplete.then(() => "rest" as const)],
      ]);
      if (first === "rest") this.#hasAskedForRest = true;
      if (first === "rest" || first === "check") return "check";
      return first !== "over" && first.kind === "ended" ? await this.#conclude(link, first) : first;
    } finally {
      done.abort();
    }
  }

  /** Has the server forget the question, now that what it said is out. */
  async #conclude(link: Link, ending: QuestionEnding): Promise<QuestionEnding> {
    await this.#options.on.onDone();
    await this.#tell(link, ["ACK", this.#options.id]);
    return ending;
  }

  async #tell(link: Link, params: string[]): Promise<RequestOutcome> {
    const outcome = await link.request({ command: "ASK", params }, LAST_WORDS_MS);
    if (outcome.kind === "answered") this.#log.receive(outcome.lines);
    return outcome;
  }

  /** Withdraws the question after the signal was aborted, if need be over a last connection. */
  async #giveUp(step: Step): Promise<QuestionOutcome> {
    if (!this.#isAsked || step.kind === "rejected") return { kind: "aborted", became: "never_asked" };
    if (this.#log.ending !== undefined) return { kind: "aborted", became: "withdrawn" };
    if (this.#options.signal.reason === LEAVE_OPEN) return { kind: "aborted", became: "open" };
    const stop = new AbortController();
    const callOff = callAfter(LAST_WORDS_MS, () => stop.abort());
    const claim = this.#options.shared ?? new NameClaim({
      ...this.#options,
      signal: stop.signal,
      onEvent: (event) => this.#handle(event),
    });
    const outcome = await claim.connect(() => LAST_WORDS_MS);
    callOff();
    if (outcome.kind !== "connected") return { kind: "aborted", became: "open" };
    outcome.link.send(REQUEST_CAPABILITY);
    const answer = await this.#tell(outcome.link, ["WITHDRAW", this.#options.id]);
    await this.#release(outcome.link);
    return { kind: "aborted", became: answer.kind === "answered" ? "withdrawn" : "open" };
  }

  #handle(event: SessionEvent): void {
    if (event.kind === "line") this.#log.receive([event.message]);
  }
}
