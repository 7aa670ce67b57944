/**
 * Notify URLs of accounts, and the notifications of a turn, which the server sends.
 *
 *     fact notify, by owner id: { url }
 */
import { parseNotifyUrl } from "../../../base/values/notify_url.ts";
import type { PageNotification } from "../../../base/values/page_notification.ts";
import { truncateText } from "../../../irc/text_splitter.ts";
import { readMember } from "../../log/facts.ts";
import type { FactBuffer } from "../../log/facts.ts";
import { EffectBuffer } from "../../model/effect_buffer.ts";
import type { OwnerId } from "../../model/identifiers.ts";

/** Most bytes of a reason why a notification was not taken; another server may have said it. */
const TROUBLE_MAX_BYTES = 150;

/** A notification that the server sends; within a turn it calls `done`. */
export interface NotificationOrder {
  /** Of the account. */
  readonly owner: OwnerId;
  /** As the account has set it. */
  readonly url: string;
  readonly notification: PageNotification;
  /** `trouble`: why it was not taken, as a text; undefined: it was. */
  readonly done: (trouble: string | undefined) => void;
}

export class NotifyUrls {
  readonly #facts: FactBuffer;
  readonly #urls = new Map<OwnerId, string>();
  readonly #orders = new EffectBuffer<NotificationOrder>();

  constructor(facts: FactBuffer) {
    this.#facts = facts;
  }

  of(owner: OwnerId): string | undefined {
    return this.#urls.get(owner);
  }

  /** Sets the URL of an account; undefined deletes it. */
  set(owner: OwnerId, url: string | undefined): void {
    if (url === undefined) {
      if (!this.#urls.delete(owner)) return;
    } else this.#urls.set(owner, url);
    this.#facts.put("notify", owner, url === undefined ? undefined : { url });
  }

  /** Has the server send a notification. */
  order(order: NotificationOrder): void {
    const done = (trouble: string | undefined) =>
      order.done(trouble === undefined ? undefined : toOneLine(trouble));
    this.#orders.push({ ...order, done });
  }

  /** The notifications since the last call. */
  takeOrders(): readonly NotificationOrder[] {
    return this.#orders.take();
  }

  /** Called when the server starts: drops those of accounts that there are no more. */
  prune(isPossibleOwner: (owner: OwnerId) => boolean): void {
    for (const owner of [...this.#urls.keys()]) if (!isPossibleOwner(owner)) this.set(owner, undefined);
  }

  /** Restores the fact `notify`. */
  restore(owner: string, value: unknown): void {
    const url = readMember(value, "url", "string");
    const fault = parseNotifyUrl(url);
    if (typeof fault === "string") throw new TypeError(fault);
    this.#urls.set(owner, url);
  }
}

function toOneLine(text: string): string {
  return truncateText(text.replaceAll(/[\x00-\x1f\x7f]+/g, " "), TROUBLE_MAX_BYTES);
}
