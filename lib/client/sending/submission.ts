/**
 * Sends one text: first the messages of the outbox, then the text, and waits for the goal, over as many
 * connections as the time allows.
 */
import { unreachable } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import type { ReceiptKind } from "../../irc/vendor_extensions.ts";
import { ReplyCheck } from "./answered_message.ts";
import { NameClaim } from "./name_claim.ts";
import type { NameClaimOptions } from "./name_claim.ts";
import { ReceiptWaiter } from "./receipt_waiter.ts";
import type { AccountStatus } from "../session/credentials.ts";
import { backoffMs } from "../session/backoff.ts";
import type { NoResponse, TextPiece } from "./delivery.ts";
import { splitIntoMultilinePieces, splitIntoPieces, TextDelivery } from "./delivery.ts";
import type { Link } from "../connection/link.ts";
import { withLink } from "../connection/with_link.ts";
import { flushOutbox } from "./outbox_flush.ts";
import type { FlushOptions } from "./outbox_flush.ts";
import { OutboxError, type OutboxStore } from "./outbox_store.ts";
import type { SleepFunction } from "../connection/suspend_aware_delay.ts";
import { delayAcrossSuspend } from "../connection/suspend_aware_delay.ts";
import { acknowledgesWhenDurable } from "./receipts.ts";
import { deduplicatesMessages, supportsReceipts } from "../conversation/model/server_features.ts";
import { TEMPORARY_REFUSALS } from "../session/refusal.ts";
import type {
  AcceptedPiece,
  DeliveryProblem,
  SubmissionOutcome,
  UnmetGoal,
  WaitGoal,
} from "./submission_outcome.ts";

export interface SubmissionOptions extends NameClaimOptions {
  readonly target: string;
  /** Empty: what waits in the outbox is sent, and nothing else. */
  readonly text: string;
  /** The sender id of the first message; see `splitIntoPieces`. */
  readonly id: string;
  /** Client-only tags of the first message: nothing is sent to a server that has none. */
  readonly tags?: ReadonlyMap<string, string> | undefined;
  /** The message that the text answers: nothing is sent if the server knows that there is none. */
  readonly replyTo?: string | undefined;
  /** Undefined: the state in which the server acknowledges anyway, `durable` or `accepted`. */
  readonly wait: WaitGoal | undefined;
  /** Fails if the receiver is offline. */
  readonly requiresOnline?: boolean | undefined;
  /** Milliseconds for one attempt, from the first packet to the end of the wait. */
  readonly timeoutMs: number;
  /** Milliseconds in which further attempts begin; 0: one attempt. */
  readonly retryMs: number;
  readonly outbox: OutboxStore | undefined;
  /**
   * Each line is a message, as in the outbox; left out: the text is one message if the server supports that.
   */
  readonly isLineByLine?: boolean;
  readonly clock: Clock;
  readonly on: SubmissionEvents;
  /** For tests: replaces {@link delayAcrossSuspend}. */
  readonly sleep?: SleepFunction;
  /** For tests: a number in [0, 1). */
  readonly random?: () => number;
}

export interface SubmissionEvents extends Pick<FlushOptions, "onRejected" | "onUnclear"> {
  /** The first attempt has failed because of `why`; others follow. */
  readonly onRetry: (why: DeliveryProblem) => void;
  /**
   * The first connection is registered; called again if the registration of the name, behind the first
   * message, fails.
   */
  readonly onEntered?: (status: AccountStatus) => void;
  /** The receiver is away, with this message. */
  readonly onAway: (text: string) => void;
  /** The receiver is offline; the server will deliver the message when they return. */
  readonly onQueued?: () => void;
  /** The server cannot say whether there is a message `replyTo`; the text is sent. */
  readonly onUnverifiedReply?: () => void;
  /** `count` messages of the outbox were accepted. */
  readonly onFlushed: (count: number) => void;
  /** The outbox cannot be read or changed. */
  readonly onOutboxFailed: (text: string) => void;
}

const UNMET_GOALS = {
  durable: "not_durable",
  delivered: "not_delivered",
  read: "not_read",
} as const satisfies Record<ReceiptKind, UnmetGoal>;

/** The end, or why the attempt has failed. */
type SubmissionStep = SubmissionOutcome | { readonly kind: "trouble"; readonly why: DeliveryProblem };

/** Rounds of sending in one attempt: a second one if the server has lost messages that it acknowledged. */
const MAX_ROUNDS = 2;

export class Submission {
  readonly #options: SubmissionOptions;
  readonly #nameClaim: NameClaim;
  #delivery: TextDelivery | undefined;
  #wait: WaitGoal;
  #receiptWaiter: ReceiptWaiter | undefined;
  /** A registration has succeeded before. */
  #wasRegistered = false;
  /** The last server recognises messages that it has. */
  #deduplicates = false;
  #outboxFailed = false;
  readonly #replyCheck: ReplyCheck;
  #identified = false;

  constructor(options: SubmissionOptions) {
    this.#options = options;
    this.#nameClaim = new NameClaim(options);
    const { target, replyTo } = options;
    this.#replyCheck = new ReplyCheck({
      target,
      replyTo,
      onUnverified: () => options.on.onUnverifiedReply?.(),
    });
    this.#wait = options.wait ?? "accepted";
  }

  /** The goal; final after the first registration. */
  get wait(): WaitGoal {
    return this.#wait;
  }

  /** The messages that the server has accepted, in order. */
  get accepted(): AcceptedPiece[] {
    return (this.#delivery?.acknowledgements ?? []).flatMap((receipt, nth) => {
      if (receipt === undefined) return [];
      const known = this.#receiptWaiter?.isConfirmed(nth) ?? null;
      return [{
        ...receipt,
        durable: this.#wait === "durable" ? known : null,
        delivered: this.#wait === "delivered" ? known : null,
        read: this.#wait === "read" ? known : null,
      }];
    });
  }

  /** The messages that the server is not known to have accepted, in order. */
  get remainingPieces(): TextPiece[] {
    const { text, id, target } = this.#options;
    return this.#delivery?.remainingPieces ?? splitIntoPieces(text, id, target);
  }

  /** Whether a message that was, or may have been, accepted is recorded under an account or claim key. */
  get isIdentified(): boolean {
    return this.#identified;
  }

  /** Runs to the end. Failures of servers, networks and disks are outcomes, not exceptions. */
  async run(): Promise<SubmissionOutcome> {
    const { clock, signal, retryMs, on, sleep = delayAcrossSuspend, random = Math.random } = this.#options;
    const end = clock.now() + retryMs;
    for (let attempt = 0;; attempt++) {
      const step = await this.#attempt();
      if (signal.aborted) return { kind: "aborted" };
      const leftMs = end - clock.now();
      // After a restart of the server a missing user may be about to reconnect.
      const again = step.kind === "trouble"
        ? this.#mayRetry(step.why)
        : step.kind === "no_such_target" && attempt > 0;
      if (!again || leftMs <= 0) return step.kind === "trouble" ? this.#conclude(step.why) : step;
      if (attempt === 0 && step.kind === "trouble") on.onRetry(step.why);
      await sleep(Math.min(backoffMs(attempt, random()), leftMs), signal);
      if (signal.aborted) return { kind: "aborted" };
    }
  }

  async #attempt(): Promise<SubmissionStep> {
    const { timeoutMs, signal, clock, on, registration: { questions } } = this.#options;
    const askedMs = () => questions?.waitedMs ?? 0;
    const deadline = clock.now() - askedMs() + timeoutMs;
    const remainingMs = () => deadline + askedMs() - clock.now();
    const outcome = await withLink(this.#nameClaim.connect(remainingMs), signal, async (link) => {
      if (!this.#wasRegistered) on.onEntered?.(link.session.accountStatus);
      this.#wasRegistered = true;
      this.#deduplicates = deduplicatesMessages(link.session);
      const step = await this.#sendOver(link, remainingMs);
      if (step.kind === "trouble" && step.why.kind === "timed_out") link.abort("no answer"); // to QUIT, too
      return step;
    });
    return outcome.kind === "done" ? outcome.value : { kind: "trouble", why: outcome };
  }

  async #registerName(link: Link, remainingMs: () => number): Promise<void> {
    const status = await this.#nameClaim.register(link, remainingMs);
    if (status !== undefined) this.#options.on.onEntered?.(status);
  }

  async #sendOver(link: Link, remainingMs: () => number): Promise<SubmissionStep> {
    const { wait, tags, on, carrier } = this.#options;
    const fault = await carrier?.begin(link, remainingMs());
    if (fault !== undefined) return { kind: "trouble", why: fault };
    if (this.#delivery === undefined) {
      this.#wait = wait ?? (acknowledgesWhenDurable(link.session) ? "durable" : "accepted");
    }
    if (this.#wait !== "accepted" && !supportsReceipts(link.session)) {
      return { kind: "no_receipts", wait: this.#wait };
    }
    if (tags !== undefined && !link.session.caps.has("message-tags")) {
      return { kind: "refused", text: "the server has no message tags, and so no replies" };
    }
    const missing = await this.#replyCheck.run(link, remainingMs());
    if (missing !== undefined) return missing;
    const silence = await this.#flush(link, remainingMs);
    if (silence !== undefined) return { kind: "trouble", why: carrier?.fault ?? silence };
    if (this.#options.text === "") return { kind: "done" };
    const delivery = this.#delivery ??= this.#beginDelivery(link);
    for (let round = 1;; round++) {
      const outcome = await delivery.sendOver(link, remainingMs, on.onAway, on.onQueued);
      const isAccepted = delivery.acknowledgements.some((receipt) => receipt !== undefined);
      if (link.session.isClaimed && (isAccepted || delivery.hasDoubtfulPieces)) this.#identified = true;
      if (isAccepted) await this.#registerName(link, remainingMs);
      switch (outcome.kind) {
        case "accepted":
          break;
        case "unrecognised":
          return {
            kind: "unclear",
            why: { kind: "lost", text: "the server no longer recognises message ids" },
            safe: false,
          };
        case "timed_out":
        case "lost":
          return delivery.hasDoubtfulPieces && !deduplicatesMessages(link.session)
            ? { kind: "unclear", why: outcome, safe: false }
            : { kind: "trouble", why: carrier?.fault ?? outcome };
        default:
          return outcome;
      }
      const step = await this.#awaitReceipts(link, remainingMs);
      if (step !== "gone") return step;
      if (round === MAX_ROUNDS) {
        return {
          kind: "trouble",
          why: { kind: "lost", text: "the server has lost messages that it had acknowledged" },
        };
      }
    }
  }

  #beginDelivery(link: Link): TextDelivery {
    const { text, id, target, tags, requiresOnline, isLineByLine = false, carrier } = this.#options;
    const [first, ...others] = isLineByLine
      ? splitIntoPieces(text, id, target, link)
      : splitIntoMultilinePieces(text, id, target, link);
    const pieces = [{ ...first!, tags }, ...others];
    const delivery = new TextDelivery(target, pieces, requiresOnline, carrier);
    if (this.#wait !== "accepted") this.#receiptWaiter = new ReceiptWaiter(this.#wait, delivery);
    return delivery;
  }

  async #flush(link: Link, remainingMs: () => number): Promise<NoResponse | undefined> {
    const { outbox: store, on } = this.#options;
    if (store === undefined || this.#outboxFailed) return undefined;
    try {
      const { sent, silence } = await flushOutbox({ link, store, remainingMs, ...on });
      if (link.session.isClaimed && (sent > 0 || silence !== undefined)) this.#identified = true;
      if (sent === 0) return silence;
      on.onFlushed(sent);
      await this.#registerName(link, remainingMs);
      return silence;
    } catch (error) {
      if (!(error instanceof OutboxError)) throw error;
      this.#outboxFailed = true;
      on.onOutboxFailed(error.message);
      return undefined;
    }
  }

  async #awaitReceipts(link: Link, remainingMs: () => number): Promise<SubmissionStep | "gone"> {
    if (this.#receiptWaiter === undefined) return { kind: "done" };
    const outcome = await this.#receiptWaiter.waitOver(link, remainingMs);
    switch (outcome.kind) {
      case "done":
        return { kind: "done" };
      case "unmet":
        return this.#makeUnmet(outcome.nth, { kind: "reply", text: outcome.text });
      case "gone":
        return "gone";
      case "timed_out":
      case "lost":
        return { kind: "trouble", why: outcome };
      default:
        return unreachable(outcome);
    }
  }

  #makeUnmet(nth: number, why: DeliveryProblem): SubmissionOutcome {
    const kind = UNMET_GOALS[this.#wait === "accepted" ? "durable" : this.#wait];
    return { kind, id: this.#delivery?.acknowledgements[nth]?.id, why };
  }

  /** The outcome after the last attempt has failed because of `why`. */
  #conclude(why: DeliveryProblem): SubmissionOutcome {
    const delivery = this.#delivery;
    if (delivery?.hasDoubtfulPieces) return { kind: "unclear", why, safe: true };
    if (delivery === undefined || delivery.remainingPieces.length > 0) {
      return { kind: "unsent", why, isTemporary: this.#mayRetry(why), safe: this.#deduplicates };
    }
    const open = [...delivery.pieces.keys()].filter((nth) => this.#receiptWaiter?.isConfirmed(nth) !== true);
    return this.#makeUnmet(this.#wait === "delivered" ? open[0] ?? 0 : open.at(-1) ?? 0, why);
  }

  /** Whether another attempt may succeed: a resolver may come back, a held name get free, a server start or have room. */
  #mayRetry(why: DeliveryProblem): boolean {
    switch (why.kind) {
      case "no_such_host":
      case "unreachable":
      case "timed_out":
      case "lost":
        return true;
      case "unusable_carrier":
        return why.why === "no_server";
      case "refused":
        return TEMPORARY_REFUSALS.has(why.reason) || why.reason === "name_taken" && this.#wasRegistered;
      case "not_irc":
      case "untrusted":
      case "aborted":
      case "reply":
        return false;
      default:
        return unreachable(why);
    }
  }
}
