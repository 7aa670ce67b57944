/** Fronts that hold clients while hubs come and go, without processes: what each keeps is what handover.ts says. */
import { assert } from "../../../lib/base/assert.ts";
import { Handover } from "../../../lib/hub/handover/handover.ts";
import type { PresentedLine, PresentedSession } from "../../../lib/hub/handover/presentation.ts";
import { Hub } from "../../../lib/hub/hub.ts";
import type { Effects } from "../../../lib/hub/hub.ts";
import type { HubConfig } from "../../../lib/hub/model/config.ts";
import type { Job } from "../../../lib/hub/model/state/async_job.ts";
import type { Session } from "../../../lib/hub/model/state/entities.ts";
import type { SavedFact } from "../../../lib/log/fact.ts";
import { START, TEST_CONFIG } from "../../support/hub.ts";
import { KillableLog } from "./killable_log.ts";

const decoder = new TextDecoder();

/** A client, and what its front keeps of it. */
export class Client {
  /** All lines that the client has got. */
  readonly got: string[] = [];
  state: Uint8Array | undefined;
  stateSeq = 0;
  answered = 0;
  sent = 0;
  /** Lines that were not answered. */
  pending: PresentedLine[] = [];
  /** Why its connection has ended. */
  endReason: string | undefined;
  /** Of the hub that runs now. */
  session: Session | undefined;

  constructor(readonly nick: string, readonly front: Front, readonly nth: number) {}

  /** Lines since the last call. */
  heard(): string[] {
    return this.got.splice(0);
  }
}

export class Front {
  readonly clients = new Map<number, Client>();
  deliveredSeq = 0;
  /** A front that is gone with its clients. */
  isGone = false;

  constructor(readonly name: string) {}
}

/** Where a server is killed, once all lines of a turn have been worked on. */
export type KillPoint = "before effects" | "between fronts" | "after all";

export class Cluster {
  readonly log: KillableLog;
  readonly fronts: Front[];
  now = START;
  hub: Hub;
  handover: Handover;
  /** Lines that the hub has to work on, in order. */
  #work: [Client, PresentedLine][] = [];
  #jobs: Job[] = [];
  readonly #facts = new Map<string, SavedFact>();
  #nextSession = 1;
  #nextId = 1;
  readonly #config: HubConfig;

  constructor(fronts: number, config: Partial<HubConfig> = {}, log = new KillableLog()) {
    this.log = log;
    this.#config = { ...TEST_CONFIG, ...config };
    this.fronts = Array.from({ length: fronts }, (_, nth) => new Front(`f${nth}`));
    [this.hub, this.handover] = this.#create();
    this.handover.start(this.now, [], []);
    this.endTurn();
  }

  get clients(): Client[] {
    return this.fronts.flatMap(({ clients }) => [...clients.values()]);
  }

  /** A client that is registered as `nick`. */
  enter(
    nick: string,
    front: Front,
    caps: readonly string[] = [],
    logIn?: (session: Session) => void,
  ): Client {
    const client = new Client(nick, front, this.#nextSession++);
    front.clients.set(client.nth, client);
    const session = this.hub.open(this.#nextId++, "127.0.0.1", false, this.now);
    assert(session !== undefined, "the hub has space");
    client.session = session;
    this.handover.open(session, { front: front.name, session: client.nth });
    logIn?.(session);
    this.say(client, `CAP REQ :${caps.join(" ")}`, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`, "CAP END");
    client.heard();
    return client;
  }

  /** `client` sends lines, which are worked on in a turn of their own. */
  say(client: Client, ...lines: string[]): void {
    this.send(client, ...lines);
    this.turn();
  }

  /** The lines wait at the front. */
  send(client: Client, ...lines: string[]): void {
    for (const line of lines) {
      const numbered = { number: ++client.sent, line };
      client.pending.push(numbered);
      this.#work.push([client, numbered]);
    }
  }

  /** A whole turn, and those that follow from it. */
  turn(): void {
    do {
      this.work();
      this.endTurn();
    } while (this.isBusy);
  }

  get isBusy(): boolean {
    return this.#work.length > 0 || this.#jobs.length > 0;
  }

  /** Works on what waits. */
  work(): void {
    for (const job of this.#jobs.splice(0)) {
      if (job.kind === "calendar") continue; // no scene has one
      const { session } = job;
      const go = job.kind === "yield" ? job.done : job.kind === "save" ? () => job.done(undefined) : () => {};
      this.hub.resume(session, go, this.now);
    }
    const held: [Client, PresentedLine][] = [];
    while (this.#work.length > 0) {
      const [client, line] = this.#work.shift()!;
      const { session } = client;
      if (session === undefined || session.closeReason !== undefined) continue;
      if (session.connection.suspendedLine !== undefined || held.some(([other]) => other === client)) {
        held.push([client, line]);
        continue;
      }
      const isNew = this.handover.line(session, line.number, line.line, this.now);
      assert(isNew, "each line is worked on once by a hub");
    }
    this.#work = held;
  }

  /** Ends the turn; `reached`: fronts that get its frame. */
  endTurn(reached: readonly Front[] = this.fronts, savesFacts = true): void {
    const effects = this.hub.takeEffects();
    const report = this.handover.takeReport(this.now);
    if (savesFacts) this.#save(effects);
    this.#jobs.push(...effects.jobs);
    const byId = new Map(this.clients.map((client) => [client.session?.id, client]));
    for (const front of reached) {
      for (const { session, state } of report.states) {
        const client = byId.get(session.id);
        if (client?.front === front) [client.state, client.stateSeq] = [state, report.seq];
      }
      for (const { session, chunks, isLast } of effects.deliveries) {
        const client = byId.get(session.id);
        if (client?.front !== front) continue;
        const text = chunks.map((chunk) => decoder.decode(chunk)).join("");
        client.got.push(...text.split("\r\n").slice(0, -1));
        if (isLast) this.#drop(client);
      }
      for (const { session, line } of report.answered) {
        const client = byId.get(session.id);
        if (client?.front !== front) continue;
        client.answered = line;
        client.pending = client.pending.filter(({ number }) => number > line);
      }
      front.deliveredSeq = report.seq;
    }
  }

  /** The server is killed, at the point `where`, and another one takes over. */
  kill(where: KillPoint, savesFacts = true): void {
    if (where === "between fronts") this.endTurn(this.fronts.slice(0, 1), savesFacts);
    if (where === "after all") this.endTurn(this.fronts, savesFacts);
    this.takeOver();
  }

  /** Another hub takes over with what the fronts have. */
  takeOver(late: readonly Front[] = [], meanwhile: () => void = () => {}): void {
    this.log.kill = undefined;
    this.#work = [];
    this.#jobs = [];
    [this.hub, this.handover] = this.#create();
    for (const client of this.clients) client.session = undefined;
    const facts = [...this.#facts.values()].filter(({ value }) => value !== undefined);
    this.#receive(
      this.handover.start(
        this.now,
        facts,
        this.#present(this.fronts.filter((front) => !late.includes(front))),
        true,
      ),
    );
    this.endTurn();
    meanwhile();
    for (const front of late) this.#receive(this.handover.restore(this.#present([front]), this.now));
    this.turn();
  }

  #receive(outcomes: ReturnType<Handover["start"]>): void {
    for (const outcome of outcomes) {
      const { front, session: nth } = outcome.presented;
      const client = this.fronts.find(({ name }) => name === front)!.clients.get(nth)!;
      if (outcome.kind === "refused") {
        client.got.push(`ERROR :${outcome.why}`);
        this.#drop(client);
      } else {
        client.session = outcome.session;
        for (const line of outcome.lines) this.#work.push([client, line]);
      }
    }
  }

  #present(fronts: readonly Front[]): PresentedSession[] {
    return fronts.flatMap((front) =>
      front.isGone ? [] : [...front.clients.values()].flatMap((client) =>
        client.state === undefined ? [] : [{
          front: front.name,
          session: client.nth,
          id: this.#nextId++,
          endReason: client.endReason,
          state: client.state,
          stateSeq: client.stateSeq,
          deliveredSeq: front.deliveredSeq,
          answered: client.answered,
          lines: client.pending,
        }]
      )
    );
  }

  #drop(client: Client): void {
    client.endReason = "Connection closed";
    client.front.clients.delete(client.nth);
  }

  /** A fact is gone when the next hub starts. */
  forgetFact(kind: string, key: string): void {
    this.#facts.delete(`${kind} ${key}`);
  }

  #save(effects: Effects): void {
    for (const fact of effects.facts) this.#facts.set(`${fact.kind} ${fact.key}`, fact);
  }

  #create(): [Hub, Handover] {
    const hub = new Hub(this.#config, this.log);
    return [hub, new Handover(hub)];
  }

  advance(ms: number): void {
    this.now += ms;
    this.hub.tick(this.now);
    this.turn();
  }
}
