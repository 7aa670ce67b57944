/** Runs the ways one after the other: a writer and a reader for each, a step for each size, and what a kill does. */
import { BenchSegment } from "./bench_segment.ts";
import { BENCH_RING_BYTES } from "./ring_transport.ts";
import { delay } from "../../base/delay.ts";
import { ownRssBytes, preciseNow } from "../process_usage.ts";
import { PeerHandle } from "./peer_handle.ts";
import type { PeerCommand } from "./peer_handle.ts";
import type { LatencySummary } from "../latency_histogram.ts";
import type { FromPeer, IpcStep, PeerEnd, PeerSetup, SentFigures } from "./peer_messages.ts";
import type { StepFigures } from "./step_checker.ts";
import { batchOf } from "./ways.ts";
import type { IpcWay } from "./ways.ts";

export interface IpcOptions {
  readonly ways: readonly IpcWay[];
  readonly sizesBytes: readonly number[];
  /** Of each measured step. */
  readonly stepMs: number;
  /** Records of a step for throughput; undefined: as many as the time allows. */
  readonly count: number | undefined;
  /** Tries what a kill does, too. */
  readonly kills: boolean;
  readonly command: PeerCommand;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: IpcProgress) => void;
}

export interface IpcProgress {
  readonly way: string;
  /** What is at work: a size in bytes, or the side that is killed. */
  readonly part: number | "writer" | "reader";
  readonly done: number;
  readonly total: number;
}

/** The figures of one way with records of one size. */
export interface SizeFigures {
  readonly sizeBytes: number;
  readonly records: number;
  readonly recordsPerS: number;
  readonly bytesPerS: number;
  /** Of single records, sent to a reader that waits. */
  readonly latency: LatencySummary;
  /** Processor time of both sides for each record, as fast as it goes. */
  readonly cpuUsPerRecord: number;
  readonly faults: RecordFaults;
}

/** All 0 in a run in which every record arrived once, whole and in order. */
export interface RecordFaults {
  readonly lost: number;
  readonly outOfOrder: number;
  readonly twice: number;
  readonly damaged: number;
}

/** What the other side saw when one side was killed while records were on their way. */
export interface KillOutcome {
  readonly killed: PeerSetup["role"];
  /** Undefined: nothing, for as long as it was watched. */
  readonly saw: string | undefined;
  /** Time from the kill until that was seen; undefined: nothing was seen. */
  readonly afterMs: number | undefined;
  readonly watchedMs: number;
  /** Records that the other side had sent or received by then, and of those received the ones that were not whole. */
  readonly records: number;
  readonly damaged: number;
  /** Bytes of a record that came in part. */
  readonly partialBytes: number;
}

export interface WayFigures {
  readonly way: IpcWay;
  readonly sizes: readonly SizeFigures[];
  /** Resident memory of both processes at most; of threads, the memory of their process. */
  readonly rssBytes: number;
  readonly kills: readonly KillOutcome[];
}

/** The engine's compiler has done its work after that. */
const WARM_UP_MS = 200;
/** Pause between two records when their latency is taken. */
const LATENCY_PAUSE_MS = 1;
/** The killed side has been at work for this long, and up to as long again. */
const KILL_AFTER_MS = 150;
/** Size of the records when a side is killed: that of a chat message. */
const KILL_SIZE_BYTES = 256;
/** How long the other side is watched for a sign. */
export const KILL_WATCH_MS = 1000;
/** As good as without end. */
const UNTIL_KILLED_MS = 600_000;

export async function runIpc(options: IpcOptions): Promise<WayFigures[]> {
  const perWay = options.sizesBytes.length + (options.kills ? 2 : 0);
  const total = perWay * options.ways.length;
  const figures: WayFigures[] = [];
  for (const [nth, way] of options.ways.entries()) {
    const onProgress = (part: IpcProgress["part"], done: number) =>
      options.onProgress({ way: way.name, part, done: nth * perWay + done, total });
    figures.push(await new WayRun(way, options, onProgress).run());
  }
  return figures;
}

/** One way: its folder and its peers. */
class WayRun {
  readonly #peers: PeerHandle[] = [];

  constructor(
    readonly way: IpcWay,
    readonly options: IpcOptions,
    readonly onProgress: (part: IpcProgress["part"], done: number) => void,
  ) {}

  async run(): Promise<WayFigures> {
    const { sizesBytes, kills } = this.options;
    const measured = await this.#withPeers((writer, reader) => this.#measure(writer, reader));
    const outcomes: KillOutcome[] = [];
    for (const [nth, role] of (["writer", "reader"] as const).entries()) {
      if (!kills) break;
      this.onProgress(role, sizesBytes.length + nth);
      outcomes.push(await this.#withPeers((writer, reader) => this.#kill(role, writer, reader)));
    }
    return { way: this.way, ...measured, kills: outcomes };
  }

  /** Starts a reader and a writer, and ends them whatever happens. */
  async #withPeers<T>(use: (writer: PeerHandle, reader: PeerHandle) => Promise<T>): Promise<T> {
    const { signal } = this.options;
    signal.throwIfAborted();
    const folder = await Deno.makeTempDir({ prefix: "chatterbox-bench-" });
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    aborted.promise.catch(() => {}); // it is raced against
    try {
      return await Promise.race([this.#startPeers(folder, use), aborted.promise]);
    } finally {
      signal.removeEventListener("abort", abort);
      for (const peer of this.#peers.splice(0)) peer.kill();
      await Deno.remove(folder, { recursive: true });
      BenchSegment.remove(segmentFor(folder)); // where no writer has come to do it
    }
  }

  async #startPeers<T>(
    folder: string,
    use: (writer: PeerHandle, reader: PeerHandle) => Promise<T>,
  ): Promise<T> {
    const { carrier } = this.way;
    const buffer = carrier === "threads" ? new SharedArrayBuffer(BENCH_RING_BYTES) : undefined;
    const segment = segmentFor(folder);
    const setup = { carrier, folder, segment, ...buffer === undefined ? {} : { buffer } };
    const reader = this.#start({ ...setup, role: "reader" });
    const { port } = await reader.next("ready");
    const writer = this.#start({ ...setup, role: "writer", ...port === undefined ? {} : { port } });
    await writer.next("ready");
    return await use(writer, reader);
  }

  #start(setup: PeerSetup): PeerHandle {
    const peer = setup.carrier === "threads"
      ? PeerHandle.startThread(setup)
      : PeerHandle.startProcess(this.options.command, setup);
    this.#peers.push(peer);
    return peer;
  }

  async #measure(
    writer: PeerHandle,
    reader: PeerHandle,
  ): Promise<{ sizes: SizeFigures[]; rssBytes: number }> {
    const { sizesBytes, stepMs, count = Infinity } = this.options;
    const sizes: SizeFigures[] = [];
    let rssBytes = 0;
    for (const [nth, sizeBytes] of sizesBytes.entries()) {
      this.onProgress(sizeBytes, nth);
      const batch = batchOf(this.way, sizeBytes);
      const flood = { sizeBytes, batch, maxMs: stepMs, maxRecords: Math.min(count, 1e9), pauseMs: 0 };
      await runStep(writer, reader, { ...flood, maxMs: Math.min(stepMs, WARM_UP_MS) });
      const full = await runStep(writer, reader, flood);
      const paced = await runStep(writer, reader, { ...flood, batch: 1, pauseMs: LATENCY_PAUSE_MS });
      sizes.push(sizeFigures(this.way, sizeBytes, full, paced));
      rssBytes = Math.max(rssBytes, rssOf(this.way, full));
    }
    return { sizes, rssBytes };
  }

  /** Kills one side in the middle of a step and watches the other. */
  async #kill(killed: PeerSetup["role"], writer: PeerHandle, reader: PeerHandle): Promise<KillOutcome> {
    const batch = batchOf(this.way, KILL_SIZE_BYTES);
    const endless = { maxMs: UNTIL_KILLED_MS, maxRecords: 1e9, pauseMs: 0 };
    writer.tell({ kind: "step", step: { sizeBytes: KILL_SIZE_BYTES, batch, ...endless } });
    await delay(KILL_AFTER_MS * (1 + Math.random()));
    const [victim, other] = killed === "writer" ? [writer, reader] : [reader, writer];
    const killedAtMs = preciseNow();
    victim.kill();
    const end = await watchEnd(other);
    return {
      killed,
      saw: end.saw,
      afterMs: end.saw === undefined ? undefined : Math.max(0, end.atMs - killedAtMs),
      watchedMs: KILL_WATCH_MS,
      records: end.records,
      damaged: end.damaged,
      partialBytes: end.partialBytes,
    };
  }
}

/** The segment is named after the folder, which is unique. */
function segmentFor(folder: string): string {
  return `${folder.slice(folder.lastIndexOf("/") + 1)}.shm`;
}

interface StepOutcome {
  readonly sent: SentFigures;
  readonly received: StepFigures;
}

async function runStep(writer: PeerHandle, reader: PeerHandle, step: IpcStep): Promise<StepOutcome> {
  writer.tell({ kind: "step", step });
  const [{ figures: sent }, { figures: received }] = await Promise.all([
    writer.next("sent", step.maxMs),
    reader.next("received", step.maxMs),
  ]);
  return { sent, received };
}

/** What `peer` says that it sees by itself; after {@link KILL_WATCH_MS} it is asked. */
async function watchEnd(peer: PeerHandle): Promise<PeerEnd> {
  const message: FromPeer | undefined = await peer.nextWithin(KILL_WATCH_MS);
  if (message?.kind === "ended") return message.end;
  peer.tell({ kind: "stop" });
  return (await peer.next("ended")).end;
}

function sizeFigures(way: IpcWay, sizeBytes: number, full: StepOutcome, paced: StepOutcome): SizeFigures {
  const { received, tookMs } = full.received;
  const recordsPerS = received / (tookMs / 1000);
  // Threads share the processor time of their process: counted once.
  const cpuS = full.received.cpuS + (way.carrier === "threads" ? 0 : full.sent.cpuS);
  const both = (key: keyof RecordFaults) => full.received[key] + paced.received[key];
  return {
    sizeBytes,
    records: received + paced.received.received,
    recordsPerS,
    bytesPerS: recordsPerS * sizeBytes,
    latency: paced.received.latency,
    cpuUsPerRecord: cpuS * 1e6 / received,
    faults: {
      lost: both("lost"),
      outOfOrder: both("outOfOrder"),
      twice: both("twice"),
      damaged: both("damaged"),
    },
  };
}

function rssOf(way: IpcWay, { sent, received }: StepOutcome): number {
  return way.carrier === "threads" ? ownRssBytes() : sent.rssBytes + received.rssBytes;
}
