/** Connections that register and then are idle: how fast they come, what each costs. */
import { delay } from "../../base/delay.ts";
import { ownCpuS } from "../process_usage.ts";
import { readServerUsage } from "./figures.ts";
import { inParallel, LoadClient, type LoadTarget } from "./load_client.ts";
import { LoadError } from "./load_error.ts";
import { rounded } from "../rounding.ts";

/** An idle connection's reads are small. */
const READ_BYTES = 2048;
/** The server's collector and its allocator come to rest before its memory is read. */
const SETTLE_MS = 2000;

export interface ConnectionOptions extends LoadTarget {
  readonly count: number;
  readonly nickPrefix?: string;
  /** A channel that all of them join. */
  readonly channel?: string | undefined;
  readonly atOnce: number;
}

/** Idle connections. */
export class IdleConnections {
  readonly #clients: LoadClient[] = [];
  /** Why connections were closed. */
  readonly dropped: string[] = [];

  private constructor() {}

  /** Rejects with the first LoadError, and how many connections there were by then. */
  static async open(options: ConnectionOptions): Promise<IdleConnections> {
    const { address, password, count, nickPrefix = "c", channel, atOnce } = options;
    const opened = new IdleConnections();
    const failures: unknown[] = [];
    await inParallel(count, atOnce, async (index) => {
      if (failures.length > 0) return; // one failure is enough to know
      try {
        const nick = `${nickPrefix}${index}`;
        const joining = channel === undefined ? {} : { channel };
        opened.#add(await LoadClient.enter({ address, password, nick, readBytes: READ_BYTES, ...joining }));
      } catch (error) {
        failures.push(error);
      }
    });
    const [failure] = failures;
    if (failure === undefined) return opened;
    opened.close();
    if (!(failure instanceof LoadError) || failure.kind === "unsupported") throw failure;
    throw new LoadError(failure.kind, `${opened.size} of ${count} connections, then: ${failure.message}`);
  }

  #add(client: LoadClient): void {
    client.onEnd = (why) => this.dropped.push(`${client.nick}: ${why}`);
    this.#clients.push(client);
  }

  get size(): number {
    return this.#clients.length;
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }
}

export interface ConnectionFigures {
  readonly registered: number;
  readonly registrationsPerS: number;
  readonly generatorLoad: number;
  readonly dropped: number;
  readonly rssBytesEach?: number;
  readonly serverCpuUsEach?: number;
}

/** Opens the connections and measures what they cost the server with the process `pid`. */
export async function measureConnections(
  options: ConnectionOptions & { readonly pid: number | undefined },
): Promise<ConnectionFigures> {
  const { count, pid } = options;
  const before = await readServerUsage(pid);
  const ownBeforeS = ownCpuS();
  const startMs = performance.now();
  const connections = await IdleConnections.open(options);
  try {
    const secs = (performance.now() - startMs) / 1000;
    const generatorLoad = rounded((ownCpuS() - ownBeforeS) / secs);
    const busy = await readServerUsage(pid);
    await delay(SETTLE_MS);
    const after = await readServerUsage(pid);
    return {
      registered: connections.size,
      registrationsPerS: rounded(connections.size / secs),
      generatorLoad,
      dropped: connections.dropped.length,
      ...(before && busy && after
        ? {
          rssBytesEach: Math.round((after.rssBytes - before.rssBytes) / count),
          serverCpuUsEach: rounded((busy.cpuS - before.cpuS) * 1e6 / count),
        }
        : {}),
    };
  } finally {
    connections.close();
  }
}
