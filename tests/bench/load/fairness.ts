/** What becomes of everybody else's latency when one client floods, and when one does not read. */
import { Client, type Door } from "./client.ts";
import { delay } from "./delay.ts";
import { rounded } from "./figures.ts";
import { LineCounter } from "./line_counter.ts";
import { Channel, type ChannelOptions, type RunFigures } from "./channel.ts";

/** The flood's lines; as many to a write as fit what a busy sender hands over at once. */
const FLOOD_LINE = `PRIVMSG #flood :${"x".repeat(64)}\r\n`;
const FLOOD_LINES = 500;
/** What waits for the one who does not read. */
const BACKLOG_TEXT = "x".repeat(400);
/** To a write: less than the 10,240 bytes of one read of InspIRCd, where what is left waits for the next second. */
const BACKLOG_LINES = 20;
const ISON_MS = 2000;

export interface FairnessOptions extends ChannelOptions {
  readonly perS: number;
  readonly secs: number;
  /** What waits for the one who does not read, before the run begins. */
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
  /** Whether the server still held the one who does not read when the run was over; "unknown": it does not say. */
  readonly stuck: "kept" | "let go" | "unknown";
  readonly lost: number;
  readonly extra: number;
  readonly outOfOrder: number;
  readonly twice: number;
  readonly malformed: number;
  readonly dropped: number;
  readonly generatorLoad: number;
}

export async function fairness(options: FairnessOptions): Promise<FairnessFigures> {
  const { perS, secs } = options;
  const channel = await Channel.open(options);
  try {
    await channel.paced(perS, 0.5); // the server's code gets warm
    const alone = await channel.paced(perS, secs);
    const { figures: flooded, linesPerS } = await duringFlood(options.door, () => channel.paced(perS, secs));
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

/** One client writes to a channel of its own as fast as the server takes it; one other hears it. */
async function duringFlood(
  door: Door,
  run: () => Promise<RunFigures>,
): Promise<{ figures: RunFigures; linesPerS: number }> {
  const flooder = await Client.enter({ door, nick: "flooder", channel: "#flood" });
  const hearer = await Client.enter({ door, nick: "hearer", channel: "#flood", readBytes: 64 * 1024 });
  const heard = new LineCounter((line) => hearer.line(line));
  hearer.onBytes = (buffer, length) => heard.take(buffer, length);
  const bytes = new TextEncoder().encode(FLOOD_LINE.repeat(FLOOD_LINES));
  let over = false;
  const flood = (async () => {
    while (!over) await flooder.write(bytes);
  })().catch(() => {}); // closed by us at the end, or by a server that had enough
  try {
    await delay(500);
    const startMs = performance.now();
    const before = heard.count;
    const figures = await run();
    return { figures, linesPerS: (heard.count - before) / (performance.now() - startMs) * 1000 };
  } finally {
    over = true;
    flooder.close();
    hearer.close();
    await flood;
  }
}

/** One more member of the channel, which has stopped to read and has much waiting for it. */
async function besideStuck(
  { door, channel, backlogBytes }: FairnessOptions,
  run: () => Promise<RunFigures>,
): Promise<{ figures: RunFigures; stuck: FairnessFigures["stuck"] }> {
  const stuck = await Client.enter({ door, nick: "stuck", channel });
  const writer = await Client.enter({ door, nick: "writer" });
  stuck.reading = false;
  stuck.onBytes = () => {};
  try {
    const line = `PRIVMSG stuck :${BACKLOG_TEXT}\r\n`;
    for (let sent = 0; sent < backlogBytes; sent += line.length * BACKLOG_LINES) {
      const taken = writer.sees(/^(?:@\S+ )?:\S+ (?:PONG|401) .*$/m);
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

async function isThere(asking: Client, nick: string): Promise<FairnessFigures["stuck"]> {
  const answer = asking.sees(/^(?:@\S+ )?:\S+ 303 \S+ :?(.*)$/m, ISON_MS);
  asking.send(`ISON ${nick}\r\n`);
  try {
    return (await answer)[1]!.includes(nick) ? "kept" : "let go";
  } catch {
    return "unknown";
  }
}
