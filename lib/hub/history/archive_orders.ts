/** What the hub wants of the archive beside what follows from the log; the server takes it after each turn. */
import type { ArchiveOrder } from "../../log/archive.ts";
import { EffectBuffer } from "../model/effect_buffer.ts";
import type { ConversationLog } from "../model/conversation_log.ts";

export class ArchiveOrders {
  readonly #fresh = new EffectBuffer<ArchiveOrder>();
  /** Channels to retire, by folded name, with their newest record at the time of the order. */
  readonly #retiring = new Map<string, { readonly lastSeq: number; isDone: boolean }>();

  /** `isUsed`: there is an archive; without one nothing is ordered. */
  constructor(readonly isUsed: boolean) {}

  put(order: ArchiveOrder): void {
    if (this.isUsed) this.#fresh.push(order);
  }

  take(): readonly ArchiveOrder[] {
    return this.#fresh.take();
  }

  /**
   * Whether the settings of an idle channel, of which the log holds nothing, may be dropped. Without them any user
   * could read by its name what the archive has of it; so one that was closed, or from which users were banned, is
   * retired first, which is ordered here.
   */
  canDrop(folded: string, { settings, timeline }: ConversationLog, oldestSeq: number): boolean {
    if (!this.isUsed || settings === undefined) return true;
    if (!settings.isClosed && settings.lists.b.length === 0) return true;
    const { lastSeq } = timeline;
    const known = this.#retiring.get(folded);
    if (known?.lastSeq === lastSeq) {
      if (known.isDone) this.#retiring.delete(folded);
      return known.isDone;
    }
    this.#retiring.set(folded, { lastSeq, isDone: false });
    this.put({ kind: "retire", name: folded, seq: oldestSeq });
    return false;
  }

  /** Called when the archive has retired the channel `folded`. */
  confirmRetired(folded: string): void {
    const retiring = this.#retiring.get(folded);
    if (retiring !== undefined) retiring.isDone = true;
  }
}
