import { assertEquals } from "@std/assert";
import type { Entry } from "../../lib/client/entry.ts";
import { connect } from "../../lib/client/link.ts";
import { readHistory } from "../../lib/client/reader.ts";
import type { Range, ReadOutcome } from "../../lib/client/reader.ts";
import { FakeServer, OUR_CAPS, type Peer } from "./fake_server.ts";

const START = Date.UTC(2026, 0, 31, 10);

/** A server whose #a holds the messages 1 to `count`, one a second, `page` of them at a time. */
function historyServer(count: number, page: number): FakeServer {
  return new FakeServer(async (peer) => {
    await peer.welcome(OUR_CAPS, [`CHATHISTORY=${page}`]);
    for (;;) {
      const line = await peer.next();
      if (line === undefined || line.startsWith("QUIT")) return;
      await answer(peer, line, count);
    }
  });
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

/** What is read of `range`, page by page, and how it ended. */
async function read(
  server: FakeServer,
  range: Partial<Range>,
): Promise<{ pages: number[][]; outcome: ReadOutcome }> {
  const connected = await connect({ address: server.address, registration: { nick: "alice" } });
  if (connected.kind !== "connected") throw new Error(JSON.stringify(connected));
  const pages: number[][] = [];
  const outcome = await readHistory(
    connected.link,
    { target: "#a", wanted: () => true, ...range },
    0,
    new AbortController().signal,
    (entries: Entry[]) => {
      pages.push(entries.map(({ text }) => Number(text)));
      return Promise.resolve();
    },
  );
  await connected.link.close();
  return { pages, outcome };
}

function test(name: string, count: number, page: number, run: (server: FakeServer) => Promise<void>) {
  Deno.test({
    name,
    permissions: { net: true },
    async fn() {
      await using server = historyServer(count, page);
      await server.run(run(server));
    },
  });
}

test("the newest so many, over as many pages as it takes, oldest first", 10, 3, async (server) => {
  const { pages, outcome } = await read(server, { limit: 7 });
  assertEquals(outcome, { kind: "done" });
  assertEquals(pages.flat(), [4, 5, 6, 7, 8, 9, 10]);
});

test("more than there are: all there are", 5, 3, async (server) => {
  assertEquals((await read(server, { limit: 50 })).pages.flat(), [1, 2, 3, 4, 5]);
  assertEquals((await read(server, { limit: 0 })).pages.flat(), []);
});

test("a filter does not count what it leaves out", 20, 4, async (server) => {
  const even = (entry: Entry) => Number(entry.text) % 2 === 0;
  assertEquals((await read(server, { limit: 5, wanted: even })).pages.flat(), [12, 14, 16, 18, 20]);
});

test("from a time on, in pages, until another", 10, 3, async (server) => {
  const since = START + 3000;
  const until = START + 8000;
  assertEquals((await read(server, { since })).pages, [[3, 4, 5], [6, 7, 8], [9, 10]]);
  assertEquals((await read(server, { since, until })).pages.flat(), [3, 4, 5, 6, 7]);
  assertEquals((await read(server, { since, until, limit: 2 })).pages.flat(), [6, 7]);
  assertEquals((await read(server, { since, limit: 50 })).pages.flat(), [3, 4, 5, 6, 7, 8, 9, 10]);
  assertEquals((await read(server, {})).pages.flat().length, 10);
});

test("nothing there, and no such room", 0, 3, async (server) => {
  assertEquals(await read(server, { limit: 5 }), { pages: [], outcome: { kind: "done" } });
  assertEquals((await read(server, { since: START })).outcome, { kind: "done" });
  assertEquals((await read(server, { target: "#b", limit: 5 })).outcome, {
    kind: "no_such_target",
    text: "No",
  });
});

Deno.test({
  name: "a server without history says so",
  permissions: { net: true },
  async fn() {
    await using server = new FakeServer(async (peer) => {
      await peer.welcome();
      await peer.gone();
    });
    assertEquals((await read(server, { limit: 5 })).outcome, { kind: "unsupported" });
  },
});
