/**
 * Runs the hub once per turn of the event loop. Lines and tasks are queued; the first one requests a turn, which
 * starts in a microtask: by then every read that was ready has queued its lines. The turn handles all queued work
 * under the lock of the log, and its output is written afterwards. The next turn waits until those writes have
 * begun. So the more receivers a turn has, the more work gathers for the next one, and each receiver gets all its
 * output in one write.
 *
 * A turn has a time budget, and each session has one within it; the remaining work waits for a later turn. A
 * session that has used its budget continues after all others, once the sockets have been polled, so that the lines
 * that others sent meanwhile come first. The budgets are checked between lines: a line is never interrupted.
 *
 * A session that waits for a job (`hub/model/state/async_job.ts`) keeps its order: the rest of the lines read from
 * it is held here, and its connection is not read until those are handled.
 */
import { assert } from "../base/assert.ts";
import { systemStopwatch, systemTicks } from "../base/clock.ts";
import type { Clock, Stopwatch } from "../base/clock.ts";
import { nextLoopIteration, SocketPollBudget } from "../base/event_loop.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import type { LogLock } from "../log/log_lock.ts";
import type { Handover } from "../hub/handover/handover.ts";
import type { TurnReport } from "../hub/handover/presentation.ts";
import type { Effects, Hub } from "../hub/hub.ts";
import type { SavedFact } from "../log/fact.ts";
import type { Session } from "../hub/model/state/entities.ts";
import { TrafficStats } from "./traffic_stats.ts";

/** A turn ends after the line that exceeds this time, a delay that users do not notice. */
export const TURN_BUDGET_MS = 5;
/** Share of one session in a turn: less than half, so that other sessions have a share in the same turn. */
export const SESSION_BUDGET_MS = 2;
/** A turn ends after about this many lines, however cheap they are, because their output has yet to be written. */
const TURN_MAX_LINES = 1024;
/** The same bound for the lines of one session in a turn. */
const SESSION_MAX_LINES = 128;

type HubTask = (hub: Hub, now: number) => void;
type ReadLines = readonly (string | LineFault)[];

/** Receives the time that a session's lines cost. */
export interface CostMeter {
  /** `ms`: milliseconds, with fractions. */
  charge(ms: number): void;
}

/** What a turn has for the clients. */
interface TurnOutput {
  readonly effects: Effects;
  readonly report: TurnReport | undefined;
}

const NO_LINES: ReadLines = [];

/** Queued work: lines of a session, or a task. */
class WorkItem {
  /** Index of the first line that has not been handled. */
  nextLine = 0;
  /** Resolved when all of it is done; created only if that takes more than one turn. */
  completion: PromiseWithResolvers<void> | undefined;

  constructor(
    readonly session: Session | undefined,
    readonly lines: ReadLines,
    readonly task: HubTask | undefined,
    readonly costMeter: CostMeter | undefined,
  ) {}
}

export interface TurnQueueOptions {
  hub: Hub;
  clock: Clock;
  /** For the budgets; the system's by default. */
  stopwatch?: Stopwatch;
  /** Shared with everything that reads from sockets; its own by default. */
  polls?: SocketPollBudget;
  /** Gets the effects of each turn, once {@link makeDurable} has resolved; `report`: if there is a handover. */
  deliver: (effects: Effects, report: TurnReport | undefined) => void;
  /** In a server with fronts. */
  handover?: Handover | undefined;
  /**
   * Gets the facts of each turn that changed any, at its end: facts about a record never come later than the
   * record.
   */
  onFacts?: (facts: readonly SavedFact[]) => void;
  /**
   * Gets an error thrown in a turn: a bug, after which the state cannot be trusted. No work is handled afterwards, so
   * that nothing more reaches the log, and promises of the remaining work never settle.
   */
  onFatalError: (error: unknown) => void;
  /** If given, awaited before a turn: settles when records may be appended; undefined: now. */
  whenRoom?: () => Promise<void> | undefined;
  /** If given, awaited after records are appended and before output is delivered. */
  makeDurable?: () => Promise<unknown>;
  /** If given, resolves when writing of all output delivered so far has begun; a turn waits for it. */
  whenWritesBegun?: () => Promise<void> | undefined;
  lock: LogLock;
}

export class TurnQueue {
  readonly stats = new TrafficStats();
  readonly #options: TurnQueueOptions;
  readonly #stopwatch: Stopwatch;
  /** Coarse and cheap clock: the stopwatch is read only when its value has changed. */
  readonly #ticks: () => number;
  #tick = 0;
  readonly #polls: SocketPollBudget;
  /** In the order of arrival. */
  #waiting: WorkItem[] = [];
  /** Work of sessions that used up their budget in an earlier turn; handled after {@link #waiting}. */
  #overBudget: WorkItem[] = [];
  /** Work of sessions that used up their budget in this turn, until the sockets have been polled. */
  #awaitingPoll: WorkItem[] = [];
  /** Remaining lines of sessions that wait for a job. */
  readonly #suspended = new Map<Session, WorkItem>();
  /** The turn that is requested and has not begun. */
  #requestedTurn: Promise<void> | undefined;
  /** The last turn that was requested: turns are delivered in order. */
  #lastTurn: Promise<void> = Promise.resolve();
  /** Of the current turn: its time, the last reading of the stopwatch, and the lines so far. */
  #now = 0;
  #stopwatchMs = 0;
  #lineCount = 0;
  /** Set while work is handled, and for good once that has thrown: no work is handled after a bug. */
  #isClosed = false;
  /** The present turn is the last one. */
  #isClosing = false;

  constructor(options: TurnQueueOptions) {
    this.#options = options;
    this.#stopwatch = options.stopwatch ?? systemStopwatch;
    this.#ticks = options.stopwatch ?? systemTicks;
    this.#polls = options.polls ?? new SocketPollBudget();
  }

  /**
   * Queues lines of one session. The caller queues its next lines only after the promise has resolved: the output
   * of these has been delivered, or the session has ended and the rest of them was dropped.
   */
  enqueueLines(session: Session, lines: ReadLines, costMeter?: CostMeter): Promise<void> {
    return this.#queue(new WorkItem(session, lines, undefined, costMeter));
  }

  /** Queues a task that changes the hub. `session`: the session that waits for it and is charged for its time. */
  run(task: HubTask, session?: Session): Promise<void> {
    return this.#queue(new WorkItem(session, NO_LINES, task, undefined));
  }

  /**
   * Handles no more work after the next turn, and resolves when that is delivered; promises of the remaining work never
   * settle.
   */
  close(): Promise<void> {
    return this.run(() => this.#isClosing = true);
  }

  #queue(work: WorkItem): Promise<void> {
    this.#waiting.push(work);
    return this.#requestTurn().then(() => work.completion?.promise);
  }

  /** Requests a turn, which starts after `pause` if one is given. */
  #requestTurn(pause?: Promise<void>): Promise<void> {
    return this.#requestedTurn ??= this.#lastTurn = this.#runTurn(this.#lastTurn, pause);
  }

  async #runTurn(before: Promise<void>, pause: Promise<void> | undefined): Promise<void> {
    const { deliver, makeDurable, lock, whenWritesBegun, whenRoom, onFatalError } = this.#options;
    const done: WorkItem[] = [];
    const requestedAt = this.#stopwatch();
    await pause;
    try {
      const writing = whenWritesBegun?.();
      if (writing !== undefined) await writing;
      const room = whenRoom?.();
      if (room !== undefined) await room;
      const worked = lock.runKeepingLock(() => this.#isClosed ? undefined : this.#runWork(done));
      const output = worked instanceof Promise ? await worked : worked;
      if (output === undefined) return await new Promise<never>(() => {});
      if (makeDurable !== undefined) await Promise.all([makeDurable(), before]);
      const { effects, report } = output;
      deliver(effects, report);
      this.stats.countDeliveries(effects.deliveries.length, this.#stopwatch() - requestedAt);
    } catch (error) {
      this.#isClosed = true;
      onFatalError(error);
    }
    for (const { completion } of done) completion!.resolve();
  }

  /**
   * Handles the queued work, as far as the budgets allow, under the lock of the log. Work that is queued from here
   * on belongs to the next turn. `done` gets the work items that are complete and have a promise to resolve.
   */
  #runWork(done: WorkItem[]): TurnOutput {
    const { hub, clock, onFacts, handover } = this.#options;
    this.#isClosed = true;
    this.#requestedTurn = undefined;
    const { nextSeq } = hub.context.log;
    const begun = this.#stopwatchMs = this.#stopwatch();
    this.#now = clock.now();
    this.#lineCount = 0;
    const until = begun + TURN_BUDGET_MS;
    if (this.#waiting.length > 0) this.#runQueue(this.#waiting, until, done);
    // At least one of them is handled in each turn, however much other work there is.
    if (this.#overBudget.length > 0) this.#runQueue(this.#overBudget, until, done);
    if (this.#suspended.size > 0) this.#resumeSuspended();
    const turnMs = this.#stopwatch() - begun;
    this.#polls.spend(turnMs);
    this.stats.countTurn(turnMs, this.#lineCount);
    this.#scheduleRest();
    const effects = hub.takeEffects();
    const report = handover?.takeReport(this.#now);
    if (effects.facts.length > 0) onFacts?.(effects.facts);
    if (hub.context.log.nextSeq !== nextSeq) hub.context.log.wakeReaders();
    this.#isClosed = this.#isClosing;
    return { effects, report };
  }

  /**
   * Handles at least the first item of `queue`, and further ones until the time `until`; removes them from the
   * queue.
   */
  #runQueue(queue: WorkItem[], until: number, done: WorkItem[]): void {
    let reached = 0;
    try {
      while (reached < queue.length) {
        this.#runItem(queue[reached++]!, done);
        if (this.#stopwatchMs >= until || this.#lineCount >= TURN_MAX_LINES) break;
      }
    } catch (error) {
      const failed = queue[reached - 1]!;
      if (failed.completion !== undefined) done.push(failed);
      throw error;
    } finally {
      if (reached === queue.length) queue.length = 0;
      else queue.splice(0, reached);
      for (const work of queue) work.completion ??= Promise.withResolvers();
    }
  }

  /** Handles as much of `work` as the budget of its session allows, and queues the rest. */
  #runItem(work: WorkItem, done: WorkItem[]): void {
    const { session, task } = work;
    const held = session === undefined || this.#suspended.size === 0
      ? undefined
      : this.#suspended.get(session);
    const costMeter = work.costMeter ?? held?.costMeter;
    if (costMeter !== undefined) this.#stopwatchMs = this.#stopwatch();
    const begun = this.#stopwatchMs;
    if (task !== undefined) {
      task(this.#options.hub, this.#now);
      this.#readStopwatch();
    } else this.#runSessionLines(work, session!);
    if (costMeter !== undefined) {
      this.#stopwatchMs = this.#stopwatch();
      costMeter.charge(this.#stopwatchMs - begun);
    }
    if (task === undefined && session!.closeReason === undefined) {
      if (session!.connection.suspendedLine !== undefined) {
        assert(held === undefined, "lines were read from a session that waits for a job");
        this.#suspended.set(session!, work);
        work.completion ??= Promise.withResolvers();
        return;
      }
      if (work.nextLine < work.lines.length) {
        this.#awaitingPoll.push(work);
        work.completion ??= Promise.withResolvers();
        return;
      }
    }
    if (work.completion !== undefined) done.push(work);
  }

  /** Handles lines of a session within its budget of this turn. */
  #runSessionLines(work: WorkItem, session: Session): void {
    const { hub, handover } = this.#options;
    const { lines } = work;
    const begun = work.nextLine;
    const end = Math.min(lines.length, begun + SESSION_MAX_LINES);
    const until = this.#stopwatchMs + SESSION_BUDGET_MS;
    while (
      work.nextLine < end && this.#stopwatchMs < until && session.connection.suspendedLine === undefined &&
      session.closeReason === undefined
    ) {
      const line = lines[work.nextLine++]!;
      if (handover === undefined) hub.line(session, line, this.#now);
      else handover.nextLine(session, line, this.#now);
      this.#readStopwatch();
    }
    this.#lineCount += work.nextLine - begun;
  }

  /** Updates the time of the turn, to the millisecond. */
  #readStopwatch(): void {
    const tick = this.#ticks();
    if (tick === this.#tick) return;
    this.#tick = tick;
    this.#stopwatchMs = this.#stopwatch();
  }

  /** Queues the remaining lines of sessions that wait no longer, or that have ended. */
  #resumeSuspended(): void {
    for (const [session, work] of this.#suspended) {
      if (session.connection.suspendedLine !== undefined && session.closeReason === undefined) continue;
      this.#suspended.delete(session);
      this.#waiting.push(work);
    }
  }

  /** Requests a turn for the remaining work. */
  #scheduleRest(): void {
    if (this.#awaitingPoll.length > 0) void this.#requeueAfterPoll(this.#awaitingPoll.splice(0));
    if (this.#waiting.length > 0 || this.#overBudget.length > 0) {
      void this.#requestTurn(this.#polls.overduePoll ?? nextLoopIteration());
    }
  }

  async #requeueAfterPoll(used: WorkItem[]): Promise<void> {
    await this.#polls.nextPoll();
    this.#overBudget.push(...used);
    void this.#requestTurn();
  }
}
