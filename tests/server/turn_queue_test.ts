import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import type { Effects } from "../../lib/hub/hub.ts";
import { TurnQueue } from "../../lib/server/turn_queue.ts";
import type { TurnQueueOptions } from "../../lib/server/turn_queue.ts";
import { comesTrue } from "../support/guard.ts";
import { TestHub } from "../support/hub.ts";
import { ownLock } from "../support/own_lock.ts";
import { pureTest } from "../support/test.ts";

const decoder = new TextDecoder();

/** A turn over a hub with one registered session, and what was delivered, turn by turn. */
function turnOf(
  test: TestHub,
  options: Partial<TurnQueueOptions> = {},
): { turn: TurnQueue; delivered: string[][]; failures: unknown[] } {
  const delivered: string[][] = [];
  const failures: unknown[] = [];
  const turn = new TurnQueue({
    hub: test.hub,
    clock: { now: () => test.now },
    deliver: ({ deliveries }: Effects) =>
      delivered.push(deliveries.map(({ chunks }) => chunks.map((chunk) => decoder.decode(chunk)).join(""))),
    onFatalError: (error) => failures.push(error),
    lock: ownLock(test.ring),
    stopwatch: () => 0,
    ...options,
  });
  return { turn, delivered, failures };
}

const pong = (token: string) => `:irc.test PONG irc.test :${token}\r\n`;

pureTest("what arrives together is worked on in one turn, in the order of its arrival", async () => {
  const chat = new TestHub();
  const [alice, bob] = [chat.enter("alice"), chat.enter("bob")];
  const { turn, delivered } = turnOf(chat);
  const order: string[] = [];
  const waits = [
    turn.enqueueLines(alice, ["PING 1", "PING 2"]),
    turn.run(() => order.push("task")),
    turn.enqueueLines(bob, ["PING 3"]),
  ];
  await Promise.all(waits);
  assertEquals(delivered, [[pong("1") + pong("2"), pong("3")]]);
  assertEquals(order, ["task"]);
  await turn.enqueueLines(alice, ["PING 4"]);
  assertEquals(delivered.length, 2);
});

pureTest("readers of the log are woken once a turn, and only when something was appended", async () => {
  const chat = new TestHub();
  const alice = chat.enter("alice");
  const { turn } = turnOf(chat);
  const { ring } = chat;
  const before = ring.wakeCount;
  await turn.enqueueLines(alice, ["PING 1"]);
  assertEquals(ring.wakeCount, before);
  await turn.enqueueLines(alice, ["PRIVMSG #lobby :1", "PRIVMSG #lobby :2"]);
  assertEquals(ring.wakeCount, before + 1);
});

pureTest("nothing is said before it is durable, and turns are delivered in their order", async () => {
  const chat = new TestHub();
  const alice = chat.enter("alice");
  const syncs: PromiseWithResolvers<void>[] = [];
  const durable = () => {
    const sync = Promise.withResolvers<void>();
    syncs.push(sync);
    return sync.promise;
  };
  const { turn, delivered } = turnOf(chat, { makeDurable: durable });
  const first = turn.enqueueLines(alice, ["PING 1"]);
  await turnHasBegun(syncs, 1);
  const second = turn.enqueueLines(alice, ["PING 2"]);
  await turnHasBegun(syncs, 2);
  assertEquals(delivered, []);
  syncs[1]!.resolve();
  syncs[0]!.resolve();
  await Promise.all([first, second]);
  assertEquals(delivered, [[pong("1")], [pong("2")]]);
});

/** The lock is granted by the event loop: goes round it until `syncs` has as many as that. */
async function turnHasBegun(syncs: readonly unknown[], count: number): Promise<void> {
  await comesTrue(`turn ${count} has begun`, () => syncs.length >= count);
}

pureTest(
  "a session's last delivery is marked, also when an earlier turn is delivered after it has left",
  async () => {
    const chat = new TestHub();
    const alice = chat.enter("alice");
    const lasts: boolean[] = [];
    const gate = Promise.withResolvers<void>();
    const begun: unknown[] = [];
    const { turn } = turnOf(chat, {
      makeDurable: () => (begun.push(0), gate.promise),
      deliver: ({ deliveries }) => lasts.push(...deliveries.map(({ isLast }) => isLast)),
    });
    const first = turn.enqueueLines(alice, ["PING 1"]);
    await turnHasBegun(begun, 1);
    const second = turn.enqueueLines(alice, ["QUIT"]);
    await turnHasBegun(begun, 2);
    gate.resolve();
    await Promise.all([first, second]);
    assertEquals(lasts, [false, true]);
  },
);

/** Goes round the event loop often enough for any turn that has been requested. */
async function loopIterations(): Promise<void> {
  for (let i = 0; i < 20; i++) await nextLoopIteration();
}

pureTest("after a bug nothing is worked on: no record reaches the log, and no output a client", async () => {
  const chat = new TestHub();
  const [alice, bob] = [chat.enter("alice"), chat.enter("bob")];
  chat.say(alice, "JOIN #r");
  const { turn, delivered, failures } = turnOf(chat);
  const { log } = chat.hub.context;
  const before = log.nextSeq;
  void turn.enqueueLines(bob, ["PING 1"]);
  void turn.run(() => {
    void turn.enqueueLines(alice, ["PRIVMSG #r :queued within the turn that fails"]);
    throw new Error("bug");
  });
  void turn.enqueueLines(alice, ["PRIVMSG #r :behind it"]);
  await loopIterations();
  let ran = false;
  void turn.run(() => ran = true);
  void turn.enqueueLines(alice, ["PRIVMSG #r :after it"]);
  await loopIterations();
  assertEquals(failures.map(String), ["Error: bug"]);
  assertEquals([ran, log.nextSeq, delivered], [false, before, []]);
});

pureTest("after output could not be delivered nothing is worked on", async () => {
  const chat = new TestHub();
  const alice = chat.enter("alice");
  const { turn, failures } = turnOf(chat, {
    deliver: () => {
      throw new Error("bug");
    },
  });
  await turn.enqueueLines(alice, ["PING 1"]);
  let ran = false;
  void turn.run(() => ran = true);
  await loopIterations();
  assertEquals([failures.map(String), ran], [["Error: bug"], false]);
});

pureTest("a batch out of proportion is worked on in parts, each connection's lines in order", async () => {
  const chat = new TestHub();
  const talkers = Array.from({ length: 40 }, (_, id) => chat.enter(`talker${id}`));
  const { turn, delivered } = turnOf(chat);
  const pings = Array.from({ length: 50 }, (_, i) => `PING ${i}`);
  await Promise.all(talkers.map((session) => turn.enqueueLines(session, pings)));
  assertEquals(delivered.length, 2);
  const all = pings.map((_, i) => pong(String(i))).join("");
  assertEquals(delivered.flat(), talkers.map(() => all));
});

pureTest("who sends a flood has a share of each part; others need not wait for the rest of it", async () => {
  const chat = new TestHub();
  const [flooder, bob, carol] = [chat.enter("flooder"), chat.enter("bob"), chat.enter("carol")];
  const { turn, delivered } = turnOf(chat);
  const many = Array.from({ length: 300 }, (_, i) => `PING ${i}`);
  const flood = turn.enqueueLines(flooder, many);
  await turn.enqueueLines(bob, ["PING bob"]).then(() => turn.enqueueLines(carol, ["PING carol"]));
  await flood;
  const parts = delivered.flat();
  const place = (token: string) => parts.findIndex((part) => part.endsWith(pong(token)));
  assert(place("bob") < place("299"), "bob is answered before the flood is over");
  assertEquals(
    parts.filter((part) => part !== pong("bob") && part !== pong("carol")).join(""),
    many.map((_, i) => pong(String(i))).join(""),
  );
});
