/** What one sender says does not push out what others have said, nor what waits: retained_messages.ts. */
import { assert, assertEquals } from "@std/assert";
import type { SavedFact } from "../../lib/log/fact.ts";
import { RETAINED_SHARE } from "../../lib/hub/history/retained_messages.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { parseHistoryGap } from "../../lib/irc/vendor_extensions.ts";
import { Ring } from "../../lib/log/ring.ts";
import { forAll } from "../irc/property.ts";
import { makeOperator } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const CAPACITY = 1 << 20;
const CAPS = [
  "message-tags",
  "server-time",
  "draft/chathistory",
  "chatterbox.chat/seq",
  "chatterbox.chat/claim",
];
const PASSWORD = "p".repeat(20);
const STRANGER = "203.0.113.9";

function enter(chat: TestHub, nick: string, host: string, key?: string): Session {
  const session = chat.open(host);
  chat.say(session, `CAP REQ :${CAPS.join(" ")}`, ...key === undefined ? [] : [`CLAIM ${key}`]);
  chat.say(session, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`, "CAP END");
  chat.heard(session);
  return session;
}

/** An account called `nick`, whose owner is gone again; answers the lines that log in to it. */
async function absent(chat: TestHub, nick: string): Promise<void> {
  const session = enter(chat, nick, "203.0.113.200");
  chat.say(session, `REGISTER * * ${PASSWORD}`);
  await chat.errands();
  chat.say(session, "QUIT");
}

async function logIn(chat: TestHub, nick: string): Promise<Session> {
  const session = chat.open("203.0.113.200");
  const plain = new TextEncoder().encode(`\0${nick}\0${PASSWORD}`).toBase64();
  chat.say(session, `CAP REQ :sasl ${CAPS.join(" ")}`, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
  chat.say(session, "AUTHENTICATE PLAIN", `AUTHENTICATE ${plain}`);
  await chat.errands();
  chat.say(session, "CAP END");
  chat.heard(session);
  return session;
}

/** All texts that history has of `target`, page by page. */
function texts(chat: TestHub, session: Session, target: string): string[] {
  const found: string[] = [];
  for (let anchor = "timestamp=2000-01-01T00:00:00.000Z";;) {
    chat.heard(session);
    chat.say(session, `CHATHISTORY AFTER ${target} ${anchor} 1000`);
    const lines = chat.heard(session).map((line) => parseMessage(line)!).filter(({ command }) =>
      command === "PRIVMSG"
    );
    if (lines.length === 0) return found;
    found.push(...lines.map(({ params }) => params[1]!));
    anchor = `msgid=${lines.at(-1)!.tags.get("msgid")}`;
  }
}

function important(chat: TestHub, session: Session, target: string): number {
  return texts(chat, session, target).filter((text) => text.startsWith("important")).length;
}

/** The log goes round `laps` times by what `say` makes clients say. */
function fill(chat: TestHub, laps: number, say: (turn: number) => void): void {
  const { ring } = chat;
  const end = ring.position + laps * ring.capacityBytes;
  for (let turn = 0; ring.position < end; turn++) {
    const before = ring.position;
    say(turn);
    chat.now += 10;
    assert(ring.position > before || turn % 2 === 1, "the log grows");
  }
}

async function scene(): Promise<{ chat: TestHub; alice: Session; ring: Ring }> {
  const ring = Ring.create(CAPACITY);
  const chat = new TestHub({}, ring);
  await absent(chat, "carla");
  const alice = enter(chat, "alice", "203.0.113.1");
  const bob = enter(chat, "bob", "203.0.113.2");
  chat.say(alice, "JOIN #dev");
  chat.say(bob, "JOIN #dev");
  for (let nth = 0; nth < 10; nth++) {
    for (const each of [alice, bob]) chat.say(each, `PRIVMSG #dev :important ${nth} of several words`);
  }
  chat.say(alice, "PRIVMSG carla :important: call me");
  chat.say(bob, "QUIT");
  return { chat, alice, ring };
}

pureTest(
  "retained: a stranger over many connections of one address pushes out nothing that others said, wherever it speaks",
  async () => {
    for (const targets of [["mallory0"], ["#dev"], ["#a,#b,#c"], ["carla"]]) {
      const { chat, alice } = await scene();
      let session: Session | undefined;
      fill(chat, 4, (turn) => {
        if (turn % 500 === 0) {
          if (session !== undefined) chat.say(session, "QUIT");
          session = enter(chat, "mallory0", STRANGER);
          chat.say(session, "JOIN #dev,#a,#b,#c");
        }
        chat.say(session!, `PRIVMSG ${targets[turn % targets.length]} :${"x".repeat(350)}`);
      });
      assertEquals(important(chat, alice, "#dev"), 20, targets.join());
      const carla = await logIn(chat, "carla");
      assertEquals(important(chat, carla, "alice"), 1, targets.join());
    }
  },
);

pureTest("retained: comings and goings push out nothing that was said", async () => {
  const { chat, alice } = await scene();
  const mallory = enter(chat, "mallory", STRANGER);
  fill(
    chat,
    3,
    (turn) => chat.say(mallory, `JOIN #room${turn % 50}`, `PART #room${turn % 50} :${"x".repeat(300)}`),
  );
  assertEquals(important(chat, alice, "#dev"), 20);
});

pureTest("retained: a room with many busy talkers leaves what was said in quiet rooms", () => {
  const ring = Ring.create(CAPACITY);
  const chat = new TestHub({}, ring);
  const quiet = Array.from({ length: 10 }, (_, nth) => {
    const session = enter(chat, `quiet${nth}`, `203.0.113.${10 + nth}`);
    chat.say(session, `JOIN #quiet${nth}`);
    for (let said = 0; said < 5; said++) chat.say(session, `PRIVMSG #quiet${nth} :important ${said}`);
    return session;
  });
  const busy = Array.from({ length: 100 }, (_, nth) => enter(chat, `busy${nth}`, `198.51.100.${nth}`));
  chat.say(busy[0]!, "JOIN #busy"); // the others speak from outside, which makes fewer lines
  fill(chat, 3, (turn) => chat.say(busy[turn % busy.length]!, `PRIVMSG #busy :${"x".repeat(100)}`));
  for (const [nth, session] of quiet.entries()) assertEquals(important(chat, session, `#quiet${nth}`), 5);
});

pureTest("retained: where many talk at the same rate nothing is copied", () => {
  const chat = new TestHub({}, Ring.create(CAPACITY));
  const busy = Array.from({ length: 200 }, (_, nth) => enter(chat, `busy${nth}`, `198.51.100.${nth}`));
  fill(chat, 3, (turn) => chat.say(busy[turn % busy.length]!, `PRIVMSG busy0 :${"x".repeat(100)}`));
  assertEquals(chat.hub.services.history.retained.size, 0);
});

pureTest(
  "retained: an account has one share over all its addresses, an exempt address as many as it has users",
  () => {
    const ring = Ring.create(CAPACITY);
    const chat = new TestHub({}, ring);
    const local = enter(chat, "local", "127.0.0.1");
    const other = enter(chat, "other", "127.0.0.1");
    chat.say(local, "JOIN #dev");
    for (let nth = 0; nth < 10; nth++) chat.say(local, `PRIVMSG #dev :important ${nth}`);
    fill(chat, 3, () => chat.say(other, `PRIVMSG other :${"x".repeat(300)}`));
    assertEquals(important(chat, local, "#dev"), 10);
  },
);

pureTest("retained: who registers has a share of their own from then on", async () => {
  const chat = new TestHub({}, Ring.create(CAPACITY));
  const alice = enter(chat, "alice", STRANGER);
  const mallory = enter(chat, "mallory", STRANGER);
  chat.say(alice, "JOIN #dev", "PRIVMSG #dev :hello");
  fill(chat, 1, () => chat.say(mallory, `PRIVMSG mallory :${"x".repeat(300)}`));
  chat.say(alice, `REGISTER * * ${PASSWORD}`);
  await chat.errands();
  for (let nth = 0; nth < 10; nth++) chat.say(alice, `PRIVMSG #dev :important ${nth}`);
  fill(chat, 3, () => chat.say(mallory, `PRIVMSG mallory :${"x".repeat(300)}`));
  assertEquals(important(chat, alice, "#dev"), 10);
});

pureTest(
  "retained: what is kept stays within its budget and its shares, and a sender's older words go before another one's",
  () => {
    const ring = Ring.create(CAPACITY);
    const chat = new TestHub({}, ring);
    const budget = CAPACITY * RETAINED_SHARE;
    const sessions = Array.from({ length: 200 }, (_, nth) => enter(chat, `u${nth}`, `198.51.100.${nth}`));
    for (const [nth, each] of sessions.entries()) {
      chat.say(each, `JOIN #r${nth}`, `PRIVMSG #r${nth} :important`);
    }
    fill(chat, 6, (turn) => {
      const nth = turn % 3 === 0 ? turn % sessions.length : turn % 20;
      chat.say(sessions[nth]!, `PRIVMSG #r${nth} :${"x".repeat(1 + turn % 200)}`);
      assert(chat.hub.services.history.retained.bytes <= budget, "the budget holds");
    });
    assert(chat.hub.services.history.retained.bytes > budget / 2, "and is used");
    chat.takeFacts();
  },
);

pureTest("retained: what is kept of one room stays within its share", () => {
  const chat = new TestHub({}, Ring.create(CAPACITY));
  const share = CAPACITY * RETAINED_SHARE / 8;
  const sessions = Array.from({ length: 200 }, (_, nth) => enter(chat, `u${nth}`, `198.51.100.${nth}`));
  for (const each of sessions) chat.say(each, "JOIN #dev");
  for (const each of sessions) chat.say(each, `PRIVMSG #dev :${"x".repeat(200)}`);
  const mallory = enter(chat, "mallory", "203.0.113.9");
  fill(chat, 3, () => chat.say(mallory, `PRIVMSG mallory :${"x".repeat(300)}`));
  const { bytes } = chat.hub.services.history.retained;
  assert(bytes > share / 2 && bytes <= 2 * share, `${bytes} bytes, a room's ${share} and a sender's`);
});

pureTest("retained: a gap counts what is lost between what is kept, once", () =>
  forAll(5, (random) => {
    const ring = Ring.create(CAPACITY / 4); // of so few messages all that are gone are counted
    const chat = new TestHub({}, ring);
    const quiet = enter(chat, "quiet", "203.0.113.1");
    const loud = enter(chat, "loud", STRANGER);
    for (const each of [quiet, loud]) chat.say(each, "JOIN #dev");
    let said = 0;
    const quietTurn = random.below(100);
    fill(chat, 2, (turn) => {
      chat.say(
        turn % 100 === quietTurn ? quiet : loud,
        `PRIVMSG #dev :${++said} ${"x".repeat(300 + random.below(100))}`,
      );
    });
    const shown: number[] = [];
    let missing = 0;
    // The first message is quiet's or loud's: from its id on all that is not shown is told to be missing.
    for (let anchor = `msgid=1-testlog`;;) {
      chat.heard(quiet);
      chat.say(quiet, `CHATHISTORY AFTER #dev ${anchor} 7`);
      const lines = chat.heard(quiet).map((line) => parseMessage(line)!);
      const gap = lines.map(parseHistoryGap).find((each) => each !== undefined);
      missing += gap?.count ?? 0;
      const messages = lines.filter(({ command }) => command === "PRIVMSG");
      if (messages.length === 0) break;
      shown.push(...messages.map(({ params }) => Number(params[1]!.split(" ")[0])));
      anchor = `msgid=${messages.at(-1)!.tags.get("msgid")}`;
    }
    assertEquals(shown, [...new Set(shown)].sort((a, b) => a - b));
    assertEquals(shown.length + missing, said);
    assert(
      missing > 0 && chat.hub.services.history.retained.size > 0,
      "there is something to count, and something kept",
    );
  }));

/** What was saved, by kind and key. */
class Saved {
  readonly #facts = new Map<string, SavedFact>();

  take(chat: TestHub): SavedFact[] {
    for (const fact of chat.takeFacts()) this.#facts.set(`${fact.kind} ${fact.key}`, fact);
    return [...this.#facts.values()].filter(({ value }) => value !== undefined);
  }
}

pureTest(
  "retained: it is there after a start, under the same ids and times, in a room that was renamed too",
  async () => {
    const { chat, alice, ring } = await scene();
    const saved = new Saved();
    const mallory = enter(chat, "mallory", STRANGER);
    fill(chat, 2, () => chat.say(mallory, `PRIVMSG mallory :${"x".repeat(350)}`));
    makeOperator(chat, "carla"); // by whose account alice may rename the channel
    chat.say(alice, `OPER carla ${PASSWORD}`);
    await chat.errands();
    chat.say(alice, "RENAME #dev #work");
    const read = (of: TestHub, session: Session, target: string) => {
      of.heard(session);
      of.say(session, `CHATHISTORY LATEST ${target} * 100`);
      return of.heard(session).filter((line) => line.includes("important"));
    };
    const before = read(chat, alice, "#work");
    assertEquals(before.length, 20);
    let facts = saved.take(chat);
    for (let start = 0; start < 2; start++) {
      const again = new TestHub({}, ring, facts);
      const bob = enter(again, "bob", "203.0.113.2");
      assertEquals(read(again, bob, "#work"), before);
      assertEquals(read(again, bob, "#dev"), []);
      assertEquals(important(again, await logIn(again, "carla"), "alice"), 1);
      // The next one no longer finds the record of the renaming.
      const other = enter(again, "mallory", STRANGER);
      fill(again, 2, () => again.say(other, `PRIVMSG mallory :${"x".repeat(350)}`));
      assertEquals(read(again, bob, "#work"), before);
      facts = saved.take(again);
    }
  },
);

pureTest(
  "retained: a message that waits stays when its sender's other words go, until it is read",
  async () => {
    const { chat, alice } = await scene();
    const mallory = enter(chat, "mallory", STRANGER);
    // So many that each lap alice stays within the share in the ring, and over all of them not within that of what is kept.
    const lap = () =>
      fill(chat, 6, (turn) => {
        if (turn % 60 === 0) chat.say(alice, `PRIVMSG #dev :not so important, ${turn}`);
        chat.say(mallory, `PRIVMSG mallory :${"x".repeat(350)}`);
      });
    lap();
    assertEquals(important(chat, alice, "#dev"), 10, "those of bob, who said no more");
    const carla = await logIn(chat, "carla");
    assertEquals(important(chat, carla, "alice"), 1, "it waits");
    chat.say(carla, `MARKREAD alice timestamp=${new Date(chat.now).toISOString()}`);
    lap();
    assertEquals(important(chat, carla, "alice"), 0, "it was read, and is as old as anything");
  },
);

pureTest("retained: of what waits and had to go the receiver is told", async () => {
  const ring = Ring.create(CAPACITY);
  const chat = new TestHub({}, ring);
  await absent(chat, "carla");
  const alice = enter(chat, "alice", "203.0.113.1");
  const mallory = enter(chat, "mallory", STRANGER);
  for (let nth = 0; nth < 500; nth++) chat.say(alice, `PRIVMSG carla :${nth}`);
  fill(chat, 3, () => chat.say(mallory, `PRIVMSG mallory :${"x".repeat(350)}`));
  const carla = await logIn(chat, "carla");
  const left = texts(chat, carla, "alice").map(Number);
  assert(left.length > 20 && left.length < 500, "more than a share of it");
  assertEquals(left, Array.from(left, (_, nth) => 500 - left.length + nth), "the newest");
  chat.say(carla, "CHATHISTORY AFTER alice timestamp=2000-01-01T00:00:00.000Z 10");
  assert(
    chat.heard(carla).some((line) => parseHistoryGap(parseMessage(line)!) !== undefined),
    "that some are gone",
  );
});

pureTest("retained: a message that is taken back is not kept, before a start and after it", async () => {
  const { chat, alice, ring } = await scene();
  const saved = new Saved();
  const mallory = enter(chat, "mallory", STRANGER);
  fill(chat, 2, () => chat.say(mallory, `PRIVMSG mallory :${"x".repeat(350)}`));
  chat.heard(alice);
  chat.say(alice, "CHATHISTORY LATEST #dev * 100");
  const own = chat.heard(alice).map((line) => parseMessage(line)!).filter(({ source }) =>
    source?.startsWith("alice!")
  );
  chat.say(alice, "CAP REQ :draft/message-redaction", `REDACT #dev ${own[0]!.tags.get("msgid")}`);
  assertEquals(important(chat, alice, "#dev"), 19);
  const again = new TestHub({}, ring, saved.take(chat));
  assertEquals(important(again, enter(again, "bob", "203.0.113.2"), "#dev"), 19);
});

pureTest("retained: what was saved and makes no sense is passed over, and given up", () => {
  const record = (text: string) => new TextEncoder().encode(text).toBase64();
  const good = record("P\0alice!a@h\0#dev\0~1\0\0hello\0");
  const fact = (key: string, value: unknown, seq = 1) => ({
    kind: "retained",
    key,
    value: JSON.stringify(value),
    seq,
  });
  const ring = Ring.create(CAPACITY);
  new TestHub({}, ring); // so that there are numbers below the next
  new TestHub({}, ring);
  const chat = new TestHub({}, ring, [
    fact("0", { seq: 1, time: 5, room: "#dev", record: good }),
    fact("1", { seq: 1, time: 5, room: "#dev", record: good }), // twice
    fact("2", { seq: 2, time: 6, room: "#dev", record: good }, 0), // of another log
    fact("3", { seq: 9e9, time: 6, room: "#dev", record: good }),
    fact("4", { seq: 2, time: 6, room: "#dev", record: record("J\0alice!a@h\0#dev") }),
    fact("5", { seq: 2, time: 6, room: "#dev", record: record("P\0alice!a@h\r\nQUIT\0#dev\0~1\0\0hello\0") }),
    fact("6", { seq: 2, time: "6", room: "#dev", record: good }),
    fact("x", { seq: 2, time: 6, room: "#dev", record: good }),
    fact("7", null),
  ]);
  assertEquals([chat.hub.services.history.retained.size, chat.hub.services.history.retained.get(1)?.slot], [
    1,
    0,
  ]);
  const gone = chat.takeFacts().filter(({ kind }) => kind === "retained");
  assertEquals(gone.every(({ value }) => value === undefined), true);
  assertEquals(gone.map(({ key }) => key).sort(), ["1", "2", "3", "4", "5"]);
});
