/** The title, the badge and notifications of a page that is not looked at. */
import { assertEquals } from "@std/assert";
import type { MessageEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import { describeTyping, makeBadge, makeTitle } from "../../../lib/page/model/attention.ts";
import { countUnread } from "../../../lib/page/model/room_list.ts";
import { decideNotification, LIVE_MESSAGE_MS } from "../../../lib/page/model/notification.ts";
import type { AttentionContext } from "../../../lib/page/model/notification.ts";
import { pureTest } from "../../support/test.ts";

pureTest("attention: title and badge count what concerns the reader, and mark the rest", () => {
  const titles = [[0, 0], [5, 0], [5, 2], [500, 120]].map(([unread = 0, mentions = 0]) => [
    makeTitle("#lobby", { unread, mentions }, "ChatterBox"),
    makeBadge({ unread, mentions }),
  ]);
  assertEquals(titles, [
    ["#lobby · ChatterBox", ""],
    ["• #lobby · ChatterBox", "•"],
    ["(2) #lobby · ChatterBox", "2"],
    ["(99+) #lobby · ChatterBox", "99+"],
  ]);
  assertEquals(makeTitle(undefined, { unread: 0, mentions: 0 }, "ChatterBox"), "ChatterBox");
  assertEquals(countUnread({ rooms: [], direct: [] }), { unread: 0, mentions: 0 });
});

const message: MessageEntry = {
  kind: "message",
  seq: 1,
  id: "m1",
  time: 1000,
  channel: "#lobby",
  from: "bob",
  to: "#lobby",
  manner: "said",
  text: "tea,\nalice?",
};
const direct: Partial<MessageEntry> = { channel: undefined, to: "alice", text: "psst\x02!" };

function decide(more: Partial<MessageEntry>, context: Partial<AttentionContext> = {}) {
  return decideNotification({ ...message, ...more }, {
    nick: "alice",
    current: "#lobby",
    isVisible: false,
    isLeader: true,
    isIgnored: (name) => name === "eve",
    now: 1000,
    ...context,
  });
}

pureTest("attention: a mention and a direct message notify, unless they are looked at", () => {
  assertEquals(decide({}), {
    tag: "conversation #lobby",
    title: "bob in #lobby",
    body: "tea, alice?",
    conversation: "#lobby",
  });
  assertEquals(decide(direct)?.title, "bob");
  assertEquals(decide(direct)?.body, "psst!");
  assertEquals(decide({}, { isVisible: true }), undefined);
  assertEquals(decide(direct, { isVisible: true })?.conversation, "bob", "another conversation is open");
});

pureTest("attention: nothing else notifies", () => {
  assertEquals(decide({ text: "tea, malice?" }), undefined);
  assertEquals(decide({ from: "alice" }), undefined);
  assertEquals(decide({ from: "eve" }), undefined);
  assertEquals(decide({ manner: "notice" }), undefined);
  assertEquals(decide({ replaces: "m0" }), undefined, "an edit");
  assertEquals(decide({}, { now: 1001 + LIVE_MESSAGE_MS }), undefined, "it is history");
  assertEquals(decide({}, { isLeader: false }), undefined, "another tab tells it");
});

pureTest("attention: the people that type are named, or counted", () => {
  assertEquals([[], ["bob"], ["bob", "zoë"], ["a", "b", "c"]].map(describeTyping), [
    "",
    "bob is typing",
    "bob and zoë are typing",
    "3 people are typing",
  ]);
});
