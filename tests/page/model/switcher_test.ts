/** Finding a conversation by a few letters, the list of rooms, and emoji. */
import { assertEquals } from "@std/assert";
import type { View } from "../../../lib/client/conversation/model/views.ts";
import { EMOJI_GROUPS, findEmoji } from "../../../lib/base/values/emoji.ts";
import { makeRoomList, stepRoom } from "../../../lib/page/model/room_list.ts";
import { findMatches, MAX_MATCHES } from "../../../lib/page/model/switcher.ts";
import { pureTest } from "../../support/test.ts";

const items = ["#lobby", "#dev", "#dev-ops", "#old-videos", "dave", "Eve", "bob"].map((name, nth) => ({
  name,
  lastActivity: nth,
  mentionCount: name === "Eve" ? 1 : 0,
}));

const find = (query: string) => findMatches(items, query).map(({ item }) => item.name);

pureTest("switcher: letters at the beginning of a name or a word count most", () => {
  assertEquals(find("dev"), ["#dev", "#dev-ops"]);
  assertEquals(find("dv"), ["dave", "#dev", "#dev-ops", "#old-videos"]);
  assertEquals(find("DO"), ["#dev-ops", "#old-videos"]);
  assertEquals(find("ops"), ["#dev-ops"]);
  assertEquals(find("#d"), ["#dev", "#dev-ops", "#old-videos"]);
  assertEquals(find("xyz"), []);
});

pureTest("switcher: for no letters all, with those that mention the reader first", () => {
  assertEquals(find(" "), ["Eve", "bob", "dave", "#old-videos", "#dev-ops", "#dev", "#lobby"]);
  const many = Array.from({ length: 100 }, (_, n) => ({ name: `n${n}`, lastActivity: n, mentionCount: 0 }));
  assertEquals(findMatches(many, "").length, MAX_MATCHES);
});

pureTest("switcher: it tells which letters of a name match", () => {
  assertEquals(findMatches(items, "do")[0]!.letters, [1, 5]);
  assertEquals(findMatches(items, "ev")[0]!.letters, [0, 1]);
  assertEquals(findMatches([{ name: "ŻÓŁW", lastActivity: 0, mentionCount: 0 }], "ół")[0]!.letters, [1, 2]);
});

function view(name: string, lastActivity: number, more: Partial<View> = {}): View {
  return {
    key: { name },
    kind: name.startsWith("#") ? "channel" : "direct",
    name,
    unreadCount: 0,
    mentionCount: 0,
    lastActivity,
    readUntil: 0,
    isCurrent: false,
    isOpen: true,
    isJoined: true,
    ...more,
  };
}

pureTest("list of rooms: rooms by name, direct conversations by their latest message", () => {
  const views = [
    view("#zoo", 9),
    view("#Lobby", 1, { isCurrent: true }),
    view("#dev", 5, { unreadCount: 2 }),
    view("bob", 3),
    view("carol", 7, { unreadCount: 1, mentionCount: 1 }),
  ];
  const list = makeRoomList(views, (name) => name === "bob");
  assertEquals(list.rooms.map(({ name }) => name), ["#dev", "#Lobby", "#zoo"]);
  assertEquals(list.direct.map(({ name, hasDraft }) => [name, hasDraft]), [["carol", false], ["bob", true]]);
  assertEquals([stepRoom(list, 1), stepRoom(list, -1)], ["#zoo", "#dev"]);
  assertEquals([stepRoom(list, 1, true), stepRoom(list, -1, true)], ["carol", "#dev"]);
  const none = makeRoomList(views.map((each) => ({ ...each, isCurrent: false })), () => false);
  assertEquals([stepRoom(none, 1), stepRoom(none, -1)], ["#dev", "bob"]);
  assertEquals(stepRoom({ rooms: [], direct: [] }, 1), undefined);
});

pureTest("emoji: the table is whole: emoji, each once, with names of their own", () => {
  const all = EMOJI_GROUPS.flatMap(({ emoji }) => emoji);
  const names = all.flatMap((each) => each.names);
  assertEquals(all.length >= 120, true);
  assertEquals(all.filter(({ emoji }) => !/^\p{RGI_Emoji}$/v.test(emoji)), []);
  assertEquals(new Set(all.map(({ emoji }) => emoji)).size, all.length);
  assertEquals(new Set(names).size, names.length);
  assertEquals(names.filter((name) => !/^[\w+-]{1,30}$/.test(name)), []);
});

pureTest("emoji: found by their names", () => {
  assertEquals(findEmoji(":tad").map(({ emoji }) => emoji), ["🎉"]);
  assertEquals(findEmoji("heart").map(({ emoji }) => emoji)[0], "❤️");
});
