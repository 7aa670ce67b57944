/**
 * The archive in the server's thread: what the hub asks and orders goes to workers, and what happens to the archive is
 * told to the server's log and to operators. The archiver is started after the server listens; the reader of pages and
 * that of searches, with the first query for them.
 */
import { formatSize } from "../../base/values/size.ts";
import { formatDuration } from "../../base/values/duration.ts";
import type { ArchiveAnswer, ArchiveOrder, ArchiveQuery } from "../../log/archive.ts";
import { archiveBytes } from "../../store/archive/archive_files.ts";
import type { ArchiveState } from "../../hub/model/config.ts";
import type { Ring } from "../../log/ring.ts";
import type { ServerLog } from "../server_log.ts";
import type { ArchiveBounds } from "../settings/archive_flags.ts";
import type { ArchiveSize, SetAside } from "./archiver_messages.ts";
import { ArchiverTask } from "./archiver_task.ts";
import type { ArchiverEvent } from "./archiver_task.ts";
import { CursorWaits } from "./cursor_waits.ts";
import { canStartWorker } from "./free_handles.ts";
import { LossReports } from "./loss_reports.ts";
import { PAGE_BOUNDS, ReaderTask, SEARCH_BOUNDS } from "./reader_task.ts";
import type { ReaderTaskOptions } from "./reader_task.ts";
import { WaitingOrders } from "./waiting_orders.ts";

/** Time between the start of the server and that of the archiver, unless a query or many records come before. */
const START_DELAY_MS = 100;
/** Time between two looks at how many records wait for that start. */
const START_LOOK_MS = 10;
/** Share of the ring that, when it waits, starts the archiver. */
const URGENT_SHARE = 1 / 4;
/** Time until the next attempt where no worker can be started. */
const RESTART_DELAY_MS = 1000;
/** Longest wait of a query for the archive to be opened, which takes long only after a crash. */
const OPEN_MS = 5000;

/** What is wrong with an archive that is set aside. */
const SET_ASIDE_TEXT: Readonly<Record<SetAside["why"], string>> = {
  foreign: "belongs to another log",
  newer: "has records that the log does not have",
  incomplete:
    "lacks records that the log has overwritten, with names of rooms and deletions of messages among them",
  older: "is older than what the server knows of the rights of rooms",
};

/** A file that is moved away is replaced by a new archive, at the next look. */
const REPAIR_ADVICE = 'stop the server and run "chatterbox archive repair", or move the file away';

export interface ArchiveServiceOptions {
  readonly ring: Ring;
  /** Of the archive. */
  readonly path: string;
  readonly logId: string;
  readonly bounds: ArchiveBounds;
  readonly log: ServerLog;
  /** Gets a sentence for operators: there is trouble with the archive, or no longer. */
  readonly tellOperators: (text: string) => void;
  /** Tries to bring all records so far to disk: for queries that wait until these are archived. */
  readonly sync: () => Promise<unknown>;
  /** Called when an order is carried out. */
  readonly onOrdered: (order: ArchiveOrder) => void;
  /** Replaces {@link START_DELAY_MS}. */
  readonly startDelayMs?: number;
  /** Create the workers. */
  readonly spawnArchiver?: () => Worker;
  readonly spawnReader?: () => Worker;
}

/** Made before the hub appends the first record. */
export class ArchiveService implements ArchiveState {
  readonly #options: ArchiveServiceOptions;
  readonly #folder: string;
  /** Where the log ended when the server started. */
  readonly #logEnd: number;
  readonly #logEndPosition: number;
  /** Answers everything but searches. */
  readonly #pages: ReaderTask;
  /** A thread of its own: one step of a search may take longer than a page may. */
  readonly #searches: ReaderTask;
  #archiver: ArchiverTask | undefined;
  #starting: ReturnType<typeof setTimeout> | undefined;
  /** Orders from before the start. */
  #early = new WaitingOrders();
  #isClosed = false;
  #hasOpened = false;
  readonly #opened = Promise.withResolvers<void>();
  readonly #losses: LossReports;
  readonly #waits: CursorWaits;

  constructor(options: ArchiveServiceOptions) {
    this.#options = options;
    const { ring, path, sync, spawnReader, log, tellOperators } = options;
    this.#logEnd = ring.nextSeq;
    this.#logEndPosition = ring.position;
    this.#losses = new LossReports({ oldestAtStart: ring.oldestSeq, log, tellOperators });
    this.#waits = new CursorWaits({
      ring,
      cursor: () => this.cursor,
      isHalted: () => this.#isClosed || this.trouble !== undefined,
      sync,
      archive: () => this.#archiver?.archiveNow(),
    });
    this.#folder = path.slice(0, path.lastIndexOf("/"));
    const reading: Omit<ReaderTaskOptions, "bounds"> = {
      path,
      canSpawn: () => canStartWorker(this.#folder),
      onFailure: (why) => this.#tellUnreadable(why),
      onRecovery: () => this.#tellReadable(),
      ...(spawnReader && { spawn: spawnReader }),
    };
    this.#pages = new ReaderTask({ ...reading, bounds: PAGE_BOUNDS });
    this.#searches = new ReaderTask({ ...reading, bounds: SEARCH_BOUNDS });
  }

  /** Starts the archiver soon; the server listens. */
  start(): void {
    this.#startSoon(this.#options.startDelayMs ?? START_DELAY_MS);
  }

  /** Why nothing is being archived, in words; undefined: it is. */
  get trouble(): string | undefined {
    return this.#archiver?.trouble;
  }

  /** Why the archive, or part of it, cannot be read, in words; undefined: it can, as far as is known. */
  get unreadable(): string | undefined {
    return this.#pages.trouble ?? this.#searches.trouble;
  }

  /** Every record below this number is archived; 0: that is unknown yet. */
  get cursor(): number {
    return this.#archiver?.cursor ?? 0;
  }

  get lostRecords(): number {
    return this.#losses.count;
  }

  get size(): ArchiveSize | undefined {
    return this.#archiver?.size;
  }

  /** The answer to `query`; undefined: there is none now. `requester`: the account or address that it is for. */
  async ask(query: ArchiveQuery, requester: string): Promise<ArchiveAnswer | undefined> {
    this.#startNow();
    await within(OPEN_MS, this.#opened.promise);
    if (this.#isClosed) return undefined;
    const { until = 0 } = query;
    if (!await this.#waits.wait(until) && query.kind === "search") return undefined;
    return await (query.kind === "search" ? this.#searches : this.#pages).ask(query, requester);
  }

  /** Has `orders` carried out, each when all records before it are archived. */
  order(orders: readonly ArchiveOrder[]): void {
    for (const order of orders) {
      if (this.#archiver === undefined) this.#early.add(order);
      else this.#archiver.order(order);
    }
  }

  /** Has the archiver archive what is durable, and closes the archive. Bounded in time. */
  async close(): Promise<void> {
    clearTimeout(this.#starting);
    this.#isClosed = true;
    this.#opened.resolve();
    this.#pages.close();
    this.#searches.close();
    await this.#archiver?.stop();
    this.#losses.close();
    this.#waits.notify();
  }

  #startSoon(leftMs: number): void {
    const { ring } = this.#options;
    const isUrgent = ring.position - this.#logEndPosition >= URGENT_SHARE * ring.capacityBytes;
    if (leftMs <= 0 || isUrgent) return this.#startNow();
    this.#starting = setTimeout(() => this.#startSoon(leftMs - START_LOOK_MS), START_LOOK_MS);
  }

  #startNow(): void {
    if (this.#archiver !== undefined || this.#isClosed) return;
    clearTimeout(this.#starting);
    if (!canStartWorker(this.#folder)) {
      this.#starting = setTimeout(() => this.#startNow(), RESTART_DELAY_MS);
      return;
    }
    const { ring, path, logId, bounds, spawnArchiver } = this.#options;
    this.#archiver = new ArchiverTask({
      ring,
      path,
      logId,
      bounds,
      logEnd: this.#logEnd,
      onEvent: (event) => this.#handle(event),
      orders: this.#early.all,
      ...(spawnArchiver && { spawn: spawnArchiver }),
    });
    this.#early = new WaitingOrders();
  }

  #handle(event: ArchiverEvent): void {
    const { log, path, onOrdered } = this.#options;
    switch (event.kind) {
      case "opened":
        if (event.setAside !== undefined) this.#tellSetAside(event.setAside);
        if (event.isNew || !this.#hasOpened) log.info("archive", this.#describe(event.isNew), { path });
        this.#hasOpened = true;
        this.#opened.resolve();
        this.#pages.reopen();
        return this.#searches.reopen();
      case "progress":
        return this.#waits.notify();
      case "ordered":
        if (!this.#isClosed) onOrdered(event.order); // else it is too late to save it: it is ordered again
        return;
      case "lost":
        return this.#losses.note(event);
      case "failed":
        this.#opened.resolve(); // what it holds can perhaps be read
        this.#waits.notify();
        return this.#tellFailure(event);
      case "recovered":
        log.info("archive", `history is being archived again: ${path}`, { path });
        return this.#options.tellOperators("History is being archived again");
    }
  }

  #tellSetAside({ path: setAside, why }: SetAside): void {
    const { path, tellOperators } = this.#options;
    const what =
      `${SET_ASIDE_TEXT[why]}; it is kept as ${setAside}, nothing reads it, and a new archive begins. ` +
      "To read it, move it into a folder of its own as archive.sqlite: chatterbox archive export --data-dir FOLDER";
    this.#options.log.warning("archive", `${path} ${what}`, { path, setAside, why });
    tellOperators(`The archive ${what}`);
  }

  #describe(isNew: boolean): string {
    const { path, bounds } = this.#options;
    if (!isNew) {
      return `the archive is ${path}: ${formatSize(archiveBytes(path))}, ${
        describeBounds(bounds)
      } (--archive)`;
    }
    return `all history is archived in ${path}, ${describeBounds(bounds)} (--archive)`;
  }

  #tellFailure({ why, isDamaged, isOver }: ArchiverEvent & { kind: "failed" }): void {
    const { path, log, tellOperators } = this.#options;
    const then = isOver
      ? "nothing is archived until the server is started again"
      : `${isDamaged ? REPAIR_ADVICE : "the server keeps trying"}; chat and recent history are not affected`;
    log.error("archive", `history is not being archived: ${path}: ${why}; ${then}`, { path, why });
    tellOperators(`History is not being archived: ${why}${isDamaged ? `; ${REPAIR_ADVICE}` : ""}`);
  }

  #tellUnreadable(why: string): void {
    if (this.#pages.trouble !== undefined && this.#searches.trouble !== undefined) return; // it is known
    const { path, log, tellOperators } = this.#options;
    const then = `older history is missing from replies; ${REPAIR_ADVICE}`;
    log.error("archive", `the archive cannot be read: ${path}: ${why}; ${then}`, { path, why });
    tellOperators(`The archive cannot be read: ${why}; ${then}`);
  }

  #tellReadable(): void {
    if (this.unreadable !== undefined) return;
    const { path, log, tellOperators } = this.#options;
    log.info("archive", `the archive can be read again: ${path}`, { path });
    tellOperators("The archive can be read again");
  }
}

function describeBounds({ maxBytes, maxAgeMs }: ArchiveBounds): string {
  const bounds = [
    ...maxBytes === Infinity ? [] : [formatSize(maxBytes)],
    ...maxAgeMs === Infinity ? [] : [formatDuration(maxAgeMs)],
  ];
  return bounds.length === 0 ? "without a bound" : `up to ${bounds.join(" and ")}`;
}

/** Resolves when `promise` does, or after `ms`. */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([promise, late.promise]);
  clearTimeout(timer);
}
