/** A text that the server says later: tags of a message (docs/protocol/schedule.md), over as many connections as it takes. */
import type { Clock } from "../../base/clock.ts";
import type { Message } from "../../irc/message.ts";
import { AT_TAG, EVERY_TAG, SCHEDULE_TOKEN, SCHEDULED_CODE, ZONE_TAG } from "../../irc/vendor_extensions.ts";
import { parseWireTime } from "../../irc/wire_number.ts";
import type { Link } from "../connection/link.ts";
import { delayAcrossSuspend } from "../connection/suspend_aware_delay.ts";
import { withLink } from "../connection/with_link.ts";
import { supportsReceipts } from "../conversation/model/server_features.ts";
import { describeFailure, findFailureReply } from "../session/failure_reply.ts";
import { backoffMs } from "../session/backoff.ts";
import type { AccountStatus } from "../session/credentials.ts";
import { TEMPORARY_REFUSALS } from "../session/refusal.ts";
import { ReplyCheck } from "./answered_message.ts";
import { classifyResponse, requestPiece, splitIntoMultilinePieces } from "./delivery.ts";
import type { Rejection } from "./delivery.ts";
import { NameClaim } from "./name_claim.ts";
import type { NameClaimOptions } from "./name_claim.ts";
import type { DeliveryProblem } from "./submission_outcome.ts";

/** When a text is said: `at` a time (RFC 3339, or a duration from now), or at each time of the cron expression `every`. */
export type ScheduleTime = { readonly at: string } | { readonly every: string };

export interface SchedulingOptions extends NameClaimOptions {
  readonly target: string;
  readonly text: string;
  /** Client-only tags of the message. */
  readonly tags?: ReadonlyMap<string, string> | undefined;
  /** Id of the message that it answers, which must be there now; undefined: it answers none. */
  readonly replyTo: string | undefined;
  /** The sender id. */
  readonly id: string;
  readonly when: ScheduleTime;
  /** IANA name of the time zone. */
  readonly zone: string;
  /** Milliseconds for one attempt. */
  readonly timeoutMs: number;
  /** Milliseconds in which further attempts begin; 0: one attempt. */
  readonly retryMs: number;
  readonly clock: Clock;
  readonly onRetry: (why: DeliveryProblem) => void;
  /** The first connection is registered, or the registration of the name has failed. */
  readonly onEntered: (status: AccountStatus) => void;
  /** The server cannot say whether there is a message `replyTo`; the text is scheduled. */
  readonly onUnverifiedReply: () => void;
}

export type SchedulingOutcome =
  /** It is on the server's disk. `dueAt`: milliseconds since the epoch. */
  | { readonly kind: "scheduled"; readonly id: string; readonly dueAt: number; readonly target: string }
  /** It was scheduled under this id before, and has been said. */
  | { readonly kind: "said" }
  /** The server has no scheduled messages. Nothing has been sent to it. */
  | { readonly kind: "unsupported" }
  | Rejection
  /** `mayBeScheduled`: the server may have it; under the same id it is scheduled once. */
  | { readonly kind: "trouble"; readonly why: DeliveryProblem; readonly mayBeScheduled: boolean }
  | { readonly kind: "aborted" };

export class Scheduling {
  readonly #options: SchedulingOptions;
  readonly #nameClaim: NameClaim;
  #wasRegistered = false;
  #mayBeScheduled = false;
  #identified = false;
  readonly #replyCheck: ReplyCheck;

  constructor(options: SchedulingOptions) {
    this.#options = options;
    this.#nameClaim = new NameClaim(options);
    const { target, replyTo } = options;
    this.#replyCheck = new ReplyCheck({ target, replyTo, onUnverified: options.onUnverifiedReply });
  }

  /** Whether the server has the key of the name, or may have it. */
  get isIdentified(): boolean {
    return this.#identified;
  }

  /** Runs to the end. Failures of servers and networks are outcomes, not exceptions. */
  async run(): Promise<SchedulingOutcome> {
    const { clock, signal, retryMs, onRetry } = this.#options;
    const end = clock.now() + retryMs;
    for (let attempt = 0;; attempt++) {
      const outcome = await this.#attempt();
      if (signal.aborted) return { kind: "aborted" };
      const leftMs = end - clock.now();
      if (outcome.kind !== "trouble" || leftMs <= 0 || !mayRetry(outcome.why)) return outcome;
      if (attempt === 0) onRetry(outcome.why);
      await delayAcrossSuspend(Math.min(backoffMs(attempt, Math.random()), leftMs), signal);
      if (signal.aborted) return { kind: "aborted" };
    }
  }

  async #attempt(): Promise<SchedulingOutcome> {
    const { timeoutMs, signal, clock, registration: { questions } } = this.#options;
    const askedMs = () => questions?.waitedMs ?? 0;
    const deadline = clock.now() - askedMs() + timeoutMs;
    const remainingMs = () => deadline + askedMs() - clock.now();
    const outcome = await withLink(this.#nameClaim.connect(remainingMs), signal, async (link) => {
      const outcome = await this.#scheduleOver(link, remainingMs);
      if (outcome.kind === "trouble" && outcome.why.kind === "timed_out") link.abort("no answer"); // to QUIT, too
      return outcome;
    });
    if (outcome.kind === "done") return outcome.value;
    return { kind: "trouble", why: outcome, mayBeScheduled: this.#mayBeScheduled };
  }

  async #scheduleOver(link: Link, remainingMs: () => number): Promise<SchedulingOutcome> {
    const { target, text, tags, id, when, zone, onEntered } = this.#options;
    if (!this.#wasRegistered) onEntered(link.session.accountStatus);
    this.#wasRegistered = true;
    if (link.session.isupport.get(SCHEDULE_TOKEN) === undefined || !supportsReceipts(link.session)) {
      return { kind: "unsupported" };
    }
    const pieces = splitIntoMultilinePieces(text, id, target, link);
    if (pieces.length > 1) {
      return {
        kind: "too_long",
        text: `a scheduled text is one message, and this one makes ${pieces.length}`,
      };
    }
    const missing = await this.#replyCheck.run(link, remainingMs());
    if (missing !== undefined) return missing;
    if (link.session.isClaimed) this.#identified = true;
    const status = await this.#nameClaim.register(link, remainingMs); // only an account can schedule messages
    if (status !== undefined) onEntered(status);
    const given = new Map([
      ...tags ?? [],
      "at" in when ? [AT_TAG, when.at] as const : [EVERY_TAG, when.every] as const,
      [ZONE_TAG, zone],
    ]);
    const piece = { ...pieces[0]!, tags: given };
    const response = await requestPiece(link, target, piece, Math.max(0, remainingMs()));
    if (response.kind === "refused") return response;
    if (response.kind !== "answered") {
      this.#mayBeScheduled = true;
      return { kind: "trouble", why: response, mayBeScheduled: true };
    }
    const scheduled = findScheduled(response.lines);
    if (scheduled !== undefined) return scheduled;
    const failure = findFailureReply(response.lines);
    if (failure === undefined) return { kind: "said" };
    const outcome = describeFailure(failure);
    switch (failure.command === "FAIL" ? failure.params[1] : undefined) {
      case "INVALID_TIME":
      case "TOO_LONG":
        return { kind: "too_long", text: outcome };
      case "TEMPORARILY_UNAVAILABLE":
        return { kind: "trouble", why: { kind: "reply", text: outcome }, mayBeScheduled: false };
      default:
        return classifyResponse(response) as Rejection;
    }
  }
}

/** `NOTE <verb> SCHEDULED <id> <time> <target> :<text>` */
function findScheduled(lines: readonly Message[]): SchedulingOutcome | undefined {
  const note = lines.find(({ command, params }) => command === "NOTE" && params[1] === SCHEDULED_CODE);
  const [, , id, time, target] = note?.params ?? [];
  const dueAt = parseWireTime(time);
  if (id === undefined || dueAt === undefined || target === undefined) return undefined;
  return { kind: "scheduled", id, dueAt, target };
}

function mayRetry(why: DeliveryProblem): boolean {
  if (why.kind === "refused") return TEMPORARY_REFUSALS.has(why.reason);
  return ["no_such_host", "unreachable", "timed_out", "lost"].includes(why.kind);
}
