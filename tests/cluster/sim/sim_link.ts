/**
 * A relay between a front and a hub in a simulated network: messages of each direction arrive in order, each whole or not
 * at all, late by a random time. Both ends learn that it is over: at once where one end closes it, by silence where the
 * network is cut or a process stands still.
 */
import type { SimProcess } from "./sim_process.ts";
import type { SimScheduler } from "./sim_scheduler.ts";

/** An end that hears nothing for this long takes the relay for lost; each end says something every second. */
const SILENCE_MS = 4000;
const SIGN_MS = 1000;
const RETRY_MS = 100;

export interface LinkEnd<Message> {
  readonly process: SimProcess;
  /** A message has come. */
  receive: (message: Message) => void;
  /** The relay is over. Called once. */
  lose: () => void;
}

type Side = "front" | "hub";

export class SimLink<Up, Down> {
  readonly #ends: { front: LinkEnd<Down>; hub: LinkEnd<Up> };
  readonly #isOver = { front: false, hub: false };
  /** On their way to each end. */
  readonly #queues: Record<Side, { at: number; readonly arrive: () => void }[]> = { front: [], hub: [] };
  readonly #heardAt = { front: 0, hub: 0 };

  /** `isCut`: nothing gets through at present. */
  constructor(
    readonly scheduler: SimScheduler,
    front: LinkEnd<Down>,
    hub: LinkEnd<Up>,
    readonly latencyMs: readonly [number, number],
    readonly isCut: () => boolean,
  ) {
    this.#ends = { front, hub };
    for (const side of ["front", "hub"] as const) {
      this.#heardAt[side] = scheduler.now;
      void this.#watch(side);
    }
  }

  sendUp(message: Up): void {
    this.#send("front", "hub", () => this.#ends.hub.receive(message));
  }

  sendDown(message: Down): void {
    this.#send("hub", "front", () => this.#ends.front.receive(message));
  }

  /** `side` closes it, or its process has died. */
  close(side: Side): void {
    if (this.#isOver[side]) return;
    const other = side === "front" ? "hub" : "front";
    this.#send(side, other, () => this.#lose(other));
    this.#isOver[side] = true;
  }

  #send(from: Side, to: Side, arrive: () => void): void {
    if (this.#isOver[from]) return;
    const { scheduler, latencyMs } = this;
    this.#queues[to].push({ at: scheduler.now + scheduler.between(...latencyMs), arrive });
    if (this.#queues[to].length === 1) this.#pump(to);
  }

  /** Brings the next message. While the network is cut they wait, as TCP sends again. */
  #pump(to: Side): void {
    const [next] = this.#queues[to];
    if (next === undefined) return;
    this.scheduler.after(next.at - this.scheduler.now, () => {
      if (this.isCut()) {
        next.at = this.scheduler.now + RETRY_MS;
        return this.#pump(to);
      }
      this.#queues[to].shift();
      this.#ends[to].process.give(() => {
        this.#heardAt[to] = this.scheduler.now;
        if (!this.#isOver[to]) next.arrive();
      });
      this.#pump(to);
    });
  }

  #lose(side: Side): void {
    if (this.#isOver[side]) return;
    this.#isOver[side] = true;
    this.#ends[side].lose();
  }

  async #watch(side: Side): Promise<void> {
    const { process } = this.#ends[side];
    const other = side === "front" ? "hub" : "front";
    while (!this.#isOver[side]) {
      await process.timers.sleep(SIGN_MS);
      this.#send(side, other, () => {});
      if (this.scheduler.now - this.#heardAt[side] <= SILENCE_MS) continue;
      this.#send(side, other, () => this.#lose(other));
      this.#lose(side);
    }
  }
}
