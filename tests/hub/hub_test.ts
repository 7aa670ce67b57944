import { formOf } from "../../lib/irc/capabilities.ts";
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { utf8Length } from "../../lib/base/bytes.ts";
import { channelFault } from "../../lib/irc/names/name_rules.ts";
import { nickFault } from "../../lib/irc/names/new_name_rules.ts";
import { parseMessage, parseSource } from "../../lib/irc/message.ts";
import type { Message } from "../../lib/irc/message.ts";
import { DEFAULT_LIMITS } from "../../lib/hub/model/config.ts";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import { renderBody } from "../../lib/hub/output/render.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import { TEST_CONFIG, TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";
import { line, NICKS, registration, sayLine } from "./random_chat.ts";

pureTest("it does not matter to anybody how lines fall into turns", () =>
  forAll(150, (random) => {
    const [apart, together] = [new TestHub(), new TestHub()];
    const pairs: [Session, Session][] = [];
    for (let step = 0; step < 120; step++) {
      if (step < 5 || random.chance(25)) pairs.push([apart.open(), together.open()]);
      const pair = random.pick(pairs);
      const lines = pair[0].phase.kind !== "registering"
        ? [line(random)]
        : registration(random, random.pick(NICKS));
      for (const each of lines) {
        apart.say(pair[0], each);
        together.hub.line(pair[1], each, together.now);
      }
      if (random.chance(6)) together.deliver();
    }
    together.deliver();
    for (const [one, other] of pairs) assertEquals(together.heard(other), apart.heard(one));
  }));

pureTest(
  "the state holds together: audiences, counts of forms and memberships say the same",
  () =>
    forAll(60, (random) => {
      const test = new TestHub();
      const sessions: Session[] = [];
      for (let step = 0; step < 250; step++) {
        if (step < 5 || random.chance(25)) sessions.push(test.open());
        const session = random.pick(sessions);
        if (random.chance(60)) test.hub.close(session, "gone", test.now);
        else if (session.phase.kind !== "registering") sayLine(test, session, line(random));
        else test.say(session, ...registration(random, random.pick(NICKS)));
      }
      const { state } = test.hub.context;
      for (const channel of state.channels.values()) {
        channel.audience.forEach((session, index) => assertEquals(session.channels.get(channel), index));
        const counts = new Int32Array(channel.formCounts.length);
        for (const session of channel.audience) counts[formOf(session.caps)]!++;
        assertEquals(channel.formCounts, counts);
        for (const [user, bits] of channel.members) {
          assertEquals(user.channels.get(channel), bits);
          assert(state.user(user.nick) === user && user.sessions.length > 0, user.nick);
          for (const session of user.sessions) assert(session.channels.has(channel), channel.name);
        }
        assert(
          channel.isPermanent || channel.members.size > 0 ||
            channel.audience.some((session) => !session.followed?.followsAll),
          channel.name,
        );
      }
      for (const session of sessions) {
        if (!state.sessions.has(session.id)) assertEquals(session.channels.size, 0);
      }
      for (const session of sessions) test.hub.close(session, "end", test.now);
      assertEquals([
        state.users.size,
        state.sessions.size,
        state.observersByOwner.size,
        state.observersOfEverything.size,
      ], [
        0,
        0,
        0,
        0,
      ]);
      assertEquals([...state.channels.keys()], ["#lobby"]);
    }),
);

/** Numerics with a name out of the client's own line, by how many parameters they have. */
const OF_THREE = new Set("315 318 366 401 402 403 405 407 410 421 432 433 442 461 472 476 482".split(" "));
const OF_FOUR = new Set(["441", "443"]);

const NASTY =
  " :,#@!*?;=\\%~&+-abcXYZ019[]{}|^`_.\t\x01\x07\x1b\x7f\u0085\u00a0\u00adé\u0301\u200b\u202e\u2028😀\ufeff";

function nasty(random: Random): string {
  if (random.chance(30)) return random.pick(["x", "é", "😀"]).repeat(random.below(160));
  return random.text(NASTY, 0, 14);
}

function nastyLine(random: Random, commands: readonly string[]): string {
  const params = Array.from(
    { length: random.below(5) },
    () => random.chance(3) ? random.pick(["#tea", ...NICKS]) : nasty(random),
  );
  if (random.chance(4)) return `@batch=x PRIVMSG ${random.pick(["#tea", ...NICKS])} :${nasty(random)}`;
  const tags = random.chance(5) ? `@label=${nasty(random)};+${nasty(random)}=${nasty(random)} ` : "";
  return `${tags}${random.pick(commands)} ${params.join(" ")}${random.chance(2) ? ` :${nasty(random)}` : ""}`;
}

function checkLine(text: string, session: Session, serverName: string): void {
  assert(!/[\r\n\0]/.test(text), text);
  const message = parseMessage(text);
  assert(message !== undefined, text);
  const rest = text.startsWith("@") ? text.slice(text.indexOf(" ") + 1) : text;
  assert(utf8Length(rest) <= 510, `longer than a line may be: ${text}`);
  if (OF_THREE.has(message.command)) assertEquals(message.params.length, 3, text);
  if (OF_FOUR.has(message.command)) assertEquals(message.params.length, 4, text);
  if (/^\d{3}$/.test(message.command)) {
    assert(message.params[0] === "*" || nickFault(message.params[0]!) === undefined, text);
  }
  if (message.command === "FAIL") assert(/^[A-Z_0-9]+$/.test(message.params[1]!), text);
  checkSource(message, text, serverName);
  if (session.closeReason === undefined) assert(message.command !== "ERROR", text);
}

function checkSource({ source, command }: Message, text: string, serverName: string): void {
  if (source === undefined) return assertEquals(command, "ERROR", text);
  if (source === serverName || source === `HistServ!services@${serverName}`) return;
  const { nick, user, host } = parseSource(source);
  assertEquals([nickFault(nick), host], [undefined, "127.0.0.1"], text);
  assert(/^~[A-Za-z0-9._-]{1,17}$/.test(user!), text);
}

pureTest(
  "whatever is sent, every answer is one well-formed line, and the log holds only what is valid",
  () => {
    const commands = [
      ..."PRIVMSG NOTICE TAGMSG JOIN PART TOPIC NAMES KICK INVITE MODE AWAY ISON USERHOST WHO WHOIS LIST MOTD"
        .split(" "),
      ..."LUSERS VERSION PING PONG ERROR CAP NICK USER PASS CLAIM FOLLOW CHATHISTORY NOSUCHTHING :odd".split(
        " ",
      ),
      ..."BATCH,BATCH +x draft/multiline,BATCH -x,REDACT,REDACT #tea,RENAME,RENAME #tea,PRIVMSG @#tea".split(
        ",",
      ),
      ..."CAP REQ,CHATHISTORY LATEST,CHATHISTORY BETWEEN,MODE #tea,KICK #tea,TOPIC #tea".split(","),
    ];
    const serverName = "s".repeat(63);
    forAll(60, (random) => {
      const test = new TestHub({ serverName });
      const sessions = NICKS.map((nick) => {
        const session = test.open();
        test.say(session, ...registration(random, nick), "JOIN #tea", "TOPIC #tea :tea");
        return session;
      });
      sessions.push(test.open());
      for (let step = 0; step < 200; step++) test.say(random.pick(sessions), nastyLine(random, commands));
      for (const session of sessions) {
        for (const text of test.heard(session)) checkLine(text, session, serverName);
      }
      for (const user of test.hub.context.state.users.values()) assertEquals(nickFault(user.nick), undefined);
      for (const channel of test.hub.context.state.channels.values()) {
        assertEquals(channelFault(channel.name), undefined);
      }
      const { ring } = test;
      for (let seq = ring.oldestSeq; seq < ring.nextSeq; seq++) {
        const record = ring.read(seq);
        const event = record.kind === "ok" ? decodeEvent(record.payload) : undefined;
        assert(event !== undefined, `record ${seq}`);
        assert(utf8Length(renderBody(event)) <= 510, `record ${seq}`);
      }
    });
  },
);

pureTest("names and texts of the longest kind fit their lines", () => {
  const test = new TestHub({ serverName: "s".repeat(63) });
  const nick = "n".repeat(30);
  const channel = "#" + "€".repeat(21);
  const session = test.enter(nick);
  test.say(session, `AWAY :${"a".repeat(200)}`, `JOIN ${channel}`, `TOPIC ${channel} :${"t".repeat(300)}`);
  for (let each = 0; each < 19; each++) test.say(session, `JOIN #${each}${"€".repeat(20)}`);
  test.say(
    session,
    "WHOIS " + nick,
    "WHO 0",
    "LIST",
    `TOPIC ${channel}`,
    `NAMES ${channel}`,
    "ISON " + `${nick} `.repeat(16),
  );
  test.say(
    session,
    `USERHOST ${`${nick} `.repeat(5)}`,
    `PING :${"p".repeat(500)}`,
    `PRIVMSG ${nick} :${"😀".repeat(60)}`,
  );
  for (const text of test.heard(session)) checkLine(text, session, "s".repeat(63));
});

pureTest("who asks for more in one turn than a send queue holds is let go, and nobody else notices", () => {
  const test = new TestHub();
  const [flooder, bystander] = [test.enter("flooder"), test.enter("bystander")];
  test.say(bystander, "JOIN #tea");
  test.say(flooder, "JOIN #tea", ...Array.from({ length: 500 }, () => `PRIVMSG #tea :${"x".repeat(400)}`));
  test.heard(bystander);
  test.heard(flooder);
  test.say(flooder, ...Array.from({ length: 10_000 }, () => "CHATHISTORY LATEST #tea * 1000"));
  const answer = test.heard(flooder);
  assertEquals(answer.at(-1), "ERROR :Closing Link: 127.0.0.1 (Excess flood)");
  assert(answer.join("\r\n").length < 4 * 1024 * 1024, "more than a send queue");
  assertEquals(test.heard(bystander), [":flooder!~flooder@127.0.0.1 QUIT :Excess flood"]);
});

pureTest("a farewell is the last line, and what others say in the same turn comes after the leaving", () => {
  const test = new TestHub();
  const [alice, bob] = [test.enter("alice"), test.enter("bob")];
  test.say(alice, "JOIN #tea");
  test.say(bob, "JOIN #tea");
  test.heard(alice);
  test.heard(bob);
  const { hub, now } = test;
  hub.line(alice, "QUIT", now);
  hub.line(alice, "PRIVMSG #tea :ignored", now);
  hub.line(bob, "PRIVMSG #tea :alone?", now);
  hub.line(bob, "PRIVMSG alice :there?", now);
  hub.line(bob, "NICK alice", now);
  test.deliver();
  assertEquals(test.heard(alice), ["ERROR :Closing Link: 127.0.0.1 (Quit: )"]);
  assertEquals(test.heard(bob), [
    ":alice!~alice@127.0.0.1 QUIT :Quit: ",
    ":irc.test 401 bob alice :No such nick",
    ":bob!~bob@127.0.0.1 NICK alice",
  ]);
});

pureTest("at the end everybody is told once, and nobody of the others", () => {
  const test = new TestHub();
  const sessions = Array.from({ length: 50 }, (_, index) => test.enter(`user${index}`));
  for (const session of sessions) test.say(session, "JOIN #tea");
  const before = test.log.nextSeq;
  for (const session of sessions) test.heard(session);
  test.hub.disconnectAll("Server is going down", test.now);
  test.deliver();
  for (const session of sessions) {
    assertEquals(test.heard(session), ["ERROR :Closing Link: 127.0.0.1 (Server is going down)"]);
  }
  assertEquals([test.hub.context.state.users.size, test.log.nextSeq - before], [0, 50]);
});

pureTest("who is silent is asked, and let go when no answer comes", () => {
  const test = new TestHub();
  const [silent, alive] = [test.enter("silent"), test.enter("alive")];
  test.advance(45_000);
  assertEquals([test.heard(silent), test.heard(alive)], [["PING irc.test"], ["PING irc.test"]]);
  test.say(alive, "PONG irc.test");
  test.advance(44_999);
  assertEquals(test.heard(silent), []);
  test.advance(1);
  assertEquals(test.heard(silent), ["ERROR :Closing Link: 127.0.0.1 (Ping timeout: 90 seconds)"]);
  assertEquals(alive.closeReason, undefined);
});

pureTest("who does not register in time is let go, however much it has said meanwhile", () => {
  const chat = new TestHub({ limits: { ...DEFAULT_LIMITS, registerTimeoutMs: 30_000 } });
  const session = chat.open();
  for (let second = 0; second < 29; second++) {
    chat.say(session, "NICK alice", "CAP LS 302");
    chat.advance(1000);
  }
  assertEquals(chat.heard(session).filter((line) => line.startsWith("ERROR ")), []);
  chat.advance(1000);
  assertEquals(chat.heard(session), ["ERROR :Closing Link: 127.0.0.1 (Registration timed out)"]);
});

pureTest("connections that end before they register are unknown ones no more", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice");
  const unknown = () => {
    chat.say(alice, "LUSERS");
    return chat.heard(alice).find((line) => line.includes(" 253 "))?.split(" ")[3];
  };
  const sessions = [chat.open(), chat.open(), chat.open()];
  assertEquals(unknown(), "3");
  chat.say(sessions[0]!, "QUIT");
  chat.hub.close(sessions[1]!, "gone", chat.now, true);
  assertEquals(unknown(), "1");
  chat.say(sessions[2]!, "NICK bob", "USER bob 0 * :bob");
  assertEquals(unknown(), "0");
});

pureTest("a session that waits for a job is neither asked whether it is there nor let go", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice");
  chat.say(alice, "REGISTER * * :a passphrase");
  for (let ms = 0; ms < 4 * chat.hub.context.limits.pingTimeoutMs; ms += 10_000) chat.advance(10_000);
  assertEquals([chat.heard(alice), alice.closeReason], [[], undefined]);
});

pureTest("memory follows who is there: rooms and users that left are forgotten with their records", () => {
  const test = new TestHub({}, Ring.create(RING_MIN_BYTES));
  const watcher = test.enter("watcher", "chatterbox.chat/observer");
  test.say(watcher, "FOLLOW *");
  const channels: number[] = [];
  for (let round = 0; round < 500; round++) {
    const session = test.enter(`user${round}`);
    test.say(
      session,
      `JOIN #room${round}`,
      `PRIVMSG watcher${round - 1} :x`,
      `PRIVMSG user${round} :${"x".repeat(300)}`,
    );
    test.say(session, `PRIVMSG #room${round} :${"x".repeat(300)}`, "QUIT");
    test.advance(1);
    channels.push(test.hub.services.history.channels.size);
  }
  const { services: { history }, context: { state } } = test.hub;
  assertEquals([state.channels.size, state.users.size, state.sessions.size], [1, 0, 1]);
  assert(Math.max(...channels) < 200, "a ring of 64 KiB holds no more rooms");
  assert(history.directConversations.size < 200, "nor talks");
});

pureTest("the lobby is there before anybody is, and when all have left", () => {
  const chat = new TestHub();
  const bob = chat.enter("bob");
  const listed = () => {
    chat.heard(bob);
    chat.say(bob, "LIST");
    return chat.heard(bob).filter((line) => / 322 /.test(line)).map((line) =>
      line.split(" ").slice(3, 5).join(" ")
    );
  };
  assertEquals(listed(), ["#lobby 0"]);
  const alice = chat.enter("alice");
  chat.say(alice, "JOIN #lobby", "JOIN #tea");
  assertEquals(listed().sort(), ["#lobby 1", "#tea 1"]);
  chat.say(alice, "QUIT");
  assertEquals(listed(), ["#lobby 0"]);
});

pureTest("a server that is full says no, until somebody leaves", () => {
  const test = new TestHub({ ...TEST_CONFIG, maxClients: 1 });
  const session = test.open();
  assertEquals(test.hub.open(99, "127.0.0.1", false, test.now), undefined);
  test.hub.close(session, "gone", test.now);
  assert(test.hub.open(100, "127.0.0.1", false, test.now) !== undefined, "there is room again");
});

pureTest(
  "the server's own words are cut into notices that everybody in the room gets and the log keeps",
  () => {
    const test = new TestHub();
    const alice = test.enter("alice", "batch");
    test.say(alice, "JOIN #lobby");
    test.heard(alice);
    test.hub.announce("#lobby", `one\n${"x".repeat(500)}`, test.now);
    test.deliver();
    const heard = test.heard(alice);
    assertEquals(heard[0], ":irc.test NOTICE #lobby :one");
    assertEquals(heard.length, 3);
    test.say(alice, "CHATHISTORY LATEST #lobby * 9");
    assertEquals(test.heard(alice).slice(1, -1).map((each) => each.replace(/^@\S+ /, "")), heard);
  },
);

pureTest("what the server says about itself reaches everybody, is kept nowhere, and is one line", () => {
  const chat = new TestHub();
  const [alice, bob] = [chat.enter("alice"), chat.enter("bob", "message-tags")];
  const newcomer = chat.open();
  const before = chat.log.nextSeq;
  chat.hub.broadcastNotice("the disk is full");
  chat.deliver();
  assertEquals(chat.heard(alice), [":irc.test NOTICE alice :the disk is full"]);
  assertEquals(chat.heard(bob), [":irc.test NOTICE bob :the disk is full"]);
  assertEquals(chat.heard(newcomer), []);
  assertEquals(chat.log.nextSeq, before);
});
