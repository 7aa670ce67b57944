/** What input costs, by the tokens that it leaves. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { TokenBucket } from "../../lib/base/token_bucket.ts";
import { writable } from "../../lib/hub/apply/writable.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { RateLimitedConnection, REGISTRATION_RATE } from "../../lib/server/client_connection.ts";
import { TurnQueue } from "../../lib/server/turn_queue.ts";
import { TestHub } from "../support/hub.ts";
import { ownLock } from "../support/own_lock.ts";
import { pureTest } from "../support/test.ts";

const RATE = { count: 6000, ms: 120_000 };

interface Scene {
  readonly chat: TestHub;
  readonly turn: TurnQueue;
  readonly address: TokenBucket;
  /** What each line costs the hub. */
  lineMs: number;
  guest(session: Session): RateLimitedConnection;
  /** Tokens that the address has had to give since the last call. */
  spent(): number;
}

function scene(addressTokens = 4 * RATE.count): Scene {
  const chat = new TestHub();
  const address = new TokenBucket({ count: addressTokens, ms: 1e12 }, chat.now);
  let at = 0;
  const turn = new TurnQueue({
    hub: chat.hub,
    clock: { now: () => chat.now },
    stopwatch: () => at,
    lock: ownLock(chat.ring),
    onFatalError: (error) => {
      throw error;
    },
    deliver: () => {},
  });
  const line = chat.hub.line.bind(chat.hub);
  chat.hub.line = (session, text, now) => {
    at += found.lineMs;
    line(session, text, now);
  };
  let before = address.available(chat.now);
  const found: Scene = {
    chat,
    turn,
    address,
    lineMs: 0,
    guest: (session) =>
      new RateLimitedConnection({ turnQueue: turn, handleClosed: () => {} }, session, {
        rate: RATE,
        address,
        clock: { now: () => chat.now },
        onClosed: () => {},
      }),
    spent() {
      const now = address.available(chat.now);
      const spent = before - now;
      before = now;
      return Math.round(spent * 1e6) / 1e6;
    },
  };
  return found;
}

function connectionTest(name: string, fn: (scene: Scene) => Promise<void>): void {
  pureTest(name, () => fn(scene()));
}

connectionTest(
  "tokens: a line is one; of longer ones each 512 bytes; frames and reads without a line are one each",
  async ({ chat, guest, spent }) => {
    const alice = guest(chat.enter("alice"));
    const cost = async (lines: string[], bytes: number, frames = 0) => {
      await alice.handleLines(lines, bytes, frames);
      return spent();
    };
    assertEquals(await cost(["PING a"], 8), 1);
    assertEquals(await cost(["PING a", "PING b", "PING c"], 24), 3);
    assertEquals(await cost(["PING a"], 512), 1);
    assertEquals(await cost([`@+a=${"x".repeat(4080)} PING a`], 4608), 9);
    assertEquals(await cost(["PING a"], 513), 2);
    assertEquals(await cost([], 1), 1, "part of a line");
    assertEquals(await cost([], 0, 1), 1, "a ping");
    assertEquals(await cost([], 16_384), 32, "line ends");
    assertEquals(await cost(["PING a"], 8, 1), 1, "a message of one frame");
    assertEquals(await cost(["PING a"], 8, 100), 100, "a message of many frames, or pings before it");
  },
);

connectionTest(
  "tokens: what the hub's time costs is charged afterwards: a millisecond as much as comes again in 200",
  async (scene) => {
    const { chat, guest, spent } = scene;
    const alice = guest(chat.enter("alice"));
    scene.lineMs = 1.5;
    await alice.handleLines(["PING a", "PING b"], 16, 0);
    assertEquals(spent(), 2 + 3 * 10);
  },
);

/** Whether a read of one line is worked on at once. */
async function isFree(guest: RateLimitedConnection): Promise<boolean> {
  const { session } = guest;
  const before = session.connection.lastHeardAt;
  session.connection.lastHeardAt = -1;
  const worked = guest.handleLines(["PING a"], 8, 0);
  await guest.host.turnQueue.run(() => {});
  const free = session.connection.lastHeardAt !== -1;
  if (free) session.connection.lastHeardAt = before;
  else release.push([session, worked]);
  return free;
}

const release: [Session, Promise<void> | undefined][] = [];

/** Lets go what waits, so that no timer is left. */
async function releaseAll(): Promise<void> {
  for (const [session, worked] of release.splice(0)) {
    writable(session).closeReason ??= "end of the test";
    await worked;
  }
}

connectionTest("before it is registered a connection has less than after it", async ({ chat, guest }) => {
  const newcomer = chat.open();
  const early = guest(newcomer);
  await early.handleLines([], REGISTRATION_RATE.count * 512 - 512, 0);
  assert(await isFree(early), "the last of its tokens");
  assert(!await isFree(early), "no more");
  const session = chat.open();
  const alice = guest(session);
  await alice.handleLines([], 90 * 512, 0);
  await alice.handleLines(["NICK alice", "USER a 0 * :a"], 30, 0);
  assert(session.phase.kind !== "registering", "registered");
  await alice.handleLines([], 1000 * 512, 0);
  assert(await isFree(alice), "after it there is more");
  await releaseAll();
});

connectionTest(
  "input without a line is held back like lines, and what is owed is paid first",
  async ({ chat, guest }) => {
    const alice = guest(chat.enter("alice"));
    assertEquals(alice.handleLines([], RATE.count * 512, 0), undefined, "all there is");
    const owed = alice.handleLines([], 2, 0);
    assert(owed !== undefined, "the next read waits");
    let settled = false;
    void owed.then(() => settled = true);
    await alice.host.turnQueue.run(() => {});
    assert(!settled, "still owed");
    chat.now += 20; // one token comes in 20 ms
    await owed;
  },
);

connectionTest("the connections of an address share what it has", async () => {
  const few = scene(10);
  const [alice, bob] = [few.guest(few.chat.enter("alice")), few.guest(few.chat.enter("bob"))];
  await alice.handleLines(new Array<string>(9).fill("PING a"), 72, 0);
  assert(await isFree(bob), "the tenth");
  assert(!await isFree(bob), "no more of bob's");
  assert(!await isFree(alice), "nor of alice's");
  await releaseAll();
});

connectionTest(
  "that a connection has ended is told to its server, and gives back what counts for its address",
  ({ chat, turn, address }) => {
    const ended: string[] = [];
    const session = chat.enter("alice");
    const host = {
      turnQueue: turn,
      handleClosed: (each: Session, reason: string) => ended.push(`${each.id}: ${reason}`),
    };
    const limits = { rate: RATE, address, clock: { now: () => chat.now } };
    new RateLimitedConnection(host, session, { ...limits, onClosed: () => ended.push("given back") })
      .handleClosed("gone");
    assertEquals(ended.sort(), [`${session.id}: gone`, "given back"]);
    return Promise.resolve();
  },
);

connectionTest(
  "an operator pays nothing, and a flood of its own goes on when it becomes one",
  async ({ chat, guest, spent }) => {
    const session = chat.enter("alice");
    const alice = guest(session);
    await alice.handleLines([], RATE.count * 512, 0);
    spent();
    const late = alice.handleLines(["PING a", "PING b"], 20_000, 0);
    const spentBefore = spent();
    writable(session.user!).isServerOperator = true;
    await late;
    assertEquals([spentBefore, spent()], [38, 0]); // what had been read was charged
  },
);
