/** Read markers where messages share a time, and where the clock was set: what came after the marker was put is unread. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { DAY_MS } from "../../lib/base/values/time_unit.ts";
import { isAfter } from "../../lib/hub/model/identifiers.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { formatTimestamp } from "../../lib/hub/output/render.ts";
import { Ring } from "../../lib/log/ring.ts";
import { forAll } from "../irc/property.ts";
import { START, TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const KEY = "k".repeat(43);
const CAPS = ["draft/read-marker", "draft/chathistory", "server-time", "batch", "message-tags"];
const TWO_YEARS_MS = 730 * DAY_MS;

async function withAccount(test: TestHub, nick: string, ...caps: string[]): Promise<Session> {
  const session = test.enter(nick, ...CAPS, ...caps);
  test.say(session, `REGISTER * * ${KEY}`);
  await test.errands();
  test.heard(session);
  return session;
}

function at(time: number): string {
  return `timestamp=${formatTimestamp(time)}`;
}

function markerOf(test: TestHub, session: Session, target: string): string {
  test.heard(session);
  test.say(session, `MARKREAD ${target}`);
  return test.heard(session)[0]?.split(" ").at(-1) ?? "";
}

/** Whether the newest message from `nick` is one that `session` has not read. */
function isUnread(test: TestHub, session: Session, nick: string): boolean {
  const { hub } = test;
  const { owner } = session.user!;
  const { timeline } = hub.services.history.directConversation(owner, nick)!;
  const seq = timeline.at(timeline.length(hub.context.log.oldestSeq) - 1);
  const time = hub.services.history.timeOf(seq)!;
  return hub.services.readMarkers.isUnread({ to: owner, nick, time, seq });
}

/** Times of the messages with `target` that come after the marker, as a client finds them. */
function found(test: TestHub, session: Session, target: string): string[] {
  const until = markerOf(test, session, target);
  test.say(session, `CHATHISTORY LATEST ${target} ${until === "*" ? "*" : until} 100`);
  return test.heard(session).filter((line) => line.includes("PRIVMSG")).map((line) =>
    line.split(" :").at(-1)!
  );
}

pureTest(
  "marker times: a message with the time of one that has been read is unread, and a client finds it",
  async () => {
    const test = new TestHub();
    const [alice, bob] = [await withAccount(test, "alice"), test.enter("bob")];
    for (let each = 0; each <= 60; each++) test.say(bob, `PRIVMSG alice :${each}`); // from the 51st on all have one time
    test.say(alice, `MARKREAD bob ${at(test.now + 50)}`);
    assert(!isUnread(test, alice, "bob"), "all are read");
    assertEquals(found(test, alice, "bob"), []);
    test.say(bob, "PRIVMSG alice :new");
    assert(isUnread(test, alice, "bob"), "it was said after the marker was put");
    assertEquals(markerOf(test, alice, "bob"), at(test.now + 49));
    assertEquals(found(test, alice, "bob").at(-1), "new");
    test.say(alice, `MARKREAD bob ${at(test.now + 50)}`);
    assert(!isUnread(test, alice, "bob"), "and is read now");
    assertEquals(found(test, alice, "bob"), []);
  },
);

pureTest(
  "marker times: what is said when the clock is right again is unread, is found, and can be read",
  async () => {
    const test = new TestHub();
    const [alice, bob] = [await withAccount(test, "alice"), test.enter("bob")];
    test.now += TWO_YEARS_MS;
    test.say(bob, "PRIVMSG alice :from the future");
    test.say(alice, `MARKREAD bob ${at(test.now)}`);
    assertEquals(markerOf(test, alice, "bob"), at(START + TWO_YEARS_MS));
    test.now = START + 1000;
    test.say(bob, "PRIVMSG alice :one");
    assert(isUnread(test, alice, "bob"), "the marker means the message before");
    assertEquals(markerOf(test, alice, "bob"), at(START + 999));
    assertEquals(found(test, alice, "bob"), ["from the future", "one"]);
    test.say(alice, `MARKREAD bob ${at(START + 1000)}`);
    assertEquals(markerOf(test, alice, "bob"), at(START + 1000));
    assert(!isUnread(test, alice, "bob"), "read");
    test.now += 1000;
    test.say(bob, "PRIVMSG alice :two");
    assert(isUnread(test, alice, "bob"), "unread again");
    assertEquals(found(test, alice, "bob"), ["two"]);
  },
);

pureTest(
  "marker times: the marker that is told is earlier than all that is unread, also behind another step back",
  async () => {
    const test = new TestHub();
    const [alice, bob] = [await withAccount(test, "alice"), test.enter("bob")];
    test.now += TWO_YEARS_MS;
    test.say(bob, "PRIVMSG alice :read");
    test.say(alice, `MARKREAD bob ${at(test.now)}`);
    test.now += 1000;
    test.say(bob, "PRIVMSG alice :unread, from the future");
    test.now = START + 5000;
    test.say(bob, "PRIVMSG alice :one");
    test.now = START + 3000;
    test.say(bob, "PRIVMSG alice :two");
    assertEquals(markerOf(test, alice, "bob"), at(START + 2999));
    test.now = START + 4000;
    // A client that tells the time instead of a message's.
    test.say(alice, `MARKREAD bob ${at(START + 4500)}`);
    assertEquals(markerOf(test, alice, "bob"), at(START + 3999));
    assert(!isUnread(test, alice, "bob"), "all that there is has been read");
  },
);

pureTest(
  "marker times: a marker of the future means what there is, and one that is earlier moves nothing",
  async () => {
    const test = new TestHub();
    const [alice, bob] = [await withAccount(test, "alice"), test.enter("bob")];
    test.say(alice, `MARKREAD bob ${at(test.now + DAY_MS)}`);
    assertEquals(markerOf(test, alice, "bob"), at(test.now - 1));
    test.say(bob, "PRIVMSG alice :in the same millisecond");
    assertEquals(markerOf(test, alice, "bob"), at(test.now - 1), "clients compare times");
    assert(isUnread(test, alice, "bob"), "it came after");
    const [first, second] = [test.now, test.now + 10];
    test.now = second;
    test.say(bob, "PRIVMSG alice :later");
    test.say(alice, `MARKREAD bob ${at(second)}`, `MARKREAD bob ${at(first)}`);
    assertEquals(markerOf(test, alice, "bob"), at(second));
    assert(!isUnread(test, alice, "bob"), "it stays read");
  },
);

pureTest(
  "marker times: beside a new log, too, a marker of the future means what there is at the start",
  async () => {
    const before = new TestHub();
    const alice = await withAccount(before, "alice");
    before.say(alice, `MARKREAD bob ${at(START)}`);
    const facts = before.takeFacts().map((fact) => ({
      ...fact,
      value: fact.value?.replace(/"time":\d+/, `"time":${START + DAY_MS}`),
      seq: 0,
    }));
    const { hub, now } = new TestHub({}, undefined, facts);
    const marker = hub.services.readMarkers.of(hub.services.accounts.get("alice")!, "bob");
    assertEquals([marker?.time, marker?.seq], [now - 1, 0]);
  },
);

pureTest("marker times: the number is there after a start, and means nothing in another log", async () => {
  const ring = Ring.create(1 << 20);
  const test = new TestHub({}, ring);
  const [alice, bob] = [await withAccount(test, "alice"), test.enter("bob")];
  test.now -= 1000; // so that servers that start later have a later clock
  for (let each = 0; each <= 60; each++) test.say(bob, "PRIVMSG alice :read");
  test.say(alice, `MARKREAD bob ${at(test.now + 50)}`);
  const { owner } = alice.user!;
  const facts = test.takeFacts();
  test.say(bob, "PRIVMSG alice :unread");
  const seq = ring.nextSeq - 1;
  const unread = { to: owner, nick: "bob", time: ring.timeOf(seq)!, seq };
  const again = new TestHub({}, ring, facts);
  assert(again.hub.services.readMarkers.isUnread(unread), "unread after a start");
  assert(
    !again.hub.services.readMarkers.isUnread({ ...unread, seq: seq - 1 }),
    "and the one before it read",
  );
  // As storage hands them over with another log.
  const other = new TestHub({}, undefined, facts.map((fact) => ({ ...fact, seq: 0 })));
  assert(
    !other.hub.services.readMarkers.isUnread({ ...unread, seq: 3 }),
    "there the time counts",
  );
  assert(
    other.hub.services.readMarkers.isUnread({
      ...unread,
      seq: 3,
      time: unread.time + 1,
    }),
    "so does a later one",
  );
});

pureTest(
  "marker times: markers that an older version saved are read, and mean the message of their time",
  async () => {
    const ring = Ring.create(1 << 20);
    const test = new TestHub({}, ring);
    const [alice, bob] = [await withAccount(test, "alice"), test.enter("bob")];
    test.now += TWO_YEARS_MS;
    test.say(bob, "PRIVMSG alice :read", "PRIVMSG #lobby :read");
    const time = test.now;
    const older = (target: string) => ({
      kind: "marker",
      key: `alice ${target}`,
      value: JSON.stringify({ time, told: 0, lost: 0 }),
      seq: 0,
    });
    const accounts = test.takeFacts().filter(({ kind }) => kind === "account");
    const again = new TestHub({}, ring, [...accounts, older("bob"), older("#lobby"), older("carol")]);
    const { owner } = alice.user!;
    const { hub } = again;
    const marker = hub.services.readMarkers.of(hub.services.accounts.get("alice")!, "bob")!;
    assertEquals([marker.time, marker.seq > 0], [time, true]);
    assert(
      hub.services.readMarkers.isUnread({
        to: owner,
        nick: "bob",
        time: START,
        seq: ring.nextSeq,
      }),
      "a new one",
    );
    // Of a conversation that the log has nothing of: the marker must not swallow what is said until then.
    assert(
      hub.services.readMarkers.isUnread({
        to: owner,
        nick: "carol",
        time: START,
        seq: ring.nextSeq,
      }),
      "from carol",
    );
  },
);

pureTest(
  "marker times: a sender is told that a message is read only when that one is, whatever its time",
  async () => {
    const test = new TestHub();
    const alice = await withAccount(test, "alice", "chatterbox.chat/receipts");
    const bob = test.enter("bob", ...CAPS, "echo-message", "chatterbox.chat/receipts");
    const say = (text: string) => {
      test.heard(bob);
      test.say(bob, `PRIVMSG alice :${text}`);
      return /msgid=([^; ]+)/.exec(test.heard(bob)[0]!)![1]!;
    };
    for (let each = 0; each < 60; each++) say("before");
    const read = say("read");
    test.say(alice, `MARKREAD bob ${at(test.now + 50)}`);
    const unread = say("unread");
    test.say(bob, `AWAIT read ${read}`, `AWAIT read ${unread}`);
    assertEquals(test.heard(bob), [`:irc.test AWAIT read ${read}`]);
    test.now -= DAY_MS;
    const earlier = say("earlier");
    test.say(bob, `AWAIT read ${earlier}`);
    assertEquals(test.heard(bob), []);
    test.say(alice, `MARKREAD bob ${at(test.now)}`);
    assertEquals(test.heard(bob), [`:irc.test AWAIT read ${unread}`, `:irc.test AWAIT read ${earlier}`]);
  },
);

pureTest(
  "marker times: what is overwritten unread is told, though its time is that of one that was read",
  async () => {
    const test = new TestHub({ retainedBytes: 0 }, Ring.create(1 << 16));
    const alice = await withAccount(test, "alice", "chatterbox.chat/seq");
    const [bob, carol] = [test.enter("bob"), test.enter("carol")];
    for (let each = 0; each <= 60; each++) test.say(bob, "PRIVMSG alice :read");
    test.say(alice, `MARKREAD bob ${at(test.now + 50)}`);
    test.say(bob, "PRIVMSG alice :unread");
    for (let each = 0; each < 600; each++) {
      test.now += 100;
      test.say(carol, `PRIVMSG #lobby :${"x".repeat(200)}`);
    }
    test.hub.tick(test.now);
    test.deliver();
    test.heard(alice);
    test.say(alice, `CHATHISTORY TARGETS ${at(0)} ${at(test.now + DAY_MS)} 100`);
    assertMatch(test.heard(alice).join("\n"), /TARGETS bob /);
    const until = markerOf(test, alice, "bob");
    test.say(alice, `CHATHISTORY LATEST bob ${until} 100`);
    assertMatch(test.heard(alice).join("\n"), /overwritten/);
  },
);

pureTest(
  "marker times: what is overwritten unread is told, though the clock was set back before it was said",
  async () => {
    const test = new TestHub({ retainedBytes: 0 }, Ring.create(1 << 16));
    const alice = await withAccount(test, "alice", "chatterbox.chat/seq");
    const [bob, carol] = [test.enter("bob"), test.enter("carol")];
    test.say(bob, "PRIVMSG alice :read");
    const until = at(test.now);
    test.say(alice, `MARKREAD bob ${until}`);
    test.now -= DAY_MS;
    test.hub.clockSet(-DAY_MS);
    test.say(bob, "PRIVMSG alice :unread");
    for (let each = 0; each < 600; each++) {
      test.now += 100;
      test.say(carol, `PRIVMSG #lobby :${"x".repeat(200)}`);
    }
    test.hub.tick(test.now);
    test.deliver();
    test.heard(alice);
    test.say(alice, `CHATHISTORY LATEST bob ${until} 100`);
    assertMatch(test.heard(alice).join("\n"), /overwritten/);
  },
);

pureTest(
  "marker times: places are in one order, by number where both have one, else by time",
  () =>
    forAll(500, (random) => {
      const place = () => ({ seq: random.below(3), time: random.below(3) });
      const [one, other] = [place(), place()];
      assert(!(isAfter(one, other) && isAfter(other, one)), "not both");
      if (one.seq > 0 && other.seq > one.seq) assert(isAfter(other, one), "the number decides");
      else if (one.seq === 0) assertEquals(isAfter(one, other), one.time > other.time);
    }),
);
