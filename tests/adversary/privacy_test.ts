/**
 * What two people write to each other is nobody else's to read, nor to know of. Each test plays one story in two worlds, which differ
 * only in whom alice writes to: whatever an outsider asks, the answers are the same in both.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { Ring } from "../../lib/log/ring.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const KEY = "k".repeat(43);
const OTHER_KEY = "o".repeat(43);
const CAPS =
  "sasl draft/chathistory draft/event-playback draft/read-marker batch message-tags server-time echo-message " +
  "chatterbox.chat/seq chatterbox.chat/claim chatterbox.chat/receipts labeled-response account-tag";
/** So many sequence numbers have been given in either world. */
const MAX_SEQ = 40;

async function say(test: TestHub, session: Session, ...lines: string[]): Promise<string[]> {
  for (const line of lines) {
    test.say(session, line);
    await test.errands();
  }
  return test.heard(session);
}

/** Somebody with all capabilities: `kind` says what he proves to be. */
async function enter(
  test: TestHub,
  nick: string,
  kind: "guest" | "claim" | "observer" | "register" | "login",
  key = KEY,
): Promise<Session> {
  const session = test.open();
  await say(test, session, `CAP REQ :${CAPS}`);
  if (kind === "observer") await say(test, session, "CAP REQ chatterbox.chat/observer");
  if (kind === "claim" || kind === "observer") await say(test, session, `CLAIM ${key}`);
  await say(test, session, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
  if (kind === "register") await say(test, session, `REGISTER * * ${key}`);
  if (kind === "login") {
    await say(
      test,
      session,
      "AUTHENTICATE PLAIN",
      `AUTHENTICATE ${encodeUtf8(`\0${nick}\0${key}`).toBase64()}`,
    );
  }
  await say(test, session, "CAP END");
  assert(session.phase.kind !== "registering", `${nick} is in`);
  return session;
}

/** Everything that might tell of a talk between alice and somebody. */
function questions(): string[] {
  const ever = ["timestamp=2000-01-01T00:00:00.000Z", "timestamp=2100-01-01T00:00:00.000Z"];
  const ids = Array.from({ length: MAX_SEQ }, (_, seq) => `${seq.toString(36)}-testlog`);
  const names = ["alice", "bob", "cat", "ALICE", "Bob", "*", "alice!*@*", "alice,bob"];
  return [
    `CHATHISTORY TARGETS ${ever.join(" ")} 100`,
    ...names.flatMap((name) => [
      `CHATHISTORY LATEST ${name} * 100`,
      `CHATHISTORY AFTER ${name} ${ever[0]} 100`,
      `CHATHISTORY BEFORE ${name} ${ever[1]} 100`,
      `CHATHISTORY BETWEEN ${name} ${ever.join(" ")} 100`,
      `CHATHISTORY AROUND ${name} msgid=${ids[5]} 100`,
      `MARKREAD ${name}`,
      `FOLLOW ${name}`,
      `WHOIS ${name}`,
      `WHO ${name}`,
      `ISON ${name}`,
    ]),
    ...ids.flatMap((id) => [
      `AWAIT delivered ${id}`,
      `AWAIT read ${id}`,
      `CHATHISTORY AROUND bob msgid=${id} 1`,
      `CHATHISTORY AFTER alice msgid=${id} 1`,
    ]),
    "@chatterbox.chat/id=secret-id PRIVMSG #lobby :probe",
    "LIST",
    "SERVERSTATS",
  ];
}

/** Alice writes to `receiver`, who is not there, and the other way round: what the outsiders are told of it. */
async function story(receiver: "bob" | "cat"): Promise<{ answers: string[]; test: TestHub; ring: Ring }> {
  const ring = Ring.create(1 << 18);
  const test = new TestHub({ random: (bytes) => new Uint8Array(bytes) }, ring);
  for (const nick of ["bob", "cat"]) await say(test, await enter(test, nick, "register"), "QUIT");
  const alice = await enter(test, "alice", "register");
  const outsiders = [
    await enter(test, "guest", "guest"),
    await enter(test, "eve", "register", OTHER_KEY),
    await enter(test, "mallory", "claim", OTHER_KEY),
    await enter(test, "watcher", "observer", OTHER_KEY),
    await enter(test, "alice", "observer", OTHER_KEY),
  ];
  for (const outsider of outsiders) await say(test, outsider, "FOLLOW *", "FOLLOW alice", "FOLLOW bob");
  await say(
    test,
    alice,
    `@chatterbox.chat/id=secret-id PRIVMSG ${receiver} :the secret`,
    `NOTICE ${receiver} :the secret`,
  );
  const back = await enter(test, receiver, "login");
  const [known] = (await say(test, back, "CHATHISTORY LATEST alice * 10")).filter((line) =>
    line.includes("the secret")
  );
  assertMatch(known!, /PRIVMSG (bob|cat) :the secret$/);
  await say(
    test,
    back,
    "PRIVMSG alice :the answer",
    "@+x=y TAGMSG alice",
    "MARKREAD alice timestamp=2100-01-01T00:00:00.000Z",
  );
  await say(test, back, "QUIT");
  const answers: string[] = [];
  for (const outsider of outsiders) {
    test.heard(outsider).forEach((line) => answers.push(line.replace(/:(bob|cat)!~(bob|cat)@/, ":x!~x@")));
    for (const question of questions()) answers.push(...(await say(test, outsider, question)));
  }
  return { answers, test, ring };
}

pureTest("privacy: nobody can tell whether alice has written to bob or to somebody else", async () => {
  const [toBob, toCat] = [await story("bob"), await story("cat")];
  for (const { answers } of [toBob, toCat]) {
    assert(!answers.some((line) => /the secret|the answer|\+x=y/.test(line)), "nothing of it is shown");
    const told = answers.filter((line) => / AWAIT (read|delivered) |NOT_DELIVERED|NOT_READ/.test(line));
    assertEquals(told, [], "what becomes of a message is told to its sender only");
  }
  assertEquals(toBob.answers, toCat.answers);
});

pureTest(
  "privacy: who registers the name later has nothing of who had it before, also after a start",
  async () => {
    const worlds = [];
    for (const receiver of ["bob", "cat"] as const) {
      const { test, ring } = await story(receiver);
      for (const nick of ["bob", "cat"]) {
        const before = await enter(test, nick, "login");
        await say(test, before, `UNREGISTER ${nick}`, "QUIT");
      }
      const answers: string[] = [];
      const successor = await enter(test, "bob", "register", OTHER_KEY);
      for (const question of questions()) answers.push(...(await say(test, successor, question)));
      const facts = test.takeFacts();
      await say(test, successor, "QUIT");
      const restarted = new TestHub({ random: (bytes) => new Uint8Array(bytes) }, ring, facts);
      const again = await enter(restarted, "bob", "login", OTHER_KEY);
      for (const question of questions()) answers.push(...(await say(restarted, again, question)));
      assert(!answers.some((line) => /the secret|the answer/.test(line)), "nothing of it is shown");
      worlds.push(answers);
    }
    assertEquals(worlds[0], worlds[1]);
  },
);

pureTest("privacy: what waits can be read by its two sides, by observers of theirs too", async () => {
  const { test } = await story("bob");
  for (const [nick, other] of [["alice", "bob"], ["bob", "alice"]] as const) {
    const reader = await enter(test, nick, "login");
    const read = (await say(test, reader, `CHATHISTORY LATEST ${other} * 10`)).filter((line) =>
      / :the /.test(line)
    );
    assertEquals(read.map((line) => line.split(" :").at(-1)), ["the secret", "the secret", "the answer"]);
    await say(test, reader, "QUIT");
    const watcher = test.open();
    await say(test, watcher, `CAP REQ :${CAPS} chatterbox.chat/observer`, `NICK w${nick}`, "USER w 0 * :w");
    await say(
      test,
      watcher,
      "AUTHENTICATE PLAIN",
      `AUTHENTICATE ${encodeUtf8(`\0${nick}\0${KEY}`).toBase64()}`,
      "CAP END",
    );
    const watched = (await say(test, watcher, `CHATHISTORY LATEST ${other} * 10`)).filter((line) =>
      / :the /.test(line)
    );
    assertEquals(
      watched.map((line) => line.replace(/batch=\w+;/, "")),
      read.map((line) => line.replace(/batch=\w+;/, "")),
    );
  }
});
