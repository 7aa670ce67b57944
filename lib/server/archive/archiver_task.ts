/**
 * The archiver as the server uses it: starts the worker, starts another one if it dies, and tells what happens to the
 * archive. A worker that has died leaves nothing half done: its last transaction is undone when the next one opens the
 * archive.
 */
import { unreachable } from "../../base/assert.ts";
import type { ArchiveOrder } from "../../log/archive.ts";
import type { Ring } from "../../log/ring.ts";
import type { ArchiverReport, ArchiverRequest, ArchiverStart, ArchiveSize } from "./archiver_messages.ts";
import { WaitingOrders } from "./waiting_orders.ts";
import type { WaitingOrder } from "./waiting_orders.ts";

/** Number of times that a dead worker is replaced before one has recovered. */
const MAX_RESTARTS = 3;
/** Longest wait for the last records when the server stops: as many as a ring of 64 MiB holds. */
const STOP_MS = 10_000;
/** Number of different reasons that are told of one failure. */
const MAX_REASONS = 8;

export interface ArchiverTaskOptions extends Omit<ArchiverStart, "buffer"> {
  readonly ring: Ring;
  readonly onEvent: (event: ArchiverEvent) => void;
  /** Creates the worker. */
  readonly spawn?: () => Worker;
}

export type ArchiverEvent =
  | Exclude<ArchiverReport, { kind: "progress" | "stopped" | "failed" | "recovered" }>
  | { readonly kind: "progress" }
  /** `isOver`: the archive is off until the server is started again. */
  | { readonly kind: "failed"; readonly why: string; readonly isDamaged: boolean; readonly isOver: boolean }
  /** After a failure: the archive is written again. */
  | { readonly kind: "recovered" };

export class ArchiverTask {
  readonly #options: ArchiverTaskOptions;
  #worker: Worker | undefined;
  #crashes = 0;
  #trouble: string | undefined;
  /** Reasons told of the present failure. */
  readonly #told = new Set<string>();
  /** What a new worker has to do: orders that are not carried out yet, and for how long channels are kept. */
  readonly #orders: WaitingOrders;
  #stopped: PromiseWithResolvers<void> | undefined;
  #hasOpened = false;
  #cursor = 0;
  #size: ArchiveSize | undefined;

  constructor(options: ArchiverTaskOptions) {
    this.#options = options;
    this.#orders = new WaitingOrders(options.orders);
    this.#spawn();
  }

  /** Every record below this number is archived; 0: that is unknown yet. */
  get cursor(): number {
    return this.#cursor;
  }

  get size(): ArchiveSize | undefined {
    return this.#size;
  }

  /** Why nothing is being archived, in words; undefined: it is. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  order(order: ArchiveOrder): void {
    if (this.#worker === undefined) return;
    this.#orders.add(order);
    this.#post({ kind: "order", order });
  }

  /** Has the archiver archive what is durable, and closes the archive; within {@link STOP_MS}. */
  async stop(): Promise<void> {
    if (this.#worker === undefined) return;
    this.#stopped = Promise.withResolvers();
    this.#post({ kind: "stop" });
    const late = setTimeout(() => this.#end(), STOP_MS);
    await this.#stopped.promise;
    clearTimeout(late);
  }

  #spawn(): void {
    const { ring, path, logId, bounds, spawn = spawnWorker } = this.#options;
    const worker = spawn();
    worker.onmessage = (event: MessageEvent<ArchiverReport>) => this.#hear(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#handleCrash(event.message);
    };
    this.#worker = worker;
    const logEnd = this.#hasOpened ? Infinity : this.#options.logEnd;
    const hasFailed = this.#trouble !== undefined;
    const orders = this.#orders.all;
    this.#post({ kind: "start", buffer: ring.buffer, path, logId, bounds, logEnd, hasFailed, orders });
  }

  #post(request: ArchiverRequest): void {
    this.#worker?.postMessage(request);
  }

  #hear(report: ArchiverReport): void {
    const { onEvent } = this.#options;
    switch (report.kind) {
      case "progress":
        this.#cursor = report.cursor;
        this.#size = report.size;
        return onEvent({ kind: "progress" });
      case "ordered":
        this.#noteOrdered(report.order);
        return onEvent(report);
      case "failed":
        return this.#tell({ ...report, isOver: false });
      case "recovered":
        this.#crashes = 0;
        return this.#endTrouble();
      case "opened":
        this.#hasOpened = true;
        return onEvent(report);
      case "lost":
        return onEvent(report);
      case "stopped":
        return this.#end();
      default:
        unreachable(report);
    }
  }

  /** The archive does not hold for how long a channel is kept: only a worker knows it. */
  #noteOrdered(order: WaitingOrder): void {
    if (order.kind !== "keep" || order.ms === undefined) this.#orders.remove(order);
  }

  #endTrouble(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#told.clear();
    this.#options.onEvent({ kind: "recovered" });
  }

  #tell(failure: ArchiverEvent & { kind: "failed" }): void {
    const { why, isOver } = failure;
    this.#trouble = why;
    if (!isOver && (this.#told.has(why) || this.#told.size >= MAX_REASONS)) return;
    this.#told.add(why);
    this.#options.onEvent(failure);
  }

  #handleCrash(why: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const isOver = ++this.#crashes > MAX_RESTARTS || this.#stopped !== undefined;
    this.#tell({ kind: "failed", why, isDamaged: false, isOver });
    if (isOver) this.#end();
    else this.#spawn();
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#stopped?.resolve();
  }
}

function spawnWorker(): Worker {
  return new Worker(new URL("./archiver_worker.ts", import.meta.url), { type: "module", name: "archiver" });
}
