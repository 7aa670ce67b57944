/** A channel with receivers and senders, ready for runs: as many messages as the server takes, or at a rate. */
import { delay } from "../../base/delay.ts";
import type { Address } from "../../net/address.ts";
import { LatencyHistogram } from "../latency_histogram.ts";
import { ownCpuS } from "../process_usage.ts";
import { DeliveryChecker } from "./delivery_checker.ts";
import { type Latency, latencyFigures, readServerUsage, type ServerUsage } from "./figures.ts";
import { ChannelSenders } from "./channel_senders.ts";
import { LoadClient, type LoadTarget, readBytesFor } from "./load_client.ts";
import { type Stamp, Stamper } from "./message_stamp.ts";
import { ReceiverPool } from "./receiver_pool.ts";
import { rounded } from "../rounding.ts";

/** Receivers that read every line and take its latency; the others count. */
const WATCHED_RECEIVERS = 4;
/** A run is over when nothing has come for this time, though something should. */
const IDLE_MS = 5000;
const POLL_MS = 20;
/** The senders have seen the mark too by then, and the server's garbage collector has had its turn. */
const SETTLE_MS = 500;
/** The last line before the runs; part of no message of theirs. */
export const MARK = "==the runs begin==";

export interface ChannelOptions extends LoadTarget {
  readonly channel: string;
  readonly receivers: number;
  readonly senders: number;
  /** More addresses of the same server: receivers connect to `address` and these in turns, senders to `address`. */
  readonly others?: readonly Address[];
  /** Begins the nick of each connection: several channels, and several generators, can load one server. */
  readonly nickPrefix?: string;
  /** What the receivers negotiate, separated by spaces. */
  readonly caps: string;
  readonly textBytes?: number;
  /** Connections that register at one time. */
  readonly atOnce: number;
  /** Repeated messages may be so late that they come behind all that were missing; waited for at the end. */
  readonly lateMs?: number;
  /** The server's process, for what it uses. */
  readonly pid: number | undefined;
  /** Ends the sending early; what has been sent is still waited for. */
  readonly signal?: AbortSignal;
}

/** The members of a pool that belong to one channel. */
export interface PoolPart {
  readonly pool: ReceiverPool;
  readonly first: number;
}

/** Number of receivers, of `receivers` in all, that need a place in a pool. */
export function countPooled(receivers: number): number {
  return receivers - Math.min(WATCHED_RECEIVERS, receivers);
}

export interface RunFigures extends Latency {
  readonly sent: number;
  /** Messages that came to receivers while the run lasted (what came late is looked for, but not counted here). */
  readonly deliveriesPerS: number;
  /** Deliveries since the channel was opened that are missing, and that are too many. */
  readonly lost: number;
  readonly extra: number;
  /** What the watched receivers found, since the channel was opened. */
  readonly outOfOrder: number;
  readonly twice: number;
  readonly malformed: number;
  /** Latencies taken. */
  readonly samples: number;
  /** Connections that the server has closed. */
  readonly dropped: number;
  /** Share of one core that the generator used: near 1, it was the limit. */
  readonly generatorLoad: number;
  /** At a given rate: how late the generator itself was, at worst. */
  readonly lateMs?: number;
  readonly serverLoad?: number;
  readonly serverCpuSPerMillion?: number;
}

interface Moment {
  readonly atMs: number;
  readonly delivered: number;
  readonly cpuS: number;
  readonly server: ServerUsage | undefined;
}

export class ChannelLoad {
  readonly #senders: ChannelSenders;
  readonly #watched: { client: LoadClient; checker: DeliveryChecker }[] = [];
  readonly #part: PoolPart;
  readonly #ownsPool: boolean;
  /** Members in the pool. */
  readonly #pooled: number;
  readonly #stamper: Stamper;
  #latency = new LatencyHistogram();
  readonly #dropped: string[] = [];

  private constructor(readonly options: ChannelOptions, part: PoolPart | undefined) {
    this.#pooled = countPooled(options.receivers);
    this.#ownsPool = part === undefined;
    this.#part = part ?? { pool: new ReceiverPool(this.#pooled), first: 0 };
    this.#stamper = new Stamper(options.textBytes);
    const nick = (index: number) => this.#senderNick(index);
    this.#senders = new ChannelSenders({ ...options, nick }, this.#stamper);
  }

  /** Without `part` the channel has a pool of its own. Rejects with a LoadError. */
  static async open(options: ChannelOptions, part?: PoolPart): Promise<ChannelLoad> {
    const channel = new ChannelLoad(options, part);
    try {
      await channel.#fill();
      await channel.#start();
      return channel;
    } catch (error) {
      channel.close();
      throw error;
    }
  }

  /** Why connections were closed. */
  get dropped(): readonly string[] {
    const { pool, first } = this.#part;
    const pooled = [...pool.dropped].filter(([index]) => index >= first && index < first + this.#pooled);
    return [...this.#dropped, ...pooled.map(([index, why]) => `${this.#nick(`r${index}`)}: ${why}`)];
  }

  /** Messages that receivers have got since the channel was opened. */
  get delivered(): number {
    return sum([...this.#counts]) + sum(this.#watched.map(({ checker }) => checker.count));
  }

  /** Of the run, or of the last one. */
  get latency(): LatencyHistogram {
    return this.#latency;
  }

  close(): void {
    for (const { client } of this.#watched) client.close();
    this.#senders.close();
    if (this.#ownsPool) this.#part.pool.close();
  }

  /** Each sender has `window` messages in flight for `secs` seconds. */
  async windowed(window: number, secs: number): Promise<RunFigures> {
    this.#latency = new LatencyHistogram();
    const before = await this.#now();
    this.#senders.keepInFlight(window);
    await delay(secs * 1000, this.options.signal);
    this.#senders.stop();
    const after = await this.#now();
    await this.#drain();
    return this.#figures(before, after);
  }

  /** `perS` messages a second, the senders in turns, whether or not they arrive. */
  async paced(perS: number, secs: number): Promise<RunFigures> {
    const { signal } = this.options;
    this.#latency = new LatencyHistogram();
    const before = await this.#now();
    let lateMs = 0;
    for (let sent = 0; sent < perS * secs; sent++) {
      const dueMs = before.atMs + sent * 1000 / perS;
      if (dueMs > performance.now()) await delay(dueMs - performance.now(), signal);
      if (signal?.aborted) break;
      lateMs = Math.max(lateMs, performance.now() - dueMs);
      this.#senders.send(sent % this.#senders.size);
    }
    await delay(before.atMs + secs * 1000 - performance.now(), signal);
    const after = await this.#now();
    await this.#drain();
    return { ...this.#figures(before, after), lateMs: rounded(lateMs) };
  }

  /** The watched receivers join evenly among the others: the place of a receiver decides when it is served. */
  async #fill(): Promise<void> {
    const { address, others = [], password, channel, receivers, caps, atOnce } = this.options;
    const addresses = [address, ...others];
    const member = { password, channel, caps };
    const { pool, first } = this.#part;
    const watched = receivers - this.#pooled;
    const enter = async (from: number, to: number) => {
      if (to <= from) return;
      const part = { nick: this.#nick("r"), first: first + from, count: to - from };
      await pool.enter({ ...member, addresses, atOnce, ...part });
    };
    let joined = 0;
    for (let place = 0; place < watched; place++) {
      const end = Math.floor((place + 0.5) * this.#pooled / watched);
      await enter(joined, end);
      joined = end;
      const nick = this.#nick(`w${place}`);
      const at = addresses[place % addresses.length]!;
      this.#watch(await LoadClient.enter({ ...member, address: at, nick, readBytes: readBytesFor(1) }));
    }
    await enter(joined, this.#pooled);
    await this.#senders.open();
  }

  #watch(client: LoadClient): void {
    const place = this.#watched.length;
    const checker = new DeliveryChecker(
      {
        channel: this.options.channel,
        senders: this.options.senders,
        nick: (index) => this.#senderNick(index),
        tagged: this.options.caps !== "",
        stamper: this.#stamper,
      },
      (message, nowMs) => this.#handleDelivery(place, message, nowMs),
      (line) => client.line(line),
    );
    this.#watched.push({ client, checker });
    client.onEnd = (why) => this.#dropped.push(`${client.nick}: ${why}`);
  }

  /** Sends one line to all members, so that all that came before has been read. */
  async #start(): Promise<void> {
    const { pool, first } = this.#part;
    if (this.#pooled > 0) await pool.awaitMark(MARK, first, this.#pooled);
    const seen = this.#watched.map(async ({ client, checker }) => {
      await client.sees("the mark", new RegExp(MARK));
      client.onBytes = (buffer, length) => checker.take(buffer, length);
    });
    if (this.#pooled > 0) seen.push(pool.ready());
    this.#senders.begin(MARK, (nick, why) => this.#dropped.push(`${nick}: ${why}`));
    await Promise.all(seen);
    await delay(SETTLE_MS, this.options.signal);
  }

  #handleDelivery(place: number, { sender: index, sentMs }: Stamp, nowMs: number): void {
    this.#latency.record(nowMs - sentMs);
    if (this.#placeFor(index) === place) this.#senders.acknowledge(index);
  }

  /** The place of the watched receiver that stands for all, for the messages of sender `index`. */
  #placeFor(index: number): number {
    return Math.floor((index + 0.5) * this.#watched.length / this.#senders.size);
  }

  /** Messages of each member in the pool. */
  get #counts(): Uint32Array {
    const { pool, first } = this.#part;
    return pool.counts.subarray(first, first + this.#pooled);
  }

  #nick(name: string): string {
    return `${this.options.nickPrefix ?? ""}${name}`;
  }

  #senderNick(index: number): string {
    return this.#nick(`s${String(index).padStart(4, "0")}`);
  }

  async #now(): Promise<Moment> {
    const server = await readServerUsage(this.options.pid);
    return { atMs: performance.now(), delivered: this.delivered, cpuS: ownCpuS(), server };
  }

  /** Waits until all messages have come, or none come any more. */
  async #drain(): Promise<void> {
    const { receivers, senders, lateMs = 0 } = this.options;
    let before = -1;
    for (let idleMs = 0; idleMs < IDLE_MS && !this.#hasAll(); idleMs += POLL_MS) {
      if (this.dropped.length >= receivers + senders) break;
      const { delivered } = this;
      if (delivered !== before) idleMs = 0;
      before = delivered;
      await delay(POLL_MS);
    }
    if (this.dropped.length < receivers + senders) await delay(lateMs);
  }

  /** Each receiver has got as many messages as were sent; the watched ones, every message. */
  #hasAll(): boolean {
    const { sent } = this.#senders;
    const total = sum(sent);
    return this.#counts.every((count) => count >= total) &&
      this.#watched.every(({ checker }) => checker.lost(sent) === 0);
  }

  #figures(before: Moment, after: Moment): RunFigures {
    const secs = (after.atMs - before.atMs) / 1000;
    const delivered = after.delivered - before.delivered;
    const sent = sum(this.#senders.sent);
    const differences = [...this.#counts].map((count) => sent - count);
    for (const { checker } of this.#watched) {
      differences.push(checker.lost(this.#senders.sent), -checker.twice);
    }
    const found = (key: "outOfOrder" | "twice" | "malformed") =>
      sum(this.#watched.map(({ checker }) => checker[key]));
    const used = after.server && before.server && after.server.cpuS - before.server.cpuS;
    return {
      sent,
      deliveriesPerS: rounded(delivered / secs),
      ...latencyFigures(this.#latency),
      lost: sum(differences.filter((difference) => difference > 0)),
      extra: -sum(differences.filter((difference) => difference < 0)),
      outOfOrder: found("outOfOrder"),
      twice: found("twice"),
      malformed: found("malformed"),
      samples: this.#latency.samples,
      dropped: this.dropped.length,
      generatorLoad: rounded((after.cpuS - before.cpuS) / secs),
      ...(used === undefined
        ? {}
        : { serverLoad: rounded(used / secs), serverCpuSPerMillion: rounded(used / delivered * 1e6) }),
    };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
