/** The account of its sender is with a message of history as it was live, and never another person's. */
import { assertEquals } from "@std/assert";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../lib/base/values/time_unit.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { login } from "../support/hub_accounts.ts";
import { AT, pass, schedule, scheduler, schedulingHub } from "../support/hub_scheduled.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const CAPS = [
  "account-tag",
  "batch",
  "message-tags",
  "server-time",
  "draft/chathistory",
  "draft/event-playback",
  "draft/multiline",
  "draft/message-redaction",
  "soju.im/search",
];

/** What `session` has heard of messages, with the tags that a record has; not the lines of batches around them. */
function messagesHeard(chat: TestHub, session: Session): string[] {
  return chat.heard(session).flatMap((line) => {
    const [, tags = "", rest = ""] = /^(?:@(\S*) )?(.*)$/.exec(line)!;
    const isMessage = / (PRIVMSG|NOTICE|TAGMSG|BATCH \S+ draft\/multiline) /.test(rest);
    const kept = tags.split(";").filter((tag) => !tag.startsWith("batch=")).join(";");
    return isMessage && !rest.startsWith(":irc.test ")
      ? [`${kept} ${rest.replace(/BATCH \S+/, "BATCH")}`]
      : [];
  });
}

function ask(chat: TestHub, session: Session, line: string): string[] {
  chat.heard(session);
  chat.say(session, line);
  return messagesHeard(chat, session);
}

/** The accounts and texts of what was said in `target`, after `account=`. */
function accounts(chat: TestHub, session: Session, target = "#tea"): string[][] {
  return ask(chat, session, `CHATHISTORY LATEST ${target} * 100`).map((line) => [
    /(?:^|;)account=([^; ]*)/.exec(line)?.[1] ?? "",
    line.slice(line.lastIndexOf(":") + 1),
  ]);
}

pureTest(
  "history accounts: they are as they were live, for all kinds of messages and all ways to read them",
  () => {
    const chat = new TestHub();
    const alice = login(chat, "Alice", undefined, { caps: ["batch", "message-tags", "draft/multiline"] });
    const [reader, plain] = [chat.enter("reader", ...CAPS), chat.enter("plain", ...CAPS.slice(1))];
    for (const session of [alice, reader, plain]) chat.say(session, "JOIN #tea");
    chat.heard(reader);
    chat.say(alice, "NICK al", "PRIVMSG #tea :words", "NOTICE #tea :note", "@+x=y PRIVMSG #tea :tagged");
    chat.say(alice, "@+x=y TAGMSG #tea", "BATCH +m draft/multiline #tea", "@batch=m PRIVMSG #tea :two");
    chat.say(alice, "@batch=m PRIVMSG #tea :lines", "BATCH -m");
    chat.say(reader, "PRIVMSG #tea :not logged in");
    const live = messagesHeard(chat, reader);
    assertEquals(live.filter((line) => line.includes(";account=Alice")).length, 5);
    const read = ask(chat, reader, "CHATHISTORY LATEST #tea * 100");
    assertEquals([read.slice(0, -1), read.at(-1)!.includes("account=")], [live, false]);
    chat.say(alice, "RENAME #tea #cocoa");
    assertEquals(
      ask(chat, reader, "CHATHISTORY LATEST #cocoa * 2").slice(0, 1),
      [live[4]!.replace("#tea", "#cocoa")],
    );
    assertEquals(ask(chat, reader, "SEARCH in=#cocoa;text=words"), [live[0]!.replace("#tea", "#cocoa")]);
    const late = chat.enter("late", ...CAPS.filter((cap) => cap !== "draft/chathistory"));
    assertEquals(ask(chat, late, "JOIN #cocoa").filter((line) => line.includes(":note")), [
      live[1]!.replace("#tea", "#cocoa"),
    ]);
    chat.say(alice, "PRIVMSG reader :psst");
    assertEquals(accounts(chat, reader, "al"), [["Alice", "psst"]]);
    for (const line of ["CHATHISTORY LATEST #cocoa * 100", "SEARCH in=#cocoa;text=words"]) {
      const shown = ask(chat, plain, line);
      assertEquals([shown.length > 0, shown.some((each) => each.includes("account="))], [true, false]);
    }
  },
);

pureTest(
  "history accounts: what was said before, after the end of the account, and by the next of its name",
  async () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const chat = new TestHub({}, ring);
    const reader = chat.enter("reader", ...CAPS);
    const alice = chat.open();
    const key = "A".repeat(43);
    chat.say(
      alice,
      "CAP REQ :chatterbox.chat/claim",
      `CLAIM ${key}`,
      "NICK anon",
      "USER a 0 * :a",
      "CAP END",
    );
    chat.say(alice, "JOIN #tea", "PRIVMSG #tea :as anon");
    chat.now += MINUTE_MS;
    chat.say(alice, "NICK alice", `REGISTER * * ${key}`);
    await chat.errands();
    chat.say(alice, "PRIVMSG #tea :registered");
    const owner = chat.hub.services.accounts.get("alice")!.owner;
    assertEquals(alice.user!.owner, owner, "the account has taken over the owner id of the claim key");
    assertEquals(accounts(chat, reader), [["", "as anon"], ["alice", "registered"]]);
    const saved = chat.takeFacts();
    const restarted = new TestHub({}, ring, saved, chat.now);
    const again = restarted.enter("reader", ...CAPS);
    assertEquals(accounts(restarted, again), [["", "as anon"], ["alice", "registered"]]);

    const last = login(restarted, "alice");
    restarted.say(last, "UNREGISTER alice");
    await restarted.errands();
    restarted.say(last, "QUIT");
    assertEquals(accounts(restarted, again), [["", "as anon"], ["", "registered"]]);
    const mallory = restarted.enter("alice");
    restarted.say(mallory, "REGISTER * * :another long passphrase");
    await restarted.errands();
    restarted.say(mallory, "JOIN #tea", "PRIVMSG #tea :it is me");
    const shown = [["", "as anon"], ["", "registered"], ["alice", "it is me"]];
    assertEquals(accounts(restarted, again), shown, "the owner id is another one");
  },
);

pureTest("history accounts: a scheduled message has the account of its owner, who is absent", async () => {
  const chat = schedulingHub();
  const alice = scheduler(chat);
  await schedule(chat, alice, `${AT}1h`);
  chat.say(alice, "QUIT");
  pass(chat, HOUR_MS - SECOND_MS);
  const reader = chat.enter("reader", ...CAPS);
  chat.say(reader, "JOIN #lobby");
  chat.heard(reader);
  pass(chat, SECOND_MS);
  const live = messagesHeard(chat, reader);
  assertEquals(live.map((line) => line.replace(/^.*(;account=)/, "$1")), [
    ";account=alice :alice!~alice@127.0.0.1 PRIVMSG #lobby :hello",
  ]);
  assertEquals(ask(chat, reader, "CHATHISTORY LATEST #lobby * 1"), live);
});
