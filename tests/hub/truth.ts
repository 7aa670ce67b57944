/** The messages of a log as they were appended, and what has become of them: what all answers of a hub are held against. */
import { assert } from "../../lib/base/assert.ts";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import type { EventLog } from "../../lib/hub/log/event_log.ts";
import type { RecordedMessage } from "../../lib/hub/model/state/event.ts";
import { nickOf } from "../../lib/hub/model/identifiers.ts";
import { MAX_AHEAD_MS } from "../../lib/hub/model/timeline.ts";
import { formatMsgid } from "../../lib/hub/output/render.ts";

/** Messages by their sequence number. */
export interface Retained {
  has(seq: number): boolean;
}

export interface Fact {
  readonly seq: number;
  /** ms since the epoch; near the clock of the server. */
  readonly time: number;
  /** The server's clock then. */
  readonly clock: number;
  readonly msgid: string;
  readonly event: RecordedMessage;
  /** Its sender was told so. */
  durable: boolean;
  /** A restart has not found it again. */
  lost: boolean;
}

export class Truth {
  /** In the order of the log. */
  readonly facts: Fact[] = [];
  /** Numbers at which a server began to append after a restart that lost what came before. */
  readonly restarts: number[] = [];
  /**
   * Ids that a power cut has brought back: the message was overwritten, said again, and of the sync that wrote both the power
   * cut has left the later sectors and not the earlier ones.
   */
  readonly doubled = new Set<string>();
  /** By target, the time of the last message since the clock was last set back. */
  #last = new Map<string, number>();

  constructor(readonly logId: string) {}

  /** Takes in the message that was just appended at `seq`, when the server's clock said `clock`. */
  append(log: EventLog, seq: number, clock: number): Fact {
    const record = log.read(seq);
    const event = record.kind === "ok" ? decodeEvent(record.payload) : undefined;
    assert(record.kind === "ok" && event?.kind === "message", `record ${seq} is the message`);
    const fact = {
      seq,
      time: record.time,
      clock,
      msgid: formatMsgid(seq, this.logId),
      event,
      durable: false,
      lost: false,
    };
    this.#tellsTheTime(fact);
    this.facts.push(fact);
    return fact;
  }

  /** The server's clock has been set back. */
  setBack(): void {
    this.#last.clear();
  }

  /** What the log holds now, and what is `retained` beyond it. */
  present({ oldestSeq }: EventLog, retained: Retained): Fact[] {
    return this.facts.filter(({ seq, lost }) => !lost && (seq >= oldestSeq || retained.has(seq)));
  }

  /** The message of that owner with that id that is there. */
  sent(log: EventLog, retained: Retained, owner: string, id: string): Fact | undefined {
    return this.present(log, retained).findLast(({ event }) => event.from === owner && event.id === id);
  }

  /**
   * Holds a log that was opened again against what was appended. What the one `before` had overwritten may be gone, or there
   * again; `prefix`: what is lost is what came last.
   */
  reopen(before: EventLog, log: EventLog, prefix: boolean): void {
    const found: number[] = [];
    const ids = new Set<string>();
    for (let seq = log.firstSeqFrom(0); seq < log.nextSeq; seq = log.firstSeqFrom(seq + 1)) {
      const record = log.read(seq);
      const event = record.kind === "ok" ? decodeEvent(record.payload) : undefined;
      if (event?.kind !== "message") continue;
      found.push(seq);
      const key = `${event.from} ${event.id}`;
      if (event.id !== undefined && ids.has(key)) {
        assert(!prefix, `${key} is in the log twice`);
        this.doubled.add(event.id);
      }
      ids.add(key);
    }
    const kept = new Set(found);
    let missing = false;
    for (const fact of this.facts) {
      const there = kept.delete(fact.seq);
      assert(!there || !fact.lost, `${fact.seq} was lost, and is back`);
      if (fact.lost || fact.seq < before.oldestSeq) {
        fact.lost ||= !there && fact.seq >= log.oldestSeq;
        continue;
      }
      assert(there || !fact.durable, `${fact.seq} was durable, and is lost`);
      assert(!there || !prefix || !missing, `${fact.seq} is there, and one before it is lost`);
      missing ||= !there;
      fact.lost = !there;
    }
    this.#last.clear();
    assert(kept.size === 0, `nobody has said ${[...kept]}`);
    this.restarts.push(log.nextSeq);
  }

  /** Its time is the clock's or a little ahead; and it is later than the last one to its target, where that is possible. */
  #tellsTheTime({ event, time, clock }: Fact): void {
    const target = event.target.kind === "channel"
      ? event.target.name
      : [nickOf(event.source), event.target.name].sort().join(" ");
    const most = clock + MAX_AHEAD_MS;
    assert(time >= clock && time <= most, `the time to ${target} is the clock's`);
    const last = this.#last.get(target) ?? 0;
    assert(time > last || time === last && time === most, `times to ${target} rise`);
    this.#last.set(target, time);
  }
}
