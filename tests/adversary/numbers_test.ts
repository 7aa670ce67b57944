/** A server that tells absurd numbers: no client of ours crashes of one, or writes a time or count that is none. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as list } from "../../commands/list.ts";
import { command as logs } from "../../commands/logs.ts";
import { command as send } from "../../commands/send.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { describeChannelList, describeWhois } from "../../lib/client/commands/response_text.ts";
import { parseChatEntry } from "../../lib/client/conversation/model/entry_parser.ts";
import { localTime } from "../../lib/client/conversation/model/local_time.ts";
import { describeServerBans } from "../../lib/client/commands/server_ban_text.ts";
import { FakeServer, OUR_CAPS } from "../client/fake_server.ts";
import type { Peer, Script } from "../client/fake_server.ts";
import { run } from "../commands/run_command.ts";

const ABSURD = [
  "-1",
  "0",
  "1.5",
  "1e308",
  "9".repeat(15),
  "9".repeat(20),
  "9".repeat(400),
  "Infinity",
  "NaN",
  "0x7fffffff",
  "8640000000001",
  "٣",
];
const ABSURD_TIMES = [
  ...ABSURD,
  "+275760-09-13T00:00:00.000Z",
  "-271821-04-20T00:00:00Z",
  "0000-01-01T00:00:00Z",
];

/** Says nothing of a bug, and nothing that is no number or no date. */
const NOT_SHOWN = /bug|NaN|Infinity|Invalid|undefined|RangeError|e\+\d/;

const options = { permissions: { net: true, read: true, write: true } } as const;

async function answered(peer: Peer, rows: (request: string) => string[]): Promise<void> {
  for (
    let line = await peer.next();
    line !== undefined && !line.startsWith("QUIT");
    line = await peer.next()
  ) {
    const [, label, request = ""] = /^@label=(\S+) (.*)$/.exec(line) ?? [];
    if (label === undefined) continue;
    const lines = rows(request).map((row) => row.startsWith(":") ? `@batch=x ${row}` : `@batch=x${row}`);
    await peer.send(`@label=${label} :fake BATCH +x labeled-response`, ...lines, ":fake BATCH -x");
  }
}

async function runs(script: Script, body: (url: string) => ReturnType<typeof run>) {
  await using server = new FakeServer(script);
  const outcome = await server.run(body(server.url));
  assertEquals(NOT_SHOWN.exec(outcome.out + outcome.err)?.[0], undefined, outcome.out + outcome.err);
  return outcome;
}

Deno.test("absurd numbers: list: since when, how idle, how many", options, async () => {
  for (const number of ABSURD) {
    const script: Script = async (peer) => {
      await peer.welcome(OUR_CAPS);
      await answered(peer, (request) => {
        if (request.startsWith("WHO ")) {
          return [":fake 352 me #a u h fake alice H :0 A", ":fake 315 me * :End"];
        }
        if (request.startsWith("LIST")) return [`:fake 322 me #a ${number} :topic`, ":fake 323 me :End"];
        return [
          ":fake 311 me alice u h * :A",
          `:fake 317 me alice ${number} ${number} :idle`,
          ":fake 318 me alice :End",
        ];
      });
    };
    for (const flags of [[], ["--utc"], ["--json"], ["--rooms"], ["--rooms", "--json"]]) {
      const { code, out } = await runs(script, (url) => run(list, [...flags, "--server", url]));
      assertEquals(code, 0, number);
      assertMatch(out, /alice|#a/);
      if (flags.includes("--json")) JSON.parse(out);
    }
  }
});

Deno.test("absurd numbers: list --server-stats", options, async () => {
  const keys = [
    "uptime",
    "connections",
    "users",
    "buffer",
    "sync",
    "oldest",
    "last",
    "durable",
    "unsynced_ms",
    "archive",
    "archived",
    "archive_lost",
    "archive_start",
  ];
  for (const number of ABSURD) {
    const script: Script = async (peer) => {
      await peer.welcome([...OUR_CAPS, "chatterbox.chat/receipts"]);
      await answered(peer, () => keys.map((key) => `:fake SERVERSTATS ${key} :${number}`));
    };
    for (const flags of [[], ["--json"]]) {
      const { code } = await runs(script, (url) => run(list, ["--server-stats", ...flags, "--server", url]));
      assertEquals(code, 0, number);
    }
  }
});

Deno.test("absurd numbers: logs: times, sequence numbers and limits", options, async () => {
  for (const number of ABSURD_TIMES.filter((each) => each !== "0")) { // no record has the number 0
    const script: Script = async (peer) => {
      await peer.welcome(OUR_CAPS, [`CHATHISTORY=${number}`]);
      let page = 0;
      const tags = `;time=${number};msgid=m1;chatterbox.chat/seq=${number}`;
      await answered(peer, () => page++ === 0 ? [`${tags} :bob!u@h PRIVMSG #lobby :hello`] : []);
    };
    for (const flags of [["--utc"], ["--json"]]) {
      const { code, out } = await runs(script, (url) => run(logs, [...flags, "--server", url]));
      assertEquals([code, out.includes("hello")], [0, true], number);
      if (flags.includes("--json")) JSON.parse(out);
    }
  }
});

Deno.test("absurd numbers: send: limits of a line, receipts", options, async () => {
  for (const number of ABSURD_TIMES) {
    const script: Script = async (peer) => {
      await peer.welcome(OUR_CAPS, [`USERLEN=${number}`, `HOSTLEN=${number}`]);
      for (
        let line = await peer.next();
        line !== undefined && !line.startsWith("QUIT");
        line = await peer.next()
      ) {
        const [, label, target, text] = /^@label=(\S+) PRIVMSG (\S+) :?(.*)$/.exec(line) ?? [];
        if (label === undefined) continue;
        const tags = `label=${label};time=${number};msgid=m;chatterbox.chat/seq=${number}`;
        await peer.send(`@${tags} :tester!t@h PRIVMSG ${target} :${text}`);
      }
    };
    const text = "word ".repeat(400);
    const { code, out } = await runs(script, (url) => run(send, ["#lobby", text, "--json", "--server", url]));
    assertEquals(code, 0, number);
    const pieces = out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(pieces.length > 4 && pieces.length < 20, true, `${number}: ${pieces.length} pieces`);
  }
});

Deno.test("absurd numbers: join: WHOIS, LIST, BANS and the time of a message", options, () => {
  for (const number of ABSURD_TIMES) {
    const lines = [
      `:fake 317 me alice ${number} ${number} :idle`,
      `:fake 322 me #a ${number} :topic`,
      `:fake BANS ban name:bob ${number} x :why`,
      `@time=${number} :bob!u@h PRIVMSG #a :hello`,
    ].map((line) => parseMessage(line)!);
    const entry = parseChatEntry(lines[3]!, 5)!;
    const clock = (time: number) => localTime.clock(time);
    const shown = [
      ...describeWhois(lines, clock),
      ...describeChannelList(lines),
      ...describeServerBans(lines, 5),
      clock(entry.time),
      localTime.day(entry.time),
      localTime.date(entry.time),
    ].join("\n");
    assertEquals(NOT_SHOWN.exec(shown)?.[0], undefined, `${number}: ${shown}`);
  }
  return Promise.resolve();
});
