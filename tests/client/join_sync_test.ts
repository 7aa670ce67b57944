import { assertEquals } from "@std/assert";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import { TestHub } from "../support/hub.ts";
import { ChatHarness } from "../support/chat_harness.ts";
import { pureTest } from "../support/test.ts";

/** Throws with where `seen` first differs from `told`: both can be long. */
function assertSameTalk(seen: readonly string[], told: readonly string[]): void {
  const at = told.findIndex((line, index) => line !== seen[index]);
  if (at < 0 && seen.length === told.length) return;
  const from = Math.max(0, at < 0 ? told.length - 2 : at - 2);
  throw new Error(
    `seen: ${seen.slice(from, from + 6).join(" ")}; told: ${told.slice(from, from + 6).join(" ")}`,
  );
}

const byAlice = (line: string) => /^.alice\b(?!.*twin)/.test(line);

/** What was said in the channel, and between alice and bob, as a screen has it. */
function talkOn({ shown }: ChatHarness): { channel: string[]; direct: string[] } {
  return {
    channel: shown.filter((line) => /^<\w/.test(line)),
    direct: shown.filter((line) => line.startsWith("[")),
  };
}

/**
 * One evening: bob sits there all the time and hears everything. Alice's lines come and go in pieces, her connection breaks between
 * any two of them, and with `crashes` her program does; a second session of hers may be there.
 */
class Evening {
  readonly test = new TestHub({ motd: [] });
  readonly bob = new ChatHarness(this.test, "bob").connect();
  readonly alice = new ChatHarness(this.test, "alice").connect();
  readonly twin: ChatHarness | undefined;
  /** What alice has typed, as it is to be heard. Not what her twin says. */
  readonly typed = { channel: [] as string[], direct: [] as string[] };
  #said = 0;
  #crashed = false;

  constructor(readonly random: Random, readonly crashes: boolean) {
    if (random.chance(2)) this.twin = new ChatHarness(this.test, "alice").connect();
  }

  get again(): boolean {
    return !this.#crashed;
  }

  step(): void {
    const { random, alice, bob, test } = this;
    test.now += random.chance(20) ? 15_000 : 1 + random.below(100);
    switch (random.below(10)) {
      case 0:
        return this.#say(bob, random.chance(6) ? 1 + random.below(150) : 1);
      case 1:
        return void bob.type(`/msg alice ${++this.#said}`);
      case 2:
        return this.#type(random.chance(3) ? "direct" : "channel");
      case 3:
      case 4:
        return void alice.send(1 + random.below(10));
      case 5:
      case 6:
      case 7:
        return void alice.hear(1 + random.below(random.chance(2) ? 3 : 200));
      case 8:
        return void this.twin?.type(`twin ${++this.#said}`);
      case 9:
        return this.#breakOrReturn();
    }
  }

  /** Alice is back, and all lines have gone where they go. */
  settle(): void {
    if (!this.alice.connected) this.alice.dial(this.again);
    for (let moved = 1; moved > 0;) {
      this.twin?.pump();
      this.bob.pump();
      moved = this.alice.send(Infinity) + this.alice.hear(Infinity);
    }
    this.bob.pump();
  }

  #say(guest: ChatHarness, count: number): void {
    for (let n = 0; n < count; n++) guest.type(String(++this.#said));
  }

  #type(where: "channel" | "direct"): void {
    const text = String(++this.#said);
    this.typed[where].push(where === "channel" ? `<alice> ${text}` : `[alice -> bob] ${text}`);
    this.alice.typeUnsent(where === "channel" ? text : `/msg bob ${text}`);
  }

  #breakOrReturn(): void {
    const { random, alice } = this;
    if (!alice.connected) {
      alice.dial(this.again);
      this.#crashed = false;
      return;
    }
    switch (random.below(this.crashes ? 3 : 2)) {
      case 0:
        return alice.pump();
      case 1:
        return void alice.cut();
      case 2:
        alice.crash();
        this.#crashed = true;
    }
  }
}

pureTest(
  "arrivals: whatever breaks when, all is shown once and in order, and what is typed is said once",
  () => {
    forAll(150, (random) => {
      const evening = new Evening(random, false);
      for (let left = 50 + random.below(150); left > 0; left--) evening.step();
      evening.settle();
      const [seen, told] = [talkOn(evening.alice), talkOn(evening.bob)];
      assertSameTalk(seen.channel, told.channel);
      assertSameTalk(seen.direct, told.direct);
      for (const where of ["channel", "direct"] as const) {
        assertSameTalk(told[where].filter(byAlice), evening.typed[where]);
      }
      assertEquals(evening.alice.disk.size, 0);
    });
  },
);

pureTest(
  "arrivals: even if the program is killed, what is typed is said once and in order, and nothing is shown twice",
  () => {
    forAll(100, (random) => {
      const evening = new Evening(random, true);
      for (let left = 50 + random.below(150); left > 0; left--) evening.step();
      evening.settle();
      const [seen, told] = [talkOn(evening.alice), talkOn(evening.bob)];
      for (const where of ["channel", "direct"] as const) {
        assertSameTalk(told[where].filter(byAlice), evening.typed[where]);
        assertEquals(new Set(seen[where]).size, seen[where].length);
      }
      assertEquals(evening.alice.disk.size, 0);
    });
  },
);
