/** The budgets of a turn, by a stopwatch that moves as the test says: every line costs a time of its own. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { SocketPollBudget } from "../../lib/base/event_loop.ts";
import type { Hub } from "../../lib/hub/hub.ts";
import { sessionNick } from "../../lib/hub/model/state/entities.ts";
import type { Job } from "../../lib/hub/model/state/async_job.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { SESSION_BUDGET_MS, TURN_BUDGET_MS, TurnQueue } from "../../lib/server/turn_queue.ts";
import { TestHub } from "../support/hub.ts";
import { ownLock } from "../support/own_lock.ts";
import { pureTest } from "../support/test.ts";

const KEY = "k".repeat(43);

interface Scene {
  readonly chat: TestHub;
  /** Those that the turns have led to. */
  readonly jobs: Job[];
  readonly turn: TurnQueue;
  /** The stopwatch's reading. */
  at: number;
  /** `nick: PONG token` of each answer, in the order in which they were delivered. */
  readonly delivered: string[];
  /** Lines that were worked on, as `nick line`, turn by turn. */
  readonly turns: string[][];
  readonly failures: unknown[];
  readonly polls: SocketPollBudget;
  /** A registered session; how it came in is no part of {@link turns}. */
  enter(nick: string): Session;
}

/** Of a line `PING x/3` the hub makes work of 3 ms; all others cost nothing. */
function scene(): Scene {
  const chat = new TestHub();
  const { hub } = chat;
  const decoder = new TextDecoder();
  let lines: string[] = [];
  const line = hub.line.bind(hub);
  hub.line = (session, text, now) => {
    lines.push(`${sessionNick(session)} ${text}`);
    found.at += Number(/^PING .*\/([\d.]+)$/.exec(String(text))?.[1] ?? 0);
    line(session, text, now);
  };
  const failures: unknown[] = [];
  const delivered: string[] = [];
  const turns: string[][] = [];
  const polls = new SocketPollBudget();
  const turn = new TurnQueue({
    hub,
    polls,
    clock: { now: () => chat.now },
    stopwatch: () => found.at,
    lock: ownLock(chat.ring),
    onFatalError: (error) => failures.push(error),
    deliver({ deliveries, jobs }) {
      found.jobs.push(...jobs);
      turns.push(lines);
      lines = [];
      for (const { session, chunks } of deliveries) {
        const text = chunks.map((chunk) => decoder.decode(chunk)).join("");
        for (const each of text.split("\r\n").slice(0, -1)) {
          delivered.push(`${sessionNick(session)}: ${each}`);
        }
      }
    },
  });
  const enter = (nick: string) => {
    const session = chat.enter(nick);
    lines = [];
    return session;
  };
  const found: Scene = { chat, jobs: [], turn, at: 0, delivered, turns, failures, enter, polls };
  return found;
}

/** What a job of the hub's leads to, as the server's runner of jobs does it. */
async function finishJob({ jobs, turn }: Scene, cost = 0): Promise<void> {
  for (const errand of jobs.splice(0)) {
    if (errand.kind === "calendar") continue; // no scene has one
    const done = errand.kind === "save" ? () => errand.done(undefined) : () => {};
    await turn.run((hub: Hub, now) => {
      hub.resume(errand.session, done, now);
      scenes.get(turn)!.at += cost;
    }, errand.session);
  }
}

const scenes = new Map<TurnQueue, Scene>();

function budgetTest(name: string, fn: (scene: Scene) => Promise<void>): void {
  pureTest(name, async () => {
    const found = scene();
    scenes.set(found.turn, found);
    await fn(found);
    await found.polls.waitUntilIdle();
    assertEquals(found.failures, []);
  });
}

/** A session waits until the test resumes it. */
function suspend(scene: Scene, session: Session): void {
  scene.chat.hub.context.suspend(session, { kind: "save", session, done: () => {} });
}

budgetTest(
  "a session has its budget of a turn; the rest of its lines comes behind those of others, in order",
  async (scene) => {
    const { enter, turn, turns } = scene;
    const [alice, bob] = [enter("alice"), enter("bob")];
    const flood = turn.enqueueLines(alice, [1, 2, 3, 4, 5].map((n) => `PING ${n}/1`));
    const other = turn.enqueueLines(bob, ["PING b"]);
    await other;
    assertEquals(turns, [["alice PING 1/1", "alice PING 2/1", "bob PING b"]]);
    await flood;
    assertEquals(turns.slice(1), [["alice PING 3/1", "alice PING 4/1"], ["alice PING 5/1"]]);
  },
);

budgetTest(
  "a turn ends when its budget is used; what it did not reach is worked on in later ones, and delivered",
  async (scene) => {
    const { enter, turn, turns, delivered } = scene;
    const nicks = ["ann", "ben", "cat", "dan", "eve"];
    const sessions = nicks.map((nick) => enter(nick));
    await Promise.all(sessions.map((session) => turn.enqueueLines(session, [`PING x/${SESSION_BUDGET_MS}`])));
    assertEquals(turns, [
      ["ann PING x/2", "ben PING x/2", "cat PING x/2"],
      ["dan PING x/2", "eve PING x/2"],
    ]);
    assertEquals(delivered.map((line) => line.split(":")[0]), nicks);
  },
);

for (const cost of [0.001, 0.3, 1.9, 2, 5]) {
  budgetTest(
    `whatever one session sends, another's line is worked on within two budgets: lines of ${cost} ms`,
    async (scene) => {
      const { enter, turn } = scene;
      const [flooder, bob] = [enter("flooder"), enter("bob")];
      const until = scene.at + 40 * SESSION_BUDGET_MS;
      let over = false;
      const flood = (async () => {
        while (scene.at < until) {
          await turn.enqueueLines(flooder, new Array<string>(300).fill(`PING x/${cost}`));
        }
        over = true;
      })();
      let worst = 0;
      let asked = 0;
      for (; !over && asked < 1000; asked++) {
        const begun = scene.at;
        await turn.enqueueLines(bob, ["PING b"]);
        worst = Math.max(worst, scene.at - begun);
      }
      assert(worst <= 2 * TURN_BUDGET_MS, `bob waited ${worst} ms`);
      assert(asked > 10, `bob was answered ${asked} times while the flood lasted`);
      await flood;
    },
  );
}

budgetTest(
  "of many that use their budget each comes on, and a newcomer waits for two budgets and not for all of them",
  async (scene) => {
    const { enter, turn, turns } = scene;
    const flooders = Array.from({ length: 30 }, (_, n) => enter(`flooder${n}`));
    const bob = enter("bob");
    const lines = new Array<string>(6).fill("PING x/1");
    const floods = flooders.map((session) => turn.enqueueLines(session, lines));
    await floods[0]; // all have had their first share
    const before = turns.length;
    const begun = scene.at;
    const tokens: string[] = [];
    for (let time = 0; time < 5; time++) {
      await turn.enqueueLines(bob, ["PING b"]).then(() => tokens.push("b"));
    }
    assert(scene.at - begun <= 5 * 2 * TURN_BUDGET_MS, `five lines took ${scene.at - begun} ms`);
    await Promise.all(floods);
    assert(before < turns.length, "the floods were not over before");
    // In turns: between two shares of one, no other has more than two.
    const shares = turns.flat().flatMap((line) => line.startsWith("flooder") ? [line.split(" ")[0]!] : [])
      .filter((_, at) => at % 2 === 0);
    assertEquals(shares.length, 3 * flooders.length);
    for (const [at, nick] of shares.entries()) {
      const next = shares.indexOf(nick, at + 1);
      const between = shares.slice(at + 1, next < 0 ? at + 1 : next);
      for (const other of between) {
        assert(between.filter((each) => each === other).length <= 2, `${other} goes before ${nick}`);
      }
    }
  },
);

budgetTest("while others use every turn up, a session that is behind has a share of each", async (scene) => {
  const { enter, turn } = scene;
  const alice = enter("alice");
  const others = Array.from({ length: 8 }, (_, n) => enter(`other${n}`));
  let over = false;
  const busy = others.map(async (session) => {
    for (let time = 0; !over && time < 200; time++) await turn.enqueueLines(session, ["PING x/2"]);
    return over;
  });
  await turn.enqueueLines(alice, new Array<string>(10).fill("PING x/1"));
  over = true;
  assertEquals(
    await Promise.all(busy),
    others.map(() => true),
    "alice did not wait until the others had ended",
  );
});

budgetTest(
  "what is spent on a session is charged to who pays for it: its lines, and work that is done for it later",
  async (scene) => {
    const { enter, turn } = scene;
    const [alice, bob] = [enter("alice"), enter("bob")];
    const spent = { alice: 0, bob: 0 };
    const payer = (nick: "alice" | "bob") => ({ charge: (ms: number) => spent[nick] += ms });
    await Promise.all([
      turn.enqueueLines(alice, ["PING x/1", "PING x/2", "PING x/0.5"], payer("alice")),
      turn.enqueueLines(bob, ["PING x/0.25"], payer("bob")),
      turn.run(() => scene.at += 7),
    ]);
    assertEquals(spent, { alice: 3.5, bob: 0.25 });
    await turn.run(() => suspend(scene, alice));
    const waiting = turn.enqueueLines(alice, ["PING x/1"], payer("alice"));
    await turn.enqueueLines(bob, ["PING b"]);
    await finishJob(scene, 3);
    await waiting;
    assertEquals(spent, { alice: 7.5, bob: 0.25 });
  },
);

budgetTest(
  "a session that waits keeps the rest of its lines, and nobody else's wait with them",
  async (scene) => {
    const { enter, turn, turns } = scene;
    const [alice, bob] = [enter("alice"), enter("bob")];
    let settled = false;
    const lines = turn.enqueueLines(alice, [`REGISTER * * ${KEY}`, "PING one", "PING two"]).then(() =>
      settled = true
    );
    for (let time = 0; time < 5; time++) await turn.enqueueLines(bob, [`PING ${time}`]);
    assertEquals(turns.flat().filter((line) => line.startsWith("alice")), [`alice REGISTER * * ${KEY}`]);
    assert(!settled, "the connection would be read on");
    await turn.run((hub, now) => hub.resume(alice, () => suspend(scene, alice), now)); // a job may lead to the next
    await turn.enqueueLines(bob, ["PING still"]);
    assert(!settled, "it waits again");
    scene.jobs.splice(0);
    await turn.run((hub, now) => hub.resume(alice, () => {}, now));
    await lines;
    assertEquals(turns.flat().filter((line) => line.startsWith("alice")).slice(1), [
      "alice PING one",
      "alice PING two",
    ]);
  },
);

budgetTest(
  "also where the line that it waits for is the last one, nothing more is read before the job is done",
  async (scene) => {
    const { enter, turn } = scene;
    const alice = enter("alice");
    let settled = false;
    const lines = turn.enqueueLines(alice, [`REGISTER * * ${KEY}`]).then(() => settled = true);
    for (let time = 0; time < 5; time++) await turn.run(() => {});
    assert(!settled, "it waits");
    await turn.run((hub, now) => hub.resume(alice, () => {}, now));
    await lines;
  },
);

for (const end of ["is closed", "is let go with all others"]) {
  budgetTest(
    `a session that ${end} while it waits holds nothing up: what it sent is dropped`,
    async (scene) => {
      const { enter, turn, turns } = scene;
      const alice = enter("alice");
      const lines = turn.enqueueLines(alice, [`REGISTER * * ${KEY}`, "PRIVMSG #lobby :too late"]);
      await turn.run(() => {});
      await turn.run((hub, now) =>
        end === "is closed" ? hub.close(alice, "gone", now) : hub.disconnectAll("stop", now)
      );
      await lines;
      assertEquals(turns.flat().filter((line) => line.endsWith("late")), []);
      await finishJob(scene); // which comes too late, and does no harm
    },
  );
}

budgetTest(
  "a session that is closed in the middle of its lines: the rest is dropped, and the promise settles",
  async (scene) => {
    const { enter, turn, turns } = scene;
    const alice = enter("alice");
    const lines = turn.enqueueLines(alice, new Array<string>(10).fill("PING x/1"));
    await turn.run((hub, now) => hub.close(alice, "gone", now));
    await lines;
    assertEquals(turns.flat(), ["alice PING x/1", "alice PING x/1"]);
  },
);
