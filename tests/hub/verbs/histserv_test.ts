import { assert, assertEquals, assertMatch } from "@std/assert";
import { utf8Length } from "../../../lib/base/bytes.ts";
import { CHATHISTORY_MAX_MESSAGES } from "../../../lib/hub/model/config.ts";
import type { Session } from "../../../lib/hub/model/state/entities.ts";
import { HISTORY_MESSAGES, MAX_HISTORY_IN_WORDS } from "../../../lib/hub/verbs/messaging/histserv_history.ts";
import { MAX_LISTED } from "../../../lib/hub/verbs/messaging/histserv_list.ts";
import { CHANNELLEN, MAX_LINE_BYTES } from "../../../lib/irc/limits.ts";
import { account } from "../../support/hub_accounts.ts";
import { TestHub } from "../../support/hub.ts";
import { pureTest } from "../../support/test.ts";

async function ask(chat: TestHub, session: Session, text: string): Promise<string[]> {
  chat.heard(session);
  chat.say(session, `PRIVMSG HistServ :${text}`);
  await chat.errands();
  return chat.heard(session);
}

/** What is behind the time in the lines of history among `lines`. */
function told(lines: readonly string[]): string[] {
  return lines.flatMap((line) =>
    line.split(/ NOTICE \w+ :(?:#tea )?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /)[1] ?? []
  );
}

pureTest(
  "histserv: what was said is told with its time, an action and several lines too, and no line is cut",
  async () => {
    const chat = new TestHub();
    const alice = chat.enter("alice", "batch", "draft/multiline");
    const bob = chat.enter("bob");
    chat.say(alice, "PRIVMSG bob :\x01ACTION waves\x01", "NOTICE bob :note");
    chat.say(alice, "BATCH +x draft/multiline bob", "@batch=x PRIVMSG bob :line one");
    chat.say(
      alice,
      "@batch=x;draft/multiline-concat PRIVMSG bob : goes on",
      "@batch=x PRIVMSG bob :line two",
      "BATCH -x",
    );
    const long = "word ".repeat(90).trim();
    chat.say(alice, `PRIVMSG bob :${long}`);
    const lines = await ask(chat, bob, "alice");
    assert(lines.every((line) => utf8Length(line) <= MAX_LINE_BYTES - 2), "each fits a line");
    const [action, note, one, two, ...rest] = told(lines);
    assertEquals([action, note], ["* alice waves", "-alice- note"]);
    assertEquals([one, two], ["<alice> line one goes on", "<alice> line two"]);
    assertEquals(rest.map((piece) => piece.slice("<alice> ".length)).join(""), long);
    assertMatch(lines[1]!, / NOTICE bob :2026-01-02 03:04:05 \* alice waves$/);
  },
);

pureTest(
  "histserv: in words there is a bound, which is told, and without a number it is the newest",
  async () => {
    const chat = new TestHub();
    const alice = chat.enter("alice");
    const count = MAX_HISTORY_IN_WORDS + 5;
    chat.say(alice, "JOIN #tea", ...Array.from({ length: count }, (_, nth) => `PRIVMSG #tea :m${nth}`));
    const all = await ask(chat, alice, "#tea 1000");
    assertEquals(told(all).length, MAX_HISTORY_IN_WORDS);
    assertMatch(all[0]!, new RegExp(` :The last ${MAX_HISTORY_IN_WORDS} messages of ${count} in #tea, `));
    const some = told(await ask(chat, alice, "history #tea"));
    assertEquals([some.length, some.at(-1)], [HISTORY_MESSAGES, `<alice> m${count - 1}`]);
  },
);

pureTest("histserv: as a batch it is no more than CHATHISTORY answers", async () => {
  const chat = new TestHub();
  const alice = chat.enter("alice", "batch", "server-time");
  chat.say(alice, "JOIN #tea");
  for (let nth = 0; nth < CHATHISTORY_MAX_MESSAGES + 1; nth++) chat.say(alice, `PRIVMSG #tea :m${nth}`);
  const lines = await ask(chat, alice, `#tea ${CHATHISTORY_MAX_MESSAGES + 1}`);
  assertEquals(lines.filter((line) => line.includes(" PRIVMSG #tea :")).length, CHATHISTORY_MAX_MESSAGES);
});

pureTest(
  "histserv: all that waits in a conversation is shown without a number, and waits no longer; a part of it does",
  async () => {
    const chat = new TestHub();
    const made = account(chat, "bob");
    const alice = chat.enter("alice");
    const count = HISTORY_MESSAGES + 5;
    chat.say(alice, ...Array.from({ length: count }, (_, nth) => `PRIVMSG bob :m${nth}`));
    const bob = chat.open();
    chat.hub.context.commit({ kind: "login", session: bob, account: made });
    chat.say(bob, "NICK bob", "USER bob 0 * :bob");
    assertEquals(told(await ask(chat, bob, "alice 3")).length, 3);
    assertEquals(chat.hub.services.offlineMessages.of(made).size, 1);
    assertEquals(told(await ask(chat, bob, "alice")).length, count);
    assertEquals(chat.hub.services.offlineMessages.of(made).size, 0);
    assertMatch((await ask(chat, bob, "LIST")).join(), /:You have no unread messages$/);
  },
);

pureTest(
  "histserv: LIST tells the conversation with the latest message first, also after the clock was set back",
  async () => {
    const chat = new TestHub();
    account(chat, "bob");
    chat.say(chat.enter("first"), "PRIVMSG bob :x");
    chat.now -= 3_600_000;
    chat.hub.clockSet(-3_600_000);
    chat.say(chat.enter("second"), "PRIVMSG bob :x");
    const bob = chat.open();
    chat.hub.context.commit({ kind: "login", session: bob, account: chat.hub.services.accounts.get("bob")! });
    chat.say(bob, "NICK bob", "USER b 0 * :b");
    const lines = await ask(chat, bob, "LIST");
    assertEquals(lines.map((line) => / :(\w+): /.exec(line)?.[1]), ["second", "first"]);
  },
);

pureTest("histserv: LIST has a bound, and says how many more there are", async () => {
  const chat = new TestHub();
  const made = account(chat, "bob");
  for (let nth = 0; nth < MAX_LISTED + 2; nth++) chat.say(chat.enter(`p${nth}`), "PRIVMSG bob :x");
  const bob = chat.open();
  chat.hub.context.commit({ kind: "login", session: bob, account: made });
  chat.say(bob, "NICK bob", "USER bob 0 * :bob");
  const lines = await ask(chat, bob, "list");
  assertEquals(lines.length, MAX_LISTED + 1);
  assertMatch(lines.at(-1)!, / :2 more DMs have unread messages/);
});

pureTest(
  "histserv: a long answer has lines of at most 80 columns, but a command to type is on one line",
  async () => {
    const chat = new TestHub();
    const room = `#${"x".repeat(CHANNELLEN - 1)}`;
    chat.say(chat.enter("alice"), `JOIN ${room}`, `PRIVMSG ${room} :hi`);
    const bob = chat.enter("bob");
    const texts = (lines: readonly string[]) => lines.flatMap((line) => line.split(" NOTICE bob :")[1] ?? []);
    assertEquals(texts(await ask(chat, bob, "#none-" + "y".repeat(CHANNELLEN - 6))), [
      `#none-${"y".repeat(CHANNELLEN - 6)}: there is no`,
      "such room, or you may not read its history",
    ]);
    chat.say(bob, `JOIN ${room}`);
    assertEquals(texts(chat.heard(bob)), [`1 message in ${room}; to see the latest: /msg HistServ ${room}`]);
  },
);
