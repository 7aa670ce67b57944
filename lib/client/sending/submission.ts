/**
 * One text on its way to a server: what waits in the outbox first, then the text, then the wait for what becomes of it, over as
 * many connections as it takes in the time there is.
 */
import { unreachable } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import type { ReceiptKind } from "../../irc/vendor_extensions.ts";
import { NameClaim } from "./name_claim.ts";
import type { NameClaimOptions } from "./name_claim.ts";
import { ReceiptWaiter } from "./receipt_waiter.ts";
import type { AccountStatus } from "../session/credentials.ts";
import { backoffMs } from "../connection/backoff.ts";
import type { Acknowledgement, NoResponse, Rejection, TextPiece } from "./delivery.ts";
import { splitIntoMultilinePieces, splitIntoPieces, TextDelivery } from "./delivery.ts";
import type { ConnectFailure } from "../connection/connect_failure.ts";
import type { Link } from "../connection/link.ts";
import { withLink } from "../connection/with_link.ts";
import { flushOutbox } from "./outbox_flush.ts";
import type { FlushOptions } from "./outbox_flush.ts";
import type { OutboxStore } from "./outbox_store.ts";
import { OutboxError } from "./outbox_store.ts";
import type { SleepFunction } from "../connection/suspend_aware_delay.ts";
import { delayAcrossSuspend } from "../connection/suspend_aware_delay.ts";
import { acknowledgesWhenDurable, deduplicatesMessages, supportsReceipts } from "./receipts.ts";
import type { RefusalReason } from "../session/refusal.ts";

/** What to wait for: a place in the log, the server's disk, the receiver's client, the receiver. */
export type WaitGoal = "accepted" | ReceiptKind;

export interface SubmissionOptions extends NameClaimOptions {
  readonly target: string;
  readonly text: string;
  /** The sender's id of the first message; see `piecesOf`. */
  readonly id: string;
  /** Undefined: what the server does anyway before it acknowledges, `durable` or `accepted`. */
  readonly wait: WaitGoal | undefined;
  /** Not to somebody who is not there. */
  readonly requiresOnline?: boolean | undefined;
  /** Milliseconds for one attempt: from the first packet to the end of the wait. */
  readonly timeoutMs: number;
  /** Milliseconds in which further attempts are begun; 0: there is one. */
  readonly retryMs: number;
  readonly outbox: OutboxStore | undefined;
  /** Each line is a message of its own, as what is kept in the outbox is; left out: a server that takes a text whole gets it so. */
  readonly isLineByLine?: boolean;
  readonly clock: Clock;
  readonly on: SubmissionEvents;
  /** For tests: in place of {@link delayAcrossSuspend}. */
  readonly sleep?: SleepFunction;
  /** For tests: in [0, 1). */
  readonly random?: () => number;
}

export interface SubmissionEvents extends Pick<FlushOptions, "onRejected" | "onUnclear"> {
  /** The first attempt has failed so; there will be others. */
  readonly onRetry: (why: DeliveryProblem) => void;
  /** The server has let us in, for the first time, or has not registered the name, which is tried behind the first message. */
  readonly onEntered?: (standing: AccountStatus) => void;
  /** The receiver is away and has left these words. */
  readonly onAway: (text: string) => void;
  /** The receiver is not there, and gets it when they come. */
  readonly onQueued?: () => void;
  /** So many messages of the outbox were accepted. */
  readonly onFlushed: (count: number) => void;
  /** What waits in the outbox cannot be read or removed. */
  readonly onOutboxFailed: (text: string) => void;
}

/** Accepted, and not known to have come as far as was waited for. */
export type UnmetGoal = "not_durable" | "not_delivered" | "not_read";

const UNMET_GOALS = {
  durable: "not_durable",
  delivered: "not_delivered",
  read: "not_read",
} as const satisfies Record<ReceiptKind, UnmetGoal>;

export type SubmissionOutcome =
  /** What was waited for has come. */
  | { readonly kind: "done" }
  /** All is accepted, but message `id` is not known to be where it should be; `why` says more. */
  | { readonly kind: UnmetGoal; readonly id: string | undefined; readonly why: DeliveryProblem }
  /** The server cannot be asked for what should be waited for. Nothing has been sent to it. */
  | { readonly kind: "no_receipts"; readonly wait: ReceiptKind }
  | Rejection
  /** Messages may have been accepted. `safe`: sent again under the same id they are stored once. */
  | { readonly kind: "unclear"; readonly why: DeliveryProblem; readonly safe: boolean }
  /** What is not accepted has not been sent. `passing`: another attempt may do better. `safe`: as above, of what is accepted. */
  | {
    readonly kind: "unsent";
    readonly why: DeliveryProblem;
    readonly passing: boolean;
    readonly safe: boolean;
  }
  /** The caller's signal was aborted. */
  | { readonly kind: "aborted" };

/** Why an attempt failed. */
export type DeliveryProblem =
  | ConnectFailure
  | NoResponse
  /** What the server says. */
  | { readonly kind: "told"; readonly text: string };

/** One message that the server has accepted. `durable`, `delivered`, `read`: null where nobody knows. */
export interface AcceptedPiece extends Acknowledgement {
  readonly durable: boolean | null;
  readonly delivered: boolean | null;
  readonly read: boolean | null;
}

/** The end, or why this attempt was not it. */
type SubmissionStep = SubmissionOutcome | { readonly kind: "trouble"; readonly why: DeliveryProblem };

/** Of what servers say against us, what may be otherwise in a moment. */
const TEMPORARY_REFUSALS: ReadonlySet<RefusalReason> = new Set(["closed", "in_use", "try_later"]);

/** How often the messages are sent in one attempt: again where the server has lost what it acknowledged before. */
const MAX_ROUNDS = 2;

export class Submission {
  readonly #options: SubmissionOptions;
  readonly #name: NameClaim;
  #delivery: TextDelivery | undefined;
  #wait: WaitGoal;
  #awaiting: ReceiptWaiter | undefined;
  /** A server has let us in before. */
  #wasIn = false;
  /** The last of them knows messages again that it has. */
  #recognised = false;
  #outboxFailed = false;
  #identified = false;

  constructor(options: SubmissionOptions) {
    this.#options = options;
    this.#name = new NameClaim(options);
    this.#wait = options.wait ?? "accepted";
  }

  /** What is waited for; settled once a server has let us in. */
  get wait(): WaitGoal {
    return this.#wait;
  }

  /** The messages that the server has accepted, in order. */
  get accepted(): AcceptedPiece[] {
    return (this.#delivery?.acknowledgements ?? []).flatMap((receipt, nth) => {
      if (receipt === undefined) return [];
      const known = this.#awaiting?.isConfirmed(nth) ?? null;
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

  /** Something that was accepted, or may have been, is filed under our account or key: sent again with it, it is known again. */
  get isIdentified(): boolean {
    return this.#identified;
  }

  /** To its end. Never throws for what servers, networks and disks do. */
  async run(): Promise<SubmissionOutcome> {
    const { clock, signal, retryMs, on, sleep = delayAcrossSuspend, random = Math.random } = this.#options;
    const end = clock.now() + retryMs;
    for (let attempt = 0;; attempt++) {
      const step = await this.#attempt();
      if (signal.aborted) return { kind: "aborted" };
      const leftMs = end - clock.now();
      // After a restart of the server whoever is missing may be on the way back, as we are.
      const again = step.kind === "trouble"
        ? this.#mayPass(step.why)
        : step.kind === "no_such_target" && attempt > 0;
      if (!again || leftMs <= 0) return step.kind === "trouble" ? this.#conclude(step.why) : step;
      if (attempt === 0 && step.kind === "trouble") on.onRetry(step.why);
      await sleep(Math.min(backoffMs(attempt, random()), leftMs), signal);
      if (signal.aborted) return { kind: "aborted" };
    }
  }

  async #attempt(): Promise<SubmissionStep> {
    const { timeoutMs, signal, clock, on } = this.#options;
    const deadline = clock.now() + timeoutMs;
    const remainingMs = () => deadline - clock.now();
    const outcome = await withLink(this.#name.connect(remainingMs), signal, async (link) => {
      if (!this.#wasIn) on.onEntered?.(link.session.accountStatus);
      this.#wasIn = true;
      this.#recognised = deduplicatesMessages(link.session);
      const step = await this.#over(link, remainingMs);
      if (step.kind === "trouble") link.abort("no answer");
      return step;
    });
    return outcome.kind === "done" ? outcome.value : { kind: "trouble", why: outcome };
  }

  async #registerName(link: Link, remainingMs: () => number): Promise<void> {
    const status = await this.#name.register(link, remainingMs);
    if (status !== undefined) this.#options.on.onEntered?.(status);
  }

  async #over(link: Link, remainingMs: () => number): Promise<SubmissionStep> {
    const { wait, on } = this.#options;
    if (this.#delivery === undefined) {
      this.#wait = wait ?? (acknowledgesWhenDurable(link.session) ? "durable" : "accepted");
    }
    if (this.#wait !== "accepted" && !supportsReceipts(link.session)) {
      return { kind: "no_receipts", wait: this.#wait };
    }
    const silence = await this.#flush(link, remainingMs);
    if (silence !== undefined) return { kind: "trouble", why: silence };
    const delivery = this.#delivery ??= this.#begin(link);
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
            why: { kind: "lost", text: "the server is another one now" },
            safe: false,
          };
        case "timed_out":
        case "lost":
          return delivery.hasDoubtfulPieces && !deduplicatesMessages(link.session)
            ? { kind: "unclear", why: outcome, safe: false }
            : { kind: "trouble", why: outcome };
        default:
          return outcome;
      }
      const step = await this.#await(link, remainingMs);
      if (step !== "gone") return step;
      if (round === MAX_ROUNDS) {
        return { kind: "trouble", why: { kind: "lost", text: "the server loses messages" } };
      }
    }
  }

  #begin(link: Link): TextDelivery {
    const { text, id, target, requiresOnline, isLineByLine = false } = this.#options;
    const pieces = isLineByLine
      ? splitIntoPieces(text, id, target, link)
      : splitIntoMultilinePieces(text, id, target, link);
    const delivery = new TextDelivery(target, pieces, requiresOnline);
    if (this.#wait !== "accepted") this.#awaiting = new ReceiptWaiter(this.#wait, delivery);
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

  async #await(link: Link, remainingMs: () => number): Promise<SubmissionStep | "gone"> {
    if (this.#awaiting === undefined) return { kind: "done" };
    const outcome = await this.#awaiting.waitOver(link, remainingMs);
    switch (outcome.kind) {
      case "done":
        return { kind: "done" };
      case "unmet":
        return this.#unmet(outcome.nth, { kind: "told", text: outcome.text });
      case "gone":
        return "gone";
      case "timed_out":
      case "lost":
        return { kind: "trouble", why: outcome };
      default:
        return unreachable(outcome);
    }
  }

  #unmet(nth: number, why: DeliveryProblem): SubmissionOutcome {
    const kind = UNMET_GOALS[this.#wait === "accepted" ? "durable" : this.#wait];
    return { kind, id: this.#delivery?.acknowledgements[nth]?.id, why };
  }

  /** The end, where the last attempt has failed because of `why`. */
  #conclude(why: DeliveryProblem): SubmissionOutcome {
    const delivery = this.#delivery;
    if (delivery?.hasDoubtfulPieces) return { kind: "unclear", why, safe: true };
    if (delivery === undefined || delivery.remainingPieces.length > 0) {
      return { kind: "unsent", why, passing: this.#mayPass(why), safe: this.#recognised };
    }
    const open = [...delivery.pieces.keys()].filter((nth) => this.#awaiting?.isConfirmed(nth) !== true);
    return this.#unmet(this.#wait === "delivered" ? open[0] ?? 0 : open.at(-1) ?? 0, why);
  }

  /**
   * Whether another attempt may do better. A host that is not known may be one whose name server is not reached; a name that is
   * taken may be taken by our own lost connection; who closes the door may be stopping, or full.
   */
  #mayPass(why: DeliveryProblem): boolean {
    switch (why.kind) {
      case "no_such_host":
      case "unreachable":
      case "timed_out":
      case "lost":
        return true;
      case "refused":
        return TEMPORARY_REFUSALS.has(why.reason) || why.reason === "name_taken" && this.#wasIn;
      case "not_irc":
      case "untrusted":
      case "aborted":
      case "told":
        return false;
      default:
        return unreachable(why);
    }
  }
}
