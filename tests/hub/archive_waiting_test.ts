/** What happens while a session waits for the archive, and what is answered where the archive cannot be read. */
import { assert, assertEquals } from "@std/assert";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import type { ArchiveJob } from "../../lib/hub/model/state/async_job.ts";
import { CHATHISTORY_MAX_MESSAGES, RENAME_INTERVAL_MS } from "../../lib/hub/model/config.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { account, login } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { MemoryEventLog } from "../support/memory_event_log.ts";
import { ModelArchive } from "../support/model_archive.ts";
import { pureTest } from "../support/test.ts";

const SMALL_LOG_BYTES = 16 * 1024;
const READER = ["batch", "server-time", "message-tags", "draft/chathistory", "echo-message"];

/** A hub with a small log and an archive, which is answered when the test says so. */
class ArchivedChat {
  readonly archive = new ModelArchive();
  chat: TestHub;
  isBroken = false;
  /** The archive gets no records any more. */
  isStalled = false;
  /** Jobs that wait for the archive. */
  readonly queries: ArchiveJob[] = [];

  constructor(logBytes = SMALL_LOG_BYTES) {
    this.chat = new TestHub({ hasArchive: true }, new MemoryEventLog(logBytes));
  }

  /** A new hub goes on with the log. */
  restart(): void {
    this.chat = new TestHub({ hasArchive: true }, this.chat.log);
  }

  say(session: Session, ...lines: string[]): void {
    for (const line of lines) {
      this.chat.say(session, line);
      this.#follow();
    }
  }

  /** Overwrites what the log holds. */
  overwrite(): void {
    for (let count = 0; count < 300; count++) {
      this.chat.hub.announce("#lobby", "x".repeat(100), this.chat.now);
      this.#follow();
    }
  }

  /** Answers all queries, and those that follow; returns what `session` has been told since. */
  answer(session: Session): string[] {
    for (this.#follow(); this.queries.length > 0; this.#follow()) {
      const job = this.queries.shift()!;
      const answer = this.isBroken ? undefined : this.archive.answer(job.query);
      this.chat.hub.resume(job.session, () => job.done(answer), this.chat.now);
      this.chat.say(job.session);
    }
    return this.chat.heard(session);
  }

  #follow(): void {
    this.chat.deliver();
    if (!this.isStalled) this.archive.follow(this.chat.log, this.chat.log.nextSeq);
    for (const order of this.chat.archiveOrders.splice(0)) this.archive.obey(order);
    for (const job of this.chat.takeJobs()) {
      if (job.kind === "archive") this.queries.push(job);
      else if (job.kind === "yield") this.chat.hub.resume(job.session, () => job.done(), this.chat.now);
      else throw new Error(`a job ${job.kind}`);
    }
  }
}

const texts = (lines: readonly string[]) =>
  lines.map((line) => parseMessage(line)!).filter(({ command }) => command === "PRIVMSG").map(({ params }) =>
    params[1]
  );
const failures = (lines: readonly string[]) =>
  lines.map((line) => parseMessage(line)!).filter(({ command }) => command === "FAIL").map(({ params }) =>
    params.slice(0, -1).join(" ")
  );

/** Alice has said something in #tea, which the archive alone has; bob is not there. */
function withOldRoom(): { test: ArchivedChat; alice: Session; bob: Session } {
  const test = new ArchivedChat();
  const [alice, bob] = [
    login(test.chat, "alice", undefined, { caps: READER }),
    test.chat.enter("bob", ...READER),
  ];
  test.say(alice, "JOIN #tea", "PRIVMSG #tea :old");
  test.overwrite();
  for (const session of [alice, bob]) test.chat.heard(session);
  return { test, alice, bob };
}

pureTest("archive: a session reads what the log has overwritten, and others do not wait for it", () => {
  const { test, alice, bob } = withOldRoom();
  test.say(bob, "CHATHISTORY LATEST #tea * 10", "PRIVMSG alice :later");
  test.say(alice, "PRIVMSG #tea :now");
  assertEquals(texts(test.chat.heard(alice)), ["now"], "what bob sends waits");
  assertEquals(texts(test.answer(bob)), ["old", "now", "later"], "what was said meanwhile belongs to it");
  assertEquals(texts(test.chat.heard(alice)), ["later"]);
});

pureTest("archive: rights are checked again when the answer comes", () => {
  for (const change of ["MODE #tea +i", "MODE #tea +b bob", "RENAME #tea #coffee"]) {
    const { test, alice, bob } = withOldRoom();
    test.say(bob, "CHATHISTORY LATEST #tea * 10");
    test.say(alice, change);
    test.queries.reverse(); // that of RENAME is answered first
    assertEquals(failures(test.answer(bob)), ["CHATHISTORY INVALID_TARGET LATEST #tea"], change);
  }
});

pureTest("archive: of a room that was left meanwhile, the list of conversations says nothing", () => {
  const { test, alice, bob } = withOldRoom();
  test.say(bob, "JOIN #tea");
  test.answer(bob);
  test.overwrite();
  const ask = () => {
    test.say(
      bob,
      "CHATHISTORY TARGETS timestamp=2020-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 9",
    );
  };
  const isListed = (lines: readonly string[]) => lines.some((line) => line.includes(" TARGETS #tea "));
  ask();
  assert(isListed(test.answer(bob)), "while bob is in it");
  ask();
  test.say(alice, "KICK #tea bob");
  assert(!isListed(test.answer(bob)), "after that");
});

pureTest(
  "archive: a room that may not be read is asked for like one that does not exist, and shows nothing",
  () => {
    const { test, alice, bob } = withOldRoom();
    test.say(alice, "MODE #tea +s");
    for (const name of ["#tea", "#none"]) {
      test.say(bob, `CHATHISTORY LATEST ${name} * 10`);
      const query = test.queries[0]!.query;
      assert(
        query.kind === "page" && (name === "#none" || query.conversation.name === ""),
        "of the room nothing is read",
      );
      assertEquals(failures(test.answer(bob)), [`CHATHISTORY INVALID_TARGET LATEST ${name}`]);
    }
    test.say(alice, "CHATHISTORY LATEST #tea * 10");
    assertEquals(texts(test.answer(alice)), ["old"]);
  },
);

pureTest("archive: a room that has ended is read by its name, and a retired one is not", () => {
  const { test, alice, bob } = withOldRoom();
  test.say(alice, "PART #tea");
  test.overwrite();
  test.chat.hub.services.history.channels.delete("#tea"); // as one of many without members
  const ask = () => {
    test.say(bob, "CHATHISTORY LATEST #tea * 10");
    return test.answer(bob);
  };
  assertEquals(texts(ask()), ["old"]);
  test.archive.obey({ kind: "retire", name: "#tea", seq: 0 });
  assertEquals(failures(ask()), ["CHATHISTORY INVALID_TARGET LATEST #tea"]);
});

pureTest("archive: a session that ends while it waits is sent nothing more", () => {
  const { test, bob } = withOldRoom();
  test.say(bob, "CHATHISTORY LATEST #tea * 10");
  test.chat.hub.close(bob, "gone", test.chat.now, true);
  assertEquals(test.answer(bob), []);
});

pureTest(
  "archive: where it cannot be read, the reply is what the hub holds, and does not claim to be all",
  () => {
    const { test, alice, bob } = withOldRoom();
    test.isBroken = true;
    test.say(alice, "PRIVMSG #tea :new");
    test.say(bob, "CHATHISTORY LATEST #tea * 10");
    const lines = test.answer(bob);
    assertEquals(texts(lines), ["new"]);
    assert(!lines[0]!.includes("draft/chathistory-end"), lines[0]);
    test.overwrite();
    const { retained } = test.chat.hub.services.history;
    retained.removeConversation(test.chat.hub.services.history.channel("#tea"));
    for (const name of ["#tea", "#none", "alice"]) {
      test.say(bob, `CHATHISTORY LATEST ${name} * 10`);
      assertEquals(failures(test.answer(bob)), [`CHATHISTORY MESSAGE_ERROR LATEST ${name}`]);
    }
  },
);

pureTest(
  "archive: what waits for an absent account is replayed, though a busy room has overwritten it",
  () => {
    const test = new ArchivedChat();
    account(test.chat, "bob");
    const alice = login(test.chat, "alice", undefined, { caps: READER });
    for (let count = 0; count < 150; count++) test.say(alice, `PRIVMSG bob :m${count}`);
    test.overwrite();
    test.chat.advance(1);
    assertEquals(test.chat.hub.services.history.directConversation("owner-bob", "alice"), undefined);
    /** Bob comes back, and answers the PING after the welcome. */
    const comeBack = (nth: number) => {
      const bob = login(test.chat, "bob", undefined, { caps: ["batch", "server-time"] });
      test.say(bob, `PONG waiting-${nth}`);
      return bob;
    };
    test.isBroken = true;
    const first = comeBack(1);
    assertEquals(texts(test.answer(first)), [], "it waits on");
    test.say(first, "QUIT");
    test.isBroken = false;
    const lines = test.answer(comeBack(2));
    assertEquals(texts(lines), Array.from({ length: 100 }, (_, nth) => `m${nth + 50}`));
    assert(
      lines.some((line) => line.includes("150 messages from alice while you were away, the last 100 shown")),
    );
  },
);

pureTest("archive: a room replayed on JOIN has no message that was sent while the archive was asked", () => {
  const { test, alice } = withOldRoom();
  const carol = test.chat.enter("carol", "batch", "server-time");
  test.say(carol, "JOIN #tea");
  test.say(alice, "PRIVMSG #tea :live");
  assertEquals(texts(test.answer(carol)), ["live", "old"]);
});

pureTest(
  "archive: a second connection of a user has the room replayed as well, and its own lines go on",
  () => {
    const { test, alice } = withOldRoom();
    const owner = account(test.chat, "dave");
    const [one, two] = [0, 1].map(() => login(test.chat, "dave", owner, { caps: ["batch", "server-time"] }));
    test.say(one!, "JOIN #tea");
    test.say(two!, "PRIVMSG #tea :hello");
    assertEquals(texts(test.chat.heard(alice)), [], "its line waits for the replay");
    assertEquals(texts(test.answer(two!)), ["old"]);
    assertEquals(texts(test.chat.heard(one!)), ["hello", "old"]);
    assertEquals(texts(test.chat.heard(alice)), ["hello"]);
  },
);

pureTest("archive: more messages than one reply has are told as more, not counted", () => {
  const { test, alice } = withOldRoom();
  const carol = login(test.chat, "carol", undefined, { caps: ["batch", "server-time"] });
  test.say(carol, "JOIN #tea");
  test.answer(carol);
  test.say(carol, "PART #tea");
  for (let count = 0; count < CHATHISTORY_MAX_MESSAGES + 10; count++) {
    test.say(alice, `PRIVMSG #tea :m${count}`);
  }
  test.chat.heard(carol);
  test.say(carol, "JOIN #tea");
  const lines = test.answer(carol);
  assert(
    lines.some((line) => line.endsWith("more than 1000 messages in #tea since you left, the last 30 shown")),
  );
});

pureTest(
  "archive: a direct message is redacted on both sides, though its sender has another name now",
  () => {
    const test = new ArchivedChat();
    const [alice, bob] = [
      login(test.chat, "alice", undefined, { caps: [...READER, "draft/message-redaction"] }),
      login(test.chat, "bob", undefined, {
        caps: [...READER, "draft/message-redaction", "draft/event-playback"],
      }),
    ];
    test.say(alice, "PRIVMSG bob :oops");
    const msgid = parseMessage(test.chat.heard(alice).find((line) => line.includes("oops"))!)!.tags.get(
      "msgid",
    )!;
    test.overwrite();
    test.chat.advance(1);
    test.say(alice, "NICK alison", `REDACT bob ${msgid}`);
    test.answer(alice);
    const { history } = test.chat.hub.services;
    assertEquals(history.directConversation("owner-bob", "alison"), undefined, "it is where the message was");
    test.chat.heard(bob);
    test.say(bob, "CHATHISTORY LATEST alice * 10");
    const lines = test.answer(bob);
    assertEquals(texts(lines), []);
    assert(lines.some((line) => line.includes(` REDACT bob ${msgid}`)), lines.join("\n"));
  },
);

pureTest("archive: a redaction is refused as in the log: another's message, and one of another room", () => {
  const { test } = withOldRoom();
  const erin = login(test.chat, "erin", undefined, { caps: ["draft/message-redaction"] });
  const msgid = "4-testlog";
  const record = test.archive.answer({ kind: "record", seq: 4 });
  assert(record.kind === "record" && record.record !== undefined && record.conversations.length === 1);
  test.say(
    erin,
    `REDACT #tea ${msgid}`,
    `REDACT #lobby ${msgid}`,
    `REDACT alice ${msgid}`,
    `REDACT #none ${msgid}`,
  );
  assertEquals(failures(test.answer(erin)), [
    `REDACT REDACT_FORBIDDEN #tea ${msgid}`,
    `REDACT UNKNOWN_MSGID #lobby ${msgid}`,
    `REDACT UNKNOWN_MSGID alice ${msgid}`,
    "REDACT INVALID_TARGET #none",
  ]);
});

pureTest("archive: a message that it has lost and the hub retains is shown in its place, and listed", () => {
  const test = new ArchivedChat(8 * SMALL_LOG_BYTES); // retains some messages of each sender
  const bob = login(test.chat, "bob", undefined, { caps: READER });
  const alice = login(test.chat, "alice", undefined, { caps: READER });
  test.say(alice, "PRIVMSG bob :one");
  const since = new Date(test.chat.now).toISOString();
  test.chat.advance(1000);
  test.say(alice, "PRIVMSG bob :two");
  test.chat.advance(1000);
  test.say(alice, "PRIVMSG bob :three");
  const [one = 0, two = 0, three = 0] = test.chat.hub.services.history.directConversation(
    "owner-bob",
    "alice",
  )!
    .timeline.loggedEvents(0).range(0, 3);
  for (let time = 0; time < 8; time++) test.overwrite();
  test.chat.heard(bob);
  const ask = (line: string) => {
    test.say(bob, line);
    return test.answer(bob);
  };
  test.archive.lose(two);
  assertEquals(texts(ask("CHATHISTORY LATEST alice * 10")), ["one", "two", "three"]);
  assertEquals(texts(ask("CHATHISTORY LATEST alice * 2")), ["two", "three"]);
  assertEquals(texts(ask(`CHATHISTORY AFTER alice timestamp=${since} 1`)), ["two"]);
  for (const seq of [one, three]) test.archive.lose(seq);
  assertEquals(texts(ask("CHATHISTORY LATEST alice * 10")), ["one", "two", "three"]);
  assertEquals(texts(ask(`CHATHISTORY AFTER alice timestamp=${since} 10`)), ["two", "three"]);
  const day = "timestamp=1970-01-01T00:00:00.000Z timestamp=2999-01-01T00:00:00.000Z";
  const targets = ask(`CHATHISTORY TARGETS ${day} 10`).filter((line) =>
    line.includes(" CHATHISTORY TARGETS alice ")
  );
  assertEquals(targets.length, 1);
});
pureTest(
  "archive: where it cannot be read or lags behind the ring, no page has a hole, and no gap is told",
  () => {
    for (const trouble of ["isBroken", "isStalled"] as const) {
      const test = new ArchivedChat();
      const alice = login(test.chat, "alice", undefined, { caps: [...READER, "chatterbox.chat/seq"] });
      const msgidOf = (text: string) => {
        const line = test.chat.heard(alice).find((each) => each.endsWith(`:${text}`))!;
        return /msgid=([^; ]+)/.exec(line)![1]!;
      };
      test.say(alice, "JOIN #tea", "PRIVMSG #tea :old");
      const old = msgidOf("old");
      test[trouble] = true;
      test.overwrite();
      test.say(alice, "PRIVMSG #tea :first", "PRIVMSG #tea :second");
      const first = msgidOf("first");
      const ask = (request: string) => {
        test.say(alice, `CHATHISTORY ${request}`);
        const lines = test.answer(alice);
        assertEquals(lines.filter((line) => line.includes(" GAP ")), [], request);
        const [failure] = failures(lines);
        return failure ?? texts(lines);
      };
      const since = "timestamp=2026-01-01T00:00:00.000Z";
      for (const anchors of [`AFTER #tea msgid=${old}`, `AFTER #tea ${since}`, `AROUND #tea msgid=${old}`]) {
        const [command] = anchors.split(" ");
        assertEquals(ask(`${anchors} 10`), `CHATHISTORY MESSAGE_ERROR ${command} #tea`, trouble);
      }
      const between = ask(`BETWEEN #tea msgid=${old} msgid=${first} 10`);
      assertEquals(between, "CHATHISTORY MESSAGE_ERROR BETWEEN #tea");
      assertEquals(ask(`BEFORE #tea msgid=${old} 10`), "CHATHISTORY MESSAGE_ERROR BEFORE #tea");
      assertEquals(ask("LATEST #tea * 10"), ["first", "second"]);
      assertEquals(ask(`LATEST #tea msgid=${old} 10`), ["first", "second"]);
      assertEquals(ask(`AFTER #tea msgid=${first} 10`), ["second"]);
      assertEquals(ask(`AROUND #tea msgid=${first} 10`), ["first", "second"]);
    }
  },
);

/** What `lines` show of #tea: texts, and gaps as `count why` with a bound if the count is not known. */
function textsAndGaps(lines: readonly string[]): (string | undefined)[] {
  return lines.flatMap((line) => {
    const [, gap] = / GAP #tea (.*) :/.exec(line) ?? [];
    return gap === undefined ? texts([line]) : [gap];
  });
}

/** Loses what `act` appends. */
function losing(test: ArchivedChat, act: () => void): number {
  const { log } = test.chat;
  const from = log.nextSeq;
  act();
  test.overwrite();
  const count = test.archive.losses.length;
  for (let seq = from; seq < log.nextSeq; seq++) test.archive.lose(seq);
  test.archive.losses.splice(count, Infinity, { from, until: log.nextSeq, why: "overwritten" });
  return log.nextSeq - from;
}

pureTest(
  "archive: a gap is told once where messages of the conversation are lost, with their number or a bound, and nowhere else",
  () => {
    const test = new ArchivedChat();
    const caps = [...READER, "chatterbox.chat/seq"];
    let alice = login(test.chat, "alice", undefined, { caps });
    const msgids: string[] = [];
    const say = (text: string) => {
      test.say(alice, `PRIVMSG #tea :${text}`);
      msgids.push(/msgid=([^; ]+)/.exec(test.chat.heard(alice).at(-1)!)![1]!);
    };
    test.say(alice, "JOIN #tea");
    for (const text of ["a", "b"]) say(text);
    const first = losing(test, () => {
      for (let nth = 0; nth < 60; nth++) test.say(alice, `PRIVMSG #tea :lost ${nth} ${"x".repeat(200)}`);
    });
    say("c");
    const second = losing(test, () => {});
    for (const text of ["d", "e"]) say(text);
    test.overwrite();
    const ask = (anchor: string, limit: number) => {
      test.say(alice, `CHATHISTORY AFTER #tea ${anchor} ${limit}`);
      return textsAndGaps(test.answer(alice));
    };
    const [a, b, c] = msgids.map((msgid) => `msgid=${msgid}`);
    const since = "timestamp=2026-01-01T00:00:00.000Z";
    assertEquals(ask(a!, 1), ["b"]);
    const shown = ask(b!, 100);
    const retained = shown.filter((text) => text?.startsWith("lost")).length;
    assertEquals(
      shown.filter((text) => !text?.startsWith("lost")),
      [`${60 - retained} overwritten`, "c", "d", "e"],
      "the hub knows their number, and that the second loss is none of the room",
    );
    assertEquals(ask(c!, 2), ["d", "e"]);
    assertEquals(ask(msgids.at(-1)!.replace(/^/, "msgid="), 2), []);
    assert(
      !ask(since, 100).some((text) => text?.startsWith("*")),
      "in front of the first message there is none",
    );

    test.restart();
    alice = login(test.chat, "alice", undefined, { caps });
    test.answer(alice);
    const bounds = [first, second].map((count) => `* overwritten ${count}`);
    assertEquals(ask(a!, 9), ["b", bounds[0], "c", bounds[1], "d", "e"], "a new hub knows only a bound");
    assertEquals(ask(b!, 2), [bounds[0], "c", bounds[1], "d"]);
    assertEquals(ask(since, 9), ["a", "b", bounds[0], "c", bounds[1], "d", "e"]);
  },
);

pureTest(
  "archive: behind a time the number of lost messages is a bound, and none is told of other rooms",
  () => {
    const test = new ArchivedChat();
    const alice = login(test.chat, "alice", undefined, { caps: [...READER, "chatterbox.chat/seq"] });
    test.say(alice, "JOIN #tea,#milk");
    losing(test, () => {
      for (let nth = 0; nth < 60; nth++) test.say(alice, `PRIVMSG #tea :lost ${nth} ${"x".repeat(200)}`);
    });
    test.say(alice, "PRIVMSG #tea :last", "PRIVMSG #milk :last");
    test.overwrite();
    test.chat.heard(alice);
    const ask = (room: string) => {
      test.say(alice, `CHATHISTORY AFTER ${room} timestamp=2020-01-01T00:00:00.000Z 100`);
      return test.answer(alice);
    };
    const shown = textsAndGaps(ask("#tea"));
    const retained = shown.filter((text) => text?.startsWith("lost")).length;
    assertEquals(shown[0], `* overwritten ${60 - retained}`);
    assertEquals(ask("#milk").filter((line) => line.includes(" GAP ")), []);
  },
);

pureTest(
  "archive: a room that nobody has spoken in has lost nothing, also where the hub learns of it later",
  () => {
    const test = new ArchivedChat();
    const alice = login(test.chat, "alice", undefined, { caps: [...READER, "chatterbox.chat/seq"] });
    test.say(alice, "JOIN #tea", "PRIVMSG #tea :one");
    const [, one] = /msgid=([^; ]+)/.exec(test.chat.heard(alice).at(-1)!)!;
    losing(test, () => test.say(alice, "PRIVMSG #tea :two"));
    test.say(alice, "JOIN #new", "PRIVMSG #new :first");
    test.chat.heard(alice);
    test.overwrite();
    for (const room of ["#new", "alice", "bob"]) {
      test.say(alice, `CHATHISTORY AFTER ${room} timestamp=2020-01-01T00:00:00.000Z 100`);
      assertEquals(textsAndGaps(test.answer(alice)).filter((text) => text !== "first"), [], room);
      test.say(alice, `CHATHISTORY AFTER ${room} msgid=${one} 100`);
      assertEquals(test.answer(alice).filter((line) => line.includes(" GAP ")), [], room);
    }
  },
);

/** Carol's account owns #mine, where they are; of #den, which bob has left, the archive alone knows. */
function withRenamer() {
  const world = withOldRoom();
  const { test, bob } = world;
  test.say(bob, "JOIN #den", "PRIVMSG #den :of the den", "PART #den");
  const carol = login(test.chat, "carol", undefined, { caps: ["draft/channel-rename"] });
  test.say(carol, "JOIN #mine");
  test.overwrite();
  test.chat.advance(1);
  assert(!test.chat.hub.services.history.channels.has("#den"));
  for (const session of [bob, carol]) test.chat.heard(session);
  return { ...world, carol };
}

pureTest("archive: a room gets no name under which the archive has the history of another", () => {
  const { test, carol, bob } = withRenamer();
  test.say(carol, "RENAME #mine #DEN");
  assertEquals(failures(test.answer(carol)), ["RENAME CHANNEL_NAME_IN_USE #mine #DEN"]);
  test.say(bob, "CHATHISTORY LATEST #den * 10");
  assertEquals(texts(test.answer(bob)), ["of the den"], "it is still there");
  test.say(carol, "RENAME #mine #milk");
  const lines = test.answer(carol).map((line) => parseMessage(line)!.command);
  assertEquals(lines, ["RENAME"], "the archive has nothing of that name");
});

pureTest(
  "archive: a room that is itself in the archive alone under its former name gets that name again",
  () => {
    const { test, carol } = withRenamer();
    test.say(carol, "RENAME #mine #milk");
    test.answer(carol);
    test.isStalled = true; // the archive does not know of the rename yet
    test.chat.now += 2 * RENAME_INTERVAL_MS;
    test.say(carol, "RENAME #milk #mine");
    assertEquals(failures(test.answer(carol)), []);
    assert(test.chat.hub.services.history.channels.has("#mine"));
  },
);

pureTest("archive: where it cannot say whether a name is free, no room gets it", () => {
  const { test, carol } = withRenamer();
  test.isBroken = true;
  test.say(carol, "RENAME #mine #milk");
  assertEquals(failures(test.answer(carol)), ["RENAME CANNOT_RENAME #mine #milk"]);
  test.say(carol, "RENAME #mine #Mine");
  assertEquals(failures(test.answer(carol)), [], "its own name in another spelling is not asked for");
});

pureTest("archive: a room of that name that is made while the archive is asked takes it", () => {
  const { test, carol, bob } = withRenamer();
  test.say(carol, "RENAME #mine #milk");
  test.say(bob, "JOIN #milk");
  assertEquals(failures(test.answer(carol)), ["RENAME CHANNEL_NAME_IN_USE #mine #milk"]);
});
