/**
 * Reads calendars of duties for the hub, in a worker: a file that takes long delays other files and nothing else. The
 * worker is started with the first file and kept for a time, because its start holds up this thread for some
 * milliseconds.
 */
import type { CalendarReading } from "../../hub/model/duty_outlook.ts";
import type { CalendarJob } from "../../hub/model/state/async_job.ts";
import { MINUTE_MS } from "../../base/values/time_unit.ts";
import { canStartWorker } from "../archive/free_handles.ts";
import type { DutyReport, DutyRequest } from "./duty_messages.ts";

/** Time for the reading of one file; beyond it is refused. */
export const CALENDAR_READ_MS = 5000;
/** Time until the worker has started, in milliseconds. */
const START_MS = 30_000;
/** A worker that has read nothing for so long ends, in milliseconds. */
const IDLE_MS = 10 * MINUTE_MS;

export interface CalendarReaderOptions {
  readonly readMs?: number;
  readonly startMs?: number;
  readonly canSpawn?: () => boolean;
  /** Creates the worker. */
  readonly spawn?: () => Worker;
}

interface WaitingCalendar extends Pick<CalendarJob, "text" | "at" | "isUrgent"> {
  readonly resolve: (reading: CalendarReading) => void;
}

export class CalendarReader {
  readonly #options: Required<CalendarReaderOptions>;
  /** The urgent ones first. */
  readonly #waiting: WaitingCalendar[] = [];
  #current: WaitingCalendar | undefined;
  #worker: Worker | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: CalendarReaderOptions = {}) {
    this.#options = {
      readMs: CALENDAR_READ_MS,
      startMs: START_MS,
      canSpawn: () => canStartWorker("."),
      spawn: spawnWorker,
      ...options,
    };
  }

  /** What the calendar says from `at` on; never rejects. */
  read({ text, at, isUrgent }: Pick<CalendarJob, "text" | "at" | "isUrgent">): Promise<CalendarReading> {
    const { promise, resolve } = Promise.withResolvers<CalendarReading>();
    const place = isUrgent ? this.#waiting.findIndex((each) => !each.isUrgent) : -1;
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, { text, at, isUrgent, resolve });
    this.#next();
    return promise;
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const next = this.#current = this.#waiting.shift();
    if (next === undefined) return this.#keepIdle();
    clearTimeout(this.#timer);
    this.#worker ??= this.#start();
    if (this.#worker === undefined) return this.#settle(UNAVAILABLE);
    this.#arm(this.#options.startMs, UNAVAILABLE);
    this.#worker.postMessage({ text: next.text, at: next.at } satisfies DutyRequest);
  }

  #start(): Worker | undefined {
    const { canSpawn, spawn, readMs } = this.#options;
    if (!canSpawn()) return undefined;
    const worker = spawn();
    worker.onmessage = ({ data }: MessageEvent<DutyReport>) => {
      if (worker !== this.#worker) return;
      if (data.kind !== "begun") return this.#settle(data);
      const why = `it takes more than ${readMs / 1000} s to read: use fewer events, rules and exceptions`;
      this.#arm(readMs, { kind: "invalid", why });
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker !== this.#worker) return;
      this.#end();
      this.#settle(UNAVAILABLE);
    };
    return worker;
  }

  /** Ends the worker in `ms`, unless it has answered before: then `reading` is the answer. */
  #arm(ms: number, reading: CalendarReading): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#end();
      this.#settle(reading);
    }, ms);
  }

  #settle(reading: CalendarReading): void {
    clearTimeout(this.#timer);
    const current = this.#current;
    this.#current = undefined;
    current?.resolve(reading);
    this.#next();
  }

  #keepIdle(): void {
    this.#timer = setTimeout(() => this.#end(), IDLE_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Ends the worker. What it reads is not told. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#end();
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}

const UNAVAILABLE: CalendarReading = {
  kind: "unread",
  why: "The server cannot read calendars at present; try again in a minute",
};

function spawnWorker(): Worker {
  return new Worker(new URL("./duty_worker.ts", import.meta.url), { type: "module", name: "duty" });
}
