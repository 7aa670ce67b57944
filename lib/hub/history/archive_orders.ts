/** What the hub wants of the archive beside what follows from the log; the server takes it after each turn. */
import { casefold } from "../../irc/names/casemap.ts";
import type { ArchiveOrder } from "../../log/archive.ts";
import type { EventLog } from "../log/event_log.ts";
import type { FactBuffer } from "../log/facts.ts";
import { EffectBuffer } from "../model/effect_buffer.ts";
import type { OwnerId } from "../model/identifiers.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { isKept, UnconfirmedOrders } from "./unconfirmed_orders.ts";

export class ArchiveOrders {
  readonly unconfirmed: UnconfirmedOrders;
  readonly #log: EventLog;
  readonly #fresh = new EffectBuffer<ArchiveOrder>();
  /** Channels to retire, by folded name, with their newest record at the time of the order. */
  readonly #retiring = new Map<string, { readonly lastSeq: number; isDone: boolean }>();
  /** Owners of ended accounts that are still connected. */
  readonly #ending = new Set<OwnerId>();
  #hasBegun = false;

  /** `isUsed`: there is an archive; without one nothing is ordered, but kept if there was one. */
  constructor(facts: FactBuffer, log: EventLog, readonly isUsed: boolean) {
    this.unconfirmed = new UnconfirmedOrders(facts, log);
    this.#log = log;
  }

  /** Whether there is an archive, or may be one again that was written beside this log. */
  get isKept(): boolean {
    return this.isUsed || this.unconfirmed.trust !== undefined;
  }

  /** Called when the log has been replayed: hands on what was not confirmed before this start. */
  begin(): void {
    if (!this.isUsed) return;
    this.#hasBegun = true;
    this.unconfirmed.begin(this.#log.nextSeq);
    this.#putTrust();
    for (const order of this.unconfirmed.all) this.#fresh.push(this.#asOfNow(order));
  }

  /** Has the direct conversations of `owner` forgotten when its last session has ended, or with the next start. */
  forgetLater(owner: OwnerId): void {
    const order: ArchiveOrder = { kind: "forget", owner, seq: this.#log.nextSeq };
    if (isKept(order)) this.unconfirmed.add(order);
    this.#ending.add(owner);
  }

  /** Called when a user with this owner id has quit; `isConnected` tells whether another one has it. */
  noteUserGone(owner: OwnerId, isConnected: () => boolean): void {
    if (!this.#ending.has(owner) || isConnected()) return;
    this.#ending.delete(owner);
    if (this.isUsed) this.#fresh.push({ kind: "forget", owner, seq: this.#log.nextSeq });
  }

  /** `order` as it is given now: an owner that is forgotten may have got messages until now. */
  #asOfNow(order: ArchiveOrder): ArchiveOrder {
    return order.kind === "forget" ? { ...order, seq: this.#log.nextSeq } : order;
  }

  put(order: ArchiveOrder): void {
    if (isKept(order)) {
      if (!this.unconfirmed.add(order) || !this.#hasBegun) return;
    }
    if (this.isUsed) this.#fresh.push(order);
  }

  /** Called for the record at `seq`, which renames the channel `from` to `to`. */
  putRename(from: string, to: string, seq: number): void {
    const [old, folded] = [casefold(from), casefold(to)];
    if (old !== folded) this.put({ kind: "rename", from: old, to: folded, name: to, seq: seq + 1 });
  }

  /** Called for the record at `seq`, which redacts the message at `redacted`. */
  putRedaction(redacted: number, seq: number): void {
    this.put({ kind: "redact", redacted, seq: seq + 1 });
  }

  take(): readonly ArchiveOrder[] {
    return this.#fresh.take();
  }

  /**
   * Whether the settings of an idle channel, of which the log holds nothing, may be dropped. Without them any user
   * could read by its name what the archive has of it; so one that was closed, or from which users were banned, is
   * retired first, which is ordered here.
   */
  canDrop(folded: string, { settings, timeline }: ConversationLog): boolean {
    if (!this.isKept || settings === undefined) return true;
    if (!settings.isClosed && settings.lists.b.length === 0) return true;
    const order: ArchiveOrder = { kind: "retire", name: folded, seq: this.#log.nextSeq };
    if (!this.isUsed) {
      this.put(order);
      return true;
    }
    const { lastSeq } = timeline;
    const known = this.#retiring.get(folded);
    if (known?.lastSeq === lastSeq) {
      if (known.isDone) this.#retiring.delete(folded);
      return known.isDone;
    }
    this.#retiring.set(folded, { lastSeq, isDone: false });
    this.put(order);
    return false;
  }

  /** Called when the archive has carried out `order`. */
  confirm(order: ArchiveOrder): void {
    if (order.kind === "retire") {
      const retiring = this.#retiring.get(order.name);
      if (retiring !== undefined) retiring.isDone = true;
    }
    if (!isKept(order)) return;
    this.unconfirmed.confirm(order);
    this.#putTrust();
  }

  #putTrust(): void {
    const { trust } = this.unconfirmed;
    if (trust !== undefined) this.#fresh.push({ kind: "trust", trust, seq: 0 });
  }
}
