import { assertEquals } from "@std/assert";
import { connect } from "../../lib/client/connection/connect.ts";
import type { HistoryItem, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import type { HistoryRange } from "../../lib/client/conversation/sync/history_read.ts";
import { LiveMerge } from "../../lib/client/conversation/sync/live_merge.ts";
import { SeenMessages } from "../../lib/client/conversation/sync/seen_messages.ts";
import { readFromServer } from "../../lib/client/history/history_reader.ts";
import type { HistoryReadOptions, HistoryReadOutcome } from "../../lib/client/history/history_reader.ts";
import type { Message } from "../../lib/irc/message.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import type { HistoryGap } from "../../lib/irc/vendor_extensions.ts";
import { formatHistoryGap } from "../../lib/irc/vendor_extensions.ts";
import { pureTest } from "../support/test.ts";
import { FakeServer, fakeServerTest, OUR_CAPS } from "./fake_server.ts";
import type { Peer, Script } from "./fake_server.ts";

const START = Date.UTC(2026, 0, 31, 10);

/** Plays a server whose #a holds the messages 1 to `count`, one a second, `page` of them at a time. */
function historyScript(count: number, page: number): Script {
  return async (peer) => {
    await peer.welcome(OUR_CAPS, [`CHATHISTORY=${page}`]);
    for (;;) {
      const line = await peer.next();
      if (line === undefined || line.startsWith("QUIT")) return;
      await answer(peer, line, count);
    }
  };
}

async function answer(peer: Peer, line: string, count: number): Promise<void> {
  const [, label, which, target, anchor, limit] = /^@label=(\S+) CHATHISTORY (\S+) (\S+) (\S+) (\d+)$/.exec(
    line,
  )!;
  if (target !== "#a") {
    return await peer.send(`@label=${label} :fake FAIL CHATHISTORY INVALID_TARGET ${which} ${target} :No`);
  }
  const at = anchor!.startsWith("msgid=")
    ? Number(anchor!.slice("msgid=m".length))
    : (Date.parse(anchor!.slice("timestamp=".length)) - START) / 1000;
  const all = Array.from({ length: count }, (_, index) => index + 1);
  const picked = which === "LATEST"
    ? all.slice(-Number(limit))
    : which === "BEFORE"
    ? all.filter((n) => n < at).slice(-Number(limit))
    : all.filter((n) => n > at).slice(0, Number(limit));
  await peer.send(
    `@label=${label} :fake BATCH +h chathistory #a`,
    ...picked.map((n) => {
      const time = new Date(START + n * 1000).toISOString();
      return `@batch=h;time=${time};msgid=m${n};chatterbox.chat/seq=${n * 7} :bob!b@h PRIVMSG #a :${n}`;
    }),
    ":fake BATCH -h",
  );
}

interface Read {
  /** The texts of each page that has any. */
  readonly pages: number[][];
  readonly reached: ReadPosition | undefined;
  readonly outcome: HistoryReadOutcome;
}

/** What is read of `range`, page by page, and how it ended. */
async function read(server: FakeServer, range: Partial<HistoryRange>): Promise<Read> {
  const connected = await connect({ address: server.address, registration: { nick: "alice" } });
  if (connected.kind !== "connected") throw new Error(JSON.stringify(connected));
  const pages: number[][] = [];
  const merge = new LiveMerge({ seen: new SeenMessages() });
  const outcome = await readFromServer({
    link: connected.link,
    range: { target: "#a", ...range },
    merge,
    now: 0,
    signal: new AbortController().signal,
    show: (items) => {
      const texts = items.map((item) => item.kind === "gap" ? NaN : Number(item.text));
      if (texts.length > 0) pages.push(texts);
      return Promise.resolve();
    },
    onNewLog: () => {},
  });
  await connected.link.close();
  return { pages, reached: merge.position, outcome };
}

fakeServerTest(
  "the newest N messages, over several pages, oldest first",
  historyScript(10, 3),
  async (server) => {
    const { pages, reached, outcome } = await read(server, { limit: 7 });
    assertEquals(outcome, { kind: "done" });
    assertEquals(reached?.id, "m10");
    assertEquals(pages.flat(), [4, 5, 6, 7, 8, 9, 10]);
  },
);

fakeServerTest("a limit beyond the number of messages: all of them", historyScript(5, 3), async (server) => {
  assertEquals((await read(server, { limit: 50 })).pages.flat(), [1, 2, 3, 4, 5]);
});

fakeServerTest("a limit of 0: no message, but the position", historyScript(5, 3), async (server) => {
  const { pages, reached } = await read(server, { limit: 0 });
  assertEquals([pages, reached?.id], [[], "m5"]);
});

fakeServerTest("the limit counts messages that pass the filter", historyScript(20, 4), async (server) => {
  const even = (entry: MessageEntry) => Number(entry.text) % 2 === 0;
  assertEquals((await read(server, { limit: 5, isWanted: even })).pages.flat(), [12, 14, 16, 18, 20]);
  const early = (entry: MessageEntry) => Number(entry.text) < 3;
  const { pages, reached } = await read(server, { limit: 5, isWanted: early });
  assertEquals([pages.flat(), reached?.id], [[1, 2], "m20"]);
});

fakeServerTest("messages between two times, over several pages", historyScript(10, 3), async (server) => {
  const since = START + 3000;
  const until = START + 8000;
  assertEquals((await read(server, { since })).pages, [[3, 4, 5], [6, 7, 8], [9, 10]]);
  const between = await read(server, { since, until });
  assertEquals([between.pages.flat(), between.reached?.id], [[3, 4, 5, 6, 7], "m7"]);
  assertEquals((await read(server, { since, until, limit: 2 })).pages.flat(), [6, 7]);
  assertEquals((await read(server, { since, limit: 50 })).pages.flat(), [3, 4, 5, 6, 7, 8, 9, 10]);
  assertEquals((await read(server, {})).pages.flat().length, 10);
});

fakeServerTest("no messages, and no such room", historyScript(0, 3), async (server) => {
  assertEquals(await read(server, { limit: 5 }), {
    pages: [],
    reached: undefined,
    outcome: { kind: "done" },
  });
  assertEquals((await read(server, { since: START })).outcome, { kind: "done" });
  assertEquals((await read(server, { target: "#b", limit: 5 })).outcome, {
    kind: "no_such_target",
    text: "no such room: #b (No)",
  });
});

Deno.test({
  name: "a server without history",
  permissions: { net: true },
  async fn() {
    await using server = new FakeServer(async (peer) => {
      await peer.welcome();
      await peer.gone();
    });
    assertEquals((await read(server, { limit: 5 })).outcome, { kind: "unsupported" });
  },
});

const JUMP = 2 ** 32;

/** A line of an answer, without its batch: message `n` with this number. */
function line(n: number, seq = n): Message {
  const time = new Date(START + n * 1000).toISOString();
  return parseMessage(`@time=${time};msgid=m${n};chatterbox.chat/seq=${seq} :bob!b@h PRIVMSG #a :${n}`)!;
}

function note(count: number | undefined, why: HistoryGap["why"]): Message {
  return parseMessage(`:fake ${formatHistoryGap({ target: "#a", count, why })}`)!;
}

/** A link whose server gives these answers, one after the other, then empty ones; `asked`: the anchors. */
function answering(answers: Message[][], asked: string[] = []): HistoryReadOptions["link"] {
  return {
    session: { caps: new Set(["draft/chathistory"]), isupport: new Map() },
    request({ params = [] }) {
      asked.push(params[2]!);
      return Promise.resolve({ kind: "answered", lines: answers.shift() ?? [] });
    },
  };
}

/** What is read from `from` on: texts of messages, and losses. */
async function forwards(
  answers: Message[][],
  from: ReadPosition,
  range: Partial<HistoryRange> = {},
): Promise<{ items: unknown[]; reached: ReadPosition | undefined; asked: string[] }> {
  const found: HistoryItem[] = [];
  const asked: string[] = [];
  const merge = new LiveMerge({ seen: new SeenMessages(), position: from });
  const outcome = await readFromServer({
    link: answering(answers, asked),
    range: { target: "#a", ...range },
    merge,
    now: 0,
    signal: new AbortController().signal,
    show: (items) => (found.push(...items), Promise.resolve()),
    onNewLog: () => {},
  });
  assertEquals(outcome, { kind: "done" });
  const items = found.map((item) => {
    if (item.kind !== "gap") return item.text;
    const { count, why, after, before } = item;
    const at = (time: number | undefined) => time === undefined ? undefined : (time - START) / 1000;
    return [count, why, at(after), at(before)];
  });
  return { items, reached: merge.position, asked };
}

function at(n: number, seq = n): ReadPosition {
  return { id: `m${n}`, seq, time: START + n * 1000 };
}

pureTest("a gap behind the anchor is shown in its place", async () => {
  const answers = [[note(37, "overwritten"), line(50), line(51)], [note(2, "overwritten"), line(54)]];
  const { items, asked } = await forwards(answers, at(12));
  assertEquals(items, [[37, "overwritten", 12, 50], "50", "51", [2, "overwritten", 51, 54], "54"]);
  assertEquals(asked, ["msgid=m12", "msgid=m51", "msgid=m54"]);
});

pureTest("a gap in the middle of a page is shown in its place", async () => {
  const { items } = await forwards([[line(2), line(3), note(undefined, "overwritten"), line(9)]], at(1));
  assertEquals(items, ["2", "3", [undefined, "overwritten", 3, 9], "9"]);
});

pureTest("a gap at the end is shown once; when it grows, the difference", async () => {
  const first = await forwards([[note(5, "overwritten")]], at(12));
  assertEquals(first.items, [[5, "overwritten", 12, undefined]]);
  const again = first.reached!;
  assertEquals([again.id, again.reportedGap?.count], ["m12", 5]);
  assertEquals((await forwards([[note(5, "overwritten")]], again)).items, []);
  const more = await forwards([[note(8, "overwritten"), line(30)]], again);
  assertEquals(more.items, [[3, "overwritten", 12, 30], "30"]);
  assertEquals(more.reached?.reportedGap, undefined);
  assertEquals((await forwards([[note(undefined, "restart")]], again)).items, [[
    undefined,
    "restart",
    12,
    undefined,
  ]]);
});

pureTest(
  "a crash of the server between two messages of a page is a gap, by their sequence numbers",
  async () => {
    const answers = [[line(1), line(2), line(3, JUMP + 3), line(4, JUMP + 4)]];
    const { items } = await forwards(answers, at(0));
    assertEquals(items, ["1", "2", [undefined, "restart", 2, 3], "3", "4"]);
  },
);

pureTest("a gap that the server reports is not shown again for the jump in the numbers", async () => {
  const answers = [[line(1)], [note(undefined, "restart"), line(3, JUMP + 3)]];
  assertEquals((await forwards(answers, at(0))).items, ["1", [undefined, "restart", 1, 3], "3"]);
});

pureTest("messages from `until` on are not read, and a gap before them is shown once", async () => {
  const answers = () => [[note(4, "overwritten"), line(20), line(21)]];
  const early = await forwards(answers(), at(12), { until: START + 20_000 });
  assertEquals([early.items, early.reached?.id], [[[4, "overwritten", 12, 20]], "m12"]);
  assertEquals((await forwards(answers(), early.reached!)).items, ["20", "21"]);
});

pureTest("after an abort no further page is requested, in either direction", async () => {
  for (const limit of [undefined, 200]) {
    const stop = new AbortController();
    const asked: string[] = [];
    const link = answering([[line(8), line(9)], [line(6), line(7)], [line(4), line(5)]], asked);
    const { request } = link;
    const outcome = await readFromServer({
      link: {
        ...link,
        request: (message) => {
          stop.abort();
          return request(message);
        },
      },
      range: { target: "#a", limit },
      merge: new LiveMerge({ seen: new SeenMessages() }),
      now: 0,
      signal: stop.signal,
      show: () => Promise.resolve(),
      onNewLog: () => {},
    });
    assertEquals([outcome, asked.length], [{ kind: "done" }, 1], `${limit}`);
  }
});

/** A refusal of older messages, which a server with an archive may give. */
const UNAVAILABLE = parseMessage(":s FAIL CHATHISTORY MESSAGE_ERROR BEFORE #a :Not at the moment")!;

pureTest("older messages that cannot be read now leave the newer ones to be shown", async () => {
  const shown: (string | undefined)[] = [];
  const outcome = await readFromServer({
    link: answering([[line(8), line(9)], [UNAVAILABLE]], []),
    range: { target: "#a", limit: 200 },
    merge: new LiveMerge({ seen: new SeenMessages() }),
    now: 0,
    signal: new AbortController().signal,
    show: (items) => {
      for (const item of items) if (item.kind !== "gap") shown.push(item.id);
      return Promise.resolve();
    },
    onNewLog: () => {},
  });
  assertEquals([shown.length, outcome], [2, { kind: "unavailable", text: "Not at the moment" }]);
});

pureTest("a server that cannot read what is behind a message has no other log", async () => {
  let newLogs = 0;
  const outcome = await readFromServer({
    link: answering([[UNAVAILABLE], [UNAVAILABLE]], []),
    range: { target: "#a" },
    merge: new LiveMerge({ seen: new SeenMessages(), position: { id: "m1", seq: 1, time: START } }),
    now: 0,
    signal: new AbortController().signal,
    show: () => Promise.resolve(),
    onNewLog: () => newLogs++,
  });
  assertEquals([newLogs, outcome.kind], [0, "unavailable"]);
});
