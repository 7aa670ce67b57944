/** What the log remembers of channels and conversations is bounded, and one address does not push out those of others. */
import { assert, assertEquals } from "@std/assert";
import {
  CONVERSATIONS_BETWEEN_PRUNES,
  MAX_DIRECT_CONVERSATIONS,
  MAX_IDLE_CHANNELS,
} from "../../lib/hub/history/idle_conversations.ts";
import { writableLog } from "../../lib/hub/model/mutable_conversation_log.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { Ring } from "../../lib/log/ring.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const CAPACITY = 16 << 20;
const TOGETHER = 20;

function enter(chat: TestHub, nick: string, host: string): Session {
  const session = chat.open(host);
  chat.say(session, "CAP REQ :draft/chathistory", `NICK ${nick}`, `USER ${nick} 0 * :${nick}`, "CAP END");
  chat.heard(session);
  return session;
}

function history(chat: TestHub, session: Session, target: string): number {
  chat.heard(session);
  chat.say(session, `CHATHISTORY LATEST ${target} * 10`);
  return chat.heard(session).filter((line) => line.includes(" PRIVMSG ")).length;
}

pureTest(
  "idle targets: of rooms that nobody is in so many are remembered, and those of the address that made most go first",
  () => {
    const ring = Ring.create(CAPACITY);
    const chat = new TestHub({}, ring);
    const alice = enter(chat, "alice", "203.0.113.1");
    chat.say(alice, "JOIN #dev", "PRIVMSG #dev :hello", "PART #dev");
    const mallory = enter(chat, "mallory", "203.0.113.9");
    const most = MAX_IDLE_CHANNELS + CONVERSATIONS_BETWEEN_PRUNES + TOGETHER;
    for (let made = 0; made < 2 * MAX_IDLE_CHANNELS; made += TOGETHER) {
      const names = Array.from({ length: TOGETHER }, (_, nth) => `#r${made + nth}`).join();
      chat.say(mallory, `JOIN ${names}`, `PRIVMSG ${names} :x`, `PART ${names}`);
      chat.heard(mallory);
      assert(chat.hub.services.history.channels.size <= most, "the bound holds");
    }
    assertEquals(history(chat, alice, "#dev"), 1);
    assertEquals(history(chat, alice, `#r${2 * MAX_IDLE_CHANNELS - 1}`), 1, "the newest");
    assert(ring.oldestSeq === 1, "the log holds all of it");
    const again = new TestHub({}, ring);
    assert(again.hub.services.history.channels.size <= most, "the bound holds after a start");
    assertEquals(history(again, enter(again, "alice", "203.0.113.1"), "#dev"), 1);
  },
);

pureTest("idle targets: a room that nobody is in is not forgotten while a message to it is recorded", () => {
  const chat = new TestHub({}, Ring.create(CAPACITY));
  const { channels } = chat.hub.services.history;
  const alice = enter(chat, "alice", "203.0.113.1");
  chat.say(alice, "JOIN #oldest", "PART #oldest");
  for (let made = 0; made < MAX_IDLE_CHANNELS + TOGETHER; made += TOGETHER) {
    const names = Array.from({ length: TOGETHER }, (_, nth) => `#r${made + nth}`).join();
    chat.say(alice, `JOIN ${names}`, `PART ${names}`);
    chat.heard(alice);
  }
  // With so many new ones the next record makes room, and the oldest of its address is the first to go.
  for (let made = 0; made < CONVERSATIONS_BETWEEN_PRUNES; made++) {
    const { createdFrom } = channels.get("#oldest")!;
    writableLog(chat.hub.services.history.channel(`#new${made}`)).createdFrom = createdFrom;
  }
  chat.say(alice, "PRIVMSG #oldest :hello");
  assert(!channels.has("#r0") && !channels.has("#new0"), "others have gone");
  assertEquals(history(chat, alice, "#oldest"), 1);
});

pureTest(
  "idle targets: of conversations so many are remembered, and none of a client that nobody comes back as",
  () => {
    const ring = Ring.create(CAPACITY);
    const chat = new TestHub({}, ring);
    const [alice, bob] = [enter(chat, "alice", "203.0.113.1"), enter(chat, "bob", "203.0.113.2")];
    chat.say(alice, "PRIVMSG bob :hello");
    const talks = () =>
      [...chat.hub.services.history.directConversations.values()].reduce((sum, { size }) => sum + size, 0);
    for (let made = 0; made < MAX_DIRECT_CONVERSATIONS + 2 * CONVERSATIONS_BETWEEN_PRUNES; made++) {
      const mallory = enter(chat, `m${made}`, "203.0.113.9");
      chat.say(mallory, "PRIVMSG bob :x");
      chat.say(mallory, "QUIT");
      assert(talks() <= MAX_DIRECT_CONVERSATIONS + CONVERSATIONS_BETWEEN_PRUNES + 2, "the bound holds");
    }
    assertEquals([history(chat, bob, "alice"), history(chat, alice, "bob")], [1, 1]);
    for (const session of [alice, bob]) chat.say(session, "QUIT");
    assertEquals(talks(), 0);
    assertEquals(new TestHub({}, ring).hub.services.history.directConversations.size, 0);
  },
);
