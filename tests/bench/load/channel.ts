/** A channel with receivers and senders, ready for runs: as many messages as it takes, or so many a second. */
import { Checker } from "./checker.ts";
import { Client, type Door, inParallel, readBytesFor } from "./client.ts";
import { Crowd } from "./crowd.ts";
import { delay } from "./delay.ts";
import { type Latency, latency, ownCpuS, rounded, type ServerUse, serverUse } from "./figures.ts";
import { LineCounter } from "./line_counter.ts";
import { type Stamp, stamp } from "./stamp.ts";

/** So many receivers read every line and take its time; the others count. */
const WATCHED = 4;
/** A run is over when nothing has come for so long, though something should. */
const IDLE_MS = 5000;
const POLL_MS = 20;
/** Comes last before the runs, in no message of theirs. */
const MARK = "==the runs begin==";

export interface ChannelOptions {
  readonly door: Door;
  readonly channel: string;
  readonly receivers: number;
  readonly senders: number;
  /** What the receivers negotiate, separated by spaces. */
  readonly caps: string;
  /** Connections that register at one time. */
  readonly atOnce: number;
  /** The server's process, for what it uses. */
  readonly pid: number | undefined;
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

interface Sender {
  readonly client: Client;
  sent: number;
  /** Sent, and not yet seen by the receiver that stands for all. */
  inFlight: number;
}

interface Moment {
  readonly atMs: number;
  readonly delivered: number;
  readonly cpuS: number;
  readonly server: ServerUse | undefined;
}

export class Channel {
  /** By index: the watched receiver whose getting a message lets its sender send the next one. */
  #senders: Sender[] = [];
  readonly #watched: { client: Client; checker: Checker }[] = [];
  readonly #crowd: Crowd;
  #samples: number[] = [];
  #window = 0;
  #refilling = false;
  #sending = false;
  #dropped: string[] = [];

  private constructor(readonly options: ChannelOptions) {
    const watched = Math.min(WATCHED, options.receivers);
    this.#crowd = new Crowd(
      options.receivers - watched,
      (nick, why) => this.#dropped.push(`${nick}: ${why}`),
    );
  }

  static async open(options: ChannelOptions): Promise<Channel> {
    const channel = new Channel(options);
    try {
      await channel.#fill();
      await channel.#start();
      return channel;
    } catch (error) {
      channel.close();
      throw error;
    }
  }

  /** The connections that were closed, and why. */
  get dropped(): readonly string[] {
    return this.#dropped;
  }

  close(): void {
    for (const { client } of [...this.#watched, ...this.#senders]) client.close();
    this.#crowd.close();
  }

  /** Each sender has `window` messages in flight for `secs` seconds. */
  async windowed(window: number, secs: number): Promise<RunFigures> {
    this.#samples = [];
    this.#window = window;
    const before = await this.#now();
    this.#sending = true;
    this.#refill();
    await delay(secs * 1000);
    this.#sending = false;
    const after = await this.#now();
    await this.#drain();
    return this.#figures(before, after);
  }

  /** `perS` messages a second, the senders in turns, whatever becomes of them. */
  async paced(perS: number, secs: number): Promise<RunFigures> {
    this.#samples = [];
    const before = await this.#now();
    let lateMs = 0;
    for (let sent = 0; sent < perS * secs; sent++) {
      const dueMs = before.atMs + sent * 1000 / perS;
      if (dueMs > performance.now()) await delay(dueMs - performance.now());
      lateMs = Math.max(lateMs, performance.now() - dueMs);
      this.#say(sent % this.#senders.length);
    }
    const after = await this.#now();
    await this.#drain();
    return { ...this.#figures(before, after), lateMs: rounded(lateMs) };
  }

  /** The watched receivers enter evenly among the others: where one stands decides when it is served. */
  async #fill(): Promise<void> {
    const { door, channel, receivers, senders, caps, atOnce } = this.options;
    const watched = receivers - this.#crowd.size;
    let first = 0;
    for (let place = 0; place < watched; place++) {
      const end = Math.floor((place + 0.5) * this.#crowd.size / watched);
      if (end > first) await this.#crowd.enter({ door, channel, caps, first, count: end - first, atOnce });
      first = end;
      const client = await Client.enter({
        door,
        channel,
        caps,
        nick: `w${place}`,
        readBytes: readBytesFor(1),
      });
      this.#watch(client);
    }
    const count = this.#crowd.size - first;
    if (count > 0) await this.#crowd.enter({ door, channel, caps, first, count, atOnce });
    const clients = await inParallel(
      senders,
      atOnce,
      (index) => Client.enter({ door, channel, nick: senderNick(index), readBytes: readBytesFor(senders) }),
    );
    this.#senders = clients.map((client) => ({ client, sent: 0, inFlight: 0 }));
  }

  #watch(client: Client): void {
    const place = this.#watched.length;
    const checker = new Checker(
      { channel: this.options.channel, nick: senderNick, tagged: this.options.caps !== "" },
      (message, nowMs) => this.#seen(place, message, nowMs),
      (line) => client.line(line),
    );
    this.#watched.push({ client, checker });
    client.onEnd = (why) => this.#dropped.push(`${client.nick}: ${why}`);
  }

  /** Lets one line go to everybody, so that all that came before is out of the way. */
  async #start(): Promise<void> {
    if (this.#crowd.size > 0) await this.#crowd.awaitMark(MARK);
    const seen = this.#watched.map(async ({ client, checker }) => {
      await client.sees(new RegExp(MARK));
      client.onBytes = (buffer, length) => checker.take(buffer, length);
    });
    if (this.#crowd.size > 0) seen.push(this.#crowd.ready());
    for (const { client } of this.#senders) {
      const counter = new LineCounter((line) => client.line(line));
      client.onBytes = (buffer, length) => counter.take(buffer, length);
      client.onEnd = (why) => this.#dropped.push(`${client.nick}: ${why}`);
    }
    this.#senders[0]!.client.send(`PRIVMSG ${this.options.channel} :${MARK}\r\n`);
    await Promise.all(seen);
    await delay(500); // the senders have seen it too, the server's collector has had its turn
  }

  #say(index: number): void {
    const sender = this.#senders[index]!;
    const text = stamp(index, sender.sent++, performance.now());
    sender.client.send(`PRIVMSG ${this.options.channel} :${text}\r\n`);
  }

  #seen(place: number, { sender: index, sentMs }: Stamp, nowMs: number): void {
    this.#samples.push(nowMs - sentMs);
    if (this.#placeFor(index) !== place) return;
    this.#senders[index]!.inFlight--;
    if (!this.#sending || this.#refilling) return;
    this.#refilling = true;
    queueMicrotask(() => this.#refill());
  }

  /** The place of the watched receiver that stands for all, for the messages of sender `index`. */
  #placeFor(index: number): number {
    return Math.floor((index + 0.5) * this.#watched.length / this.#senders.length);
  }

  #refill(): void {
    this.#refilling = false;
    for (const [index, sender] of this.#senders.entries()) {
      for (; sender.inFlight < this.#window; sender.inFlight++) this.#say(index);
    }
  }

  #delivered(): number {
    const watched = this.#watched.reduce((sum, { checker }) => sum + checker.count, 0);
    return this.#crowd.counts.reduce((sum, count) => sum + count, watched);
  }

  /** What has been sent, by sender. */
  get #sent(): number[] {
    return this.#senders.map(({ sent }) => sent);
  }

  async #now(): Promise<Moment> {
    const server = await serverUse(this.options.pid);
    return { atMs: performance.now(), delivered: this.#delivered(), cpuS: ownCpuS(), server };
  }

  /** Waits until all has come, or nothing comes any more. */
  async #drain(): Promise<void> {
    const expected = sum(this.#sent) * this.options.receivers;
    let before = -1;
    for (let idleMs = 0; idleMs < IDLE_MS && this.#delivered() < expected; idleMs += POLL_MS) {
      const delivered = this.#delivered();
      if (delivered !== before) idleMs = 0;
      before = delivered;
      await delay(POLL_MS);
    }
    for (const sender of this.#senders) sender.inFlight = 0;
  }

  #figures(before: Moment, after: Moment): RunFigures {
    const secs = (after.atMs - before.atMs) / 1000;
    const delivered = after.delivered - before.delivered;
    const sent = sum(this.#sent);
    const differences = [...this.#crowd.counts].map((count) => sent - count);
    for (const { checker } of this.#watched) differences.push(checker.lost(this.#sent), -checker.twice);
    const found = (key: "outOfOrder" | "twice" | "malformed") =>
      sum(this.#watched.map(({ checker }) => checker[key]));
    const used = after.server && before.server && after.server.cpuS - before.server.cpuS;
    return {
      sent,
      deliveriesPerS: rounded(delivered / secs),
      ...latency(this.#samples),
      lost: sum(differences.filter((difference) => difference > 0)),
      extra: -sum(differences.filter((difference) => difference < 0)),
      outOfOrder: found("outOfOrder"),
      twice: found("twice"),
      malformed: found("malformed"),
      samples: this.#samples.length,
      dropped: this.#dropped.length,
      generatorLoad: rounded((after.cpuS - before.cpuS) / secs),
      ...(used === undefined
        ? {}
        : { serverLoad: rounded(used / secs), serverCpuSPerMillion: rounded(used / delivered * 1e6) }),
    };
  }
}

function senderNick(index: number): string {
  return `s${String(index).padStart(4, "0")}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
