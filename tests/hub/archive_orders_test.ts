import { assertEquals } from "@std/assert";
import { HOUR_MS } from "../../lib/base/values/time_unit.ts";
import { MAX_IDLE_SETTINGS } from "../../lib/hub/model/config.ts";
import type { ArchiveOrder } from "../../lib/log/archive.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { TestHub } from "../support/hub.ts";
import { login } from "../support/hub_accounts.ts";
import { pureTest } from "../support/test.ts";

function takeOrders(chat: TestHub, kind: ArchiveOrder["kind"]): ArchiveOrder[] {
  return chat.archiveOrders.splice(0).filter((order) => order.kind === kind);
}

function overwrite(chat: TestHub): void {
  for (let sent = 0; sent < 1000; sent++) chat.hub.announce("#lobby", "x".repeat(200), chat.now);
  chat.deliver();
}

/** A ring that has overwritten the settings of as many rooms as are kept, and of two more, which were set up first. */
function withSurplusRooms(hasArchive: boolean): TestHub {
  const chat = new TestHub({ hasArchive }, Ring.create(RING_MIN_BYTES));
  const alice = chat.enter("alice", "draft/chathistory");
  const setUp = (name: string, change: string) => {
    chat.now++;
    chat.say(alice, `JOIN ${name}`, `MODE ${name} ${change}`, `PART ${name}`);
    chat.heard(alice);
  };
  setUp("#banned", "+b eve");
  setUp("#open", "+m");
  for (let made = 0; made < MAX_IDLE_SETTINGS; made++) setUp(`#r${made}`, "+m");
  overwrite(chat);
  chat.archiveOrders.splice(0);
  return chat;
}

const isKept = (chat: TestHub, name: string) => chat.hub.services.history.channels.has(name);

pureTest(
  "archive: a room from which users are banned is dropped only after the archive has retired it",
  () => {
    const chat = withSurplusRooms(true);
    chat.advance(1);
    assertEquals([isKept(chat, "#banned"), isKept(chat, "#open")], [true, false]);
    const orders = takeOrders(chat, "retire");
    assertEquals(orders, [{ kind: "retire", name: "#banned", seq: chat.log.nextSeq }]);
    chat.advance(1);
    assertEquals(takeOrders(chat, "retire"), [], "it is ordered once");
    chat.hub.confirmOrder(orders[0]!);
    chat.advance(1);
    assertEquals(isKept(chat, "#banned"), false);
  },
);

pureTest("archive: a room that was used again after it was retired is retired again", () => {
  const chat = withSurplusRooms(true);
  chat.advance(1);
  chat.hub.confirmOrder(takeOrders(chat, "retire")[0]!);
  const bob = chat.enter("bob", "draft/chathistory");
  chat.say(bob, "JOIN #banned", "PART #banned");
  overwrite(chat);
  chat.archiveOrders.splice(0);
  chat.advance(1);
  assertEquals(isKept(chat, "#banned"), true);
  assertEquals(takeOrders(chat, "retire").length, 1);
});

pureTest("archive: without one, nothing is ordered, and idle rooms are dropped at once", () => {
  const chat = withSurplusRooms(false);
  chat.advance(1);
  assertEquals(isKept(chat, "#banned"), false);
  assertEquals(chat.archiveOrders, []);
});

pureTest("archive: direct conversations of an owner that no later user gets are forgotten", () => {
  const chat = new TestHub({ hasArchive: true });
  chat.deliver();
  assertEquals(takeOrders(chat, "forget_temporary"), [{ kind: "forget_temporary", except: [], seq: 1 }]);
  const alice = login(chat, "alice");
  const bob = chat.enter("bob");
  const { owner } = bob.user!;
  const forgotten = () => {
    chat.deliver();
    return takeOrders(chat, "forget").map((order) => order.kind === "forget" && order.owner);
  };
  chat.say(bob, "QUIT");
  assertEquals(forgotten(), [owner]);
  chat.hub.context.commit({ kind: "account_end", account: alice.user!.account! });
  assertEquals(forgotten(), [], "a session of it is still here, and sees what it has");
  const after = new TestHub({ hasArchive: true }, chat.log, chat.takeFacts());
  after.deliver();
  assertEquals(takeOrders(after, "forget"), [{
    kind: "forget",
    owner: "owner-alice",
    seq: after.log.nextSeq,
  }]);
  chat.say(alice, "QUIT");
  assertEquals(forgotten(), ["owner-alice"]);
});

pureTest("archive: no claim key gives the owner id of an ended account, however long ago it ended", () => {
  const chat = new TestHub({ hasArchive: true }, Ring.create(RING_MIN_BYTES));
  const { formerOwners } = chat.hub.services;
  formerOwners.add("owner-alice");
  overwrite(chat);
  formerOwners.prune();
  assertEquals(formerOwners.isOwnerUsed("owner-alice"), true);
});

pureTest("archive: it is told for how long a room is kept: at a change, a rename, and at a start", () => {
  const chat = new TestHub({ hasArchive: true });
  const alice = login(chat, "alice", undefined, { caps: ["draft/metadata-2"] });
  const told = (each: TestHub) => {
    each.deliver();
    return takeOrders(each, "keep").map((order) => order.kind === "keep" && [order.name, order.ms]);
  };
  chat.say(alice, "JOIN #tea", "METADATA #tea SET chatterbox.chat/keep :2h");
  assertEquals(told(chat), [["#tea", 2 * HOUR_MS]]);
  chat.say(alice, "METADATA #tea SET chatterbox.chat/replay :5", "HISTSERV :SET #tea KEEP 1d");
  assertEquals(told(chat), [["#tea", 24 * HOUR_MS]]);
  chat.say(alice, "RENAME #tea #coffee");
  assertEquals(told(chat), [["#tea", undefined], ["#coffee", 24 * HOUR_MS]]);
  const after = new TestHub({ hasArchive: true }, chat.log, chat.takeFacts());
  assertEquals(told(after).at(-1), ["#coffee", 24 * HOUR_MS]);
  chat.say(alice, "METADATA #coffee CLEAR");
  assertEquals(told(chat), [["#coffee", undefined]]);
});
