/** Paging by time, as most clients do, from the log into the archive and back, with a clock that is set back. */
import { assert, assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";
import { HubPair } from "./hub_pair.ts";

const CAPS = ["batch", "server-time", "message-tags", "draft/chathistory", "echo-message"];
const ROOM = "#tea";
/** More than there are messages. */
const MAX_PAGES = 2000;

interface Shown {
  readonly msgid: string;
  readonly time: string;
}

function shownIn(lines: readonly string[]): Shown[] {
  return lines.map((line) => parseMessage(line)!).filter(({ command }) => command === "PRIVMSG")
    .map(({ tags }) => ({ msgid: tags.get("msgid")!, time: tags.get("time")! }));
}

/** Says some hundred messages at times that go back now and then; the most of them are in the archive alone. */
function chatWithSteps(random: Random): { pair: HubPair; said: string[] } {
  const pair = new HubPair();
  pair.isCompared = false; // pages may be cut elsewhere
  let lag = 0;
  pair.lag = () => lag;
  pair.enter("alice", ...CAPS);
  pair.say("alice", `JOIN ${ROOM}`);
  const said: string[] = [];
  const count = 300 + random.below(300);
  const isDense = random.chance(2); // so many messages at a time that others have the same one after a step back
  while (said.length < count) {
    if (random.chance(60)) pair.now -= random.below(random.pick([100, 2000]));
    else pair.now += random.below(isDense ? 3 : random.pick([1, 3, 200]));
    if (random.chance(100)) lag = random.below(60);
    if (random.chance(300)) {
      pair.restart();
      pair.enter("alice", ...CAPS);
      pair.say("alice", `JOIN ${ROOM}`);
    }
    said.push(
      ...shownIn(pair.say("alice", `PRIVMSG ${ROOM} :${said.length} xxxxxxxxxxxxxxxxxxxx`)).map(({ msgid }) =>
        msgid
      ),
    );
  }
  return { pair, said };
}

/** Pages until a page is empty or the last; returns the messages in the order in which they were shown first. */
function pageBy(pair: HubPair, first: string, next: (page: readonly Shown[]) => string): Set<string> {
  const found = new Set<string>();
  let request = first;
  for (let count = 0; count < MAX_PAGES; count++) {
    const lines = pair.say("alice", request);
    const page = shownIn(lines);
    for (const { msgid } of page) found.add(msgid);
    if (page.length === 0 || lines[0]!.includes("draft/chathistory-end")) return found;
    const before = request;
    request = next(page);
    assert(request !== before, `it goes on: ${request}`);
  }
  throw new Error("paging does not end");
}

pureTest("archive: paging back by time skips no message, also where the clock was set back", () => {
  forAll(30, (random) => {
    const { pair, said } = chatWithSteps(random);
    assert(pair.small.log.oldestSeq > 20, "some of it is overwritten");
    const limit = 1 + random.below(random.pick([5, 50]));
    const found = pageBy(
      pair,
      `CHATHISTORY LATEST ${ROOM} * ${limit}`,
      ([first]) => `CHATHISTORY BEFORE ${ROOM} timestamp=${first!.time} ${limit}`,
    );
    assertEquals(said.filter((msgid) => !found.has(msgid)), []);
  });
});

pureTest("archive: paging forward by time skips no message, also where the clock was set back", () => {
  forAll(30, (random) => {
    const { pair, said } = chatWithSteps(random);
    const limit = 1 + random.below(random.pick([5, 50]));
    const found = pageBy(
      pair,
      `CHATHISTORY AFTER ${ROOM} timestamp=2025-01-01T00:00:00.000Z ${limit}`,
      (page) => `CHATHISTORY AFTER ${ROOM} timestamp=${page.at(-1)!.time} ${limit}`,
    );
    assertEquals(said.filter((msgid) => !found.has(msgid)), []);
  });
});

pureTest("archive: a page does not begin at a time that the last overwritten message has, too", () => {
  let met = 0;
  for (let stepBack = 1; stepBack <= 20; stepBack++) {
    const pair = new HubPair();
    pair.enter("alice", ...CAPS);
    pair.say("alice", `JOIN ${ROOM}`);
    const said = new Map<number, Shown>();
    const say = () => {
      pair.now++;
      const [shown] = shownIn(pair.say("alice", `PRIVMSG ${ROOM} :${said.size} xxxxxxxxxxxxxxxxxxxx`));
      said.set(pair.small.log.nextSeq - 1, shown!);
    };
    while (pair.small.log.oldestSeq < 50) say();
    pair.say("alice", `CHATHISTORY LATEST ${ROOM} * 1000`); // now the hub knows the times in the archive
    pair.now = Date.parse(said.get(pair.small.log.oldestSeq)!.time) - stepBack + 10;
    for (let count = 0; count < 10; count++) say();
    const gone = said.get(pair.small.log.oldestSeq - 1)!;
    const [first] = shownIn(pair.say("alice", `CHATHISTORY LATEST ${ROOM} * 5`));
    if ([...said.values()].some((each) => each !== gone && each.time === gone.time)) met++;
    const before = `CHATHISTORY BEFORE ${ROOM} timestamp=${first!.time} 1000`;
    const msgids = [...said.values()].map(({ msgid }) => msgid);
    const page = shownIn(pair.say("alice", before)).map(({ msgid }) => msgid);
    assertEquals(page, msgids.slice(0, msgids.indexOf(first!.msgid)));
  }
  assert(met > 0, "such times are met");
});

pureTest("archive: a read marker that is moved twice covers what the archive alone has", () => {
  const pair = new HubPair();
  for (const nick of ["alice", "bob", "frank"]) pair.login(nick, "draft/read-marker", "draft/chathistory");
  pair.say("bob", "JOIN #busy");
  const said = pair.now += 1000;
  pair.say("alice", "PRIVMSG frank :old");
  const { nextSeq } = pair.small.log;
  pair.now += 1000;
  while (pair.small.log.oldestSeq < nextSeq) pair.say("bob", `PRIVMSG #busy :${"x".repeat(300)}`);
  pair.say("frank", "PING x");
  pair.advance(1);
  const unread = (time: number) => {
    pair.say("frank", `MARKREAD alice timestamp=${new Date(time).toISOString()}`);
    return pair.say("frank", "PRIVMSG HistServ :LIST").map((line) => line.split(" :").at(-1));
  };
  assertEquals(unread(said - 1), ["alice: 1 message unread"]);
  assertEquals(unread(said + 1), ["You have no unread messages"]);
  pair.say("alice", "PRIVMSG frank :new");
  assertEquals(
    pair.say("frank", "PRIVMSG HistServ :LIST").at(-1)?.split(" :").at(-1),
    "alice: 1 message unread",
  );
});

pureTest(
  "archive: a read marker set to an earlier time does not go back, whatever has been overwritten",
  () => {
    const pair = new HubPair();
    for (const nick of ["alice", "bob", "frank"]) pair.login(nick, "draft/read-marker", "draft/chathistory");
    pair.say("bob", "JOIN #busy");
    const said = pair.now += 1000;
    pair.say("alice", "PRIVMSG frank :old");
    pair.now += 10_000;
    const mark = (time: number) =>
      pair.say("frank", `MARKREAD alice timestamp=${new Date(time).toISOString()}`).at(-1)?.split("=").at(-1);
    const later = new Date(said + 5000).toISOString();
    assertEquals(mark(said + 5000), later);
    const { nextSeq } = pair.small.log;
    while (pair.small.log.oldestSeq < nextSeq) pair.say("bob", `PRIVMSG #busy :${"x".repeat(300)}`);
    assertEquals(mark(said + 2000), later, "the archive alone has the message");
    pair.say("bob", "PRIVMSG #busy :another record");
    assertEquals(mark(said + 3000), later);
    assertEquals(mark(said + 6000), new Date(said + 6000).toISOString());
  },
);
