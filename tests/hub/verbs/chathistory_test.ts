import { assertEquals } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { parseMessage } from "../../../lib/irc/message.ts";
import { Ring } from "../../../lib/log/ring.ts";
import { TestHub } from "../../support/hub.ts";
import { pureTest } from "../../support/test.ts";

const COUNT = 900;

/** A channel with so much in it that no one answer holds it. */
function heavyChannel(): { test: TestHub; page: (request: string) => { id: string; text: string }[] } {
  const test = new TestHub({}, Ring.create(4 << 20));
  const alice = test.enter("alice", "message-tags");
  const reader = test.enter("reader", "message-tags", "batch");
  const [tag, text] = ["x".repeat(500), "x".repeat(380)];
  for (let each = 0; each < COUNT; each++) test.say(alice, `@+heavy=${tag} PRIVMSG #lobby :${each} ${text}`);
  const page = (request: string) => {
    test.say(reader, request);
    return test.heard(reader).slice(1, -1).map((line) => {
      const { tags, params } = parseMessage(line)!;
      return { id: tags.get("msgid")!, text: params[1]!.split(" ")[0]! };
    });
  };
  return { test, page };
}

const ALL = Array.from({ length: COUNT }, (_, index) => String(index));

pureTest("an answer that is cut goes on where it ended: forwards", () => {
  const { page } = heavyChannel();
  const first = page("CHATHISTORY AFTER #lobby timestamp=2000-01-01T00:00:00.000Z 1000");
  assert(first.length < COUNT, "one answer does not hold everything");
  const read = [...first];
  for (let next = first; next.length > 0; read.push(...next)) {
    next = page(`CHATHISTORY AFTER #lobby msgid=${read.at(-1)!.id} 1000`);
  }
  assertEquals(read.map(({ text }) => text), ALL);
  const last = read.at(-1)!.id;
  assertEquals(page(`CHATHISTORY BETWEEN #lobby msgid=${read[9]!.id} msgid=${last} 1000`)[0]!.text, "10");
});

pureTest("an answer that is cut goes on where it ended: backwards", () => {
  const { page } = heavyChannel();
  let read = page("CHATHISTORY LATEST #lobby * 1000");
  assertEquals(read.at(-1)!.text, ALL.at(-1));
  for (let next = read; next.length > 0; read = [...next, ...read]) {
    next = page(`CHATHISTORY BEFORE #lobby msgid=${read[0]!.id} 1000`);
  }
  assertEquals(read.map(({ text }) => text), ALL);
  const back = page(`CHATHISTORY BETWEEN #lobby msgid=${read[390]!.id} msgid=${read[0]!.id} 1000`);
  assertEquals(back.at(-1)!.text, "389");
});

pureTest("a limit above the advertised one is cut down to it", () => {
  const test = new TestHub();
  const alice = test.enter("alice");
  for (let each = 0; each < 1100; each++) {
    test.now++;
    test.say(alice, `PRIVMSG #lobby :${each}`);
  }
  test.heard(alice);
  test.say(alice, "CHATHISTORY LATEST #lobby * 999999999");
  assertEquals(test.heard(alice).length, 1000);
});
