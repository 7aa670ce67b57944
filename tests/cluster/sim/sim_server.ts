/**
 * The server of a leader without I/O: the real hub with its handover over the node's ring, turns as lib/server/turn_queue.ts
 * runs them, each told when the term has committed it.
 */
import type { Term } from "../../../lib/cluster/term.ts";
import { Handover } from "../../../lib/hub/handover/handover.ts";
import type {
  PresentedLine,
  PresentedSession,
  RestoredSession,
  TurnReport,
} from "../../../lib/hub/handover/presentation.ts";
import { type Effects, Hub } from "../../../lib/hub/hub.ts";
import type { HubConfig } from "../../../lib/hub/model/config.ts";
import type { Job } from "../../../lib/hub/model/state/async_job.ts";
import type { Session } from "../../../lib/hub/model/state/entities.ts";
import { assert } from "../../../lib/base/assert.ts";
import type { SavedFact } from "../../../lib/log/fact.ts";
import type { Ring } from "../../../lib/log/ring.ts";
import type { SimProcess } from "./sim_process.ts";
import type { DownMessage, SimRelay, UpMessage } from "./sim_relay.ts";

/** A hub waits at most so long for fronts before it starts. */
const GATHER_MS = 2000;
const TICK_MS = 500;

const decoder = new TextDecoder();

export interface SimServerOptions {
  readonly process: SimProcess;
  readonly term: Term;
  readonly ring: Ring;
  readonly facts: readonly SavedFact[];
  readonly config: HubConfig;
  /** Wall clock of the machine. */
  readonly wallNow: () => number;
  /** Fronts that run. */
  readonly expected: () => number;
  /** A front that has lost its relay to this hub is taken again. */
  readonly takesAgain: boolean;
  /** Checks what is about to be told; `askedAt`: when the turn ended. */
  readonly onTell: (seq: number, askedAt: number) => void;
  /** The relay to a front is over. */
  readonly onLost: (front: string) => void;
  /** The hub starts with the sessions of these fronts. */
  readonly onStart: (fronts: readonly string[]) => void;
  readonly onFailure: (error: unknown) => void;
}

/** A line of a session, or why its connection has ended. */
type Work = readonly [Session, PresentedLine | string];

/** The hub's side of a relay. */
class FrontLink {
  name = "";
  relay: SimRelay | undefined;
  readonly sessions = new Map<number, Session>();
  /** Presented sessions of clients that have left, with the reason. */
  readonly left = new Map<number, string>();
  /** Sessions of clients that have left, as the front has said. */
  readonly leaving = new Set<number>();
  /** The turn that has restored its sessions; the front is told of no earlier one. */
  resumedIn = Infinity;
  refused: { readonly nth: number; readonly why: string }[] = [];

  /** Position of the last report. */
  toldSeq = 0;
}

export class SimServer {
  readonly hub: Hub;
  readonly handover: Handover;
  readonly #options: SimServerOptions;
  readonly #links = new Set<FrontLink>();
  readonly #owners = new Map<Session, { link: FrontLink; nth: number }>();
  /** Fronts that this hub has had. */
  readonly #names = new Set<string>();
  /** What fronts present before the start. */
  #gathered: [FrontLink, readonly PresentedSession[]][] = [];
  #isStarted = false;
  #isStopping = false;
  #work: Work[] = [];
  #tasks: (() => void)[] = [];
  #jobs: Job[] = [];
  #isTurnDue = false;
  #lastTurn: Promise<void> = Promise.resolve();
  #nextId = 1;
  /** Turns that have ended. */
  #turns = 0;

  constructor(options: SimServerOptions) {
    this.#options = options;
    this.hub = new Hub(options.config, options.ring);
    this.handover = new Handover(this.hub);
    this.#run().catch(options.onFailure);
  }

  /** A front has opened a relay; returns the hub's end of it. */
  attach(): { receive: (message: UpMessage) => void; lose: () => void; setRelay: (relay: SimRelay) => void } {
    const link = new FrontLink();
    return {
      setRelay: (relay) => link.relay = relay,
      receive: (message) => this.#receive(link, message),
      lose: () => this.#lose(link),
    };
  }

  /** A session of a front. */
  sessionOf(front: string, nth: number): Session | undefined {
    return [...this.#links].find(({ name }) => name === front)?.sessions.get(nth);
  }

  /** The process has ended: fronts see their relays end. */
  closeRelays(): void {
    for (const { relay } of this.#links) relay?.close("hub");
  }

  /** Takes no more lines; resolves when all that was worked on is told. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#work = [];
    await this.#lastTurn;
  }

  async #run(): Promise<void> {
    const { process: { timers }, expected, facts, wallNow, ring } = this.#options;
    const begunAt = timers.now();
    while (this.#gathered.length < expected() && timers.now() - begunAt < GATHER_MS) await timers.sleep(50);
    const gathered = this.#gathered;
    const isTakeover = ring.oldestSeq < ring.nextSeq;
    this.#isStarted = true;
    this.#options.onStart(gathered.map(([{ name }]) => name));
    this.#resume(
      this.handover.start(wallNow(), facts, gathered.flatMap(([, sessions]) => sessions), isTakeover),
      gathered,
    );
    this.#requestTurn();
    for (;;) {
      await timers.sleep(TICK_MS);
      this.#tasks.push(() => this.hub.tick(wallNow()));
      this.#requestTurn();
    }
  }

  #receive(link: FrontLink, message: UpMessage): void {
    if (this.#isStopping) return;
    switch (message.kind) {
      case "hello":
        return this.#hear(link, message);
      case "open":
        this.#tasks.push(() => this.#open(link, message.nth));
        break;
      case "lines":
        this.#tasks.push(() => {
          const session = link.sessions.get(message.nth);
          if (session !== undefined) { for (const line of message.lines) this.#work.push([session, line]); }
        });
        break;
      case "closed":
        this.#tasks.push(() => {
          const session = link.sessions.get(message.nth);
          if (session === undefined) return;
          link.leaving.add(message.nth);
          this.#work.push([session, message.reason]);
        });
        break;
    }
    this.#requestTurn();
  }

  #hear(link: FrontLink, { front, sessions }: UpMessage & { kind: "hello" }): void {
    if (this.#names.has(front) && !this.#options.takesAgain) {
      return link.relay!.sendDown({ kind: "refused", why: "the relay was lost" });
    }
    for (const other of this.#links) if (other.name === front) this.#lose(other);
    this.#names.add(front);
    link.name = front;
    this.#links.add(link);
    const presented = sessions.map((each): PresentedSession => {
      if (each.endReason !== undefined) link.left.set(each.session, each.endReason);
      const endReason = each.lines.length > 0 ? undefined : each.endReason;
      return { ...each, endReason, id: this.#nextId++ };
    });
    if (!this.#isStarted) return void this.#gathered.push([link, presented]);
    // The sessions that the front had here end in an earlier turn.
    this.#tasks.push(() =>
      this.#tasks.push(() => {
        if (!this.#links.has(link)) return; // it has been lost meanwhile
        this.#resume(this.handover.restore(presented, this.#options.wallNow()), [[link, presented]]);
      })
    );
    this.#requestTurn();
  }

  #resume(
    outcomes: readonly RestoredSession[],
    gathered: readonly [FrontLink, readonly PresentedSession[]][],
  ): void {
    for (const [link, presented] of gathered) {
      const own = outcomes.filter((outcome) => presented.includes(outcome.presented));
      link.refused = own.flatMap((each) =>
        each.kind === "refused" ? [{ nth: each.presented.session, why: each.why }] : []
      );
      link.resumedIn = this.#turns + 1;
      for (const outcome of own) {
        if (outcome.kind === "refused") continue;
        this.#own(link, outcome.presented.session, outcome.session);
        for (const line of outcome.lines) this.#work.push([outcome.session, line]);
        const endReason = link.left.get(outcome.presented.session);
        if (endReason === undefined) continue;
        link.leaving.add(outcome.presented.session);
        this.#work.push([outcome.session, endReason]);
      }
    }
  }

  #own(link: FrontLink, nth: number, session: Session): void {
    link.sessions.set(nth, session);
    this.#owners.set(session, { link, nth });
  }

  #open(link: FrontLink, nth: number): void {
    const session = this.hub.open(this.#nextId++, "127.0.0.1", false, this.#options.wallNow());
    assert(session !== undefined, "the hub has space");
    this.handover.open(session, { front: link.name, session: nth });
    this.#own(link, nth, session);
  }

  #lose(link: FrontLink): void {
    if (!this.#links.delete(link)) return;
    this.#options.onLost(link.name);
    this.#gathered = this.#gathered.filter(([other]) => other !== link);
    this.#tasks.push(() => {
      for (const session of link.sessions.values()) {
        this.hub.close(session, "Connection lost", this.#options.wallNow(), true);
        this.#owners.delete(session);
      }
    });
    this.#requestTurn();
  }

  #requestTurn(): void {
    if (this.#isTurnDue || !this.#isStarted) return;
    this.#isTurnDue = true;
    const { process, onFailure } = this.#options;
    process.after(0, () => void this.#turn().catch(onFailure));
  }

  async #turn(): Promise<void> {
    const { term, process: { timers } } = this.#options;
    await term.whenRoom();
    this.#isTurnDue = false;
    this.#workOn();
    const effects = this.hub.takeEffects();
    const report = this.handover.takeReport(this.#options.wallNow());
    term.saveFacts(effects.facts);
    this.#jobs.push(...effects.jobs);
    if (this.#jobs.length + this.#tasks.length > 0) this.#requestTurn();
    const turn = ++this.#turns;
    const askedAt = timers.now();
    const before = this.#lastTurn;
    this.#lastTurn = Promise.all([term.commit(), before]).then(() => {
      this.#options.onTell(report.seq, askedAt);
      this.#tell(turn, effects, report);
    });
    this.#lastTurn.catch(this.#options.onFailure);
  }

  #workOn(): void {
    const now = this.#options.wallNow();
    for (const job of this.#jobs.splice(0)) {
      if (job.kind === "calendar") continue; // no scene has one
      const go = job.kind === "yield" ? job.done : job.kind === "save" ? () => job.done(undefined) : () => {};
      this.hub.resume(job.session, go, now);
    }
    for (const task of this.#tasks.splice(0)) task();
    const held: Work[] = [];
    const suspended = new Set<Session>();
    for (const [session, line] of this.#work) {
      if (session.closeReason !== undefined || this.#isStopping) continue;
      if (session.connection.suspendedLine !== undefined || suspended.has(session)) {
        held.push([session, line]);
        suspended.add(session);
        continue;
      }
      if (typeof line === "string") {
        this.hub.close(session, line, now, true);
        continue;
      }
      const isNew = this.handover.line(session, line.number, line.line, now);
      const { nth } = this.#owners.get(session) ?? { nth: 0 };
      assert(isNew, `line ${line.number} of session ${nth} is the next one that the hub works on`);
    }
    this.#work = held;
  }

  #tell(turn: number, { deliveries }: Effects, { seq, states, answered, closed }: TurnReport): void {
    const turns = new Map<FrontLink, DownMessage & { kind: "turn" }>();
    const turnOf = (link: FrontLink) => {
      const turn = turns.get(link) ?? {
        kind: "turn",
        seq,
        states: [],
        texts: [],
        answered: [],
        gone: [],
        ended: [],
      };
      turns.set(link, turn);
      return turn as unknown as {
        states: unknown[];
        texts: unknown[];
        answered: unknown[];
        gone: unknown[];
        ended: unknown[];
      };
    };
    for (const { session, state } of states) {
      const owner = this.#owners.get(session);
      if (owner !== undefined) turnOf(owner.link).states.push({ nth: owner.nth, state });
    }
    for (const { session, chunks, isLast } of deliveries) {
      const owner = this.#owners.get(session);
      if (owner === undefined) continue;
      const lines = chunks.map((chunk) => decoder.decode(chunk)).join("").split("\r\n").slice(0, -1);
      turnOf(owner.link).texts.push({ nth: owner.nth, lines });
      if (isLast) turnOf(owner.link).ended.push(owner.nth);
    }
    for (const { session, line } of answered) {
      const owner = this.#owners.get(session);
      if (owner !== undefined) turnOf(owner.link).answered.push({ nth: owner.nth, line });
    }
    for (const { front, session } of closed) {
      const link = [...this.#links].find(({ name }) => name === front);
      if (link?.leaving.delete(session)) turnOf(link).gone.push(session);
    }
    for (const link of this.#links) {
      if (link.resumedIn > turn) continue;
      if (link.resumedIn === turn) link.relay!.sendDown({ kind: "resumed", refused: link.refused });
      if (!turns.has(link) && seq === link.toldSeq) continue;
      turnOf(link);
      link.toldSeq = seq;
      link.relay!.sendDown(turns.get(link)!);
    }
  }
}
