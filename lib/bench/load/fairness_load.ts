/** The latency of a channel alone, while one client floods another channel, and while one member does not read. */
import type { Address } from "../../net/address.ts";
import { delay } from "../../base/delay.ts";
import { ChannelLoad, type ChannelOptions, type RunFigures } from "./channel_load.ts";
import { LineCounter } from "./line_counter.ts";
import { LoadClient } from "./load_client.ts";
import { rounded } from "../rounding.ts";

/** The flood's lines; as many to a write as fit what a busy sender hands over at once. */
const FLOOD_LINE = `PRIVMSG #flood :${"x".repeat(64)}\r\n`;
const FLOOD_LINES = 500;
/** Messages for the member that does not read. */
const BACKLOG_TEXT = "x".repeat(400);
/** To a write: less than the 10,240 bytes of one read of InspIRCd, where what is left waits for the next second. */
const BACKLOG_LINES = 20;
const ISON_MS = 2000;

export interface FairnessOptions extends ChannelOptions {
  readonly perS: number;
  readonly secs: number;
  /** Bytes that wait for the member that does not read, before the run begins. */
  readonly backlogBytes: number;
}

export interface FairnessFigures {
  readonly p99AloneMs: number;
  readonly p99FloodMs: number;
  readonly p99StuckMs: number;
  /** p99 in company to p99 alone. */
  readonly floodRatio: number;
  readonly stuckRatio: number;
  /** Lines of the flood that reached the other member of its channel. */
  readonly floodLinesPerS: number;
  /** Whether the server still held the member that does not read when the run was over; "unknown": it does not say. */
  readonly stuck: "kept" | "let go" | "unknown";
  readonly lost: number;
  readonly extra: number;
  readonly outOfOrder: number;
  readonly twice: number;
  readonly malformed: number;
  readonly dropped: number;
  readonly generatorLoad: number;
}

export async function measureFairness(options: FairnessOptions): Promise<FairnessFigures> {
  const { perS, secs } = options;
  const channel = await ChannelLoad.open(options);
  try {
    await channel.paced(perS, 0.5); // the server's code gets warm
    const alone = await channel.paced(perS, secs);
    const { figures: flooded, linesPerS } = await duringFlood(
      options.address,
      () => channel.paced(perS, secs),
    );
    await delay(500);
    const { figures: hindered, stuck } = await besideStuck(options, () => channel.paced(perS, secs));
    const [p99AloneMs, p99FloodMs, p99StuckMs] = [alone, flooded, hindered].map(({ p99Ms }) => p99Ms ?? NaN);
    return {
      p99AloneMs: p99AloneMs!,
      p99FloodMs: p99FloodMs!,
      p99StuckMs: p99StuckMs!,
      floodRatio: rounded(p99FloodMs! / p99AloneMs!),
      stuckRatio: rounded(p99StuckMs! / p99AloneMs!),
      floodLinesPerS: rounded(linesPerS),
      stuck,
      lost: hindered.lost,
      extra: hindered.extra,
      outOfOrder: hindered.outOfOrder,
      twice: hindered.twice,
      malformed: hindered.malformed,
      dropped: hindered.dropped,
      generatorLoad: flooded.generatorLoad,
    };
  } finally {
    channel.close();
  }
}

/** One client writes to a channel of its own as fast as the server takes it; one other member gets it. */
async function duringFlood(
  address: Address,
  run: () => Promise<RunFigures>,
): Promise<{ figures: RunFigures; linesPerS: number }> {
  const flooder = await LoadClient.enter({ address, nick: "flooder", channel: "#flood" });
  const listener = await LoadClient.enter({
    address,
    nick: "hearer",
    channel: "#flood",
    readBytes: 64 * 1024,
  });
  const counter = new LineCounter((line) => listener.line(line));
  listener.onBytes = (buffer, length) => counter.take(buffer, length);
  const bytes = new TextEncoder().encode(FLOOD_LINE.repeat(FLOOD_LINES));
  let over = false;
  const flood = (async () => {
    while (!over) await flooder.write(bytes);
  })().catch(() => {}); // closed at the end, or by the server
  try {
    await delay(500);
    const startMs = performance.now();
    const before = counter.count;
    const figures = await run();
    return { figures, linesPerS: (counter.count - before) / (performance.now() - startMs) * 1000 };
  } finally {
    over = true;
    flooder.close();
    listener.close();
    await flood;
  }
}

/** One more member of the channel has stopped reading, and much waits for it. */
async function besideStuck(
  { address, channel, backlogBytes }: FairnessOptions,
  run: () => Promise<RunFigures>,
): Promise<{ figures: RunFigures; stuck: FairnessFigures["stuck"] }> {
  const stuck = await LoadClient.enter({ address, nick: "stuck", channel });
  const writer = await LoadClient.enter({ address, nick: "writer" });
  stuck.reading = false;
  stuck.onBytes = () => {};
  try {
    const line = `PRIVMSG stuck :${BACKLOG_TEXT}\r\n`;
    for (let sent = 0; sent < backlogBytes; sent += line.length * BACKLOG_LINES) {
      const taken = writer.sees("PONG", /^(?:@\S+ )?:\S+ (?:PONG|401) .*$/m);
      writer.send(line.repeat(BACKLOG_LINES) + "PING taken\r\n");
      if ((await taken)[0].includes(" 401 ")) break; // no longer there
    }
    const figures = await run();
    return { figures, stuck: await isThere(writer, stuck.nick) };
  } finally {
    stuck.close();
    writer.close();
  }
}

async function isThere(asking: LoadClient, nick: string): Promise<FairnessFigures["stuck"]> {
  const answer = asking.sees("the reply to ISON", /^(?:@\S+ )?:\S+ 303 \S+ :?(.*)$/m, ISON_MS);
  asking.send(`ISON ${nick}\r\n`);
  try {
    return (await answer)[1]!.includes(nick) ? "kept" : "let go";
  } catch {
    return "unknown";
  }
}
