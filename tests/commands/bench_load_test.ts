/** `chatterbox bench load` against a server of ours, and against servers that do wrong. No figure is asserted. */
import { assertEquals, assertMatch } from "@std/assert";
import { command } from "../../commands/bench.ts";
import { reportLoad } from "../../commands/bench/load_report.ts";
import { ProgressLine } from "../../commands/support/progress_line.ts";
import type { LoadFigures } from "../../lib/bench/load/load_run.ts";
import { type Fault, FaultyRelay } from "../bench/load/faulty_relay.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { inTime } from "../support/guard.ts";
import { program, programTest, type Run, Server } from "./program.ts";
import { commandTest, run } from "./run_command.ts";

/** Two rooms of 7 members, and everything else that there is. */
const EVERYTHING = [
  ...["--seconds=1", "--rooms=2", "--members=7", "--senders=2", "--rate=40"],
  ...["--pairs=2", "--direct-rate=20", "--readers=2", "--history-rate=10", "--idle=5"],
];

programTest(
  "bench load: on our own server everything arrives, in rooms, directly and from history",
  {},
  async (home) => {
    await using server = await Server.start();
    const to = ["--server", server.url];
    const { code, out, err } = await program(["bench", "load", "--json", ...EVERYTHING, ...to], home);
    assertEquals(code, 0, err);
    const { rooms, direct, history, connections, dropped } = JSON.parse(out);
    assertEquals([connections, dropped], [2 * (7 + 2) + 2 * 2 + 2 + 5, 0]);
    const { sent, lost, extra, outOfOrder, twice, malformed } = rooms;
    assertEquals([sent, lost, extra, outOfOrder, twice, malformed], [40, 0, 0, 0, 0, 0]);
    assertEquals([direct.lost, direct.wrong, direct.roundTrips > 0], [0, 0, true]);
    assertEquals([history.lost, history.requests > 0], [0, true]);
    assertMatch(err, /^# opening rooms\n# opening pairs\n# opening idle connections\n# opening readers\n/);
  },
);

programTest(
  "bench load: as fast as the server takes it, with tags and a long text: a table",
  {},
  async (home) => {
    await using server = await Server.start();
    const flags = ["--seconds=1", "--members=6", "--senders=3", "--window=4", "--payload=300"];
    const caps = ["--caps", "server-time message-tags"];
    const to = ["--server", server.url];
    const { code, out, err } = await program(["bench", "load", ...flags, ...caps, ...to], home);
    assertEquals(code, 0, err);
    assertMatch(
      out,
      /^LOAD +A SECOND +P50 +P99 +MAX +LOST +WRONG\ndeliveries in rooms +\S+(?: +\S+ m?s){3} +0 +0\n/,
    );
    assertMatch(out, /^9 connections, \S+ s\. The generator used \d+ % of a core/m);
  },
);

/** A load of 60 messages on a relay with this fault, by the command in this process. */
function relayTest(name: string, fault: Fault, check: (run: Run) => void, ...flags: string[]): void {
  Deno.test({
    name: `bench load: ${name}`,
    permissions: { net: true, read: true, write: true },
    async fn() {
      await using relay = new FaultyRelay(fault);
      const small = ["--seconds=1", "--members=6", "--senders=2", "--rate=60", "--json"];
      check(await run(command, ["load", ...small, ...flags, "--server", relay.url]));
    },
  });
}

function roomsOf({ out }: Run): Record<string, number> {
  return JSON.parse(out).rooms;
}

relayTest("a server that delivers everything: 0", (_, line) => [line], (ran) => {
  assertEquals([ran.code, roomsOf(ran).lost, roomsOf(ran).sent], [0, 0, 60]);
});

relayTest(
  "a lost message is missed by each of six members: 72",
  (nth, line) => nth === 7 ? [] : [line],
  (ran) => {
    assertEquals([ran.code, roomsOf(ran).lost, roomsOf(ran).malformed], [72, 6, 0]);
    assertMatch(ran.err, /: 6 deliveries lost\n$/);
  },
);

relayTest("a repeated message: 72", (nth, line) => nth === 7 ? [line, line] : [line], (ran) => {
  assertEquals([ran.code, roomsOf(ran).lost, roomsOf(ran).extra, roomsOf(ran).twice], [72, 0, 6, 4]);
});

relayTest(
  "a changed message: 72",
  (nth, line) => nth === 7 ? [line.replace("xxx", "xyx")] : [line],
  (ran) => {
    assertEquals([ran.code, roomsOf(ran).malformed], [72, 4]);
    assertMatch(ran.err, /4 messages changed/);
  },
);

relayTest(
  "a changed time: 72",
  (nth, line) => nth === 7 ? [line.replace(/(:\d{4} \d{8} )\d/, "$19")] : [line],
  (ran) => assertEquals([ran.code, roomsOf(ran).malformed], [72, 4]),
);

relayTest(
  "messages that come again when all have come: 72",
  (nth, line) => nth === 60 ? "again" : [line],
  (ran) => assertEquals([ran.code, roomsOf(ran).extra, roomsOf(ran).twice], [72, 6, 4]),
);

relayTest(
  "a line that does not end: 75, at once",
  (nth, line) => nth === 20 ? "endless" : [line],
  (ran) => {
    assertEquals(ran.code, 75, ran.err);
    assertMatch(ran.err, /the first: \S+: a line of more than 65536 bytes\n$/);
  },
);

let held: string | undefined;
relayTest("messages of one sender in another order: 72", (nth, line) => {
  if (nth === 7) held = line;
  return nth === 7 ? [] : nth === 9 ? [line, held!] : [line]; // the two senders take turns
}, (ran) => {
  assertEquals([ran.code, roomsOf(ran).lost, roomsOf(ran).outOfOrder], [72, 0, 4]);
});

relayTest(
  "a server that ends in the middle: 75, at once",
  (nth, line) => nth === 20 ? "close" : [line],
  (ran) => {
    assertEquals(ran.code, 75, ran.err);
    assertMatch(ran.err, /closed 8 of 8 connections; the first: /);
  },
  "--seconds=3600",
);

relayTest(
  "a server that does not answer any more has lost nothing: 75",
  (nth, line) => nth === 20 ? "silence" : [line],
  (ran) => {
    assertEquals([ran.code, JSON.parse(ran.out).answers], [75, false], ran.err);
    assertMatch(ran.err, /stopped answering; \d+ deliveries had not come by then\n$/);
  },
);

Deno.test({
  name: "bench load: an interruption ends the sending, and what is on its way is not lost: 130",
  permissions: { net: true, read: true },
  async fn() {
    const io = new FakeIo();
    await using relay = new FaultyRelay((nth, line) => {
      if (nth === 20) io.interrupt();
      return [line];
    });
    const flags = ["--seconds=3600", "--members=6", "--senders=2", "--window=8", "--json"];
    const ended = command.run(["load", ...flags, "--server", relay.url], io);
    assertEquals(await inTime("the end of the load", ended), 130);
    await io.flush();
    const { sent, lost } = JSON.parse(io.out).rooms;
    assertEquals([sent >= 20, lost], [true, 0]);
    assertEquals(io.err.includes("lost"), false);
  },
});

relayTest("a server without history: 69", (_, line) => [line], ({ code, err }) => {
  assertEquals(code, 69);
  assertMatch(err, /does not have all of these capabilities: draft\/chathistory/);
}, "--readers=1");

const SMALL = ["--members=2", "--senders=1"];

commandTest("bench load: a server that refuses to register: 77, in its words", async (peer) => {
  await peer.until(/^NICK /);
  await peer.send(":fake 465 * :You are banned");
  await peer.gone();
}, async (url) => {
  const { code, err } = await run(command, ["load", ...SMALL, "--server", url]);
  assertEquals(code, 77);
  assertMatch(err, /does not register \S+: You are banned \(465\)\n$/);
});

commandTest("bench load: a server that ends the connection with an ERROR: 77, in its words", async (peer) => {
  await peer.until(/^USER /);
  await peer.send("ERROR :Too many connections from your host");
  peer.close();
}, async (url) => {
  const { code, err } = await run(command, ["load", ...SMALL, "--server", url]);
  assertEquals(code, 77);
  assertMatch(err, /refuses \S+: Too many connections from your host\n$/);
});

commandTest("bench load: what is no IRC server: 76", async (peer) => {
  await peer.send("HTTP/1.1 400 Bad Request", "", "what?");
  await peer.gone();
}, async (url) => {
  const { code, err } = await run(command, ["load", ...SMALL, "--server", url]);
  assertEquals(code, 76);
  assertMatch(err, /is not an IRC server; check host and port /);
});

commandTest("bench load: a mail server is no IRC server: 76", async (peer) => {
  await peer.send("220 mail.example ESMTP");
  await peer.gone();
}, async (url) => {
  const { code, err } = await run(command, ["load", ...SMALL, "--server", url]);
  assertEquals(code, 76);
  assertMatch(err, /^chatterbox: the server at \S+ is not an IRC server; check host and port \(.+\)\n$/m);
});

commandTest(
  "bench load: a connection that is closed without a word: 69, as for every client",
  async (peer) => {
    await peer.until(/^USER /);
    peer.close();
  },
  async (url) => {
    const { code, err } = await run(command, ["load", ...SMALL, "--server", url]);
    assertEquals(code, 69);
    assertMatch(
      err,
      /: the server closed the connection; is a server running there, or does it want TLS \(ircs:\/\/.+\)\?\n/,
    );
  },
);

commandTest("bench load: a connection that is closed in the middle of the registration: 75", async (peer) => {
  await peer.until(/^USER /);
  await peer.send(":fake 001 x :Hello");
  peer.close();
}, async (url) => {
  const { code, err } = await run(command, ["load", ...SMALL, "--server", url]);
  assertEquals(code, 75);
  assertMatch(err, /ended the connection of \S+: the server closed the connection\n$/);
});

programTest("bench load: a server with a password: 77 without it, and with another one", {}, async (home) => {
  await Deno.writeTextFile(`${home}/pw`, "secret\n", { mode: 0o600 });
  await Deno.writeTextFile(`${home}/other`, "wrong\n", { mode: 0o600 });
  await using server = await Server.start(undefined, "--password-file", `${home}/pw`);
  const load = (flags: string[], env = {}) =>
    program(
      [
        "bench",
        "load",
        ...SMALL,
        "--readers=1",
        "--pairs=1",
        "--idle=1",
        "--seconds=1",
        "--server",
        server.url,
        ...flags,
      ],
      home,
      {
        env,
      },
    );
  const how = /: give it with --password-file FILE or CHATTERBOX_PASSWORD\n$/;
  for (
    const [flags, why] of [[[], /requires a password: /], [
      ["--password-file", `${home}/other`],
      /not accept the password: /,
    ]] as const
  ) {
    const { code, err } = await load([...flags]);
    assertEquals(code, 77);
    assertMatch(err, why);
    assertMatch(err, how);
  }
  assertEquals((await load(["--password-file", `${home}/pw`])).code, 0);
  assertEquals((await load([], { CHATTERBOX_PASSWORD: "secret" })).code, 0);
});

Deno.test("bench load: no server there: 69; no such host: 68", async () => {
  const refused = await run(command, ["load", ...SMALL, "--server", "127.0.0.1:1"]);
  assertEquals(refused.code, 69);
  assertMatch(refused.err, /cannot reach 127\.0\.0\.1:1: connection refused; is a server running\?/);
  const unknown = await run(command, ["load", ...SMALL, "--server", "no-such-host.invalid"]);
  assertEquals(unknown.code, 68);
});

const FIGURES: LoadFigures = {
  secs: 5,
  tookS: 16.7,
  connections: 8,
  rooms: {
    sent: 60,
    deliveriesPerS: 72,
    p50Ms: 0.42,
    p99Ms: 999.4,
    maxMs: 11_030,
    lost: 0,
    extra: 0,
    outOfOrder: 0,
    twice: 0,
    malformed: 0,
    lateMs: 1500,
  },
  direct: undefined,
  history: undefined,
  dropped: [],
  answers: true,
  generatorLoad: 0.1,
};

Deno.test("bench load: the table says what the server needed, and times in their units", async () => {
  const io = new FakeIo();
  assertEquals(await reportLoad(FIGURES, "s", false, io), 0);
  await io.flush();
  assertMatch(io.out, /^deliveries in rooms +72\.0 +0\.42 ms +999 ms +11\.0 s +0 +0$/m);
  assertMatch(io.out, /^The server needed 16\.7 s for 5 s of load\.$/m);
  assertMatch(io.out, /^It was late by at most 1\.50 s\.$/m);
  const silent = new FakeIo();
  const rooms = { ...FIGURES.rooms!, lost: 7 };
  assertEquals(await reportLoad({ ...FIGURES, rooms, answers: false }, "s", false, silent), 75);
  await silent.flush();
  assertMatch(silent.out, /^deliveries in rooms .* - +0$/m);
  assertEquals(silent.out.includes("needed"), false);
  assertEquals(silent.err, "chatterbox: s stopped answering; 7 deliveries had not come by then\n");
});

Deno.test("bench load: the progress line is gone before the table begins", async () => {
  const io = new FakeIo({ terminal: true });
  const progress = new ProgressLine(io.stderr);
  progress.show("1/5 s");
  await progress.clear();
  assertEquals(io.err.endsWith("1/5 s\r\x1b[K"), true);
});

Deno.test("bench load: wrong usage is 64", async () => {
  const cases: (readonly [string[], RegExp])[] = [
    [["--rate=1", "--window=1"], /exclude each other/],
    [["--rooms=0", "--readers=1"], /--readers needs a room/],
    [["--rooms=0", "--pairs=1", "--rate=5"], /--rate needs a room/],
    [["--rooms=0", "--pairs=1", "--members=5"], /--members needs a room/],
    [["--rooms=0"], /there is nothing to do/],
    [["--direct-rate=1"], /needs --pairs/],
    [["--history-rate=1"], /needs --readers/],
    [["--rooms=1000", "--members=100"], /that is 110000 connections; one generator opens at most 60000/],
    [["--payload=36"], /--payload 36: not a size from \d+B to 350B\n/],
    [["--payload=400"], /--payload 400: not a size from \d+B to 350B\n/],
    [["--members=0"], /--members 0: not a whole number from 1 to 60000\n/],
    [["--rate=0"], /--rate 0: not a whole number of at least 1\n/],
    [["--server", "http://x"], /server http:\/\/x/],
    [["now"], /unexpected argument now/],
  ];
  for (const [flags, text] of cases) {
    const { code, out, err } = await run(command, ["load", ...flags]);
    assertEquals([code, out], [64, ""], flags.join(" "));
    assertMatch(err, text);
  }
});
