/** Lines as they come, each a message: over one connection, and over others where that is lost. */
import type { Clock } from "../../base/clock.ts";
import { nextLoopIteration } from "../../base/event_loop.ts";
import { TokenBucket } from "../../base/token_bucket.ts";
import type { Rate } from "../../base/token_bucket.ts";
import type { Link } from "../connection/link.ts";
import { delayAcrossSuspend } from "../connection/suspend_aware_delay.ts";
import type { SleepFunction } from "../connection/suspend_aware_delay.ts";
import { backoffMs } from "../session/backoff.ts";
import type { AccountStatus } from "../session/credentials.ts";
import { TEMPORARY_REFUSALS } from "../session/refusal.ts";
import { splitIntoMultilinePieces, TextDelivery } from "./delivery.ts";
import type { Acknowledgement, DeliveryOutcome, Rejection } from "./delivery.ts";
import { LineFolder } from "./line_folder.ts";
import { NameClaim } from "./name_claim.ts";
import type { NameClaimOptions } from "./name_claim.ts";
import type { DeliveryProblem } from "./submission_outcome.ts";

export interface LineStreamOptions extends NameClaimOptions {
  readonly target: string;
  /** Beginning of the sender ids. */
  readonly id: string;
  readonly lines: AsyncIterable<string>;
  /** Messages: of lines that come faster, several are one message, or are left out and counted in it. */
  readonly rate: Rate;
  /** Milliseconds for one attempt to connect, or to send a text. */
  readonly timeoutMs: number;
  /** Milliseconds for which attempts to send a text begin, after the first connection and before it. */
  readonly retryMs: number;
  readonly firstRetryMs: number;
  readonly clock: Clock;
  readonly onEntered: (status: AccountStatus) => void;
  readonly onRetry: (why: DeliveryProblem) => void;
  readonly onAccepted: (receipt: Acknowledgement) => void;
  /** For tests: replaces {@link delayAcrossSuspend}. */
  readonly sleep?: SleepFunction;
}

export type LineStreamOutcome =
  /** The lines have ended, and all were accepted. */
  | { readonly kind: "done" }
  /** The lines cannot be read; those before were accepted. */
  | { readonly kind: "unreadable"; readonly text: string }
  | Rejection
  /** A text was not accepted. `mayHaveArrived`: it is unknown whether it was. */
  | { readonly kind: "trouble"; readonly why: DeliveryProblem; readonly mayHaveArrived: boolean }
  | { readonly kind: "aborted" };

export class LineStream {
  readonly #options: LineStreamOptions;
  readonly #nameClaim: NameClaim;
  readonly #folder = new LineFolder();
  readonly #bucket: TokenBucket;
  #link: Link | undefined;
  #wasConnected = false;
  #identified = false;
  #hasEnded = false;
  #readFault: string | undefined;
  #wake: () => void = () => {};
  #lines = 0;
  #texts = 0;
  /** Lines of the text that is on its way. */
  #pending = 0;

  constructor(options: LineStreamOptions) {
    this.#options = options;
    this.#nameClaim = new NameClaim(options);
    this.#bucket = new TokenBucket(options.rate, options.clock.now());
  }

  /** Whether the server has a message under an account or claim key, or may have one. */
  get isIdentified(): boolean {
    return this.#identified;
  }

  /** Lines read so far; those of them that were left out of messages, and those that are not known to have arrived. */
  get counts(): { lines: number; texts: number; leftOut: number; unsent: number } {
    const { leftOut, waiting } = this.#folder;
    return { lines: this.#lines, texts: this.#texts, leftOut, unsent: waiting + this.#pending };
  }

  /** Runs until the lines end, a message is refused, or the server cannot be reached. */
  async run(): Promise<LineStreamOutcome> {
    const { signal } = this.#options;
    const wake = () => this.#wake();
    signal.addEventListener("abort", wake);
    try {
      const failure = await this.#retrying((remainingMs) => this.#connect(remainingMs));
      if (failure !== undefined) return failure;
      void this.#read();
      return await this.#sendAll();
    } finally {
      signal.removeEventListener("abort", wake);
      await this.#link?.close();
    }
  }

  async #read(): Promise<void> {
    try {
      for await (const line of this.#options.lines) {
        if (line.trim() === "") continue; // no message can be empty
        this.#lines++;
        this.#folder.add(line);
        this.#wake();
      }
    } catch (error) {
      this.#readFault = (error as Error).message;
    }
    this.#hasEnded = true;
    this.#wake();
  }

  async #sendAll(): Promise<LineStreamOutcome> {
    const { clock, signal, sleep = delayAcrossSuspend } = this.#options;
    for (;;) {
      if (signal.aborted) return { kind: "aborted" };
      if (this.#folder.waiting === 0) {
        if (this.#readFault !== undefined) return { kind: "unreadable", text: this.#readFault };
        if (this.#hasEnded) return { kind: "done" };
        await new Promise<void>((resolve) => this.#wake = resolve);
        await nextLoopIteration(); // lines that have come together are seen together
        continue;
      }
      const waitMs = this.#bucket.msUntilTokens(1, clock.now());
      if (waitMs > 0) {
        await sleep(waitMs, signal);
        continue;
      }
      const before = this.#folder.waiting;
      const text = this.#folder.take(Math.floor(this.#bucket.available(clock.now())))!;
      this.#bucket.take(1, clock.now());
      this.#pending = before - this.#folder.waiting;
      const failure = await this.#send(text);
      if (failure !== undefined) return failure;
      this.#pending = 0;
    }
  }

  async #send(text: string): Promise<LineStreamOutcome | undefined> {
    const { target, id, onAccepted } = this.#options;
    const nth = ++this.#texts;
    let delivery: TextDelivery | undefined;
    const failure = await this.#retrying(async (remainingMs) => {
      const problem = await this.#connect(remainingMs);
      if (problem !== undefined) return problem;
      const link = this.#link!;
      delivery ??= new TextDelivery(target, splitIntoMultilinePieces(text, `${id}-${nth}`, target, link));
      const outcome = await delivery.sendOver(link, remainingMs);
      const isAccepted = delivery.acknowledgements.some((receipt) => receipt !== undefined);
      if (link.session.isClaimed && (isAccepted || delivery.hasDoubtfulPieces)) this.#identified = true;
      if (isAccepted) await this.#register(link, remainingMs);
      return this.#judge(outcome);
    });
    if (failure === undefined) { for (const receipt of delivery!.acknowledgements) onAccepted(receipt!); }
    if (failure?.kind !== "trouble") return failure;
    return { ...failure, mayHaveArrived: delivery?.hasDoubtfulPieces === true };
  }

  /** What to make of an outcome: undefined: the text is accepted; a problem: another connection may help. */
  #judge(outcome: DeliveryOutcome): DeliveryProblem | Rejection | undefined {
    switch (outcome.kind) {
      case "accepted":
        return undefined;
      case "unrecognised":
        return {
          kind: "reply",
          text: "the server does not recognise message ids, and might store a message twice",
        };
      case "timed_out":
      case "lost":
        this.#link?.abort("no answer");
        this.#link = undefined;
        return outcome;
      default:
        return outcome;
    }
  }

  async #register(link: Link, remainingMs: () => number): Promise<void> {
    const status = await this.#nameClaim.register(link, remainingMs);
    if (status !== undefined) this.#options.onEntered(status);
  }

  /** Connects unless there is a connection; resolves with what went wrong. */
  async #connect(remainingMs: () => number): Promise<DeliveryProblem | undefined> {
    if (this.#link?.isAlive === true) return undefined;
    this.#link = undefined;
    const outcome = await this.#nameClaim.connect(remainingMs);
    if (outcome.kind !== "connected") return outcome;
    this.#link = outcome.link;
    if (!this.#wasConnected) this.#options.onEntered(outcome.link.session.accountStatus);
    this.#wasConnected = true;
    return undefined;
  }

  /** Calls `attempt` until it succeeds, is refused, or the time for it is over. */
  async #retrying(
    attempt: (remainingMs: () => number) => Promise<DeliveryProblem | Rejection | undefined>,
  ): Promise<LineStreamOutcome | undefined> {
    const { clock, signal, timeoutMs, retryMs, firstRetryMs, onRetry, sleep = delayAcrossSuspend } =
      this.#options;
    const end = clock.now() + (this.#wasConnected ? retryMs : firstRetryMs);
    for (let nth = 0;; nth++) {
      const deadline = clock.now() + timeoutMs;
      const problem = await attempt(() => deadline - clock.now());
      if (problem === undefined) return undefined;
      if (signal.aborted) return { kind: "aborted" };
      if (isRejection(problem)) return problem;
      const leftMs = end - clock.now();
      if (leftMs <= 0 || !mayRetry(problem)) return { kind: "trouble", why: problem, mayHaveArrived: false };
      if (nth === 0) onRetry(problem);
      await sleep(Math.min(backoffMs(nth, Math.random()), leftMs), signal);
      if (signal.aborted) return { kind: "aborted" };
    }
  }
}

function isRejection(problem: DeliveryProblem | Rejection): problem is Rejection {
  return problem.kind === "no_such_target" || problem.kind === "too_long" || problem.kind === "id_in_use" ||
    problem.kind === "refused" && !("reason" in problem);
}

function mayRetry(why: DeliveryProblem): boolean {
  if (why.kind === "refused") return TEMPORARY_REFUSALS.has(why.reason);
  return ["no_such_host", "unreachable", "timed_out", "lost"].includes(why.kind);
}
