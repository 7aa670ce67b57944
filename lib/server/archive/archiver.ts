/**
 * The archiver: follows the ring behind the durable watermark and carries its records to the archive. It runs in a
 * worker of low priority (archiver_worker.ts).
 *
 * In a quiet chat records are archived soon after the sync that covers them. Under load a pass begins every
 * {@link PASS_INTERVAL_MS}, because few large transactions cost less than many small ones, or when a quarter of the
 * ring waits, or at once when a query waits for what is durable. While there is nothing to archive, the archiver wakes
 * up every {@link PLACE_LOOK_MS}.
 */
import { systemClock } from "../../base/clock.ts";
import type { Clock } from "../../base/clock.ts";
import { nextLoopIteration } from "../../base/event_loop.ts";
import { LogReader } from "../../log/log_reader.ts";
import type { Ring } from "../../log/ring.ts";
import { ForeignArchive, isDamage } from "../../store/archive/archive_schema.ts";
import { diskErrorText } from "../../store/disk/disk_file.ts";
import { archiveBytes, setArchiveAside } from "../../store/archive/archive_files.ts";
import { ArchiveFollower, IncompleteArchive } from "./archive_follower.ts";
import type { ArchiverReport, ArchiverRequest, ArchiverStart, SetAside } from "./archiver_messages.ts";
import { isRepeat, WaitingOrders } from "./waiting_orders.ts";
import type { ForgetOrder, WaitingOrder } from "./waiting_orders.ts";

/** Least time between the beginnings of two passes, unless {@link URGENT_SHARE} of the ring or a query waits. */
const PASS_INTERVAL_MS = 250;
const URGENT_SHARE = 1 / 4;
/** Time between two looks at how much waits, and at the watermark while the newest records are not durable. */
const LOOK_MS = 20;
const MAX_LOOK_MS = 320;
/** Longest work on pruning at a time. */
const PRUNE_MS = 40;
/** Time until it goes on. */
const PRUNE_PAUSE_MS = 60;
/** Time between two looks for messages that have become too old, while nothing is written. */
const AGE_LOOK_MS = 10 * 60_000;
/** Time between two looks whether the archive is still in its place, while nothing is written. */
const PLACE_LOOK_MS = 10_000;
/** Time before the next attempt while the disk fails. */
const RETRY_MS = 2000;
/** Time between two attempts to remove redacted texts from the write-ahead log, while another program reads. */
const SCRUB_RETRY_MS = 2000;
/** Time before the next attempt with a damaged archive, until it is repaired. */
const DAMAGED_RETRY_MS = 60_000;

export type ArchiverOptions = Omit<ArchiverStart, "buffer"> & {
  readonly ring: Ring;
  readonly report: (message: ArchiverReport) => void;
  readonly clock?: Clock;
  /** Replaces {@link RETRY_MS} and {@link SCRUB_RETRY_MS}. */
  readonly retryMs?: number;
  /** Replaces {@link PLACE_LOOK_MS}. */
  readonly idleMs?: number;
  /** Replaces {@link PASS_INTERVAL_MS}. */
  readonly passIntervalMs?: number;
};

/** The archive was removed, or another file put in its place. */
class MovedArchive extends Error {
  override readonly name = "MovedArchive";

  constructor() {
    super("it was removed or replaced; what is in its place now is used, or a new one begins");
  }
}

export class Archiver {
  readonly #options: ArchiverOptions;
  #follower: ArchiveFollower | undefined;
  /** Milliseconds for which messages are kept, by folded channel, of channels with a time of their own. */
  readonly #keeps = new Map<string, number>();
  readonly #orders: WaitingOrders;
  #isStopping = false;
  /** Aborted to end a pause. */
  #pause = new AbortController();
  #passBegan = -Infinity;
  /** Nothing was archived at the last attempt, or by an earlier archiver. */
  #hasFailed: boolean;
  /** See {@link ArchiverStart}. */
  #logEnd: number;
  /** Something may be left to prune. */
  #mayPrune = true;
  /** When nothing was too old, milliseconds since the epoch. */
  #agesSeenAt = 0;
  /** When removed texts were last to be removed from the write-ahead log, as `performance.now()`. */
  #scrubbedAt = 0;
  /** How long the watermark has not moved, in looks. */
  #idleLooks = 0;

  constructor(options: ArchiverOptions) {
    this.#options = options;
    this.#hasFailed = options.hasFailed ?? false;
    this.#logEnd = options.logEnd;
    this.#orders = new WaitingOrders(options.orders);
  }

  handleRequest(request: Exclude<ArchiverRequest, { kind: "start" }>): void {
    switch (request.kind) {
      case "order":
        this.#orders.add(request.order);
        if (this.#hasFailed) return; // it waits for the next attempt
        break;
      case "archive":
        if (this.#hasFailed) return;
        break;
      case "stop":
        this.#isStopping = true;
    }
    this.#pause.abort();
  }

  /** Runs until it is told to stop. Rejects with an error that is a bug. */
  async run(): Promise<void> {
    while (!this.#isStopping) {
      this.#pause = new AbortController();
      const failure = await this.#attempt(async () => {
        await this.#pass();
        this.#prune(this.#follower!);
        this.#scrub(this.#follower!);
        this.#confirmRecovery(this.#follower!);
      });
      const ms = failure === undefined ? this.#pauseMs() : this.#retryMs(failure);
      if (!this.#isStopping) await this.#wait(ms);
    }
    await this.#attempt(() => this.#pass());
    this.#close();
    this.#options.report({ kind: "stopped" });
  }

  /** Archives what is durable, in several transactions, and carries out the orders that are due. */
  async #pass(): Promise<void> {
    this.#passBegan = performance.now();
    const follower = this.#follower ??= this.#open();
    if (!follower.writer.isInPlace) throw new MovedArchive();
    const { ring } = this.#options;
    const end = Math.max(ring.durableSeq, follower.cursor);
    const before = follower.cursor;
    for (;;) {
      this.#carryOutDue(follower);
      const limit = Math.min(end, this.#orders.limit);
      if (follower.cursor >= limit) break;
      const { lost } = follower.archiveBatch(limit, this.#isUrgent, this.#orders);
      this.#reportProgress(follower);
      if (lost !== undefined) this.#options.report({ kind: "lost", ...lost });
      await nextLoopIteration(); // requests
    }
    this.#idleLooks = follower.cursor > before ? 0 : this.#idleLooks + 1;
    this.#mayPrune ||= follower.cursor > before;
  }

  /** Removes what the archive may no longer hold, for a while; not while the ring is in need of it. */
  #prune(follower: ArchiveFollower): void {
    const { bounds, clock = systemClock } = this.#options;
    const now = clock.now();
    if (this.#hasAges && now >= this.#agesSeenAt + AGE_LOOK_MS) this.#mayPrune = true;
    const end = performance.now() + PRUNE_MS;
    let isDone = !this.#mayPrune;
    let steps = 0;
    for (; !isDone && !this.#isUrgent && performance.now() < end; steps++) {
      isDone = !follower.prune({ ...bounds, channelAges: this.#keeps }, now);
    }
    if (steps > 1) this.#reportProgress(follower);
    if (!isDone) return;
    this.#mayPrune = false;
    this.#agesSeenAt = now;
  }

  /** Removes what the write-ahead log has of removed texts, from time to time until no other program reads it. */
  #scrub({ writer }: ArchiveFollower): void {
    if (!writer.hasResidue || performance.now() < this.#scrubbedAt + this.#scrubRetryMs) return;
    writer.scrub();
    this.#scrubbedAt = performance.now();
  }

  get #scrubRetryMs(): number {
    return this.#options.retryMs ?? SCRUB_RETRY_MS;
  }

  /**
   * Reports the end of a failure: what waited is archived and pruning goes on. If nothing waited, the cursor is written
   * again, because an archive that can be opened is not yet one that can be written.
   */
  #confirmRecovery(follower: ArchiveFollower): void {
    if (!this.#hasFailed || this.#isUrgent) return;
    follower.writer.rewriteCursor();
    this.#hasFailed = false;
    this.#options.report({ kind: "recovered" });
  }

  /** Whether messages become too old by and by. */
  get #hasAges(): boolean {
    return this.#options.bounds.maxAgeMs < Infinity || this.#keeps.size > 0;
  }

  #open(): ArchiveFollower {
    const { ring, path, logId } = this.#options;
    const isNew = archiveBytes(path) === 0;
    let setAside: SetAside | undefined;
    let follower: ArchiveFollower | undefined;
    try {
      follower = new ArchiveFollower(ring, this.#options);
    } catch (error) {
      if (!(error instanceof ForeignArchive)) throw error;
      setAside = { path: setArchiveAside(path, error.logId), why: "foreign" };
    }
    const why = follower === undefined || isNew ? undefined : this.#distrust(follower);
    if (follower !== undefined && why !== undefined) {
      follower.close();
      setAside = { path: setArchiveAside(path, `${logId}-${why}`), why };
      follower = undefined;
    }
    follower ??= new ArchiveFollower(ring, this.#options);
    this.#logEnd = Infinity;
    this.#options.report({ kind: "opened", isNew, setAside });
    this.#reportProgress(follower);
    return follower;
  }

  /** Why an archive that was there cannot be used; undefined: it can. */
  #distrust({ openedAt: cursor, writer }: ArchiveFollower): Exclude<SetAside["why"], "foreign"> | undefined {
    const { ring } = this.#options;
    if (cursor > Math.min(ring.nextSeq, this.#logEnd)) return "newer"; // the log is an older copy, and goes on otherwise
    if (cursor === 0) return undefined; // nothing is in it
    const { completeFrom, knownFrom } = this.#orders.trust;
    // With a cursor behind that number it has carried out what was ordered there.
    if (cursor <= knownFrom && writer.openedKnownFrom < knownFrom) return "older";
    return cursor < completeFrom && cursor < ring.oldestSeq ? "incomplete" : undefined;
  }

  #reportProgress(follower: ArchiveFollower): void {
    const { cursor } = follower;
    const size = { bytes: archiveBytes(this.#options.path), oldestAt: follower.writer.oldestTime };
    this.#options.report({ kind: "progress", cursor, size });
  }

  #carryOutDue(follower: ArchiveFollower): void {
    const { cursor } = follower;
    for (let order = this.#orders.next(cursor); order !== undefined; order = this.#orders.next(cursor)) {
      this.#carryOut(follower, order);
      this.#noteOrdered(order);
    }
    for (let due = this.#orders.nextForgets(cursor); due.length > 0; due = this.#orders.nextForgets(cursor)) {
      follower.carryOut(due);
      due.forEach((order) => this.#noteOrdered(order));
      this.#mayPrune = true;
    }
  }

  #noteOrdered(order: WaitingOrder): void {
    this.#orders.remove(order);
    this.#options.report({ kind: "ordered", order });
  }

  #carryOut(follower: ArchiveFollower, order: Exclude<WaitingOrder, ForgetOrder>): void {
    if (isRepeat(order)) return follower.repeat(order);
    this.#mayPrune = true;
    if (order.kind !== "keep") return follower.carryOut([order]);
    if (order.ms === undefined) this.#keeps.delete(order.name);
    else this.#keeps.set(order.name, order.ms);
  }

  /** Milliseconds until the next pass at the latest; undefined: there is nothing to archive. */
  #pauseMs(): number | undefined {
    const { ring } = this.#options;
    const { cursor } = this.#follower!;
    if (this.#mayPrune) return PRUNE_PAUSE_MS;
    if (cursor >= ring.nextSeq) return undefined;
    if (cursor >= ring.durableSeq) {
      return this.#isUrgent ? LOOK_MS : Math.min(MAX_LOOK_MS, LOOK_MS * 2 ** Math.min(10, this.#idleLooks));
    }
    return 0;
  }

  async #wait(ms: number | undefined): Promise<void> {
    const { ring } = this.#options;
    const { signal } = this.#pause;
    if (ms !== undefined) await sleep(ms, signal);
    else {
      const pause = this.#pause;
      const look = setTimeout(() => pause.abort(), this.#idleMs);
      await new LogReader(ring, this.#follower!.cursor).waitForMore(signal);
      clearTimeout(look);
    }
    const { passIntervalMs = PASS_INTERVAL_MS } = this.#options;
    while (!signal.aborted && !this.#isUrgent) {
      const left = this.#passBegan + passIntervalMs - performance.now();
      if (left <= 0) return;
      await sleep(Math.min(left, LOOK_MS), signal);
    }
  }

  /** Milliseconds until the next pass although no record comes. */
  get #idleMs(): number {
    return this.#follower!.writer.hasResidue ? this.#scrubRetryMs : this.#options.idleMs ?? PLACE_LOOK_MS;
  }

  get #isUrgent(): boolean {
    return (this.#follower?.waitingBytes ?? 0) >= URGENT_SHARE * this.#options.ring.capacityBytes;
  }

  #retryMs(error: unknown): number {
    return isDamage(error) ? DAMAGED_RETRY_MS : this.#options.retryMs ?? RETRY_MS;
  }

  /** Runs `act`; returns its error, if it is one of the archive's. Then the archive is opened again. */
  async #attempt(act: () => Promise<void>): Promise<unknown> {
    try {
      await act();
      return undefined;
    } catch (error) {
      this.#hasFailed = true;
      this.#options.report(failureOf(error));
      this.#close();
      return error;
    }
  }

  #close(): void {
    try {
      this.#follower?.close();
    } catch (error) {
      this.#options.report(failureOf(error));
    }
    this.#follower = undefined;
  }
}

function failureOf(error: unknown): ArchiverReport {
  const isOurs = error instanceof MovedArchive || error instanceof IncompleteArchive;
  const why = isOurs ? error.message : diskErrorText(error);
  return { kind: "failed", why, isDamaged: isDamage(error) };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
