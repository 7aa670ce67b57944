import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { GRACE_PERIOD_MS } from "../../lib/hub/model/config.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import {
  HISTORY_REQUEST_MS,
  MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT,
} from "../../lib/hub/services/offline_messages.ts";
import {
  MAX_REPLAYED_CONVERSATIONS,
  MAX_REPLAYED_MESSAGES,
} from "../../lib/hub/fanout/history/offline_replay.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { account } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const PLAYS = ["batch", "server-time"];
const ASKS = [...PLAYS, "draft/chathistory"];

/** Registers a session that is logged in to the account `name`, made where there is none, and answers a PING behind its welcome. */
function come(chat: TestHub, name: string, ...caps: string[]): Session {
  const made = chat.hub.services.accounts.get(name) ?? account(chat, name);
  const session = chat.open();
  chat.hub.context.commit({ kind: "login", session, account: made });
  chat.say(
    session,
    `CAP REQ :${["cap-notify", ...caps].join(" ")}`,
    `NICK ${name}`,
    `USER ${name} 0 * :${name}`,
  );
  chat.say(session, "CAP END");
  const [, token] = /PING (waiting-\S+)/.exec(chat.heard(session).join()) ?? [];
  if (token !== undefined) chat.say(session, `PONG ${token}`);
  return session;
}

function leave(chat: TestHub, session: Session): void {
  chat.say(session, "QUIT");
  chat.heard(session);
}

/** Texts of what `session` was told to `bob`, and the notices of HistServ, since the last call. */
function shown(chat: TestHub, session: Session): string[] {
  return chat.heard(session).flatMap((line) => {
    const [, text] = /(?:PRIVMSG|NOTICE) \S+ :(.*)$/.exec(line) ?? [];
    const isNotice = line.startsWith(":HistServ!");
    return text === undefined || !isNotice && !/^(@\S+ )?:\w+!\S+ PRIVMSG bob /.test(line) ? [] : [text];
  });
}

/** An account bob without a session; alice is here. */
function absent(...args: ConstructorParameters<typeof TestHub>): { chat: TestHub; alice: Session } {
  const chat = new TestHub(...args);
  leave(chat, come(chat, "bob"));
  return { chat, alice: chat.enter("alice") };
}

pureTest(
  "waiting: what was said to an absent account is played once, over all sessions, also after the server has started again",
  () => {
    const ring = Ring.create(1 << 16);
    const { chat: before, alice } = absent({}, ring);
    before.say(alice, "PRIVMSG bob :one", "PRIVMSG bob :two");
    const after = new TestHub({}, ring, before.takeFacts());
    for (const chat of [before, after]) {
      assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), ["one", "two"]);
      assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), []);
    }
    const again = new TestHub({}, ring, [...after.takeFacts()]);
    assertEquals(shown(again, come(again, "bob", ...PLAYS)), []);
  },
);

pureTest("waiting: what a session was sent as it was said is not played to the next one", () => {
  const { chat, alice } = absent();
  const bob = come(chat, "bob");
  chat.say(alice, "PRIVMSG bob :live");
  leave(chat, bob);
  chat.say(alice, "PRIVMSG bob :later");
  assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), ["later"]);
});

pureTest("waiting: what another client has read is not played", () => {
  const { chat, alice } = absent();
  chat.say(alice, "PRIVMSG bob :one");
  const reader = come(chat, "bob", ...ASKS, "draft/read-marker");
  const { offlineMessages, accounts } = chat.hub.services;
  assertEquals(offlineMessages.of(accounts.get("bob")!).size, 1);
  chat.say(reader, "MARKREAD alice timestamp=2100-01-01T00:00:00.000Z");
  assertEquals(offlineMessages.of(accounts.get("bob")!).size, 0, "the fact of it is gone, too");
  chat.now += 1;
  chat.say(reader, "QUIT");
  chat.say(alice, "PRIVMSG bob :two");
  assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), ["two"]);
});

pureTest("waiting: what was said in the millisecond of the marker, behind what was read, is played", () => {
  const { chat, alice } = absent();
  chat.say(alice, "PRIVMSG bob :one");
  const { receivedAt, receivedSeq: seq } = chat.hub.services.history.directConversation(
    "owner-bob",
    "alice",
  )!;
  const { hub } = chat;
  hub.services.offlineMessages.clear(hub.services.accounts.get("bob")!, "alice");
  chat.say(alice, "PRIVMSG bob :two");
  const time = receivedAt + 1; // that of the second, too
  hub.services.readMarkers.restore("bob alice", { time, seq, told: 0, toldSeq: 0, lost: 0, lostSeq: 0 }, seq);
  assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), ["two"]);
});

pureTest("waiting: what the account itself has said meanwhile, by a script, is not played", () => {
  const { chat, alice } = absent();
  chat.say(alice, "PRIVMSG bob :one");
  const send = come(chat, "bob", ...ASKS);
  chat.say(send, "PRIVMSG alice :from a script");
  leave(chat, send);
  const bob = come(chat, "bob", ...PLAYS);
  assert(!chat.heard(bob).some((line) => line.includes("from a script")), "only what came");
});

pureTest("waiting: what is said between the welcome and the answer to its PING comes once", () => {
  const { chat, alice } = absent();
  chat.say(alice, "PRIVMSG bob :old");
  const bob = chat.open();
  chat.hub.context.commit({ kind: "login", session: bob, account: chat.hub.services.accounts.get("bob")! });
  chat.say(bob, `CAP REQ :${PLAYS.join(" ")}`, "NICK bob", "USER bob 0 * :bob", "CAP END");
  const [, token] = /PING (waiting-\S+)/.exec(chat.heard(bob).join())!;
  chat.say(alice, "PRIVMSG bob :new");
  chat.say(bob, `PONG ${token}`);
  assertEquals(shown(chat, bob), ["new", "old"]);
  leave(chat, bob);
  assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), []);
});

pureTest("waiting: two sessions that come at the same moment are played it once together", async () => {
  const { chat } = absent({ pieceUnits: 1 });
  for (const nick of ["carol", "dave"]) chat.say(chat.enter(nick), `PRIVMSG bob :from ${nick}`);
  const sessions = [come(chat, "bob", ...PLAYS), come(chat, "bob", ...PLAYS)];
  await chat.errands();
  const told = sessions.flatMap((session) => shown(chat, session)).filter((text) => text.startsWith("from "));
  assertEquals(told.sort(), ["from carol", "from dave"]);
});

pureTest(
  "waiting: a session that breaks off without an answer to its PING has not got what was said since",
  () => {
    const { chat, alice } = absent();
    const bob = come(chat, "bob", ...PLAYS);
    chat.say(bob, "PING x");
    chat.now += 1;
    chat.say(alice, "PRIVMSG bob :into the void");
    chat.heard(bob);
    const { pingTimeoutMs } = chat.hub.context.limits;
    for (let ms = 0; ms <= 2 * pingTimeoutMs; ms += 10_000) {
      chat.say(alice, "PING x");
      chat.advance(10_000);
    }
    assert(bob.closeReason !== undefined, "it is gone");
    assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), ["into the void"]);
  },
);

pureTest(
  "waiting: a connection that ends while no PING of its waits for an answer has got what was said",
  () => {
    const { chat, alice } = absent();
    const bob = come(chat, "bob", ...PLAYS);
    chat.now += 1;
    chat.say(alice, "PRIVMSG bob :arrived");
    chat.hub.close(bob, "Connection closed", chat.now, true);
    assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), []);
  },
);

pureTest(
  "waiting: what a session may not have got does not wait where another one of the account is well",
  () => {
    const { chat, alice } = absent();
    const [silent, well] = [come(chat, "bob", ...PLAYS), come(chat, "bob", ...PLAYS)];
    chat.now += 1;
    chat.say(alice, "PRIVMSG bob :arrived elsewhere");
    for (let ms = 0; ms <= 2 * chat.hub.context.limits.pingTimeoutMs; ms += 10_000) {
      for (const each of [alice, well]) chat.say(each, "PING x");
      chat.advance(10_000);
    }
    assert(silent.closeReason !== undefined && well.closeReason === undefined, "one of them is gone");
    leave(chat, well);
    assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), []);
  },
);

pureTest("waiting: a session that is gone is neither asked for its answer nor played anything", () => {
  const { chat, alice } = absent();
  chat.say(alice, "PRIVMSG bob :one");
  const bob = chat.open();
  chat.hub.context.commit({ kind: "login", session: bob, account: chat.hub.services.accounts.get("bob")! });
  chat.say(bob, `CAP REQ :${PLAYS.join(" ")}`, "NICK bob", "USER bob 0 * :bob", "CAP END");
  const [, token] = /PING (waiting-\S+)/.exec(chat.heard(bob).join())!;
  const asks = come(chat, "bob", ...ASKS);
  for (const each of [bob, asks]) leave(chat, each);
  assertEquals([
    chat.hub.services.offlineMessages.isWelcomeAnswered(bob, token!),
    chat.hub.services.offlineMessages.takeDue(Infinity),
  ], [false, []]);
});

pureTest(
  "waiting: a session that comes back after its connection broke is played what was said meanwhile",
  () => {
    const { chat, alice } = absent();
    const bob = come(chat, "bob", ...PLAYS);
    chat.hub.close(bob, "broken", chat.now, true);
    chat.say(alice, "PRIVMSG bob :meanwhile");
    chat.advance(GRACE_PERIOD_MS / 2);
    assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), ["meanwhile"]);
  },
);

pureTest("waiting: a script that comes and goes under the name takes nothing away", () => {
  const { chat, alice } = absent();
  const send = come(chat, "bob", ...ASKS, "chatterbox.chat/receipts");
  chat.say(alice, "PRIVMSG bob :one");
  assertEquals(shown(chat, send), ["one"]);
  leave(chat, send);
  assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), ["one"]);
});

pureTest(
  "waiting: a session that asks for its conversations has what came since it is here, and is played nothing",
  () => {
    const { chat, alice } = absent();
    chat.say(alice, "PRIVMSG bob :old");
    const bob = come(chat, "bob", ...ASKS);
    chat.say(chat.enter("carol"), "PRIVMSG bob :new");
    chat.say(
      bob,
      "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 9",
    );
    chat.say(bob, "CHATHISTORY LATEST alice * 9");
    chat.heard(bob);
    chat.advance(2 * HISTORY_REQUEST_MS);
    assertEquals(shown(chat, bob), []);
    leave(chat, bob);
    assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), []);
  },
);

pureTest(
  "waiting: a session that asks for one conversation is played the others when its time to ask is over",
  () => {
    const { chat, alice } = absent();
    chat.say(alice, "PRIVMSG bob :one");
    chat.say(chat.enter("carol"), "PRIVMSG bob :two");
    const bob = come(chat, "bob", ...ASKS);
    chat.say(bob, "CHATHISTORY LATEST alice * 9");
    chat.heard(bob);
    chat.advance(HISTORY_REQUEST_MS - 1);
    assertEquals(shown(chat, bob), []);
    chat.advance(1);
    assertEquals(shown(chat, bob), ["two"]);
  },
);

pureTest("waiting: what a session was sent within its time to ask is not played to the next one", () => {
  const { chat, alice } = absent();
  const bob = come(chat, "bob", ...ASKS);
  chat.say(alice, "PRIVMSG bob :new");
  chat.advance(HISTORY_REQUEST_MS);
  assertEquals(shown(chat, bob), ["new"]);
  leave(chat, bob);
  assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), []);
});

pureTest("waiting: more messages than are played of a conversation are counted, and can be seen", () => {
  const { chat, alice } = absent();
  const all = Array.from({ length: MAX_REPLAYED_MESSAGES + 5 }, (_, nth) => `m${nth}`);
  chat.say(alice, ...all.map((text) => `PRIVMSG bob :${text}`));
  const bob = come(chat, "bob", ...PLAYS);
  const told = shown(chat, bob);
  assertEquals(told, [
    ...all.slice(5),
    "105 messages from alice while you were away, the last 100 shown",
    "To see them all: /msg HistServ alice 105",
  ]);
  chat.say(bob, "PRIVMSG HistServ :alice 105");
  assertEquals(shown(chat, bob), all);
});

pureTest("waiting: more conversations than are played at once are named, and played the next time", () => {
  const { chat } = absent();
  const count = MAX_REPLAYED_CONVERSATIONS + 3;
  for (let nth = 0; nth < count; nth++) chat.say(chat.enter(`p${nth}`), `PRIVMSG bob :from p${nth}`);
  const first = come(chat, "bob", ...PLAYS);
  const told = shown(chat, first);
  assertEquals(told.length, MAX_REPLAYED_CONVERSATIONS + 2);
  assertEquals(told[0], "from p3");
  assertEquals(told.slice(-2), [
    "There are more messages for you, from p0, p1, p2",
    "To see them: /msg HistServ p0",
  ]);
  leave(chat, first);
  assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), ["from p0", "from p1", "from p2"]);
});

pureTest("waiting: more bytes than are played at once wait for the next time", async () => {
  const { chat } = absent({}, Ring.create(1 << 23));
  const tag = `@+x=${"t".repeat(480)} `;
  const people = ["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"];
  for (const each of people) {
    const session = chat.enter(each, "message-tags");
    for (let nth = 0; nth < MAX_REPLAYED_MESSAGES; nth++) {
      chat.say(session, `${tag}PRIVMSG bob :${each} ${nth} ${"x".repeat(380)}`);
    }
  }
  const first = come(chat, "bob", ...PLAYS, "message-tags");
  await chat.errands();
  const told = shown(chat, first);
  assertMatch(told.at(-2)!, /^There are more messages for you, from p\d/);
  leave(chat, first);
  const second = come(chat, "bob", ...PLAYS, "message-tags");
  await chat.errands();
  const rest = shown(chat, second);
  assertEquals(told.length - 2 + rest.length, people.length * MAX_REPLAYED_MESSAGES);
});

pureTest("waiting: of many sessions that had their time to ask each tick plays to some", () => {
  const { chat, alice } = absent();
  const sessions = Array.from({ length: 60 }, (_, nth) => {
    leave(chat, come(chat, `u${nth}`));
    chat.say(alice, `PRIVMSG u${nth} :hello`);
    return come(chat, `u${nth}`, ...ASKS);
  });
  const played = () => sessions.filter((session) => chat.heard(session).join().includes(":hello")).length;
  chat.advance(HISTORY_REQUEST_MS);
  assertEquals(played(), 50);
  chat.advance(1);
  assertEquals(played(), 10);
});

const THERE_ARE_MORE = [
  "There are also messages from other users",
  "To list all conversations: /msg HistServ LIST",
] as const;

pureTest("waiting: of more conversations than are remembered it is told that there are more, once", () => {
  const { chat } = absent();
  for (let nth = 0; nth <= MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT; nth++) {
    chat.say(chat.enter(`p${nth}`), "PRIVMSG bob :x");
  }
  assertEquals(
    chat.hub.services.offlineMessages.of(chat.hub.services.accounts.get("bob")!).size,
    MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT,
  );
  assertEquals(shown(chat, come(chat, "bob", ...PLAYS)).slice(-2), THERE_ARE_MORE);
  assert(!shown(chat, come(chat, "bob", ...PLAYS)).includes(THERE_ARE_MORE[0]), "once");
});

pureTest(
  "waiting: conversations beyond those that are remembered are heard of by a session that asks for its conversations",
  () => {
    const { chat } = absent();
    const { hub } = chat;
    const bob = come(chat, "bob", ...ASKS);
    for (let nth = 0; nth <= MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT; nth++) {
      chat.say(chat.enter(`p${nth}`), "PRIVMSG bob :x");
    }
    const account = hub.services.accounts.get("bob")!;
    assert(hub.services.offlineMessages.hasMore(account), "it has not asked yet");
    const range = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z";
    chat.say(bob, `CHATHISTORY TARGETS ${range} 9`);
    assertEquals(
      [hub.services.offlineMessages.of(account).size, hub.services.offlineMessages.hasMore(account)],
      [0, false],
    );
  },
);

pureTest(
  "waiting: conversations beyond those that are remembered stay where they are older than the session that asks, also over a start",
  () => {
    const ring = Ring.create(1 << 20);
    const { chat } = absent({}, ring);
    for (let nth = 0; nth <= MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT; nth++) {
      chat.say(chat.enter(`p${nth}`), "PRIVMSG bob :x");
    }
    const asks = come(chat, "bob", ...ASKS);
    chat.say(chat.enter("later"), "PRIVMSG bob :x");
    const range = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z";
    chat.say(asks, `CHATHISTORY TARGETS ${range} 9`);
    leave(chat, asks);
    const { hub } = chat;
    const account = hub.services.accounts.get("bob")!;
    for (const nick of [...hub.services.offlineMessages.of(account).keys()]) {
      hub.services.offlineMessages.clear(account, nick);
    }
    const after = new TestHub({}, ring, chat.takeFacts());
    for (const each of [chat, after]) {
      assertEquals(shown(each, come(each, "bob", ...PLAYS)), THERE_ARE_MORE);
    }
  },
);

pureTest("waiting: that messages were overwritten before their receiver came is told once", () => {
  const { chat, alice } = absent({ retainedBytes: 0 }, Ring.create(RING_MIN_BYTES));
  chat.say(alice, "PRIVMSG bob :lost");
  for (const { nextSeq } = chat.log; chat.log.oldestSeq < nextSeq;) {
    chat.now += 1;
    chat.say(alice, `PRIVMSG #lobby :${"x".repeat(400)}`);
  }
  chat.advance(1000);
  assertEquals(chat.hub.services.offlineMessages.of(chat.hub.services.accounts.get("bob")!).size, 0);
  const asks = come(chat, "bob", ...ASKS);
  chat.advance(HISTORY_REQUEST_MS);
  assertEquals(shown(chat, asks), [], "the answer to its CHATHISTORY tells");
  assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), [
    "Unread messages from alice are lost: newer ones overwrote them",
  ]);
  assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), []);
});

pureTest("waiting: what was taken back, and what one says to oneself, does not wait", () => {
  const { chat } = absent();
  const alice = chat.enter("alice2", "message-tags", "echo-message", "draft/message-redaction");
  chat.say(alice, "PRIVMSG bob :oops");
  const [, id] = /msgid=([^ ;]+)/.exec(chat.heard(alice).join())!;
  chat.say(alice, `REDACT bob ${id}`);
  const send = come(chat, "bob", ...ASKS);
  chat.say(send, "PRIVMSG bob :note to self");
  leave(chat, send);
  assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), []);
});

pureTest(
  "waiting: the marker moves where the client keeps none, its other clients hear of it, and senders are told of no reading",
  () => {
    const { chat } = absent();
    const alice = chat.enter("alice2", "message-tags", "echo-message", "chatterbox.chat/receipts");
    chat.say(alice, "PRIVMSG bob :one");
    const [, id] = /msgid=([^ ;]+)/.exec(chat.heard(alice).join())!;
    chat.say(alice, `AWAIT read ${id}`);
    const reader = come(chat, "bob", ...ASKS, "draft/read-marker");
    chat.heard(reader);
    const bob = come(chat, "bob", ...PLAYS, "chatterbox.chat/receipts");
    assertEquals(shown(chat, bob), ["one"]);
    assertMatch(chat.heard(reader).join(), /MARKREAD alice2 timestamp=/);
    assertEquals(chat.heard(alice), []);
    const { now, hub } = chat;
    const { time, told } = hub.services.readMarkers.of(hub.services.accounts.get("bob")!, "alice2")!;
    assertEquals([time, told], [now, 0]);
  },
);

pureTest("waiting: a client that keeps read markers moves its own", () => {
  const { chat, alice } = absent();
  chat.say(alice, "PRIVMSG bob :one");
  const bob = come(chat, "bob", ...PLAYS, "draft/read-marker");
  assertEquals(shown(chat, bob), ["one"]);
  assertEquals(chat.hub.services.readMarkers.of(chat.hub.services.accounts.get("bob")!, "alice"), undefined);
  assertEquals(shown(chat, come(chat, "bob", ...PLAYS)), []);
});

pureTest(
  "waiting: a session that says that it is a bot before it answers the PING behind its welcome is told, and played nothing",
  () => {
    const { chat, alice } = absent();
    chat.say(alice, "PRIVMSG bob :!deploy");
    const bob = chat.open();
    chat.hub.context.commit({ kind: "login", session: bob, account: chat.hub.services.accounts.get("bob")! });
    chat.say(
      bob,
      `CAP REQ :${PLAYS.join(" ")}`,
      "NICK bob",
      "USER bob 0 * :bob",
      "CAP END",
      "PONG waiting-9",
    );
    const welcome = chat.heard(bob).join();
    assert(!welcome.includes("!deploy") && !welcome.includes("HistServ"), welcome);
    const [, token] = /PING (waiting-\S+)/.exec(welcome)!;
    chat.say(bob, "MODE bob +B");
    chat.say(alice, `PONG ${token}`); // not its own
    chat.say(bob, `PONG ${token}`, `PONG ${token}`);
    assertEquals(shown(chat, bob), [
      "1 message for you while you were away, from alice",
      "To see them: /msg HistServ alice",
    ]);
  },
);

pureTest("waiting: nothing waits for the name of an account that has ended", () => {
  const { chat, alice } = absent();
  chat.say(alice, "PRIVMSG bob :one");
  const bob = come(chat, "bob");
  chat.say(bob, "UNREGISTER bob");
  assertEquals(chat.takeFacts().find(({ kind }) => kind === "waiting")?.value, undefined);
});

pureTest(
  "waiting: guests in any number push out neither a conversation of the account's own nor one with an account",
  () => {
    for (const friendComesFirst of [true, false]) {
      const { chat, alice } = absent();
      const bob = come(chat, "bob", ...PLAYS);
      chat.say(bob, "PRIVMSG alice :hello");
      leave(chat, bob);
      const friend = come(chat, "friend", ...PLAYS);
      const write = () => {
        chat.say(alice, "PRIVMSG bob :from one that bob has written to");
        chat.say(friend, "PRIVMSG bob :from an account");
      };
      if (friendComesFirst) write();
      for (let n = 0; n <= MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT; n++) {
        const guest = chat.enter(`g${n}`);
        chat.say(guest, "PRIVMSG bob :spam");
        leave(chat, guest);
      }
      if (!friendComesFirst) write();
      const heard = shown(chat, come(chat, "bob", ...PLAYS));
      for (const text of ["from one that bob has written to", "from an account"]) {
        assert(heard.includes(text), `${text}, ${friendComesFirst}`);
      }
      assert(heard.some((text) => text.includes("HistServ LIST")), "that there are more is told");
    }
  },
);
