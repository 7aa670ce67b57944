/** Through nick changes, renames of rooms, kicks and quits: what is typed for a person or room stays theirs. */
import { assertEquals } from "@std/assert";
import { ViewDrafts } from "../../lib/tui/view_drafts.ts";
import { Random } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";
import { inTwoRooms } from "./view_run.ts";
import type { ViewRun } from "./view_run.ts";

const RUNS = 60;

/** A person or a room, and what was typed for it. */
interface Target {
  name: string;
  draft: string;
  /** Ids of messages that wait. */
  readonly waiting: string[];
}

const makeTarget = (name: string): Target => ({ name, draft: "", waiting: [] });

class Simulation {
  readonly people = ["bob", "carol", "dave"].map(makeTarget);
  readonly rooms = ["#lobby", "#dev"].map(makeTarget);
  readonly drafts = new ViewDrafts();
  #shown: Target;
  #ids = 0;

  private constructor(readonly alice: ViewRun, readonly random: Random) {
    for (const { name } of this.people) alice.say(name, "alice", "hi");
    for (const name of ["tmp", "eve"]) alice.say(name, "alice", "old").receive(`:${name}!u@h QUIT :gone`);
    this.#shown = this.rooms[0]!;
    this.#show(this.#shown);
  }

  static async start(random: Random): Promise<Simulation> {
    return new Simulation(await inTwoRooms({ caps: ["draft/channel-rename"] }), random);
  }

  get #all(): Target[] {
    return [...this.people, ...this.rooms];
  }

  step(): void {
    const { alice, random } = this;
    switch (random.below(6)) {
      case 0:
        return this.#rename(this.people, ["bob", "carol", "dave", "tmp", "eve"], (from, to) => {
          alice.receive(`:${from}!u@h NICK ${to}`);
        });
      case 1:
        return this.#rename(this.rooms, ["#lobby", "#dev", "#tmp"], (from, to) => {
          alice.receive(`:s RENAME ${from} ${to} :moved`);
        });
      case 2: {
        const { name } = random.pick(this.rooms);
        alice.receive(random.pick([`:bob!u@h KICK ${name} alice :out`, `:alice!a@h PART ${name}`]));
        alice.receive(`:alice!a@h JOIN ${name}`);
        return;
      }
      case 3:
        for (const { name } of this.people) alice.receive(`:${name}!u@h QUIT :split`); // and they come back
        return;
      case 4:
        return this.#show(random.pick(this.#all));
      default:
        return this.#wait(random.pick(this.#all));
    }
  }

  check(): void {
    for (const target of this.#all) {
      for (const id of target.waiting) {
        assertEquals(this.alice.chat.outbox.findUnsent(id)?.target, target.name, "what waits");
      }
    }
    assertEquals(this.drafts.takeFurther(), [], "only old views without drafts are merged");
    const drafts = this.#all.filter(({ draft }) => draft !== "").map(({ name, draft }) => [name, draft]);
    assertEquals(this.drafts.list(this.#shown.draft), Object.fromEntries(drafts), "the drafts on disk");
  }

  /** One of `targets` gets a name that none has. */
  #rename(
    targets: readonly Target[],
    names: readonly string[],
    tell: (from: string, to: string) => void,
  ): void {
    const target = this.random.pick(targets);
    const to = this.random.pick(names.filter((name) => targets.every((other) => other.name !== name)));
    tell(target.name, to);
    target.name = to;
  }

  /** Another view is shown, and something is typed there. */
  #show(target: Target): void {
    const key = this.alice.chat.views.find(target.name)?.key;
    const line = this.drafts.switchTo(key, { text: this.#shown.draft, cursor: 0 });
    if (line !== undefined) assertEquals(line.text, target.draft, `the line for ${target.name}`);
    this.#shown = target;
    target.draft = `draft ${++this.#ids}`;
  }

  #wait(target: Target): void {
    const id = `waiting-${++this.#ids}`;
    target.waiting.push(id);
    this.alice.chat.outbox.add({ id, target: target.name, text: "hi", manner: "said", at: this.#ids });
  }
}

pureTest("renames: drafts and waiting messages stay with the person or room that they are for", async () => {
  for (let run = 0; run < RUNS; run++) {
    const seed = Math.floor(Math.random() * 0x1_0000_0000);
    try {
      const simulation = await Simulation.start(new Random(seed));
      for (let step = 0; step < 40; step++) {
        simulation.step();
        simulation.check();
      }
    } catch (cause) {
      throw new Error(`fails with seed ${seed}: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
    }
  }
});
