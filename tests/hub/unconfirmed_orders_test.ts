import { assertEquals } from "@std/assert";
import { UnconfirmedOrders } from "../../lib/hub/history/unconfirmed_orders.ts";
import { FactBuffer } from "../../lib/hub/log/facts.ts";
import { MAX_UNCONFIRMED_ORDERS } from "../../lib/hub/history/unconfirmed_orders.ts";
import type { ArchiveOrder } from "../../lib/log/archive.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { TestHub } from "../support/hub.ts";
import { login } from "../support/hub_accounts.ts";
import { pureTest } from "../support/test.ts";

/** A server with a small ring that is started again and again on the same log and facts. */
class Server {
  readonly #ring = Ring.create(RING_MIN_BYTES);
  readonly #facts = new Map<string, SavedFact>();
  chat = this.#start(true);

  restart(hasArchive = true): void {
    for (const fact of this.chat.takeFacts()) this.#facts.set(`${fact.kind} ${fact.key}`, fact);
    this.chat = this.#start(hasArchive);
  }

  /** Orders since the last call that a restart repeats. */
  take(): ArchiveOrder[] {
    this.chat.deliver();
    return this.chat.archiveOrders.splice(0).filter(({ kind }) =>
      ["rename", "redact", "retire", "forget"].includes(kind)
    );
  }

  trust() {
    return this.chat.hub.services.archiveOrders.unconfirmed.trust;
  }

  /** Has the ring overwrite all that it holds. */
  overwrite(): void {
    for (let sent = 0; sent < 400; sent++) this.chat.hub.announce("#lobby", "x".repeat(200), this.chat.now);
    this.chat.deliver();
  }

  #start(hasArchive: boolean): TestHub {
    return new TestHub({ hasArchive }, this.#ring, [...this.#facts.values()]);
  }
}

/** A room is renamed and a message of it redacted; returns the orders that come of it. */
function renameAndRedact(server: Server): ArchiveOrder[] {
  const { chat } = server;
  server.take();
  const alice = login(chat, "alice", undefined, {
    caps: ["draft/channel-rename", "draft/message-redaction", "message-tags", "echo-message"],
  });
  chat.say(alice, "JOIN #tea", "PRIVMSG #tea :a secret");
  const msgid = /msgid=([^; ]+)/.exec(chat.heard(alice).findLast((line) => line.includes("a secret"))!)![1]!;
  const redacted = Number.parseInt(msgid, 36);
  chat.say(alice, "RENAME #tea #Milk");
  const renamed = chat.log.nextSeq;
  chat.say(alice, `REDACT #Milk ${msgid}`);
  const orders = server.take();
  assertEquals(orders, [
    { kind: "rename", from: "#tea", to: "#milk", name: "#Milk", seq: renamed },
    { kind: "redact", redacted, seq: renamed + 1 },
  ]);
  return orders;
}

pureTest("archive: a rename and a redaction are ordered again at each start until they are confirmed", () => {
  const server = new Server();
  const orders = renameAndRedact(server);
  server.overwrite();
  server.restart();
  assertEquals(server.take(), orders, "although the ring has overwritten the records");
  const { lag } = server.chat.hub.services.history;
  const { seq } = orders[0]!;
  assertEquals([lag.nameAt("#milk", seq - 1), lag.nameAt("#milk", seq)], ["#tea", "#milk"]);
  for (const order of orders) server.chat.hub.confirmOrder(order);
  assertEquals(lag.coveredFrom, seq + 1, "it is not known any more what they were");
  server.restart();
  assertEquals(server.take(), []);
  assertEquals(server.trust()?.completeFrom, seq + 1);
});

pureTest(
  "archive: what is renamed or redacted while the archive is off is ordered when it is on again",
  () => {
    const server = new Server();
    server.restart(false);
    const { chat } = server;
    const alice = login(chat, "alice", undefined, { caps: ["draft/channel-rename"] });
    chat.say(alice, "JOIN #tea", "RENAME #tea #milk");
    const { nextSeq } = chat.log;
    assertEquals(server.take(), [], "there is no archive");
    server.overwrite();
    server.restart();
    assertEquals(server.take(), [{ kind: "rename", from: "#tea", to: "#milk", name: "#milk", seq: nextSeq }]);
  },
);

pureTest("archive: facts of another log say nothing about an archive", () => {
  const server = new Server();
  renameAndRedact(server);
  const facts = server.chat.takeFacts().map((fact) => ({ ...fact, seq: 0 }));
  const chat = new TestHub({ hasArchive: true }, Ring.create(RING_MIN_BYTES), facts);
  chat.deliver();
  const { unconfirmed } = chat.hub.services.archiveOrders;
  assertEquals([...unconfirmed.all], []);
  const { nextSeq } = chat.log;
  assertEquals(unconfirmed.trust, { completeFrom: nextSeq, knownFrom: nextSeq });
});

pureTest(
  "archive: beyond the bound of unconfirmed orders the oldest is dropped, and an archive that needs it is not trusted",
  () => {
    const facts = new FactBuffer();
    const orders = new UnconfirmedOrders(facts, Ring.create(RING_MIN_BYTES));
    orders.begin(1);
    for (let seq = 2; seq <= MAX_UNCONFIRMED_ORDERS + 2; seq++) {
      orders.add(
        seq === 3 ? { kind: "retire", name: "#tea", seq } : { kind: "redact", redacted: seq - 2, seq },
      );
    }
    assertEquals([...orders.all].length, MAX_UNCONFIRMED_ORDERS);
    assertEquals(orders.trust, { completeFrom: 2, knownFrom: 1 });
    orders.add({ kind: "forget", owner: "A", seq: MAX_UNCONFIRMED_ORDERS + 3 });
    assertEquals(orders.trust, { completeFrom: 2, knownFrom: 3 }, "no record says that a room was retired");
    assertEquals(facts.take().filter(({ value }) => value === undefined).length, 2);
  },
);

pureTest("archive: of the orders of names the newest comes first, whatever the order of the facts", () => {
  const facts = new FactBuffer();
  const orders = new UnconfirmedOrders(facts, Ring.create(RING_MIN_BYTES));
  orders.begin(1);
  const given = [
    { kind: "rename", from: "#a", to: "#b", name: "#b", seq: 2 },
    { kind: "redact", redacted: 1, seq: 3 },
    { kind: "retire", name: "#b", seq: 4 },
    { kind: "rename", from: "#c", to: "#b", name: "#b", seq: 5 },
  ] as const;
  for (const order of given) orders.add(order);
  const restored = new UnconfirmedOrders(new FactBuffer(), Ring.create(RING_MIN_BYTES));
  for (const { kind, key, value } of facts.take().toReversed()) {
    if (kind === "archive_order") restored.restore(key, JSON.parse(value!));
    else restored.restoreTrust(JSON.parse(value!), 1);
  }
  restored.sort();
  for (const each of [orders, restored]) {
    assertEquals(each.ofNames, [given[3], given[2], given[0]]);
    each.confirm(given[2]);
    assertEquals(each.ofNames, [given[3], given[0]]);
  }
});
