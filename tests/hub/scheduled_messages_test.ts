/** Messages that the hub says later: at their time, in the name of their sender, once; and what happens where they are refused. */
import { assertEquals, assertMatch } from "@std/assert";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../lib/base/values/time_unit.ts";
import { START } from "../support/hub.ts";
import { account, login } from "../support/hub_accounts.ts";
import {
  AT,
  EVERY,
  from,
  pass,
  restart,
  said,
  schedule,
  scheduler,
  schedulingHub,
  ZONE,
} from "../support/hub_scheduled.ts";
import { ask } from "../support/hub_tokens.ts";
import { pureTest } from "../support/test.ts";

pureTest("scheduled: the answer comes when the message is saved, and it is said at its time", async () => {
  const chat = schedulingHub();
  const alice = scheduler(chat);
  const bob = chat.enter("bob");
  chat.say(bob, "JOIN #lobby");
  chat.say(alice, `@label=1;${AT}2026-01-02T04:04:05.000Z;${ZONE}Europe/Berlin PRIVMSG #lobby :hello`);
  assertEquals(chat.heard(alice), [], "it is not saved yet");
  await chat.errands();
  assertMatch(
    chat.heard(alice).join(),
    /^@label=1 :irc\.test NOTE PRIVMSG SCHEDULED [0-9a-f]{8} 2026-01-02T04:04:05\.000Z #lobby :It will be said at /,
  );
  chat.heard(bob);
  pass(chat, HOUR_MS - 1);
  assertEquals(from("alice", chat.heard(bob)), []);
  chat.takeFacts();
  pass(chat, 1);
  const fact = chat.takeFacts().find(({ kind }) => kind === "scheduled");
  assertEquals(
    [fact?.value, fact?.seq],
    [undefined, chat.log.nextSeq - 1],
    "it ends with the record that says it",
  );
  assertEquals(from("alice", chat.heard(bob)), [":alice!~alice@127.0.0.1 PRIVMSG #lobby :hello"]);
  pass(chat, DAY_MS);
  assertEquals(said(chat), ["alice: hello"]);
});

pureTest("scheduled: it is said while its owner is offline, and waits for a receiver that is", async () => {
  const chat = schedulingHub();
  account(chat, "bob");
  const alice = scheduler(chat);
  await schedule(chat, alice, `${AT}1h`, "bob");
  chat.say(alice, "QUIT");
  pass(chat, 2 * MINUTE_MS); // its time to come back is over
  assertEquals(chat.hub.context.state.user("alice"), undefined);
  pass(chat, HOUR_MS);
  const bob = login(chat, "bob");
  pass(chat, MINUTE_MS);
  assertEquals(
    from("alice", chat.heard(bob)).length + chat.hub.services.offlineMessages.of(bob.user!.account!).size > 0,
    true,
  );
});

pureTest("scheduled: a server that was killed says what it had not said, and nothing twice", async () => {
  const chat = schedulingHub();
  await schedule(chat, scheduler(chat), `${AT}1h`);
  const before = chat.takeFacts();
  pass(chat, HOUR_MS);
  assertEquals(said(chat), ["alice: hello"]);
  // Killed when the record was on disk, and the fact that follows from it was not.
  const second = restart(chat, before);
  pass(second, MINUTE_MS);
  assertEquals(said(second), ["alice: hello"]);
  assertEquals(second.hub.services.scheduledMessages.of("owner-alice").size, 0);
  // Killed before its time.
  const other = schedulingHub();
  await schedule(other, scheduler(other), `${AT}1h`);
  other.now += HOUR_MS;
  const third = restart(other);
  pass(third, 0);
  assertEquals(said(third), ["alice: hello"]);
});

pureTest("scheduled: one that was due while the server was down says when", async () => {
  const chat = schedulingHub();
  const alice = scheduler(chat);
  await schedule(chat, alice, `${AT}1h;${ZONE}Europe/Berlin`);
  chat.say(
    alice,
    `@${AT}1h;${ZONE}Europe/Berlin BATCH +1 draft/multiline #lobby`,
    "@batch=1 PRIVMSG #lobby :one",
    "@batch=1 PRIVMSG #lobby :two",
    "BATCH -1",
  );
  await chat.errands();
  chat.now += HOUR_MS + 2 * MINUTE_MS + 1;
  const second = restart(chat);
  pass(second, 0);
  assertEquals(said(second), [
    "alice: hello (late: due 2026-01-02 05:04 Europe/Berlin)",
    "alice: one",
    "alice: two",
    "alice: (late: due 2026-01-02 05:04 Europe/Berlin)",
  ]);
});

pureTest("scheduled: a repeated message is said at each time; of several missed ones once", async () => {
  const chat = schedulingHub();
  await schedule(chat, scheduler(chat), `${EVERY}0\\s9\\s*\\s*\\s*;${ZONE}Europe/Berlin`); // 8:00 UTC
  const next = () =>
    [...chat.hub.services.scheduledMessages.of("owner-alice")].map(({ dueAt }) =>
      new Date(dueAt).toISOString()
    );
  assertEquals(next(), ["2026-01-02T08:00:00.000Z"]);
  pass(chat, 5 * HOUR_MS);
  pass(chat, 5000);
  assertEquals(next(), ["2026-01-03T08:00:00.000Z"]);
  pass(chat, DAY_MS);
  assertEquals(said(chat).length, 2);
  chat.now += 5 * DAY_MS;
  const second = restart(chat);
  await second.hub.services.scheduledMessages.loadCron();
  pass(second, 0);
  pass(second, 5000);
  assertEquals(said(second).slice(2), ["alice: hello (late: due 2026-01-04 09:00 Europe/Berlin)"]);
});

pureTest(
  "scheduled: a message with an id is scheduled once, and not again when it has been said",
  async () => {
    const chat = schedulingHub();
    const alice = scheduler(chat);
    const line = `@${AT}1h;chatterbox.chat/id=k1 PRIVMSG #lobby :hello`;
    const answer = await ask(chat, alice, line);
    chat.now += MINUTE_MS;
    assertEquals(await ask(chat, alice, line), answer);
    assertMatch(await ask(chat, alice, `${line}!`), / FAIL PRIVMSG ID_IN_USE k1 /);
    pass(chat, HOUR_MS);
    assertMatch(await ask(chat, alice, line), /PRIVMSG #lobby :hello$/, "the echo");
    assertEquals(said(chat), ["alice: hello"]);
  },
);

pureTest("scheduled: under an id that another message has meanwhile, it is said all the same", async () => {
  const chat = schedulingHub();
  const alice = scheduler(chat);
  await schedule(chat, alice, `${AT}1h;chatterbox.chat/id=k1`);
  chat.say(alice, "@chatterbox.chat/id=k1 PRIVMSG #lobby :other");
  pass(chat, HOUR_MS);
  assertEquals(said(chat), ["alice: other", "alice: hello"]);
});

pureTest("scheduled: what is refused at its time is told to its owner, also later", async () => {
  for (const mode of ["+n", "+m", "+s", "+b alice!*@*"]) {
    const chat = schedulingHub();
    const bob = login(chat, "bob");
    chat.say(bob, "JOIN #ops");
    const alice = scheduler(chat);
    await schedule(chat, alice, `${AT}1h`, "#ops");
    chat.say(bob, `MODE #ops ${mode}`);
    chat.say(alice, "QUIT");
    chat.heard(bob);
    pass(chat, HOUR_MS);
    pass(chat, MINUTE_MS);
    assertEquals(from("alice", chat.heard(bob)), []);
    const waiting = chat.hub.services.offlineMessages.of(chat.hub.services.accounts.get("alice")!);
    assertEquals([...waiting.keys()], ["scheduleserv"], mode);
  }
});

pureTest("scheduled: the notice of a refusal has the reason and the text", async () => {
  const chat = schedulingHub();
  const bob = login(chat, "bob");
  const alice = scheduler(chat);
  chat.say(bob, "JOIN #ops");
  const id = await schedule(chat, alice, `${AT}1h`, "#ops");
  chat.say(bob, "MODE #ops +n");
  chat.heard(alice);
  pass(chat, HOUR_MS);
  const notices = from("ScheduleServ", chat.heard(alice).map((line) => line.replace(/^@\S+ /, "")));
  assertEquals(
    notices.filter((line) => line.includes(" NOTICE ")).map((line) => line.slice(line.indexOf(" :") + 2)),
    [
      `Message ${id}, due 2026-01-02 04:04 UTC, was not sent to #ops: Cannot send to channel (+n): join it first. It was:`,
      "hello",
    ],
  );
});

pureTest(
  "scheduled: a person that is gone is told, and a room that is hidden now is as if it was",
  async () => {
    const chat = schedulingHub();
    const bob = login(chat, "bob");
    chat.say(bob, "JOIN #ops");
    const guest = chat.enter("guest");
    const alice = scheduler(chat);
    await schedule(chat, alice, `${AT}1h`, "guest");
    await schedule(chat, alice, `${AT}1h`, "#ops");
    chat.say(guest, "QUIT");
    chat.say(bob, "MODE #ops +s");
    chat.heard(alice);
    pass(chat, HOUR_MS);
    const told = from("ScheduleServ", chat.heard(alice)).join("\n");
    assertMatch(told, /was not sent to guest: No such nick\. It was:/);
    assertMatch(told, /was not sent to #ops: No such channel\. It was:/);
  },
);

pureTest("scheduled: bans and mutes hold for an account that is offline", async () => {
  for (const kind of ["ban", "mute"] as const) {
    const chat = schedulingHub();
    const alice = scheduler(chat);
    await schedule(chat, alice, `${AT}1h`);
    chat.say(alice, "QUIT");
    pass(chat, 2 * MINUTE_MS);
    chat.hub.services.bans.set({
      kind,
      mask: "account:alice",
      reason: "",
      by: "root",
      at: chat.now,
      until: 0,
    });
    pass(chat, HOUR_MS);
    assertEquals(said(chat), [], kind);
  }
});

pureTest("scheduled: a repeated message that was refused three times in a row ends", async () => {
  const chat = schedulingHub();
  const bob = login(chat, "bob");
  chat.say(bob, "JOIN #ops");
  await schedule(chat, scheduler(chat), `${EVERY}*\\s*\\s*\\s*\\s*`, "#ops");
  const left = () => chat.hub.services.scheduledMessages.of("owner-alice").size;
  chat.say(bob, "MODE #ops +n");
  for (const still of [1, 1, 0]) {
    pass(chat, MINUTE_MS);
    assertEquals(left(), still);
  }
});

pureTest(
  "scheduled: a reply is said also if the message that it answers is deleted before its time",
  async () => {
    const chat = schedulingHub();
    const bob = chat.enter("bob", "message-tags", "echo-message", "draft/message-redaction");
    chat.say(bob, "JOIN #lobby");
    chat.heard(bob);
    chat.say(bob, "PRIVMSG #lobby :tea?");
    const [, id] = /msgid=([^; ]+)/.exec(chat.heard(bob).join())!;
    await schedule(chat, scheduler(chat), `+draft/reply=${id};${AT}10s`);
    chat.say(bob, `REDACT #lobby ${id}`);
    chat.heard(bob);
    pass(chat, 10_000);
    const [said] = chat.heard(bob).filter((line) => line.endsWith(":hello"));
    assertMatch(said!, new RegExp(`;\\+draft/reply=${id} :alice!`));
    assertEquals(chat.heard(bob), []);
  },
);

pureTest("scheduled: only its owner sees and cancels a message, and it ends with the account", async () => {
  const chat = schedulingHub();
  const [alice, bob] = [scheduler(chat), scheduler(chat, "bob")];
  const id = await schedule(chat, alice, `${AT}1h`);
  assertEquals(await ask(chat, bob, "SCHEDULED LIST"), ":irc.test SCHEDULED LIST *");
  assertMatch(await ask(chat, bob, `SCHEDULED CANCEL ${id}`), / FAIL SCHEDULED NO_SUCH_MESSAGE /);
  chat.say(alice, "SCHEDULED LIST");
  assertEquals(chat.heard(alice), [
    `:irc.test SCHEDULED LIST ${id} 2026-01-02T04:04:05.000Z #lobby UTC * 1 :hello`,
    ":irc.test SCHEDULED LIST *",
  ]);
  assertEquals(await ask(chat, alice, `SCHEDULED CANCEL ${id}`), `:irc.test SCHEDULED CANCEL ${id}`);
  await schedule(chat, alice, `${AT}1h`);
  chat.say(alice, "UNREGISTER alice");
  assertEquals(chat.hub.services.scheduledMessages.of("owner-alice").size, 0);
  pass(chat, HOUR_MS);
  assertEquals(said(chat), []);
  assertEquals(restart(chat).hub.services.scheduledMessages.of("owner-alice").size, 0);
});

pureTest("scheduled: a message that cannot be saved is refused, and not said", async () => {
  const chat = schedulingHub();
  const alice = scheduler(chat);
  chat.trouble = "the disk is full";
  assertMatch(
    await ask(chat, alice, `@${AT}1h PRIVMSG #lobby :hello`),
    / FAIL PRIVMSG TEMPORARILY_UNAVAILABLE /,
  );
  pass(chat, HOUR_MS);
  assertEquals(said(chat), []);
});

pureTest(
  "scheduled: without an account, and for what is no single room or person, it is refused",
  async () => {
    const chat = schedulingHub();
    const guest = chat.enter("guest", "message-tags", "chatterbox.chat/receipts");
    assertMatch(await ask(chat, guest, `@${AT}1h PRIVMSG #lobby :hello`), / FAIL PRIVMSG ACCOUNT_REQUIRED /);
    const alice = scheduler(chat);
    for (const target of ["#lobby,guest", "@#lobby", "NickServ"]) {
      assertMatch(
        await ask(chat, alice, `@${AT}1h PRIVMSG ${target} :x`),
        / FAIL PRIVMSG INVALID_TARGET /,
        target,
      );
    }
    assertMatch(await ask(chat, alice, `@${AT}1h PRIVMSG #none :x`), / 403 alice #none /);
  },
);

pureTest("scheduled: facts that are not valid are reported, and the others are restored", () => {
  const value = {
    owner: "owner-alice",
    source: "alice!a@h",
    address: "192.0.2.1",
    verb: "PRIVMSG",
    target: "#lobby",
    text: "one\\ntwo",
    tags: "",
    senderId: "",
    zone: "UTC",
    every: "",
    createdAt: START,
    dueAt: START + HOUR_MS,
    refusals: 0,
  };
  const first = schedulingHub();
  account(first, "alice");
  const facts = [
    ...first.takeFacts(),
    ...[value, { ...value, verb: "KILL" }, { ...value, dueAt: "soon" }, { ...value, owner: "" }].map((
      each,
      nth,
    ) => ({
      kind: "scheduled",
      key: `0000000${nth}`,
      value: JSON.stringify(each),
      seq: 0,
    })),
  ];
  const chat = schedulingHub({}, undefined, facts);
  const kept = [...chat.hub.services.scheduledMessages.of("owner-alice")];
  assertEquals(kept.map(({ id, text }) => [id, text]), [["00000000", "one\ntwo"]]);
});
