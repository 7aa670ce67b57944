/**
 * One batch per turn of the event loop. What arrives is queued; the first of it begins the turn, by a microtask: by then
 * every read that was ready has handed in its lines. Under the log's lock all that has gathered is worked on in one go;
 * what there is to say is written after that. The next turn waits until those writes have begun, so the more people a
 * batch is told to, the more gathers for the next one, which tells them all of it by one write each.
 *
 * A client that sends as fast as it can has a share of a turn; then it pauses, so that the runtime looks at all sockets and
 * what others have sent has turns of its own. A batch of very many clients is worked on in parts: what was said is
 * written between them.
 */
import { nextTurn } from "../base/event_loop.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import type { LogLock } from "../log/lock.ts";
import type { Clock } from "../base/clock.ts";
import type { Hub } from "../hub/hub.ts";
import type { Delivery } from "../hub/outgoing.ts";
import type { Session } from "../hub/state.ts";

/** A batch is interrupted after about so many lines. */
const TURN_MAX_LINES = 1024;
/** Lines of one session in a turn. */
const SESSION_MAX_LINES = 128;
/** What else it sent at once waits so long, which the platform makes one or two milliseconds. */
const PAUSE_MS = 0;

type Task = (hub: Hub, now: number) => void;
interface Said {
  readonly session: Session;
  readonly lines: readonly (string | LineFault)[];
}
type Work = Said | Task;

export interface TurnOptions {
  hub: Hub;
  clock: Clock;
  /** Gets what the hub has to say after each turn. */
  deliver: (deliveries: Delivery[]) => void;
  /** Gets whatever goes wrong in a turn: a bug, after which state and log can't be trusted. */
  onFailure: (error: unknown) => void;
  /** Where given, awaited between appending and delivering. */
  durable?: () => Promise<unknown>;
  /** Where given, says when what was delivered before has begun to be written: a batch waits for that. */
  begun?: () => Promise<void> | undefined;
  lock: LogLock;
}

export class Turn {
  readonly #options: TurnOptions;
  #work: Work[] = [];
  /** The turn that is asked for and has not begun. */
  #pending: Promise<void> | undefined;
  /** The last turn that has begun: turns are delivered in their order. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  /** Queues lines of one session. The promise settles when what they led to has been delivered. */
  lines(session: Session, lines: readonly (string | LineFault)[]): Promise<void> {
    if (lines.length > SESSION_MAX_LINES) return this.#inShares(session, lines);
    this.#work.push({ session, lines });
    return this.#turn();
  }

  /** Queues anything else that changes the hub. */
  run(task: Task): Promise<void> {
    this.#work.push(task);
    return this.#turn();
  }

  async #inShares(session: Session, lines: readonly (string | LineFault)[]): Promise<void> {
    for (let from = 0; from < lines.length; from += SESSION_MAX_LINES) {
      if (from > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      await this.lines(session, lines.slice(from, from + SESSION_MAX_LINES));
    }
  }

  #turn(): Promise<void> {
    return this.#pending ??= this.#last = this.#take(this.#last);
  }

  async #take(before: Promise<void>): Promise<void> {
    const { deliver, durable, lock, begun, onFailure } = this.#options;
    await Promise.resolve();
    let batch: Work[] | undefined;
    try {
      do {
        if (batch !== undefined) await nextTurn();
        const writing = begun?.();
        if (writing !== undefined) await writing;
        const worked = lock.keep(() => this.#workOn(batch ??= this.#gathered()));
        const deliveries = worked instanceof Promise ? await worked : worked;
        if (durable !== undefined) await Promise.all([durable(), before]);
        deliver(deliveries);
      } while (batch!.length > 0);
    } catch (error) {
      onFailure(error);
    }
  }

  /** Takes what has gathered; what arrives from here on belongs to the next turn. */
  #gathered(): Work[] {
    const work = this.#work;
    this.#work = [];
    this.#pending = undefined;
    return work;
  }

  /**
   * Under the lock: decides and applies what is in `batch`, in the order of its arrival, and takes it out.
   */
  #workOn(batch: Work[]): Delivery[] {
    const { hub, clock } = this.#options;
    const now = clock.now();
    const before = hub.ring.nextSeq;
    let done = 0;
    for (let lines = 0; done < batch.length && lines < TURN_MAX_LINES; done++) {
      const item = batch[done]!;
      if (typeof item === "function") item(hub, now);
      else {
        lines += item.lines.length;
        for (const line of item.lines) hub.line(item.session, line, now);
      }
    }
    if (done === batch.length) batch.length = 0;
    else batch.splice(0, done);
    const deliveries = hub.drain();
    if (hub.ring.nextSeq !== before) hub.ring.wake();
    return deliveries;
  }
}
