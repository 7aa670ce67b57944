/**
 * A front process without I/O: holds clients and their lines while there is no hub, presents them to the next one, and
 * takes a turn whole or not at all, as docs/handover.md says. It asks the hub process of its own machine for the leader.
 */
import type { PresentedLine, PresentedSession } from "../../../lib/hub/handover/presentation.ts";
import type { DownMessage, SimRelay } from "./sim_relay.ts";
import { SimPerson } from "./sim_person.ts";
import type { SimProcess } from "./sim_process.ts";

/** A front without a hub holds its clients this long. */
export const HOLD_MS = 30_000;
const LOOK_MS = 100;

/** Where the leader is, as the hub process of the front's machine knows it; undefined: there is none, or no hub. */
export type FindLeader = () => { readonly node: string; readonly epoch: number } | undefined;

export interface SimFrontOptions {
  /** A client's connection is closed, when the front has had no hub for `heldMs`. */
  readonly onEnd: (person: SimPerson, why: string, heldMs: number) => void;
  readonly process: SimProcess;
  readonly name: string;
  readonly findLeader: FindLeader;
  /** Opens a relay to the hub of a node; undefined: it cannot be reached, or does not lead. */
  readonly connect: (node: string, front: SimFront) => { relay: SimRelay; epoch: number } | undefined;
}

export class SimFront {
  readonly persons = new Map<number, SimPerson>();
  /** Those that have left, and that the hub has not ended. */
  readonly left = new Map<number, SimPerson>();
  /** Of these, those that were presented as such to the hub that is connected. */
  readonly #presentedAsLeft = new Set<number>();
  name: string;
  deliveredSeq = 0;
  phase: "held" | "presenting" | "relayed" = "held";
  readonly #options: SimFrontOptions;
  #relay: SimRelay | undefined;
  #epoch = 0;
  #heldSince: number;
  #lastNumber = 0;
  #names = 0;
  /** By session: the last line that was there when it was presented. */
  readonly #presentedLines = new Map<number, number>();

  constructor(options: SimFrontOptions) {
    this.#options = options;
    this.name = options.name;
    this.#heldSince = this.process.timers.now();
    void this.#run();
  }

  get process(): SimProcess {
    return this.#options.process;
  }

  /** A client connects. */
  enter(nick: string): SimPerson {
    const person = new SimPerson(nick, this.name, ++this.#lastNumber);
    this.persons.set(person.nth, person);
    if (this.phase === "relayed") this.#open(person);
    return person;
  }

  /** A client sends lines. */
  input(person: SimPerson, ...lines: string[]): void {
    const numbered = lines.map((line): PresentedLine => ({ number: ++person.lastLine, line }));
    person.pending.push(...numbered);
    if (this.phase === "relayed") this.#relay!.sendUp({ kind: "lines", nth: person.nth, lines: numbered });
  }

  /** A client leaves. */
  leave(person: SimPerson): void {
    person.endReason = "Connection closed";
    this.persons.delete(person.nth);
    if (person.state !== undefined) this.left.set(person.nth, person);
    if (this.phase === "relayed") this.#tellClosed(person, person.endReason);
  }

  #tellClosed({ nth }: SimPerson, reason: string): void {
    this.#relay!.sendUp({ kind: "closed", nth, reason });
  }

  #open(person: SimPerson): void {
    person.isOpen = true;
    this.#relay!.sendUp({ kind: "open", nth: person.nth });
  }

  async #run(): Promise<void> {
    const { timers } = this.process;
    for (;;) {
      await timers.sleep(LOOK_MS);
      const leader = this.#options.findLeader();
      if (leader !== undefined && leader.epoch > this.#epoch) this.#connect(leader.node);
      if (this.phase === "held" && timers.now() - this.#heldSince > HOLD_MS) {
        for (const person of this.persons.values()) this.#end(person, "held too long");
        this.left.clear();
      }
    }
  }

  /** The hub of `node` is the next one. Until it has taken the sessions over, the last relay is over. */
  #connect(node: string): void {
    const connected = this.#options.connect(node, this);
    if (connected === undefined) return;
    const { relay, epoch } = connected; // the hub knows its epoch better than the front's machine
    this.#relay?.close("front");
    this.#hold();
    this.#relay = relay;
    this.#epoch = epoch;
    this.phase = "presenting";
    this.#presentedLines.clear();
    const all = [...this.persons.values(), ...this.left.values()];
    for (const { nth, lastLine } of all) this.#presentedLines.set(nth, lastLine);
    this.#presentedAsLeft.clear();
    for (const nth of this.left.keys()) this.#presentedAsLeft.add(nth);
    relay.sendUp({
      kind: "hello",
      front: this.name,
      sessions: all.flatMap((person) => this.#present(person)),
    });
  }

  #present(person: SimPerson): Omit<PresentedSession, "id">[] {
    if (person.state === undefined) return [];
    return [{
      front: this.name,
      session: person.nth,
      endReason: person.endReason,
      state: person.state,
      stateSeq: person.stateSeq,
      deliveredSeq: this.deliveredSeq,
      answered: person.answered,
      lines: [...person.pending],
    }];
  }

  /** Keeps the clients; those that were not registered cannot be restored. */
  #hold(): void {
    if (this.phase === "held") return;
    this.process.scheduler.note(`${this.name} holds`);
    this.#heldSince = this.process.timers.now();
    this.phase = "held";
    for (const person of this.persons.values()) {
      if (person.state === undefined && person.isOpen) this.#end(person, "not registered");
    }
  }

  /** Its process has died. */
  endRelay(): void {
    this.#relay?.close("front");
  }

  /** What the relay calls. */
  lose(): void {
    this.#relay = undefined;
    this.#epoch--; // the same leader can be connected to again
    this.#hold();
  }

  receive(message: DownMessage): void {
    switch (message.kind) {
      case "refused": {
        for (const person of this.persons.values()) this.#end(person, message.why);
        this.left.clear();
        this.name = `${this.#options.name}r${++this.#names}`; // as a front that was started again
        this.#relay?.close("front");
        return this.lose();
      }
      case "resumed":
        for (const { nth, why } of message.refused) {
          const person = this.persons.get(nth);
          if (person !== undefined) this.#end(person, why);
          this.left.delete(nth);
        }
        return this.#resume();
      case "turn":
        return this.#take(message);
    }
  }

  #resume(): void {
    this.process.scheduler.note(`${this.name} goes on with epoch ${this.#epoch}`);
    this.phase = "relayed";
    for (const person of [...this.persons.values(), ...this.left.values()]) {
      const { nth, state, pending, endReason } = person;
      if (state === undefined) this.#open(person);
      const presented = state === undefined ? 0 : this.#presentedLines.get(nth) ?? 0;
      const lines = pending.filter(({ number }) => number > presented);
      if (lines.length > 0) this.#relay!.sendUp({ kind: "lines", nth, lines: [...lines] });
      if (endReason !== undefined && !this.#presentedAsLeft.has(nth)) this.#tellClosed(person, endReason);
    }
  }

  #take({ seq, states, texts, answered, gone, ended }: DownMessage & { kind: "turn" }): void {
    for (const { nth, state } of states) {
      const person = this.persons.get(nth) ?? this.left.get(nth);
      if (person !== undefined) [person.state, person.stateSeq] = [state, seq];
    }
    for (const { nth, lines } of texts) {
      const person = this.persons.get(nth);
      person?.hear(lines);
      if (person !== undefined && lines.some((line) => line.startsWith("PING "))) {
        this.input(person, "PONG irc.test");
      }
    }
    for (const { nth, line } of answered) {
      const person = this.persons.get(nth) ?? this.left.get(nth);
      if (person === undefined) continue;
      person.answered = line;
      person.pending = person.pending.filter(({ number }) => number > line);
    }
    for (const nth of [...gone, ...ended]) this.left.delete(nth);
    for (const nth of ended) {
      const person = this.persons.get(nth);
      if (person !== undefined) this.#end(person, `ended by the hub: ${person.told.at(-1)}`);
    }
    this.deliveredSeq = seq;
  }

  #end(person: SimPerson, why: string): void {
    this.process.scheduler.note(`${this.name}: ${person.nick} ends: ${why}`);
    this.#options.onEnd(person, why, this.process.timers.now() - this.#heldSince);
    this.persons.delete(person.nth);
    if (this.phase === "relayed" && this.#relay !== undefined) this.#tellClosed(person, "Connection lost");
  }
}
