/**
 * `deno task bench:archive-rate`: whether the archiver keeps up with a rate of messages that lasts. The server, with its
 * archiver, has core 0, the load generator core 1. Exit code 1: the ring lapped the archiver, or messages were lost.
 */
import { delay } from "../../lib/base/delay.ts";
import { LoadClient } from "../../lib/bench/load/load_client.ts";
import { formatSize } from "../../lib/base/values/size.ts";
import { type FlagTable, parseFlags } from "../../lib/cli/flags/flags.ts";
import { readServerStats, type ServerStats } from "../../lib/client/query/server_stats.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { openArchiveForReading } from "../../lib/store/archive/archive_schema.ts";
import { readLosses } from "../../lib/store/archive/loss_table.ts";
import { short } from "./compare/report.ts";
import {
  freePort,
  type Outcome,
  PINNED,
  runGenerator,
  RunningServer,
  SETTLE_MS,
  withFolder,
} from "./compare/run.ts";
import { ours } from "./compare/servers.ts";
import { formatFlagHelp } from "./flag_help.ts";

const FLAGS = {
  rate: { type: "integer", value: "N", default: "20000", min: 1, help: "messages a second" },
  secs: { type: "integer", value: "S", default: "30", min: 1, help: "how long the run lasts" },
  receivers: { type: "integer", value: "N", default: "10", min: 1, help: "receivers of each message" },
  chatterbox: { type: "string", value: "PATH", help: "a compiled binary, instead of the source" },
} as const satisfies FlagTable;

const HELP = [
  "Sends messages at a rate and watches how far the archive is behind.\n",
  "Usage:\n  deno task bench:archive-rate [FLAGS]\n",
  formatFlagHelp(FLAGS),
].join("\n");

/** Between two looks at the statistics of the server, which cost it some milliseconds. */
const LOOK_MS = 250;

interface Lag {
  /** Records between the newest one and the newest one in the archive. */
  readonly records: number;
  /** The same as a part of what the ring holds. */
  readonly share: number;
}

/** Watches the archive of a server by its statistics. */
class ArchiveWatch {
  readonly #client: LoadClient;
  readonly #lines: string[] = [];
  #onEnd: (() => void) | undefined;
  /** Most records that the ring has held. */
  #held = 1;
  largest = 0;

  private constructor(client: LoadClient) {
    this.#client = client;
    client.onLine = (line) => {
      this.#lines.push(line);
      if (line.endsWith(" SERVERSTATS *")) this.#onEnd?.();
    };
  }

  static async open(port: number): Promise<ArchiveWatch> {
    const address = { kind: "tcp", host: "127.0.0.1", port, tls: false } as const;
    return new ArchiveWatch(await LoadClient.enter({ address, nick: "watch" }));
  }

  /** Looks until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { last = 0, archived = 0, oldest = 0 } = await this.#look();
      this.#held = Math.max(this.#held, last - oldest + 1);
      this.largest = Math.max(this.largest, last - archived);
      await delay(LOOK_MS, signal);
    }
  }

  get lag(): Lag {
    return { records: this.largest, share: this.largest / this.#held };
  }

  /** Milliseconds until every record is in the archive. */
  async caughtUp(): Promise<number> {
    const began = performance.now();
    for (;;) {
      const { last, archived } = await this.#look();
      if (last === archived) return performance.now() - began;
      await delay(10);
    }
  }

  close(): void {
    this.#client.close();
  }

  async #look(): Promise<ServerStats> {
    this.#lines.length = 0;
    await new Promise<void>((resolve) => {
      this.#onEnd = resolve;
      this.#client.send("SERVERSTATS\r\n");
    });
    const values = new Map<string, string>();
    for (const line of this.#lines) {
      const { command, params: [key = "", value = ""] = [] } = parseMessage(line) ?? {};
      if (command === "SERVERSTATS") values.set(key, value);
    }
    return readServerStats(values);
  }
}

interface RateFigures {
  readonly outcome: Outcome;
  readonly lag: Lag;
  readonly caughtUpMs: number;
  readonly archiveBytes: number;
  /** Records that the ring lapped before they were archived. */
  readonly lapped: number;
}

function measure(flags: { rate: number; secs: number; receivers: number; chatterbox?: string | undefined }) {
  return withFolder(async (dir): Promise<RateFigures> => {
    const { rate, secs, receivers, chatterbox } = flags;
    const kind = ours(chatterbox);
    const port = freePort();
    const server = RunningServer.start(await kind.command(dir, port), port);
    let figures: Omit<RateFigures, "lapped" | "archiveBytes">;
    try {
      await server.listening();
      await delay(SETTLE_MS);
      const watch = await ArchiveWatch.open(port);
      const over = new AbortController();
      const watching = watch.run(over.signal);
      const args = ["fanout", `--receivers=${receivers}`, "--senders=10", `--rate=${rate}`];
      const outcome = await runGenerator(
        { args },
        kind,
        server,
        secs,
        AbortSignal.timeout(60_000 + 3000 * secs),
      );
      over.abort();
      await watching;
      figures = { outcome, lag: watch.lag, caughtUpMs: await watch.caughtUp() };
      watch.close();
    } finally {
      await server.stop();
    }
    const path = `${dir}/data/archive.sqlite`;
    const db = openArchiveForReading(path);
    const lapped = readLosses(db).reduce((sum, { from, until }) => sum + until - from, 0);
    db.close();
    return { ...figures, lapped, archiveBytes: Deno.statSync(path).size };
  });
}

function describe({ outcome, lag, caughtUpMs, archiveBytes, lapped }: RateFigures): string {
  const load = outcome.kind === "figures"
    ? `server load ${outcome.figures.serverLoad}, p99 ${outcome.figures.p99Ms} ms, ${
      outcome.faults.join(", ") || "nothing lost"
    }`
    : `${outcome.kind}: ${outcome.why}`;
  return [
    load,
    `largest lag of the archiver: ${lag.records.toLocaleString("en")} records, ${
      short(lag.share * 100)
    } % of the ring`,
    `caught up ${short(caughtUpMs)} ms after the last message; the archive has ${formatSize(archiveBytes)}`,
    lapped === 0 ? "the ring never lapped the archiver" : `LAPPED: ${lapped.toLocaleString("en")} records`,
  ].join("\n");
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(FLAGS, args);
  if (parsed.kind === "help") {
    console.log(HELP);
    return 0;
  }
  if (parsed.kind === "usage" || parsed.args.length > 0) {
    console.error(
      `bench:archive-rate: ${parsed.kind === "usage" ? parsed.text : `unexpected ${parsed.args[0]}`}`,
    );
    return 64;
  }
  if (!PINNED) console.error("# no taskset, or one core only: server and load generator share what there is");
  const figures = await measure(parsed.flags);
  console.log(describe(figures));
  const { outcome, lapped } = figures;
  return outcome.kind === "figures" && outcome.faults.length === 0 && lapped === 0 ? 0 : 1;
}

Deno.exitCode = await main(Deno.args);
