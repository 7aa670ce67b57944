import { assertEquals, assertNotEquals } from "@std/assert";
import { parseMessage } from "../../../lib/irc/message.ts";
import { Ring, RING_MIN_BYTES } from "../../../lib/log/ring.ts";
import { TestHub } from "../../support/hub.ts";
import { pureTest } from "../../support/test.ts";

const KEY = "A".repeat(43);

function enter(test: TestHub) {
  const session = test.open();
  test.say(
    session,
    "CAP REQ :chatterbox.chat/receipts chatterbox.chat/claim message-tags echo-message",
    `CLAIM ${KEY}`,
    "NICK alice",
    "USER alice 0 * :Alice",
    "CAP END",
  );
  test.heard(session);
  return (line: string) => {
    test.say(session, line);
    return test.heard(session).map((heard) => parseMessage(heard)!.tags.get("msgid"));
  };
}

pureTest(
  "a sender's id is known after a restart, to rooms and to people, and forgotten with its message",
  () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const say = enter(new TestHub({}, ring));
    const toChannel = say("@chatterbox.chat/id=a PRIVMSG #lobby :hello");
    const [toSelf] = say("@chatterbox.chat/id=b PRIVMSG alice :hello");
    const again = new TestHub({ retainedBytes: 0 }, ring);
    const sayAgain = enter(again);
    assertEquals(sayAgain("@chatterbox.chat/id=a PRIVMSG #lobby :hello"), toChannel);
    assertEquals(sayAgain("@chatterbox.chat/id=b PRIVMSG alice :hello"), [toSelf]);
    const seq = ring.nextSeq;
    for (let i = 0; i < 1000; i++) again.hub.announce("#lobby", "x".repeat(200), again.now);
    assertEquals(ring.oldestSeq > seq, true);
    assertNotEquals(sayAgain("@chatterbox.chat/id=a PRIVMSG #lobby :hello"), toChannel);
  },
);
