import { assertEquals } from "@std/assert";
import { LiveMessages } from "../../../lib/tui/attention/live_messages.ts";
import { decideNotification } from "../../../lib/tui/attention/notification.ts";
import { makeTitle } from "../../../lib/tui/attention/title.ts";
import type { MessageEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import { parseMessage } from "../../../lib/irc/message.ts";
import { pureTest } from "../../support/test.ts";

/** In #dev, with our nick in it. */
const mention: MessageEntry = {
  kind: "message",
  seq: 1,
  id: "m1",
  time: 0,
  channel: "#dev",
  from: "bob",
  to: "#dev",
  manner: "said",
  text: "Alice: tea?",
};

function decide(entry: Partial<MessageEntry>, watched?: string) {
  const context = { nick: "alice", highlights: ["deploy"], watched };
  return decideNotification({ ...mention, ...entry }, context);
}

const direct = { channel: undefined, to: "alice", text: "psst" };

pureTest(
  "notification: of a mention, a highlight word and a direct message, with the place in its title",
  () => {
    assertEquals(decide({}), { title: "bob in #dev", body: "Alice: tea?" });
    const quoted = { of: "alice", excerpt: "tea?", isOwn: true };
    assertEquals(decide({ text: "yes", replyTo: "m0", quoted })?.body, "yes");
    assertEquals(decide({ text: "DEPLOY now" })?.body, "DEPLOY now");
    assertEquals(decide(direct), { title: "bob", body: "psst" });
    assertEquals(decide({ manner: "did", text: "waves at alice" })?.body, "waves at alice");
  },
);

pureTest("notification: none of what concerns others, is ours, a NOTICE, an edit or a CTCP query", () => {
  const without: Partial<MessageEntry>[] = [
    { text: "malice" },
    { from: "Alice" },
    { ...direct, from: "alice", to: "bob" },
    { manner: "notice" },
    { replaces: "m0" },
    { ...direct, text: "\x01VERSION\x01" },
  ];
  for (const entry of without) assertEquals(decide(entry), undefined, JSON.stringify(entry));
});

pureTest("notification: none of a conversation that is looked at, and of no other", () => {
  assertEquals(decide({}, "#Dev"), undefined);
  assertEquals(decide({}, "#lobby")?.title, "bob in #dev");
  assertEquals(decide(direct, "BOB"), undefined);
  assertEquals(decide(direct, "#dev")?.title, "bob");
});

pureTest("notification: its texts are printable, one line, and bounded", () => {
  const shown = decide({ ...direct, from: "b\x1b]ob", text: "\x02a\x02\n\x9dx \u202e\x07" });
  assertEquals(shown, { title: "b␛]ob", body: "a <U+009D>x <U+202E>␇" });
  const long = decide({ from: "b".repeat(100), text: `alice ${"👍".repeat(300)}` })!;
  assertEquals([Array.from(long.title).length, Array.from(long.body).length], [61, 201]);
  assertEquals([long.title.at(-1), long.body.at(-1)], ["…", "…"]);
});

pureTest(
  "live messages: those that came as a line are live once; history and what a bouncer plays back are not",
  () => {
    const live = new LiveMessages();
    live.receive(parseMessage("@msgid=m1 :bob!b@h PRIVMSG #dev :hi")!);
    live.receive(parseMessage("@msgid=m2;batch=h :bob!b@h PRIVMSG #dev :hi")!);
    const ids = ["m1", "m1", "m2", "m3"];
    assertEquals(ids.map((id) => live.take({ ...mention, id }, 0)), [true, false, false, false]);
  },
);

pureTest("live messages: without an id the time decides", () => {
  const live = new LiveMessages();
  const take = (now: number) => live.take({ ...mention, id: undefined }, now);
  assertEquals([take(60_000), take(60_001)], [true, false]);
});

pureTest("live messages: of more than 1000 that wait to be shown the first ones count as history", () => {
  const live = new LiveMessages();
  for (let n = 0; n <= 1000; n++) live.receive(parseMessage(`@msgid=m${n} :b!b@h PRIVMSG #dev :hi`)!);
  assertEquals(["m0", "m1", "m1000"].map((id) => live.take({ ...mention, id }, 0)), [false, true, true]);
});

pureTest("title: the room, with the number of mentions, or a dot for what concerns others", () => {
  const views = (...counts: [unread: number, mentions: number][]) =>
    counts.map(([unreadCount, mentionCount]) => ({ unreadCount, mentionCount }));
  assertEquals(makeTitle("#dev", views()), "#dev · ChatterBox");
  assertEquals(makeTitle("#dev", views([0, 0], [3, 0])), "• #dev · ChatterBox");
  assertEquals(makeTitle("#dev", views([3, 1], [1, 1])), "(2) #dev · ChatterBox");
  assertEquals(makeTitle("#dev", views([200, 100])), "(99+) #dev · ChatterBox");
  assertEquals(makeTitle(undefined, views([1, 1])), "(1) ChatterBox");
  assertEquals(makeTitle("#\x1b\x07", views()), "#␛␇ · ChatterBox");
  assertEquals(makeTitle(`#${"x".repeat(60)}`, views()), `#${"x".repeat(49)}… · ChatterBox`);
});
