/** The rows of one conversation. */
import { assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { DAY_MS, MINUTE_MS } from "../../../lib/base/values/time_unit.ts";
import type { ChatEntry, MessageEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import { ConversationRows, MAX_LOADED_ROWS } from "../../../lib/page/model/rows/conversation_rows.ts";
import { MAX_MESSAGE_IDS } from "../../../lib/page/model/rows/message_index.ts";
import { MAX_REACTION_GROUPS } from "../../../lib/page/model/rows/message_row.ts";
import { MAX_WAITING_REACTIONS } from "../../../lib/page/model/rows/waiting_reactions.ts";
import { MAX_PRESENCE_DETAILS } from "../../../lib/page/model/rows/presence_fold.ts";
import type { MessageRow, Row } from "../../../lib/page/model/row.ts";
import { MAX_SPLICES } from "../../../lib/page/model/rows/row_store.ts";
import { ListWindow } from "../../../lib/page/model/window.ts";
import { pureTest } from "../../support/test.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const local = {
  clock: (time: number) => new Date(time).toISOString().slice(11, 16),
  day: (time: number) => new Date(time).toISOString().slice(0, 10),
  date: (time: number) => new Date(time).toISOString().slice(5, 10),
};

function makeRows(): ConversationRows {
  let keys = 0;
  return new ConversationRows({ nick: "alice", local, newKey: () => `r${++keys}` });
}

/** A message of bob with the id `m<n>`, at noon and `n` seconds. */
function say(n: number, more: Partial<MessageEntry> = {}): MessageEntry {
  return {
    kind: "message",
    seq: n,
    id: `m${n}`,
    time: NOON + n * 1000,
    channel: "#lobby",
    from: "bob",
    to: "#lobby",
    manner: "said",
    text: `text ${n}`,
    ...more,
  };
}

function type(id: string, text: string, more: { replyTo?: string; replaces?: string } = {}) {
  return { id, target: "#lobby", text, manner: "said", at: NOON, ...more } as const;
}

function listRows(rows: ConversationRows): Row[] {
  return Array.from({ length: rows.count }, (_, index) => rows.at(index));
}

/** `bob: text 1`, `+ text 2` within a group, `[day 2026-11-20]`. */
function draw(row: Row): string {
  if (row.kind !== "message") {
    return `[${row.kind} ${row.kind === "unread" ? `${row.count}${row.isAtLeast ? "+" : ""}` : row.text}]`;
  }
  const { from, text, startsGroup, sendState, replyTo, reactions, isEdited, removedBy } = row;
  const quote = replyTo === undefined ? "" : ` (to ${replyTo.from ?? "?"}: ${replyTo.excerpt})`;
  const marks = [
    ...sendState === undefined ? [] : [sendState],
    ...isEdited ? ["edited"] : [],
    ...removedBy === undefined ? [] : [`removed by ${removedBy}`],
    ...reactions.map((group) => `${group.text}${group.names.join("+")}${group.isOwn ? "!" : ""}`),
  ];
  return `${startsGroup ? `${from}:` : "+"}${quote} ${text}${marks.map((mark) => ` <${mark}>`).join("")}`;
}

const drawAll = (rows: ConversationRows) => listRows(rows).map(draw);

function messageAt(rows: ConversationRows, index: number): MessageRow {
  const row = rows.at(index);
  if (row.kind !== "message") throw new Error(`a row of another kind: ${row.kind}`);
  return row;
}

pureTest("rows: days have rules, and messages of one sender within five minutes are a group", () => {
  const rows = makeRows();
  rows.append(say(0));
  rows.append(say(1));
  rows.append(say(2, { from: "carol" }));
  rows.append(say(3, { from: "carol", manner: "did", text: "waves" }));
  rows.append(say(4, { from: "carol" }));
  rows.append(say(5, { from: "carol", time: NOON + 4000 + 5 * MINUTE_MS }));
  rows.append(say(6, { from: "carol", time: NOON + 4001 + 10 * MINUTE_MS }));
  rows.append(say(7, { from: "carol", time: NOON + DAY_MS }));
  assertEquals(drawAll(rows), [
    "[day 2026-11-20]",
    "bob: text 0",
    "+ text 1",
    "carol: text 2",
    "carol: waves",
    "carol: text 4",
    "+ text 5",
    "carol: text 6",
    "[day 2026-11-21]",
    "carol: text 7",
  ]);
});

pureTest("rows: arrivals and departures are folded, and a single one is told", () => {
  const rows = makeRows();
  const presence = (kind: "joined" | "left", nick: string): ChatEntry =>
    ({ kind, time: NOON, channel: "#lobby", nick, reason: "" }) as ChatEntry;
  rows.append(say(0));
  rows.append(presence("joined", "carol"));
  assertEquals(draw(rows.at(2)), "[presence carol joined]");
  const { key } = rows.at(2);
  for (const nick of ["dave", "erin"]) rows.append(presence("joined", nick));
  rows.append(presence("left", "dave"));
  rows.append({ kind: "quit", time: NOON, nick: "carol", reason: "bye" });
  rows.append({ kind: "renamed", time: NOON, from: "erin", to: "erika" });
  const row = rows.at(2);
  assertEquals(draw(row), "[presence 3 joined, 2 left, 1 has a new name]");
  assertEquals(row.key, key);
  assertEquals(row.kind === "presence" && row.details.slice(-2), ["carol left (bye)", "erin is now erika"]);
  rows.append(say(1));
  rows.append(presence("joined", "carol"));
  assertEquals(drawAll(rows).slice(3), ["bob: text 1", "[presence carol joined]"]);
});

pureTest("rows: lost messages have a row that counts them", () => {
  const rows = makeRows();
  rows.append(say(0));
  rows.append({
    kind: "gap",
    time: NOON + 9000,
    target: "#lobby",
    count: 37,
    why: "overwritten",
    after: NOON,
    before: NOON + 9000,
  });
  rows.append(say(9));
  assertEquals(drawAll(rows).slice(1), ["bob: text 0", "[gap gap: 37 messages, at 12:00]", "bob: text 9"]);
});

pureTest("rows: what is read of a gap takes its place, once", () => {
  const rows = makeRows();
  rows.append(say(0));
  const gap = { kind: "gap", time: NOON + 9000, target: "#lobby", count: 2, why: "overwritten" } as const;
  rows.append({ ...gap, after: NOON, before: NOON + 9000 });
  rows.append(say(9));
  rows.takeSplices();
  const { key } = rows.at(2);
  rows.fillGap(key, [say(0), say(1), say(2)]);
  assertEquals(drawAll(rows).slice(1), ["bob: text 0", "+ text 1", "+ text 2", "+ text 9"]);
  rows.fillGap(key, [say(3)]);
  assertEquals(rows.count, 5);
});

pureTest(
  "rows: what is typed is there at once, below all others, and keeps its row until it has been read",
  () => {
    const rows = makeRows();
    rows.append(say(0));
    rows.addPending(type("s1", "mine"));
    rows.addPending(type("s2", "mine too"));
    rows.append(say(1, { from: "carol" }));
    const keys = [rows.at(3).key, rows.at(4).key];
    assertEquals(drawAll(rows).slice(1), [
      "bob: text 0",
      "carol: text 1",
      "alice: mine <pending>",
      "+ mine too <pending>",
    ]);
    rows.accept("s1", "m2");
    rows.append(say(2, { from: "alice", text: "mine", senderId: "s1" }));
    rows.append(say(3));
    rows.append(say(4, { from: "alice", text: "mine too", senderId: "s2" }));
    rows.confirm("m4", "durable");
    assertEquals(drawAll(rows).slice(2), [
      "carol: text 1",
      "alice: mine <durable>",
      "bob: text 3",
      "alice: mine too <durable>",
    ]);
    rows.confirm("m2", "read");
    assertEquals([rows.at(3).key, rows.at(5).key], keys);
    assertEquals(drawAll(rows).slice(3), ["alice: mine <read>", "bob: text 3", "alice: mine too <durable>"]);
  },
);

pureTest("rows: a message that fails stays below, with the reason, until it is dropped", () => {
  const rows = makeRows();
  rows.addPending(type("s1", "no"));
  rows.addPending(type("s2", "yes"));
  rows.fail("s1", "you are muted");
  rows.append(say(2, { from: "alice", text: "yes", senderId: "s2" }));
  assertEquals(drawAll(rows), ["[day 2026-11-20]", "alice: yes <sent>", "+ no <failed>"]);
  assertEquals(messageAt(rows, 2).failure, "you are muted");
  rows.drop("s1");
  assertEquals(drawAll(rows), ["[day 2026-11-20]", "alice: yes <sent>"]);
  rows.drop("s1");
});

pureTest("rows: a message of ours that history has is not shown twice, whichever comes first", () => {
  for (const isFirst of [true, false]) {
    const rows = makeRows();
    rows.addPending(type("s1", "mine"));
    const entry = say(1, { from: "alice", text: "mine" });
    if (isFirst) rows.append(entry);
    rows.accept("s1", "m1");
    if (!isFirst) rows.append(entry);
    assertEquals(drawAll(rows).length, 2, String(isFirst));
    assertEquals(drawAll(rows)[1], `alice: mine${isFirst ? "" : " <sent>"}`);
  }
});

pureTest("rows: earlier messages come before, without a rule or a message twice", () => {
  const rows = makeRows();
  rows.append(say(10));
  const { key } = rows.at(1);
  rows.prepend([say(8, { time: NOON - DAY_MS }), say(9), say(10)]);
  assertEquals(drawAll(rows), [
    "[day 2026-11-19]",
    "bob: text 8",
    "[day 2026-11-20]",
    "bob: text 9",
    "+ text 10",
  ]);
  assertEquals(rows.at(4).key, key);
  assertEquals(rows.firstPosition, { seq: 8, id: "m8", time: NOON - DAY_MS });
  assertEquals([rows.indexOfMessage("m10"), rows.indexOfKey(key), rows.indexOfMessage("m11")], [
    4,
    4,
    undefined,
  ]);
});

pureTest(
  "rows: where earlier messages come, the first one of a long list changes with the page after",
  () => {
    const rows = makeRows();
    for (let nth = 0; nth < 70; nth++) rows.append(say(100 + nth));
    const first = () => drawAll(rows).find((text) => text.endsWith("text 100"));
    rows.prepend([say(50), say(51)]);
    assertEquals([first(), drawAll(rows).slice(0, 3)], ["bob: text 100", [
      "[day 2026-11-20]",
      "bob: text 50",
      "+ text 51",
    ]]);
    rows.prepend([say(10), say(11)]);
    assertEquals(first(), "+ text 100");
    assertEquals(drawAll(rows).slice(0, 5), [
      "[day 2026-11-20]",
      "bob: text 10",
      "+ text 11",
      "bob: text 50",
      "+ text 51",
    ]);
  },
);

pureTest("rows: a reply quotes its message as soon as that is loaded, and follows what becomes of it", () => {
  const rows = makeRows();
  rows.append(say(5, { replyTo: "m1" }));
  assertEquals(draw(rows.at(1)), "bob: (to ?: ) text 5");
  rows.prepend([say(1, { from: "carol", text: "\x02tea?\x02" })]);
  assertEquals(draw(rows.at(2)), "bob: (to carol: tea?) text 5");
  rows.append(say(6, { from: "carol", text: "coffee?", replaces: "m1" }));
  assertEquals(draw(rows.at(2)), "bob: (to carol: coffee?) text 5");
  rows.append({ kind: "redacted", time: NOON, target: "#lobby", id: "m6", by: "op", reason: "" });
  assertEquals(drawAll(rows).slice(1), ["carol:  <edited> <removed by op>", "bob: (to carol: ) text 5"]);
});

pureTest(
  "rows: an edit stands in the place of its message, whether the removal comes before or behind it",
  () => {
    const removal: ChatEntry = {
      kind: "redacted",
      time: NOON,
      target: "#lobby",
      id: "m1",
      by: "bob",
      reason: "",
    };
    const edit = say(9, { text: "better", replaces: "m1" });
    for (const entries of [[removal, edit], [edit, removal]]) {
      const rows = makeRows();
      rows.append(say(1));
      rows.append(say(2));
      for (const entry of entries) rows.append(entry);
      assertEquals(drawAll(rows).slice(1), ["bob: better <edited>", "+ text 2"]);
      assertEquals(messageAt(rows, 1).id, "m9");
    }
  },
);

pureTest("rows: nobody edits the message of another person", () => {
  const rows = makeRows();
  rows.append(say(1));
  rows.append(say(2, { from: "eve", text: "I owe eve money", replaces: "m1" }));
  assertEquals(drawAll(rows).slice(1), ["bob: text 1", "eve: I owe eve money <edited>"]);
});

pureTest("rows: an edit of ours is shown at once, and taken back if it fails", () => {
  const rows = makeRows();
  rows.append(say(1, { from: "alice", text: "helo" }));
  rows.addPending(type("s1", "hello", { replaces: "m1" }));
  assertEquals(drawAll(rows).slice(1), ["alice: hello <pending> <edited>"]);
  rows.fail("s1", "no");
  rows.drop("s1");
  assertEquals(drawAll(rows).slice(1), ["alice: helo"]);
  rows.addPending(type("s2", "hello", { replaces: "m1" }));
  rows.append(say(2, { from: "alice", text: "hello", replaces: "m1", senderId: "s2" }));
  assertEquals(drawAll(rows).slice(1), ["alice: hello <sent> <edited>"]);
});

pureTest("rows: reactions of one kind are one group, each person once", () => {
  const rows = makeRows();
  rows.append(say(1));
  const react = (from: string, text: string, removed = false) =>
    rows.append({ kind: "reaction", time: NOON, channel: "#lobby", from, text, removed, to: "m1" });
  for (const from of ["carol", "alice", "Carol"]) react(from, "👍");
  react("dave", "🎉");
  assertEquals(
    draw(rows.at(1)),
    "bob: text 1 <👍alice+Carol!> <🎉dave>".replace("alice+Carol", "carol+alice"),
  );
  react("alice", "👍", true);
  react("dave", "🎉", true);
  react("dave", "🎉", true);
  assertEquals(draw(rows.at(1)), "bob: text 1 <👍carol>");
  rows.append({
    kind: "reaction",
    time: NOON,
    channel: "#lobby",
    from: "x",
    text: "👍",
    removed: false,
    to: "m99",
  });
});

pureTest("rows: the mark of what is new is above the first unread message of another person", () => {
  const rows = makeRows();
  for (let n = 0; n < 6; n++) rows.append(say(n, n === 3 ? { from: "alice" } : {}));
  rows.markUnread(NOON + 2000, 2);
  assertEquals(drawAll(rows).slice(3), [
    "+ text 2",
    "alice: text 3",
    "[unread 2]",
    "bob: text 4",
    "+ text 5",
  ]);
  assertEquals(rows.unreadIndex, 5);
  rows.append(say(6));
  rows.prepend([say(-1)]);
  assertEquals(rows.unreadIndex, 6);
  rows.markUnread(0, 1);
  assertEquals(drawAll(rows).slice(6), ["bob: text 4", "+ text 5", "[unread 1]", "bob: text 6"]);
  rows.unmarkUnread();
  assertEquals([rows.unreadIndex, drawAll(rows).at(-1)], [undefined, "+ text 6"]);
  rows.markUnread(NOON + 60_000, 3);
  assertEquals(rows.unreadIndex, undefined, "nothing of it is loaded");
});

pureTest("rows: a row that does not change stays the same object", () => {
  const rows = makeRows();
  for (let n = 0; n < 3; n++) rows.append(say(n));
  const before = listRows(rows);
  rows.append(say(3, { from: "carol" }));
  rows.append({
    kind: "reaction",
    time: NOON,
    channel: "#lobby",
    from: "x",
    text: "👍",
    removed: false,
    to: "m1",
  });
  assertStrictEquals(rows.at(1), before[1]);
  assertStrictEquals(rows.at(3), before[3]);
  assertNotStrictEquals(rows.at(2), before[2]);
  assertEquals(rows.at(2).key, before[2]!.key);
});

pureTest("rows: one more message costs the same however many there are", () => {
  const rows = makeRows();
  const costs: number[] = [];
  for (let n = 0; n < 20_000; n++) {
    const before = rows.work;
    rows.append(say(n, { from: n % 3 === 0 ? "carol" : "bob", time: NOON + n }));
    costs.push(rows.work - before);
  }
  assertEquals(Math.max(...costs.slice(1)), 2, "the message, and whether it begins a group");
  const before = rows.work;
  rows.addPending(type("s1", "mine"));
  rows.append(say(20_000, { from: "alice", senderId: "s1", time: NOON + 20_000 }));
  rows.append({
    kind: "reaction",
    time: NOON,
    channel: "#lobby",
    from: "x",
    text: "👍",
    removed: false,
    to: "m5",
  });
  rows.prepend(Array.from({ length: 100 }, (_, nth) => say(nth - 200, { time: NOON - 200 + nth })));
  assertEquals(rows.work - before <= 100 + 10, true, `work of ${rows.work - before}`);
});

pureTest("rows: the changes that are told lead from the list before to the list after", () => {
  const rows = makeRows();
  let shown: string[] = [];
  let seed = 7;
  const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  let [first, last] = [0, 0];
  const steps = [
    () =>
      rows.append(
        say(++last, { from: ["bob", "carol", "alice"][random(3)]!, time: NOON + last * 3_600_000 }),
      ),
    () => rows.prepend([say(--first, { time: NOON + first * 3_600_000 })]),
    () => rows.addPending(type(`s${++last}`, "mine")),
    () =>
      rows.append(
        say(++last, { from: "alice", senderId: `s${last - random(9)}`, time: NOON + last * 3_600_000 }),
      ),
    () => rows.fail(`s${last - random(9)}`, "no"),
    () => rows.drop(`s${last - random(9)}`),
    () => rows.markUnread(0, random(9)),
    () => rows.unmarkUnread(),
    () => rows.append({ kind: "joined", time: NOON + last * 3_600_000, channel: "#lobby", nick: `n${last}` }),
    () =>
      rows.append({
        kind: "redacted",
        time: NOON,
        target: "#lobby",
        id: `m${random(last + 1)}`,
        by: "op",
        reason: "",
      }),
  ];
  for (let round = 0; round < 800; round++) {
    for (let step = 0; step <= random(3); step++) steps[random(steps.length)]!();
    const after = listRows(rows).map(({ key }) => key);
    assertEquals(new Set(after).size, after.length, "a key is there twice");
    const patched = [...shown];
    for (const { at, removed, inserted } of rows.takeSplices()) {
      if (removed !== inserted) patched.splice(at, removed, ...new Array(inserted).fill("new"));
    }
    assertEquals(patched.length, after.length);
    patched.forEach((key, index) => key !== "new" && assertEquals(key, after[index], `round ${round}`));
    shown = after;
    after.forEach((key, index) => assertEquals(rows.indexOfKey(key), index));
  }
});

pureTest("rows: where the changes are never asked for, they do not pile up", () => {
  const rows = makeRows();
  for (let n = 0; n < 3 * MAX_SPLICES; n++) rows.append(say(n));
  const splices = rows.takeSplices();
  assertEquals(splices.length <= MAX_SPLICES, true);
  assertEquals(splices.reduce((count, { removed, inserted }) => count + inserted - removed, 0), rows.count);
});

pureTest("rows: of a very long conversation the latest ones are kept", () => {
  let keys = 0;
  const rows = new ConversationRows({
    nick: "alice",
    local: { ...local, day: () => "today" },
    newKey: () => `r${++keys}`,
  });
  for (let n = 0; n < MAX_LOADED_ROWS + 10; n++) rows.append(say(n));
  assertEquals([rows.count <= MAX_LOADED_ROWS, rows.count > MAX_LOADED_ROWS - 1001], [true, true]);
  assertEquals(rows.indexOfMessage(`m${MAX_LOADED_ROWS + 9}`), rows.count - 1);
  assertEquals([rows.indexOfMessage("m0"), rows.firstPosition?.id], [undefined, "m999"]);
});

pureTest("rows: what others make a row remember is bounded", () => {
  const rows = makeRows();
  rows.append(say(0));
  for (let n = 0; n <= MAX_REACTION_GROUPS; n++) {
    rows.append({
      kind: "reaction",
      time: NOON,
      channel: "#lobby",
      from: "eve",
      text: `${n}`,
      removed: false,
      to: "m0",
    });
  }
  assertEquals(messageAt(rows, 1).reactions.length, MAX_REACTION_GROUPS);
  for (let n = 0; n <= MAX_WAITING_REACTIONS; n++) {
    rows.append({
      kind: "reaction",
      time: NOON,
      channel: "#lobby",
      from: `n${n}`,
      text: "👍",
      removed: false,
      to: "m-1",
    });
  }
  rows.prepend([say(-1)]);
  assertEquals(messageAt(rows, 1).reactions[0]?.names.length, MAX_WAITING_REACTIONS);
  rows.append({ kind: "redacted", time: NOON, target: "#lobby", id: "m-1", by: "op", reason: "" });
  for (let n = 1; n <= 2 * MAX_MESSAGE_IDS; n++) rows.append(say(n, { replaces: `m${n - 1}` }));
  const known = Array.from({ length: 2 * MAX_MESSAGE_IDS + 1 }, (_, n) => n).filter((n) =>
    rows.indexOfMessage(`m${n}`) !== undefined
  );
  assertEquals([known.length, known[0], known.at(-1)], [MAX_MESSAGE_IDS, 0, 2 * MAX_MESSAGE_IDS]);
  for (let n = 0; n < 2 * MAX_PRESENCE_DETAILS; n++) {
    rows.append({ kind: "joined", time: NOON, channel: "#lobby", nick: `n${n}` });
  }
  const row = rows.at(3);
  assertEquals(row.kind === "presence" && [row.details.length, row.text], [
    MAX_PRESENCE_DETAILS,
    `${2 * MAX_PRESENCE_DETAILS} joined`,
  ]);
});

pureTest("rows: a row that came and went meanwhile can be asked for", () => {
  const rows = makeRows();
  rows.addPending(type("s1", "mine"));
  rows.drop("s1");
  assertEquals(rows.takeSplices(), []);
  rows.append(say(1));
  rows.markUnread(0, 0);
  rows.append({
    kind: "unread",
    time: NOON,
    channel: "#lobby",
    count: 3,
    isAtLeast: true,
    shown: 3,
    since: NOON,
  });
  rows.unmarkUnread();
  const list = new ListWindow({ estimate: (index) => rows.at(index).kind === "day" ? 40 : 20 });
  for (const splice of rows.takeSplices()) list.splice(splice);
  assertEquals([list.count, list.layout.end], [2, 2]);
});
