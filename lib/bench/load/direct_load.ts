/** Pairs of users: one sends a direct message, the other sends it back, and only then comes the next one. */
import { delay } from "../../base/delay.ts";
import { LatencyHistogram } from "../latency_histogram.ts";
import { ownCpuS } from "../process_usage.ts";
import { type Latency, latencyFigures, readServerUsage } from "./figures.ts";
import { joinBytes } from "./joined_bytes.ts";
import { inParallel, LoadClient, type LoadTarget } from "./load_client.ts";
import { Stamper } from "./message_stamp.ts";
import { rounded } from "../rounding.ts";

const READ_BYTES = 4096;
const LF = 0x0a;
const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");
/** After the end of a run an answer may take this long. */
const DRAIN_MS = 5000;
const POLL_MS = 10;
/** The server's garbage collector has had its turn. */
const SETTLE_MS = 500;

export interface DirectOptions extends LoadTarget {
  readonly pairs: number;
  readonly nickPrefix?: string;
  readonly textBytes?: number;
  readonly atOnce: number;
  /** Repeated messages may be so late that they come behind all that were missing; waited for at the end. */
  readonly lateMs?: number;
  /** Ends the sending early; answers are still waited for. */
  readonly signal?: AbortSignal;
}

export interface DirectFigures extends Latency {
  readonly roundTrips: number;
  readonly roundTripsPerS: number;
  /** Messages that did not come back. */
  readonly lost: number;
  /** Messages that came twice, in the wrong place or changed. */
  readonly wrong: number;
}

class Pair {
  readonly latency = new LatencyHistogram();
  wrong = 0;
  sent = 0;
  /** False: the next message is sent as soon as the answer has come. */
  isPaced = false;
  stopped = false;
  #isOpen = false;

  constructor(
    readonly index: number,
    readonly asking: LoadClient,
    readonly answering: LoadClient,
    readonly stamper: Stamper,
  ) {
    const asked = new TextReader(stamper, (text) => this.#handleAnswer(text), (line) => asking.line(line));
    asking.onBytes = (buffer, length) => asked.take(buffer, length);
    const lead = encoder.encode(`PRIVMSG ${asking.nick} :`);
    const answered = new TextReader(
      stamper,
      (text) => void answering.write(joinBytes(lead, text)).catch(() => {}), // the read reports the end
      (line) => answering.line(line),
    );
    answering.onBytes = (buffer, length) => answered.take(buffer, length);
  }

  /** A message has not come back yet. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  ask(): void {
    this.#isOpen = true;
    const text = this.stamper.format(this.index, this.sent++, performance.now());
    this.asking.send(`PRIVMSG ${this.answering.nick} :${text}\r\n`);
  }

  #handleAnswer(text: Uint8Array): void {
    const back = this.stamper.read(text, 0);
    if (!this.#isOpen || back?.sender !== this.index || back.number !== this.sent - 1) {
      this.wrong++;
      return;
    }
    this.latency.record(performance.now() - back.sentMs);
    this.#isOpen = false;
    if (!this.stopped && !this.isPaced) this.ask();
  }
}

/** Finds the texts of messages, with their ends of line, in what one connection reads. */
class TextReader {
  #rest: Uint8Array = new Uint8Array();

  constructor(
    readonly stamper: Stamper,
    readonly onText: (text: Uint8Array) => void,
    readonly onOther: (line: string) => void,
  ) {}

  take(buffer: Uint8Array, length: number): void {
    const bytes = joinBytes(this.#rest, buffer.subarray(0, length));
    let start = 0;
    for (let end; (end = bytes.indexOf(LF, start) + 1) > 0; start = end) {
      const textAt = end - this.stamper.textBytes - 2;
      const isText = textAt > start && this.stamper.read(bytes, textAt) !== undefined;
      if (isText) this.onText(bytes.subarray(textAt, end));
      else this.onOther(decoder.decode(bytes.subarray(start, end)).trimEnd());
    }
    this.#rest = bytes.slice(start);
  }
}

export class DirectLoad {
  readonly #pairs: Pair[];
  readonly #signal: AbortSignal | undefined;
  readonly #lateMs: number;
  /** Why connections were closed. */
  readonly dropped: string[] = [];

  private constructor(clients: readonly LoadClient[], { textBytes, lateMs = 0, signal }: DirectOptions) {
    const stamper = new Stamper(textBytes);
    this.#signal = signal;
    this.#lateMs = lateMs;
    this.#pairs = Array.from(
      { length: clients.length / 2 },
      (_, index) => new Pair(index, clients[2 * index]!, clients[2 * index + 1]!, stamper),
    );
    for (const client of clients) client.onEnd = (why) => this.dropped.push(`${client.nick}: ${why}`);
  }

  /** Rejects with a LoadError. */
  static async open(options: DirectOptions): Promise<DirectLoad> {
    const { address, password, pairs, nickPrefix = "", atOnce } = options;
    const clients: LoadClient[] = [];
    try {
      await inParallel(2 * pairs, atOnce, async (index) => {
        const nick = `${nickPrefix}${index % 2 === 0 ? "a" : "b"}${index >> 1}`;
        clients[index] = await LoadClient.enter({ address, password, nick, readBytes: READ_BYTES });
      });
    } catch (error) {
      for (const client of clients) client?.close();
      throw error;
    }
    return new DirectLoad(clients, options);
  }

  /** Messages that have come back so far. */
  get roundTrips(): number {
    return this.#pairs.reduce((sum, { latency }) => sum + latency.samples, 0);
  }

  /** For `secs` seconds, each pair as fast as it can; with `perS` so many messages a second, the pairs in turns. */
  async run(secs: number, perS?: number): Promise<DirectFigures> {
    const pairs = this.#pairs;
    const startMs = performance.now();
    for (const pair of pairs) pair.isPaced = perS !== undefined;
    if (perS === undefined) {
      for (const pair of pairs) pair.ask();
      await delay(secs * 1000, this.#signal);
    } else await this.#askPaced(secs, perS);
    for (const pair of pairs) pair.stopped = true;
    const took = (performance.now() - startMs) / 1000;
    const { roundTrips } = this;
    for (let waited = 0; waited < DRAIN_MS && pairs.some(({ isOpen }) => isOpen); waited += POLL_MS) {
      if (this.dropped.length >= 2 * pairs.length) break;
      await delay(POLL_MS);
    }
    if (this.dropped.length < 2 * pairs.length) await delay(this.#lateMs);
    const latency = new LatencyHistogram();
    for (const pair of pairs) latency.merge(pair.latency);
    return {
      roundTrips,
      roundTripsPerS: rounded(roundTrips / took),
      ...latencyFigures(latency),
      lost: pairs.filter(({ isOpen }) => isOpen).length,
      wrong: pairs.reduce((sum, { wrong }) => sum + wrong, 0),
    };
  }

  /** A pair that still waits for its answer when its turn comes lets the turn pass. */
  async #askPaced(secs: number, perS: number): Promise<void> {
    const startMs = performance.now();
    for (let turn = 0; turn < perS * secs; turn++) {
      const earlyMs = startMs + turn * 1000 / perS - performance.now();
      if (earlyMs > 0) await delay(earlyMs, this.#signal);
      if (this.#signal?.aborted) return;
      const pair = this.#pairs[turn % this.#pairs.length]!;
      if (!pair.isOpen) pair.ask();
    }
    await delay(startMs + secs * 1000 - performance.now(), this.#signal);
  }

  close(): void {
    for (const { asking, answering } of this.#pairs) {
      asking.close();
      answering.close();
    }
  }
}

export interface MeasuredDirectFigures extends DirectFigures {
  readonly generatorLoad: number;
  readonly serverLoad?: number;
  readonly serverCpuUsEach?: number;
}

/** Runs pairs as fast as they can, and measures what they cost the server with the process `pid`. */
export async function measureDirect(
  options: DirectOptions & { readonly secs: number; readonly pid: number | undefined },
): Promise<MeasuredDirectFigures> {
  const { secs, pid } = options;
  const load = await DirectLoad.open(options);
  try {
    await delay(SETTLE_MS);
    const before = await readServerUsage(pid);
    const ownBeforeS = ownCpuS();
    const startMs = performance.now();
    const figures = await load.run(secs);
    const took = (performance.now() - startMs) / 1000;
    const after = await readServerUsage(pid);
    const used = after && before && after.cpuS - before.cpuS;
    return {
      ...figures,
      generatorLoad: rounded((ownCpuS() - ownBeforeS) / took),
      ...(used === undefined ? {} : {
        serverLoad: rounded(used / took),
        serverCpuUsEach: rounded(used * 1e6 / figures.roundTrips),
      }),
    };
  } finally {
    load.close();
  }
}
