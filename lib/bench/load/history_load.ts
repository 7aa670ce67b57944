/** Clients that request the newest messages of a channel, again and again. */
import type { Address } from "../../net/address.ts";
import { delay } from "../../base/delay.ts";
import { LatencyHistogram } from "../latency_histogram.ts";
import { type Latency, latencyFigures } from "./figures.ts";
import { LoadClient, type LoadTarget } from "./load_client.ts";
import { rounded } from "../rounding.ts";

/** Messages that one request asks for. */
export const PAGE_MESSAGES = 100;
const CAPS = "draft/chathistory batch server-time message-tags";
const READ_BYTES = 64 * 1024;
/** Lines that go out with one write when the channel is filled. */
const FILL_LINES = 100;
const ANSWER_MS = 10_000;
const POLL_MS = 10;

export interface HistoryFigures extends Latency {
  readonly requests: number;
  readonly requestsPerS: number;
  /** Responses that never came, or had fewer messages than requested and there. */
  readonly lost: number;
}

/**
 * Writes `count` messages to `channel`, of which the returned client stays a member, and resolves when the server has
 * taken them.
 */
export async function fillChannel(address: Address, channel: string, count: number): Promise<LoadClient> {
  const writer = await LoadClient.enter({ address, channel, nick: "writer" });
  for (let sent = 0; sent < count; sent += FILL_LINES) {
    const lines = Math.min(FILL_LINES, count - sent);
    const taken = writer.sees("PONG", /^(?:@\S+ )?:\S+ PONG .*$/m);
    writer.send(
      `PRIVMSG ${channel} :${"what was said before ".repeat(3)}\r\n`.repeat(lines) + "PING filled\r\n",
    );
    await taken;
  }
  return writer;
}

export interface HistoryReaderOptions extends LoadTarget {
  readonly nick: string;
  readonly channel: string;
  /** Joins the channel: most servers show its history to members only. */
  readonly joins?: boolean;
  /** A response with fewer messages counts as lost. */
  readonly atLeast: number;
  /** Ends the requests early; responses are still waited for. */
  readonly signal?: AbortSignal;
}

export class HistoryReader {
  readonly #client: LoadClient;
  readonly #options: HistoryReaderOptions;
  /** Times of the requests without a whole response, oldest first: responses come in order. */
  readonly #requestedMs: number[] = [];
  readonly latency = new LatencyHistogram();
  /** Why the connection was closed. */
  readonly dropped: string[] = [];
  /** How long it has sent requests, seconds. */
  requestingS = 0;
  #short = 0;
  #messages = 0;
  #onResponse: ((isWhole: boolean) => void) | undefined;

  private constructor(client: LoadClient, options: HistoryReaderOptions) {
    this.#client = client;
    this.#options = options;
    client.onLine = (line) => this.#handleLine(line);
    client.onEnd = (why) => {
      this.dropped.push(`${client.nick}: ${why}`);
      this.#onResponse?.(false);
    };
  }

  /** Rejects with a LoadError: "unsupported" where the server has no history. */
  static async open(options: HistoryReaderOptions): Promise<HistoryReader> {
    const { address, password, nick, channel, joins } = options;
    const joining = joins ? { channel } : {};
    const client = await LoadClient.enter({
      address,
      password,
      nick,
      caps: CAPS,
      readBytes: READ_BYTES,
      ...joining,
    });
    return new HistoryReader(client, options);
  }

  close(): void {
    this.#client.close();
  }

  /** For `secs` seconds `perS` requests a second; without `perS` each as soon as the one before is answered. */
  async run(secs: number, perS: number | undefined): Promise<void> {
    const { signal } = this.#options;
    const start = performance.now();
    const end = start + secs * 1000;
    for (let sent = 0; performance.now() < end && !signal?.aborted; sent++) {
      if (perS === undefined) {
        if (!await this.#requestAndWait()) break;
        continue;
      }
      const dueMs = start + sent * 1000 / perS;
      const earlyMs = Math.min(dueMs, end) - performance.now();
      if (earlyMs > 0) await delay(earlyMs, signal);
      if (dueMs < end && !signal?.aborted) this.#request();
    }
    this.requestingS = (performance.now() - start) / 1000;
    for (let waitedMs = 0; this.#requestedMs.length > 0 && waitedMs < ANSWER_MS; waitedMs += POLL_MS) {
      if (this.dropped.length > 0) break;
      await delay(POLL_MS);
    }
  }

  /** Requests without a whole response. */
  get lost(): number {
    return this.#requestedMs.length + this.#short;
  }

  #request(): void {
    this.#requestedMs.push(performance.now());
    this.#client.send(`CHATHISTORY LATEST ${this.#options.channel} * ${PAGE_MESSAGES}\r\n`);
  }

  /** Resolves to false where the response does not come. */
  #requestAndWait(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ANSWER_MS);
      this.#onResponse = (isWhole) => {
        clearTimeout(timer);
        resolve(isWhole);
      };
      this.#request();
    });
  }

  #handleLine(line: string): void {
    if (/^@batch=|^@\S*;batch=/.test(line)) this.#messages++;
    else if (/^(?:@\S+ )?:\S+ BATCH -/.test(line)) {
      const requestedMs = this.#requestedMs.shift();
      if (requestedMs === undefined) return; // a batch that was not requested
      if (this.#messages < this.#options.atLeast) this.#short++;
      this.#messages = 0;
      this.latency.record(performance.now() - requestedMs);
      this.#onResponse?.(true);
    }
  }
}

/** The figures of several readers that ran at the same time. */
export function historyFigures(readers: readonly HistoryReader[]): HistoryFigures {
  const secs = Math.max(...readers.map(({ requestingS }) => requestingS));
  const latency = new LatencyHistogram();
  for (const reader of readers) latency.merge(reader.latency);
  return {
    requests: latency.samples,
    requestsPerS: rounded(latency.samples / secs),
    ...latencyFigures(latency),
    lost: readers.reduce((sum, { lost }) => sum + lost, 0),
  };
}
