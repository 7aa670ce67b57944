/** Connections that register and then are silent: how fast they come, what each costs. */
import { Client, type Door, inParallel, Unsupported } from "./client.ts";
import { delay } from "./delay.ts";
import { ownCpuS, rounded, serverUse } from "./figures.ts";

/** An idle connection's reads are small. */
const READ_BYTES = 2048;
/** The server's collector and its allocator come to rest before its memory is read. */
const SETTLE_MS = 2000;

export interface ConnsOptions {
  readonly door: Door;
  readonly count: number;
  /** A room for all of them. */
  readonly channel: string | undefined;
  readonly atOnce: number;
  readonly pid: number | undefined;
}

export interface ConnsFigures {
  readonly registered: number;
  readonly registrationsPerS: number;
  readonly generatorLoad: number;
  readonly dropped: number;
  readonly rssBytesEach?: number;
  readonly serverCpuUsEach?: number;
}

export async function conns({ door, count, channel, atOnce, pid }: ConnsOptions): Promise<ConnsFigures> {
  const clients: Client[] = [];
  let dropped = 0;
  try {
    const before = await serverUse(pid);
    const ownBeforeS = ownCpuS();
    const startMs = performance.now();
    const refused: unknown[] = [];
    await inParallel(count, atOnce, async (index) => {
      if (refused.length > 0) return; // one refusal is enough to know
      try {
        const nick = `c${index}`;
        const client = await Client.enter({
          door,
          nick,
          readBytes: READ_BYTES,
          ...(channel === undefined ? {} : { channel }),
        });
        client.onEnd = () => dropped++;
        clients.push(client);
      } catch (error) {
        refused.push(error);
      }
    });
    const secs = (performance.now() - startMs) / 1000;
    const generatorLoad = rounded((ownCpuS() - ownBeforeS) / secs);
    const busy = await serverUse(pid);
    if (refused[0] instanceof Unsupported) throw refused[0];
    if (refused.length > 0) throw new Error(`only ${clients.length} of ${count}: ${refused[0]}`);
    await delay(SETTLE_MS);
    const after = await serverUse(pid);
    return {
      registered: clients.length,
      registrationsPerS: rounded(clients.length / secs),
      generatorLoad,
      dropped,
      ...(before && busy && after
        ? {
          rssBytesEach: Math.round((after.rssBytes - before.rssBytes) / count),
          serverCpuUsEach: rounded((busy.cpuS - before.cpuS) * 1e6 / count),
        }
        : {}),
    };
  } finally {
    for (const client of clients) client.close();
  }
}
