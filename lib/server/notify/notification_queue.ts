/**
 * Notifications on their way to the notify URLs of accounts: so many at once, of one account one after another in their
 * order. An account with a URL that answers slowly, or with many URLs in turn, delays its own.
 */
import type { PageNotification } from "../../base/values/page_notification.ts";
import { FairQueue } from "../fair_queue.ts";
import type { NotifyPolicy } from "../settings/notify_flags.ts";
import type { TurnQueue } from "../turn_queue.ts";
import type { SenderOptions } from "./notification_sender.ts";

export const MAX_NOTIFICATIONS_AT_ONCE = 16;
export const MAX_WAITING_NOTIFICATIONS = 1000;
/** Of one account. */
export const MAX_WAITING_PER_ACCOUNT = 20;
/** Refusals that the log has; beyond that they are logged anew. */
const MAX_TOLD_REFUSALS = 100;

type Turns = Pick<TurnQueue, "run">;

export interface NotificationJob {
  /** Owner id of the account. */
  readonly owner: string;
  /** As the account gave it. */
  readonly url: string;
  readonly notification: PageNotification;
  /** Gets the reason if the notification was not taken. Called once, unless the server stops before. */
  readonly done: (trouble: string | undefined) => void;
}

export class NotificationQueue {
  /** Since the start. */
  readonly counts = { sent: 0, failed: 0 };
  readonly #waiting = new FairQueue<readonly [job: NotificationJob, turns: Turns]>(
    MAX_WAITING_PER_ACCOUNT,
    MAX_WAITING_NOTIFICATIONS,
  );
  /** Accounts that a notification is on its way to. */
  readonly #busy = new Set<string>();
  readonly #told = new Set<string>();
  readonly #stopping = new AbortController();

  /**
   * `logRefusal` gets a sentence for the server log when an address is refused, once for each. `options`: of the sender;
   * tests pass others.
   */
  constructor(
    readonly policy: NotifyPolicy,
    readonly logRefusal: (text: string) => void,
    readonly options: SenderOptions = {},
  ) {}

  /** Takes `jobs`; the outcome of each is reported within a turn. */
  send(jobs: readonly NotificationJob[], turns: Turns): void {
    for (const job of jobs) {
      const dropped = this.#waiting.push(job.owner, [job, turns]);
      if (dropped !== undefined) this.#report(...dropped, "too many notifications wait to be sent");
    }
    this.#sendNext();
  }

  /** Ends what is under way. Nothing is reported any more: the hub of the next start sends again. */
  stop(): void {
    this.#stopping.abort();
  }

  #sendNext(): void {
    while (this.#busy.size < MAX_NOTIFICATIONS_AT_ONCE) {
      const next = this.#waiting.shift(this.#busy);
      if (next === undefined) return;
      void this.#carry(...next);
    }
  }

  async #carry(job: NotificationJob, turns: Turns): Promise<void> {
    this.#busy.add(job.owner);
    const { sendNotification } = await import("./notification_sender.ts");
    const trouble = await sendNotification(job.url, job.notification, this.policy, {
      signal: this.#stopping.signal,
      onRefused: (text) => this.#tellRefusal(text),
      ...this.options,
    });
    this.#busy.delete(job.owner);
    if (this.#stopping.signal.aborted) return;
    this.#report(job, turns, trouble);
    this.#sendNext();
  }

  #report(job: NotificationJob, turns: Turns, trouble: string | undefined): void {
    this.counts[trouble === undefined ? "sent" : "failed"]++;
    void turns.run((hub, now) => {
      hub.beginTask(now);
      job.done(trouble);
    });
  }

  #tellRefusal(text: string): void {
    if (this.#told.has(text)) return;
    if (this.#told.size >= MAX_TOLD_REFUSALS) this.#told.clear();
    this.#told.add(text);
    this.logRefusal(text);
  }
}
