/** Who asks for a room's newest messages, again and again. */
import { Client, type Door } from "./client.ts";
import { delay } from "./delay.ts";
import { type Latency, latency, rounded } from "./figures.ts";

/** Messages that one request asks for. */
export const PAGE = 100;
const CAPS = "draft/chathistory batch server-time message-tags";
/** Lines that go out with one write when the channel is filled. */
const FILL_LINES = 100;
const ANSWER_MS = 10_000;

export interface HistoryFigures extends Latency {
  readonly requests: number;
  readonly requestsPerS: number;
  /** Answers that never came, or had fewer messages than asked for and there. */
  readonly lost: number;
}

/** Writes `count` messages to `channel`, whose member the result stays, and resolves when the server has taken them. */
export async function fillChannel(door: Door, channel: string, count: number): Promise<Client> {
  const writer = await Client.enter({ door, channel, nick: "writer" });
  for (let sent = 0; sent < count; sent += FILL_LINES) {
    const lines = Math.min(FILL_LINES, count - sent);
    const taken = writer.sees(/^(?:@\S+ )?:\S+ PONG .*$/m);
    writer.send(
      `PRIVMSG ${channel} :${"what was said before ".repeat(3)}\r\n`.repeat(lines) + "PING filled\r\n",
    );
    await taken;
  }
  return writer;
}

export class HistoryReader {
  readonly #client: Client;
  /** When the requests were sent whose answers have not ended, oldest first: answers come in order. */
  readonly #asked: number[] = [];
  #samples: number[] = [];
  #short = 0;
  #messages = 0;
  #onAnswer: (() => void) | undefined;

  private constructor(client: Client, readonly channel: string, readonly atLeast: number) {
    this.#client = client;
    client.onLine = (line) => this.#line(line);
  }

  /** An answer with fewer than `atLeast` messages is a wrong one. */
  static async open(door: Door, channel: string, nick: string, atLeast: number): Promise<HistoryReader> {
    return new HistoryReader(
      await Client.enter({ door, nick, caps: CAPS, readBytes: 64 * 1024 }),
      channel,
      atLeast,
    );
  }

  close(): void {
    this.#client.close();
  }

  /** For `secs` seconds `perS` requests a second; without `perS` each as soon as the one before is answered. */
  async run(secs: number, perS: number | undefined): Promise<number[]> {
    this.#samples = [];
    const start = performance.now();
    const end = start + secs * 1000;
    for (let sent = 0; performance.now() < end; sent++) {
      if (perS !== undefined) {
        const dueMs = start + sent * 1000 / perS;
        if (dueMs >= end) break;
        const earlyMs = dueMs - performance.now();
        if (earlyMs > 0) await delay(earlyMs);
        this.#ask();
      } else if (!await this.#answered()) break;
    }
    for (let waitedMs = 0; this.#asked.length > 0 && waitedMs < ANSWER_MS; waitedMs += 10) await delay(10);
    return this.#samples;
  }

  /** Requests without a whole answer. */
  get lost(): number {
    return this.#asked.length + this.#short;
  }

  #ask(): void {
    this.#asked.push(performance.now());
    this.#client.send(`CHATHISTORY LATEST ${this.channel} * ${PAGE}\r\n`);
  }

  #answered(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ANSWER_MS);
      this.#onAnswer = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#ask();
    });
  }

  #line(line: string): void {
    if (/^@batch=|^@\S*;batch=/.test(line)) this.#messages++;
    else if (/^(?:@\S+ )?:\S+ BATCH -/.test(line)) {
      if (this.#messages < this.atLeast) this.#short++;
      this.#messages = 0;
      this.#samples.push(performance.now() - this.#asked.shift()!);
      this.#onAnswer?.();
    }
  }
}

/** The figures of several readers that ran for `secs` seconds at the same time. */
export function historyFigures(samples: readonly number[], secs: number, lost: number): HistoryFigures {
  return {
    requests: samples.length,
    requestsPerS: rounded(samples.length / secs),
    ...latency(samples),
    lost,
  };
}
