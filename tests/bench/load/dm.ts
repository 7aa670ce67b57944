/** Pairs of people: one says something, the other says it back, and only then comes the next. */
import { joined } from "./bytes.ts";
import { Client, type Door, inParallel } from "./client.ts";
import { delay } from "./delay.ts";
import { type Latency, latency, ownCpuS, rounded, serverUse } from "./figures.ts";
import { readStamp, stamp, TEXT_BYTES } from "./stamp.ts";

const READ_BYTES = 4096;
const LF = 0x0a;
const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");
/** After the end an answer may take this long. */
const DRAIN_MS = 5000;

export interface DmOptions {
  readonly door: Door;
  readonly pairs: number;
  readonly secs: number;
  readonly atOnce: number;
  readonly pid: number | undefined;
}

export interface DmFigures extends Latency {
  readonly roundTrips: number;
  readonly roundTripsPerS: number;
  /** Messages that did not come back. */
  readonly lost: number;
  /** Messages that came twice, in the wrong place or changed. */
  readonly wrong: number;
  readonly generatorLoad: number;
  readonly serverLoad?: number;
  readonly serverCpuUsEach?: number;
}

class Pair {
  readonly samples: number[] = [];
  wrong = 0;
  sent = 0;
  stopped = false;
  #open = false;

  constructor(readonly index: number, readonly asking: Client, readonly answering: Client) {
    const asked = new TextReader((text) => this.#back(text), (line) => asking.line(line));
    asking.onBytes = (buffer, length) => asked.take(buffer, length);
    const lead = encoder.encode(`PRIVMSG ${asking.nick} :`);
    const answered = new TextReader(
      (text) => void answering.write(joined(lead, text)).catch(() => {}),
      (line) => answering.line(line),
    );
    answering.onBytes = (buffer, length) => answered.take(buffer, length);
  }

  get waits(): boolean {
    return this.#open;
  }

  ask(): void {
    this.#open = true;
    const text = stamp(this.index, this.sent++, performance.now());
    this.asking.send(`PRIVMSG ${this.answering.nick} :${text}\r\n`);
  }

  #back(text: Uint8Array): void {
    const back = readStamp(text, 0);
    if (!this.#open || back?.sender !== this.index || back.number !== this.sent - 1) {
      this.wrong++;
      return;
    }
    this.samples.push(performance.now() - back.sentMs);
    this.#open = false;
    if (!this.stopped) this.ask();
  }
}

/** Finds the texts of messages, with their ends of line, in what one connection reads. */
class TextReader {
  #rest: Uint8Array = new Uint8Array();

  constructor(
    readonly onText: (text: Uint8Array) => void,
    readonly onOther: (line: string) => void,
  ) {}

  take(buffer: Uint8Array, length: number): void {
    const bytes = joined(this.#rest, buffer.subarray(0, length));
    let start = 0;
    for (let end; (end = bytes.indexOf(LF, start) + 1) > 0; start = end) {
      const textAt = end - TEXT_BYTES - 2;
      if (textAt > start && readStamp(bytes, textAt) !== undefined) this.onText(bytes.subarray(textAt, end));
      else this.onOther(decoder.decode(bytes.subarray(start, end)).trimEnd());
    }
    this.#rest = bytes.slice(start);
  }
}

export async function dm({ door, pairs: count, secs, atOnce, pid }: DmOptions): Promise<DmFigures> {
  const enter = (nick: string) => Client.enter({ door, nick, readBytes: READ_BYTES });
  const clients = await inParallel(
    2 * count,
    atOnce,
    (index) => enter(`${index % 2 ? "b" : "a"}${index >> 1}`),
  );
  const pairs = Array.from(
    { length: count },
    (_, index) => new Pair(index, clients[2 * index]!, clients[2 * index + 1]!),
  );
  try {
    await delay(500);
    const before = await serverUse(pid);
    const ownBeforeS = ownCpuS();
    const startMs = performance.now();
    for (const pair of pairs) pair.ask();
    await delay(secs * 1000);
    for (const pair of pairs) pair.stopped = true;
    const samples = pairs.flatMap((pair) => pair.samples);
    const took = (performance.now() - startMs) / 1000;
    const generatorLoad = rounded((ownCpuS() - ownBeforeS) / took);
    const after = await serverUse(pid);
    for (let waited = 0; waited < DRAIN_MS && pairs.some((pair) => pair.waits); waited += 10) await delay(10);
    const used = after && before && after.cpuS - before.cpuS;
    return {
      roundTrips: samples.length,
      roundTripsPerS: rounded(samples.length / took),
      ...latency(samples),
      lost: pairs.filter((pair) => pair.waits).length,
      wrong: pairs.reduce((sum, pair) => sum + pair.wrong, 0),
      generatorLoad,
      ...(used === undefined
        ? {}
        : { serverLoad: rounded(used / took), serverCpuUsEach: rounded(used * 1e6 / samples.length) }),
    };
  } finally {
    for (const client of clients) client.close();
  }
}
