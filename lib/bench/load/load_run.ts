/** Several kinds of load on one server at the same time: rooms, direct messages, idle connections, readers of history. */
import { LatencyHistogram } from "../latency_histogram.ts";
import { ownCpuS } from "../process_usage.ts";
import { ChannelLoad, countPooled, type RunFigures } from "./channel_load.ts";
import { IdleConnections } from "./connection_load.ts";
import { type DirectFigures, DirectLoad } from "./direct_load.ts";
import { type Latency, latencyFigures } from "./figures.ts";
import { type HistoryFigures, historyFigures, HistoryReader } from "./history_load.ts";
import { inParallel, LoadClient, type LoadTarget } from "./load_client.ts";
import { LoadError } from "./load_error.ts";
import { ReceiverPool } from "./receiver_pool.ts";
import { rounded } from "../rounding.ts";

export interface LoadOptions extends LoadTarget {
  readonly secs: number;
  readonly rooms: number;
  /** Receivers and senders of each room. */
  readonly members: number;
  readonly senders: number;
  /** Messages a second in all rooms together; undefined: as fast as `window` allows. */
  readonly perS: number | undefined;
  /** Messages that each sender has in flight. */
  readonly window: number;
  readonly textBytes: number;
  readonly caps: string;
  readonly pairs: number;
  /** Direct messages a second of all pairs together; undefined: as fast as the answers come. */
  readonly directPerS: number | undefined;
  readonly idle: number;
  readonly readers: number;
  /** Requests a second of all readers together; undefined: as fast as the responses come. */
  readonly historyPerS: number | undefined;
  readonly atOnce: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
}

export type LoadProgress =
  | { readonly kind: "opening"; readonly what: "rooms" | "pairs" | "idle connections" | "readers" }
  | {
    readonly kind: "running";
    readonly elapsedS: number;
    readonly secs: number;
    /** In the last second. */
    readonly deliveries: number;
    readonly roundTrips: number;
    readonly pages: number;
    /** Since the start. */
    readonly p99Ms: number | undefined;
    readonly dropped: number;
  };

/** The figures of all rooms together. */
export interface RoomFigures extends Latency {
  readonly sent: number;
  readonly deliveriesPerS: number;
  readonly lost: number;
  readonly extra: number;
  readonly outOfOrder: number;
  readonly twice: number;
  readonly malformed: number;
  readonly lateMs: number | undefined;
}

export interface LoadFigures {
  /** How long the load was to last. */
  readonly secs: number;
  /** Until the last message had come, or was given up. */
  readonly tookS: number;
  readonly connections: number;
  readonly rooms: RoomFigures | undefined;
  readonly direct: DirectFigures | undefined;
  readonly history: HistoryFigures | undefined;
  /** Why connections were closed by the server. */
  readonly dropped: readonly string[];
  /** False: messages are missing, and the server does not answer any more. */
  readonly answers: boolean;
  /** Share of one core that the generator used: near 1, it was the limit. */
  readonly generatorLoad: number;
}

/** At the end repeated messages that are late are waited for so long. */
export const LATE_MS = 1000;
/** Time between two reports of progress. */
const PROGRESS_MS = 1000;
/** Time in which a server answers one connection alone. */
const PROBE_MS = 10_000;

/** Opens all parts, runs them for the time, and closes them. Rejects with a LoadError where a part cannot be opened. */
export async function runLoad(options: LoadOptions): Promise<LoadFigures> {
  const run = new LoadRun(options);
  try {
    await untilAborted(run.open(), options.signal);
    return await run.run();
  } finally {
    run.close();
  }
}

/** Rejects with the signal's reason as soon as it is aborted. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

class LoadRun {
  readonly #options: LoadOptions;
  /** Begins all nicks, so that generators do not disturb each other. */
  readonly #prefix = `b${Math.floor(Math.random() * 36 ** 2).toString(36).padStart(2, "0")}`;
  /** Aborted at an interruption, and when the server has closed all connections. */
  readonly #over = new AbortController();
  #pool: ReceiverPool | undefined;
  readonly #rooms: ChannelLoad[] = [];
  #direct: DirectLoad | undefined;
  #idle: IdleConnections | undefined;
  #readers: HistoryReader[] = [];
  #probes = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  get #signal(): AbortSignal {
    return AbortSignal.any([this.#options.signal, this.#over.signal]);
  }

  async open(): Promise<void> {
    const { rooms, pairs, idle, readers, atOnce, textBytes, onProgress } = this.#options;
    const target = this.#target;
    await this.#probe();
    if (rooms > 0) onProgress({ kind: "opening", what: "rooms" });
    await this.#openRooms();
    const signal = this.#signal;
    if (pairs > 0) {
      onProgress({ kind: "opening", what: "pairs" });
      this.#direct = await DirectLoad.open({
        ...target,
        pairs,
        nickPrefix: this.#prefix,
        textBytes,
        atOnce,
        lateMs: LATE_MS,
        signal,
      });
    }
    if (idle > 0) {
      onProgress({ kind: "opening", what: "idle connections" });
      const nickPrefix = `${this.#prefix}c`;
      this.#idle = await IdleConnections.open({ ...target, count: idle, nickPrefix, atOnce });
    }
    if (readers === 0) return;
    onProgress({ kind: "opening", what: "readers" });
    await inParallel(readers, atOnce, async (index) => {
      const [nick, channel] = [`${this.#prefix}h${index}`, this.#channel(0)];
      this.#readers.push(
        await HistoryReader.open({ ...target, nick, channel, joins: true, atLeast: 1, signal }), // the mark is there
      );
    });
  }

  /** One pool of counting receivers serves all rooms. */
  async #openRooms(): Promise<void> {
    const { rooms, members, senders, caps, textBytes, atOnce } = this.#options;
    if (rooms === 0) return;
    const pooled = countPooled(members);
    const pool = this.#pool = new ReceiverPool(pooled * rooms);
    for (let room = 0; room < rooms; room++) {
      const options = {
        ...this.#target,
        channel: this.#channel(room),
        receivers: members,
        senders,
        nickPrefix: `${this.#prefix}${room.toString(36)}`,
        caps,
        textBytes,
        atOnce,
        lateMs: LATE_MS,
        pid: undefined,
        signal: this.#signal,
      };
      this.#rooms.push(await ChannelLoad.open(options, { pool, first: room * pooled }));
    }
  }

  get #target(): LoadTarget {
    const { address, password } = this.#options;
    return { address, password };
  }

  /** Connects once, as all others will, so that a server that cannot be used is told of at once. Rejects with a LoadError. */
  async #probe(): Promise<void> {
    const nick = `${this.#prefix}p${this.#probes++}`;
    (await LoadClient.enter({ ...this.#target, nick, stepMs: PROBE_MS })).close();
  }

  async #isAnswering(): Promise<boolean> {
    try {
      await this.#probe();
      return true;
    } catch (error) {
      return !(error instanceof LoadError) || error.kind !== "timed_out";
    }
  }

  #channel(room: number): string {
    return `#${this.#prefix}${room}`;
  }

  async run(): Promise<LoadFigures> {
    const { secs, perS, window, directPerS, historyPerS } = this.#options;
    const startMs = performance.now();
    const ownBeforeS = ownCpuS();
    const stopWatching = this.#watch(startMs);
    try {
      const each = perS === undefined ? undefined : perS / this.#rooms.length;
      const rooms = this.#rooms.map((room) =>
        each === undefined ? room.windowed(window, secs) : room.paced(each, secs)
      );
      const pagesPerS = historyPerS === undefined ? undefined : historyPerS / this.#readers.length;
      const pages = this.#readers.map((reader) => reader.run(secs, pagesPerS));
      const [figures, direct] = await Promise.all([
        Promise.all(rooms),
        this.#direct?.run(secs, directPerS),
        Promise.all(pages),
      ]);
      const tookS = (performance.now() - startMs) / 1000;
      const generatorLoad = rounded((ownCpuS() - ownBeforeS) / tookS);
      const sum = {
        rooms: figures.length === 0 ? undefined : this.#sumRooms(figures),
        direct,
        history: this.#readers.length === 0 ? undefined : historyFigures(this.#readers),
      };
      const isMissing = Object.values(sum).some((part) => part !== undefined && part.lost > 0);
      const mustAsk = isMissing && this.#dropped.length === 0 && !this.#options.signal.aborted;
      return {
        secs,
        tookS: rounded(tookS),
        connections: this.#connections,
        ...sum,
        dropped: this.#dropped,
        answers: !mustAsk || await this.#isAnswering(),
        generatorLoad,
      };
    } finally {
      stopWatching();
    }
  }

  close(): void {
    for (const each of [...this.#rooms, ...this.#readers]) each.close();
    this.#direct?.close();
    this.#idle?.close();
    this.#pool?.close();
  }

  /** Reports progress every second, and ends the run early when no connection is left. */
  #watch(startMs: number): () => void {
    const { secs, onProgress } = this.#options;
    let before = this.#totals();
    const timer = setInterval(() => {
      const now = this.#totals();
      const dropped = this.#dropped.length;
      onProgress({
        kind: "running",
        elapsedS: Math.round((performance.now() - startMs) / 1000),
        secs,
        deliveries: now.deliveries - before.deliveries,
        roundTrips: now.roundTrips - before.roundTrips,
        pages: now.pages - before.pages,
        p99Ms: this.#latency().percentileMs(0.99),
        dropped,
      });
      before = now;
      if (dropped >= this.#connections) this.#over.abort();
    }, PROGRESS_MS);
    return () => clearInterval(timer);
  }

  #totals(): { deliveries: number; roundTrips: number; pages: number } {
    return {
      deliveries: this.#rooms.reduce((sum, { delivered }) => sum + delivered, 0),
      roundTrips: this.#direct?.roundTrips ?? 0,
      pages: this.#readers.reduce((sum, { latency }) => sum + latency.samples, 0),
    };
  }

  #latency(): LatencyHistogram {
    const all = new LatencyHistogram();
    for (const { latency } of this.#rooms) all.merge(latency);
    return all;
  }

  get #connections(): number {
    const { rooms, members, senders, pairs, idle, readers } = this.#options;
    return rooms * (members + senders) + 2 * pairs + idle + readers;
  }

  get #dropped(): string[] {
    return [...this.#rooms, ...this.#readers, this.#direct, this.#idle].flatMap((part) =>
      part?.dropped ?? []
    );
  }

  #sumRooms(figures: readonly RunFigures[]): RoomFigures {
    const sum = (key: "sent" | "deliveriesPerS" | "lost" | "extra" | "outOfOrder" | "twice" | "malformed") =>
      figures.reduce((total, each) => total + each[key], 0);
    const late = figures.flatMap(({ lateMs }) => lateMs ?? []);
    return {
      sent: sum("sent"),
      deliveriesPerS: rounded(sum("deliveriesPerS")),
      ...latencyFigures(this.#latency()),
      lost: sum("lost"),
      extra: sum("extra"),
      outOfOrder: sum("outOfOrder"),
      twice: sum("twice"),
      malformed: sum("malformed"),
      lateMs: late.length === 0 ? undefined : Math.max(...late),
    };
  }
}
