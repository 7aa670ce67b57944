/** Pages that ring for a person at `join`, and `/page`, `/ack` and `/pages`. */
import { assertEquals } from "@std/assert";
import {
  explainPageFailure,
  pagesOf,
  receivePage,
  requestPages,
} from "../../lib/client/commands/operators/oncall_commands.ts";
import { MAX_KNOWN_PAGES, RingingPages } from "../../lib/client/conversation/oncall/ringing_pages.ts";
import { describeFailure } from "../../lib/client/session/failure_reply.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { ScriptedChat } from "../support/chat/scripted_chat.ts";
import { pureTest } from "../support/test.ts";

const DB = ":s PAGE RINGING 12 ops ci 1 :db down";
const WEB = ":s PAGE RINGING 13 web ci 2 :slow";

/** A chat that was sent `lines`, and what it says to the person. */
function rung(...lines: string[]): { chat: ScriptedChat; notes: (string | undefined)[] } {
  const chat = new ScriptedChat(["labeled-response"]);
  const notes = lines.map((line) => pagesOf(chat.chat).receive(parseMessage(line)!, chat.chat.nick)?.text);
  return { chat, notes };
}

/** What the person is shown after `line`, without the marks in front. */
function shown(chat: ScriptedChat, line: string): string[] {
  return chat.type(line).takeShown().map((text) => text.replace(/^.*?(?:---|!!!) /, ""));
}

pureTest("ringing pages: the person is shown what rings, its pager, and what to type", () => {
  const { chat, notes } = rung(DB, WEB);
  assertEquals(notes, [
    "page 12 rings: ops: db down (from ci; /ack 12)",
    "page 13 rings again: web: slow (from ci; /ack 13)",
  ]);
  assertEquals(pagesOf(chat.chat).ringing.map(({ number }) => number), [12, 13]);
  const stop = (line: string) => pagesOf(chat.chat).receive(parseMessage(line)!, "alice")?.text;
  const words = "page 12 is acknowledged";
  assertEquals(
    stop(`:s PAGE STOPPED 12 acknowledged bob :${words}`),
    undefined,
    "a message of OnCall tells it",
  );
  assertEquals(pagesOf(chat.chat).ringing.map(({ number }) => number), [13]);
});

pureTest("ringing pages: that the person acknowledged in another session is told here, once", () => {
  const { chat } = rung(DB, WEB);
  const stop = (line: string) => pagesOf(chat.chat).receive(parseMessage(line)!, "alice")?.text;
  const elsewhere = ":s PAGE STOPPED 12 acknowledged Alice :page 12 (ops: db down) is acknowledged by Alice";
  assertEquals(stop(elsewhere), "page 12 (ops: db down) is acknowledged by Alice");
  assertEquals(stop(elsewhere), undefined, "it rings no more");
  pagesOf(chat.chat).noteAcknowledged(13);
  assertEquals(pagesOf(chat.chat).noteAnswered(13, true), true);
  assertEquals(
    stop(":s PAGE STOPPED 13 acknowledged alice :page 13"),
    undefined,
    "the response to /ack tells it",
  );
});

pureTest(
  "/ack: without a response it is sent again, and what the server says of the end is told once",
  () => {
    const { chat } = rung(DB);
    pagesOf(chat.chat).noteAcknowledged(12);
    const words = "page 12 (ops: db down) is acknowledged by alice";
    const stopped = parseMessage(`:s PAGE STOPPED 12 acknowledged alice :${words}`)!;
    chat.chat.ask({ command: "PAGE", params: ["ACK", "12"] }, { for: "info", describe: () => [] }, 0);
    assertEquals([...pagesOf(chat.chat).acknowledging], [12]);
    assertEquals(receivePage(chat.chat, stopped)?.text, words);
    assertEquals([...pagesOf(chat.chat).acknowledging], []);
    assertEquals(pagesOf(chat.chat).noteAnswered(12, true), false);
  },
);

pureTest("/ack: by number, or the only one; several are named, and none is refused", () => {
  const sent = (chat: ScriptedChat, line: string) => chat.type(line).takeSent();
  assertEquals(sent(rung(DB).chat, "/ack"), ["PAGE ACK 12"]);
  assertEquals(sent(rung(DB, WEB).chat, "/ack 13"), ["PAGE ACK 13"]);
  assertEquals(sent(rung().chat, "/ack 99"), ["PAGE ACK 99"], "one that is not known here");
  const { chat } = rung(DB, WEB);
  assertEquals(shown(chat, "/ack"), ["2 pages ring for you: /ack 12 (ops) or /ack 13 (web)"]);
  assertEquals(shown(rung().chat, "/ack"), ["no page rings for you"]);
  for (const line of ["/ack x", "/ack 0", "/ack 1 2", "/ack -1"]) {
    assertEquals(shown(chat, line), ["usage: /ack [NUMBER]"], line);
  }
  assertEquals(chat.takeSent(), []);
});

pureTest("/ack: what the server says is shown", () => {
  const { chat } = rung(DB, WEB);
  chat.answers["PAGE ACK 12"] = [
    ":s PAGE ACK 12 2026-01-02T03:04:05.000Z :You have acknowledged page 12 (ops: db down)",
  ];
  assertEquals(shown(chat, "/ack 12"), ["You have acknowledged page 12 (ops: db down)"]);
  assertEquals([...pagesOf(chat.chat).acknowledging], []);
});

pureTest("/page: the text fits a page, and the page has an id of its own", () => {
  const { chat } = rung();
  chat.answers["PAGE OPEN"] = [];
  chat.type("/page ops db down");
  const [first = ""] = chat.takeSent();
  chat.type("/page ops db down");
  const [second = ""] = chat.takeSent();
  const pattern = /^PAGE OPEN \S+ ops :db down$/;
  assertEquals([pattern.test(first), pattern.test(second), first === second], [true, true, false]);
  chat.takeShown();
  for (const line of ["/page", "/page ops"]) {
    assertEquals(shown(chat, line), ["usage: /page LIST TEXT"], line);
  }
  assertEquals(shown(chat, "/page #ops down"), ["#ops is not the name of a list"]);
  assertEquals(shown(chat, `/page ops ${"x".repeat(201)}`), ["the text has 201 bytes; a page has up to 200"]);
  assertEquals(chat.takeSent(), []);
});

pureTest("/page: what is refused is told with what was typed, and is not sent again", () => {
  const { chat } = rung();
  const { id } = pagesOf(chat.chat).addOpening("ox", "db down", 5);
  const refused = (params: string[], line: string) => {
    const result = { kind: "answered", lines: [parseMessage(line)!] } as const;
    const explained = explainPageFailure(chat.chat, { command: "PAGE", params }, result);
    return explained.kind === "answered" ? explained.lines.map(describeFailure) : [];
  };
  assertEquals(
    refused(["OPEN", id, "ox", "db down"], `:s FAIL PAGE NO_SUCH_LIST ${id} :There is no escalation list ox`),
    ["not paged: There is no escalation list ox: /page ox db down"],
  );
  assertEquals(pagesOf(chat.chat).opening, []);
  pagesOf(chat.chat).noteAcknowledged(13);
  assertEquals(
    refused(["ACK", "13"], ":s FAIL PAGE ALREADY_ENDED 13 :page 13 was acknowledged by bob"),
    ["page 13 was acknowledged by bob"],
  );
  assertEquals([...pagesOf(chat.chat).acknowledging], []);
});

pureTest("pages: what OnCall has said is read once no page rings, for the server, too", () => {
  const { chat } = rung(DB, WEB);
  const say = (ms: number, number: number) =>
    chat.receive(
      `@time=1970-01-01T00:00:00.0${ms}Z;msgid=${ms} :OnCall!s@s PRIVMSG alice :ops: ? (page ${number})`,
    );
  say(50, 12);
  say(51, 13);
  const unread = () => chat.chat.views.find("OnCall")?.mentionCount;
  const stop = (number: number, by: string) =>
    receivePage(chat.chat, parseMessage(`:s PAGE STOPPED ${number} acknowledged ${by} :page`)!);
  assertEquals(unread(), 2);
  stop(12, "bob");
  assertEquals(unread(), 2, "one still rings");
  stop(13, "bob");
  assertEquals(unread(), 0);
  say(52, 14);
  stop(99, "bob");
  receivePage(chat.chat, parseMessage(":s PAGE RINGING 14 ops ci 1 :db down")!);
  chat.answers["PAGE ACK 14"] = [":s PAGE ACK 14 * :You have acknowledged page 14 (ops: db down)"];
  assertEquals(shown(chat, "/ack").at(-1), "You have acknowledged page 14 (ops: db down)");
  assertEquals(unread(), 0);
});

pureTest("/page: that it rings is told, then each person; what another program opened is not", () => {
  const { chat } = rung();
  const { id } = pagesOf(chat.chat).addOpening("ops", "db down", 5);
  const receive = (line: string) => pagesOf(chat.chat).receive(parseMessage(line)!, chat.chat.nick)?.text;
  assertEquals(receive(`:s PAGE OPEN ${id} 12 ringing *`), "page 12 to ops rings");
  assertEquals(
    receive(`:s PAGE RUNG ${id} 1 bob session :bob is rung in 1 session`),
    "page 12: bob is rung in 1 session",
  );
  assertEquals(receive(":s PAGE RUNG other 1 bob session :bob is rung in 1 session"), undefined);
  const silenced = pagesOf(chat.chat).addOpening("web", "slow", 5);
  assertEquals(
    receive(`:s PAGE OPEN ${silenced.id} 13 silenced 2026-01-02T03:04:05.000Z`),
    "page 13 to web is kept: web is silenced, and it rings later",
  );
});

pureTest("pages: what the server has not answered is sent again over the next connection, and once", () => {
  const { chat } = rung(DB);
  chat.disconnect();
  assertEquals(shown(chat, "/ack").at(-1), "not connected: page 12 is acknowledged when you are");
  assertEquals(shown(chat, "/page web slow"), ["not connected: the page to web is sent when you are"]);
  const [opening] = pagesOf(chat.chat).opening;
  assertEquals(chat.takeSent(), []);
  chat.reconnect();
  chat.takeSent();
  chat.answers["PAGE LIST RINGING"] = [
    ":s PAGE ITEM 14 ops ringing 2026-01-02T03:04:05.000Z ci * * :disk full",
    ":s PAGE LIST *",
  ];
  chat.answers["PAGE OPEN"] = [`:s PAGE OPEN ${opening!.id} 15 ringing *`];
  const told: string[] = [];
  const again = () => {
    requestPages(chat.chat, 0, ({ text }) => told.push(text));
    chat.type("");
    return chat.takeSent();
  };
  assertEquals(again(), ["PAGE LIST RINGING", `PAGE OPEN ${opening!.id} web slow`, "PAGE ACK 12"]);
  assertEquals(told, ["page 14 rings: ops: disk full (from ci; /ack 14)"]);
  assertEquals(pagesOf(chat.chat).ringing.map(({ number }) => number), [14], "12 rings no more");
  assertEquals(again(), ["PAGE LIST RINGING"]);
  assertEquals(told.length, 1, "once");
});

pureTest("/pages: the open pages, with their state", () => {
  const { chat } = rung();
  chat.answers["PAGE LIST"] = [
    ":s PAGE ITEM 12 ops ringing 1970-01-01T00:00:00.000Z ci * * :db down",
    ":s PAGE ITEM 13 web silenced 1970-01-01T00:00:00.000Z ci * 1970-01-01T02:05:01.000Z :slow",
    ":s PAGE ITEM x web ringing 1970-01-01T00:00:00.000Z ci * * :no number",
    ":s PAGE ITEM 14 ops ringing 1970-01-01T00:00:00.000Z ci * * :disk full",
    ":s PAGE STEP 14 2 3 carol,dave 1970-01-01T00:04:00.000Z",
    ":s PAGE PEOPLE 14 session alice,bob",
    ":s PAGE PEOPLE 14 offline erin",
    ":s PAGE PEOPLE 14 later finn",
    ":s PAGE ITEM 15 ops ringing 1970-01-01T00:00:00.000Z ci * * :one step",
    ":s PAGE STEP 15 1 1 alice 1970-01-01T00:04:01.000Z",
    ":s PAGE PEOPLE 15 unreachable @primary",
    ":s PAGE LIST *",
  ];
  const texts = shown(chat, "/pages");
  assertEquals(texts.map((line) => line.replace(/\d\d:\d\d/g, "TIME").replace(/2h \d+m/, "2h 5m")), [
    "page 12 (ops: db down) rings since TIME (0s); from ci; /ack 12",
    "page 13 (web: slow) silenced for another 2h 5m, until TIME; from ci; /ack 13",
    "page 14 (ops: disk full) rings alice, bob, erin (offline) since TIME (0s); step 2 of 3; next carol, dave in 4m; from ci; /ack 14",
    "page 15 (ops: one step) rings @primary (no person on duty) since TIME (0s); from ci; /ack 15",
  ]);
  chat.answers["PAGE LIST"] = [":s PAGE LIST *"];
  assertEquals(shown(chat, "/pages"), ["no page is open"]);
});

pureTest("ringing pages: so many are known", () => {
  const pages = new RingingPages();
  for (let number = 1; number <= MAX_KNOWN_PAGES + 1; number++) {
    pages.receive(parseMessage(`:s PAGE RINGING ${number} ops ci 1 :?`)!, "alice");
  }
  assertEquals(pages.ringing.length, MAX_KNOWN_PAGES);
});
