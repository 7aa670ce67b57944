/** Checks the records of one step as the reader gets them: whole, all there, in order; and takes their latencies. */
import { LatencyHistogram } from "../latency_histogram.ts";
import type { LatencySummary } from "../latency_histogram.ts";
import { ownCpuS, ownRssBytes } from "../process_usage.ts";
import { END_NUMBER, IpcRecordReader } from "./ipc_record.ts";

/** What the reader found in one step. All but `received` of the first five should be 0. */
export interface StepFigures {
  readonly received: number;
  /** Records that never came. */
  readonly lost: number;
  /** Records that came after a record with a higher number. */
  readonly outOfOrder: number;
  /** Records that came again. */
  readonly twice: number;
  /** Records with other bytes than were sent. */
  readonly damaged: number;
  /** From the sending of the first record to the receipt of the last one. */
  readonly tookMs: number;
  readonly latency: LatencySummary;
  /** Processor time of the reader from the first record to the last one. */
  readonly cpuS: number;
  readonly rssBytes: number;
}

export class StepChecker {
  readonly #records = new IpcRecordReader();
  #latency = new LatencyHistogram();
  #received = 0;
  #damaged = 0;
  #outOfOrder = 0;
  #twice = 0;
  /** The number that should come next. */
  #next = 0;
  /** Numbers that were passed over; bounded by the records of a step that are lost. */
  #missing = new Set<number>();
  #firstSentMs = 0;
  #lastReadMs = 0;
  #cpuAtStartS = 0;

  get received(): number {
    return this.#received;
  }

  get damaged(): number {
    return this.#damaged;
  }

  /** Takes one record. Returns the figures when it is the last one of its step; then the next step begins. */
  take(bytes: Uint8Array, nowMs: number): StepFigures | undefined {
    const record = this.#records.read(bytes);
    if (record === undefined) {
      this.#damaged++;
      return undefined;
    }
    const { number, time } = record;
    if (number === END_NUMBER) return this.#endStep(time);
    if (this.#received === 0) {
      this.#firstSentMs = time;
      this.#cpuAtStartS = ownCpuS();
    }
    this.#received++;
    this.#lastReadMs = nowMs;
    this.#latency.record(nowMs - time);
    if (number === this.#next) this.#next++;
    else this.#place(number);
    return undefined;
  }

  #place(number: number): void {
    if (number > this.#next) {
      for (let passed = this.#next; passed < number; passed++) this.#missing.add(passed);
      this.#next = number + 1;
    } else if (this.#missing.delete(number)) this.#outOfOrder++;
    else this.#twice++;
  }

  #endStep(sent: number): StepFigures {
    const figures = {
      received: this.#received,
      lost: this.#missing.size + Math.max(0, sent - this.#next),
      outOfOrder: this.#outOfOrder,
      twice: this.#twice,
      damaged: this.#damaged,
      tookMs: this.#lastReadMs - this.#firstSentMs,
      latency: this.#latency.summarize(),
      cpuS: ownCpuS() - this.#cpuAtStartS,
      rssBytes: ownRssBytes(),
    };
    this.#latency = new LatencyHistogram();
    this.#received =
      this.#damaged =
      this.#outOfOrder =
      this.#twice =
      this.#next =
        0;
    this.#missing = new Set();
    return figures;
  }
}
