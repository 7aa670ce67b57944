import { assertEquals, assertThrows } from "@std/assert";
import { AssertionFailure } from "../../lib/base/assert.ts";
import { SendBudget } from "../../lib/net/send_budget.ts";
import type { SendShare } from "../../lib/net/send_budget.ts";
import { SendQueue } from "../../lib/net/send_queue.ts";
import { pureTest } from "../support/test.ts";

const SERVER = "Send queue exceeded (limit of the server)";
const ADDRESS = "Send queue exceeded (limit of the address)";

/** A connection that takes what the test says, when it says so. */
class Peer {
  readonly queue: SendQueue;
  #took: PromiseWithResolvers<number> | undefined;

  constructor(readonly name: string, share: SendShare, readonly copies = 0) {
    this.queue = new SendQueue(this, 1_000_000, () => {}, undefined, share);
  }

  write(): Promise<number> {
    return (this.#took = Promise.withResolvers()).promise;
  }

  get share(): SendShare | undefined {
    return this.queue.share;
  }

  get heldBytes(): number {
    return this.queue.heldBytes;
  }

  owe(bytes: number): this {
    this.queue.push([new Uint8Array(bytes)]);
    return this;
  }

  async take(bytes: number): Promise<void> {
    this.#took!.resolve(bytes);
    await Promise.resolve();
  }
}

/** The peers that have to go, and why; they are closed. */
function closed(budget: SendBudget, peers: readonly Peer[]): string[] {
  const names: string[] = [];
  for (const [peer, why] of budget.excess(peers)) {
    names.push(`${peer.name}: ${why}`);
    peer.queue.discard();
  }
  return names;
}

pureTest("where all queues together hold too much, the fullest go, and no more than have to", () => {
  const budget = new SendBudget(1000, 1000);
  const peers = [300, 500, 100, 400].map((bytes, at) => new Peer(`p${at}`, budget.share()).owe(bytes));
  assertEquals([budget.bytes, budget.isExceeded], [1300, true]);
  assertEquals(closed(budget, peers), [`p1: ${SERVER}`]);
  assertEquals([budget.bytes, budget.isExceeded], [800, false]);
  peers[2]!.owe(601);
  assertEquals(closed(budget, peers), [`p2: ${SERVER}`]);
});

pureTest("a share that was exceeded, and of which the network has taken enough since, is not", async () => {
  const budget = new SendBudget(1000, 300);
  const peer = new Peer("a", budget.share()).owe(310);
  assertEquals(budget.isExceeded, true);
  await peer.take(10);
  assertEquals([budget.isExceeded, closed(budget, [peer])], [false, []]);
});

pureTest("an address has a share; what others have makes no difference", () => {
  const budget = new SendBudget(1000, 300);
  const [here, there] = [budget.share(), budget.share()];
  const peers = [
    new Peer("a", here).owe(140),
    new Peer("b", there).owe(290),
    new Peer("c", here).owe(150),
  ];
  assertEquals([closed(budget, peers), budget.isExceeded], [[], false]);
  peers[0]!.owe(20);
  assertEquals([budget.isExceeded, closed(budget, peers)], [true, [`a: ${ADDRESS}`]]);
  assertEquals([here.bytes, there.bytes, budget.isExceeded], [150, 290, false]);
});

pureTest("an exempt address has no share, and counts for the whole", () => {
  const budget = new SendBudget(1000, 300);
  const peers = [new Peer("a", budget.exempt).owe(900), new Peer("b", budget.share()).owe(90)];
  assertEquals([closed(budget, peers), budget.isExceeded], [[], false]);
  peers[1]!.owe(11);
  assertEquals(closed(budget, peers), [`a: ${SERVER}`]);
});

pureTest("what was taken in time is no reason to close", async () => {
  const budget = new SendBudget(1000, 300);
  const share = budget.share();
  const peer = new Peer("a", share).owe(400);
  await peer.take(250);
  assertEquals([share.bytes, budget.bytes, closed(budget, [peer]), budget.isExceeded], [
    150,
    150,
    [],
    false,
  ]);
  await peer.take(150);
  assertEquals([share.bytes, budget.bytes], [0, 0]);
});

pureTest("what a connection makes of a write in flight counts, as long as it is in flight", async () => {
  const budget = new SendBudget(1000, 1000);
  const peer = new Peer("tls", budget.share(), 1).owe(100);
  peer.owe(50);
  assertEquals(budget.bytes, 100 + 100 + 50);
  await peer.take(100);
  assertEquals(budget.bytes, 50 + 50);
  peer.queue.discard();
  assertEquals(budget.bytes, 0);
});

pureTest("neither a share nor the budget in use is ever negative", () => {
  const budget = new SendBudget(1000, 300);
  const [one, other] = [budget.share(), budget.share()];
  one.add(100);
  assertThrows(() => other.add(-1), AssertionFailure, "a send share is never negative");
  assertThrows(
    () => budget.changed(other, -101),
    AssertionFailure,
    "the send budget in use is never negative",
  );
});
