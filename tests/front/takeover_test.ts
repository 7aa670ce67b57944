/** A hub that ends, and another one that takes over the clients of its fronts. */
import { assertEquals, assertMatch } from "@std/assert";
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import { FrameConn } from "../../lib/net/frame_conn.ts";
import { decodeDown } from "../../lib/relay/downward.ts";
import { decodeWelcome, encodeHello, MAX_SETUP_BYTES, RELAY_VERSION } from "../../lib/relay/handshake.ts";
import { isOfTurn } from "../../lib/relay/turn.ts";
import { encodeUp } from "../../lib/relay/upward.ts";
import { GATHER_MS } from "../../lib/server/relay/gathering.ts";
import { readServerMetrics } from "../../lib/server/server_metrics.ts";
import { formatMetrics } from "../../lib/web/metrics_text.ts";
import { comesTrue, inTime } from "../support/guard.ts";
import type { HubLine } from "./hub_line.ts";
import { hubLineTests } from "./hub_line_test_case.ts";
import { SocketClient } from "../support/socket_client.ts";
import { WebClient } from "../support/web_client.ts";

const CAPS = "batch labeled-response echo-message message-tags chatterbox.chat/seq";

const takeoverTest = hubLineTests("takeover");

takeoverTest("clients go on with the next hub, and notice nothing", { fronts: 2 }, async (line) => {
  const clients = [];
  for (const nick of ["ann", "ben", "cat", "dan"]) clients.push(await line.enter(nick, "#tea", CAPS));
  for (const client of clients) {
    await client.barrier();
    client.take();
  }
  await line.kill({ kind: "now" });
  await line.startHub();
  await clients[0]!.send("PRIVMSG #tea :still here");
  for (const client of clients) await client.barrier();
  for (const client of clients) {
    assertEquals(client.take().map((each) => each.replace(/^@\S* /, "")), [
      ":ann!~ann@127.0.0.1 PRIVMSG #tea :still here",
    ]);
  }
});

takeoverTest(
  "what clients send while there is no hub is said by the next one, in order",
  {},
  async (line) => {
    const [ann, ben] = [await line.enter("ann", "#tea"), await line.enter("ben", "#tea")];
    await ann.barrier();
    ann.take();
    await line.kill({ kind: "now" });
    for (const text of ["one", "two", "three"]) await ben.send(`PRIVMSG #tea :${text}`);
    await line.startHub();
    await ann.until((each) => each.endsWith(":three"));
    assertEquals(ann.take().map((each) => each.replace(/^.* PRIVMSG/, "PRIVMSG")), [
      "PRIVMSG #tea :one",
      "PRIVMSG #tea :two",
      "PRIVMSG #tea :three",
    ]);
  },
);

takeoverTest(
  "a page goes on ringing at the next hub, where it is acknowledged",
  { fronts: 2 },
  async (line) => {
    const caps = "draft/account-registration chatterbox.chat/oncall";
    const [ann, ben] = [await line.enter("ann", "#tea", caps), await line.enter("ben", "#tea", caps)];
    for (const client of [ann, ben]) {
      await client.send(`REGISTER * * ${"k".repeat(43)}`);
      await client.until((each) => each.includes(" REGISTER SUCCESS "));
    }
    await ann.send("JOIN #ops");
    await ann.send("ONCALL SET ops ann,ben 30");
    await ann.until((each) => each.includes(" ONCALL SET "));
    await ben.send("PAGE OPEN p1 ops :db down");
    await ann.until((each) => each.includes(" PAGE RINGING 1 "));
    await line.kill({ kind: "now" });
    await line.startHub();
    await ann.send("PAGE ACK *");
    await ann.until((each) => each.includes(" PAGE ACK 1 "));
    await ben.until((each) => / PAGE END p1 1 acknowledged ann /.test(each));
    await ben.until((each) => each.includes(" PAGE STOPPED 1 acknowledged ann "));
  },
);

takeoverTest("a client that leaves while there is no hub has said what it sent before", {}, async (line) => {
  const [ann, ben] = [await line.enter("ann", "#tea"), await line.enter("ben", "#tea")];
  const cat = await line.enter("cat", "#tea");
  await ann.barrier();
  ann.take();
  await line.kill({ kind: "now" });
  await ben.send("PRIVMSG #tea :last words");
  ben.close();
  cat.close();
  await line.startHub();
  await ann.until((each) => / QUIT /.test(each) && each.startsWith(":ben"));
  await ann.until((each) => / QUIT /.test(each) && each.startsWith(":cat"));
  const told = ann.take();
  assertEquals(told.filter((each) => each.startsWith(":ben")), [
    ":ben!~ben@127.0.0.1 PRIVMSG #tea :last words",
    ":ben!~ben@127.0.0.1 QUIT :Connection closed",
  ]);
  assertEquals(told.length, 3);
  assertEquals(line.hub.server.hub.context.state.sessions.size, 1);
});

takeoverTest("new clients wait for the next hub, and find it at the same address", {}, async (line) => {
  const ann = await line.enter("ann", "#tea");
  const { address } = line;
  await line.kill({ kind: "now" });
  const ben = await line.open();
  await ben.send("NICK ben\r\nUSER ben 0 * :ben\r\nJOIN #tea");
  const gone = await line.open();
  await gone.send("NICK gone");
  gone.close();
  await line.startHub();
  await ben.until((each) => / 366 /.test(each));
  await ann.until((each) => / JOIN /.test(each));
  assertEquals(line.address, address);
  assertEquals(ann.take(), [":ben!~ben@127.0.0.1 JOIN #tea"]);
});

takeoverTest(
  "what a client said in one read with its registration, to a hub that has not answered, is not said twice",
  {},
  async (line) => {
    const ann = await line.enter("ann", "#tea");
    const ben = await line.open();
    await ann.barrier();
    ann.take();
    const killed = line.kill({ kind: "append", after: 0, isAppended: true });
    await ben.send("NICK ben\r\nUSER ben 0 * :ben\r\nPRIVMSG ann :hello");
    await killed;
    await line.startHub();
    await ben.ended();
    assertEquals(ben.take(), [
      "ERROR :Closing Link: the server was restarted before you were registered; connect again",
      "(closed)",
    ]);
    await ann.barrier();
    assertEquals(ann.take(), [":ben!~ben@127.0.0.1 PRIVMSG ann :hello"]);
  },
);

takeoverTest("a client that is not registered gets an ERROR, others stay", {}, async (line) => {
  const ann = await line.enter("ann", "#tea");
  const ben = await line.open();
  await ben.send("CAP LS 302\r\nNICK ben");
  await ben.until((each) => / CAP /.test(each));
  ben.take();
  await line.kill({ kind: "now" });
  await ben.ended();
  assertEquals(ben.take(), [
    "ERROR :Closing Link: the server was restarted before you were registered; connect again",
    "(closed)",
  ]);
  await line.startHub();
  await ann.barrier();
  assertEquals(ann.take(), []);
});

takeoverTest(
  "WebSocket clients are held, and HTTP requests get 503 meanwhile",
  { web: true },
  async (line) => {
    const browser = SocketClient.over(await WebClient.connect(line.webPort));
    await browser.send("NICK web\r\nUSER web 0 * :web\r\nJOIN #tea");
    await browser.barrier();
    browser.take();
    const ask = async () => {
      const { status, body } = await fetch(`http://127.0.0.1:${line.webPort}/`);
      await body?.cancel();
      return status;
    };
    assertEquals(await ask(), 426, "the hub answers that it wants WebSocket");
    await line.kill({ kind: "now" });
    assertEquals(await ask(), 503);
    const port = line.webPort;
    await line.startHub();
    assertEquals([await ask(), line.webPort], [426, port]);
    const ann = await line.enter("ann", "#tea");
    await ann.send("PRIVMSG #tea :still here");
    await browser.until((each) => each.endsWith(":still here"));
    assertEquals(browser.take().length, 2, "the JOIN and the message of ann");
    browser.close();
  },
);

takeoverTest("a front that reports after the start is restored then", {}, async (line) => {
  const [ann, ben] = [await line.enter("ann", "#tea"), await line.enter("ben", "#tea")];
  await ann.barrier();
  ann.take();
  await line.kill({ kind: "now" });
  await line.startHub(0);
  await ben.send("PRIVMSG #tea :late");
  await ann.until((each) => each.endsWith(":late"));
  assertEquals(ann.take().length, 1);
  assertEquals(metricsOf(line), ["chatterbox_fronts 1", "restored 2", "refused 0"]);
});

takeoverTest("a hub waits for a front that does not come for a bounded time", {}, async (line) => {
  const ann = await line.enter("ann", "#tea");
  await line.kill({ kind: "now" });
  await line.startHub(2);
  await ann.barrier();
  assertEquals(ann.take(), []);
  const { restored, refused, ms } = line.hub.fronts.takeover;
  assertEquals([restored, refused, ms >= GATHER_MS], [1, 0, true]);
});

takeoverTest(
  "clients are told when no hub comes in time, and the front ends",
  { setup: { holdMs: 200 } },
  async (line) => {
    const ann = await line.enter("ann", "#tea");
    await line.kill({ kind: "now" });
    await ann.ended();
    assertEquals(ann.take(), ["ERROR :Closing Link: the server has ended", "(closed)"]);
    assertMatch(await line.ended[0] ?? "", /^no hub has come within 0.2 s: the hub closed the relay$/);
  },
);

takeoverTest(
  "a session that cannot be restored is refused with the reason",
  { fronts: 2, started: 1 },
  async (line) => {
    const [ann, ben] = [await line.enter("ann", "#tea"), await line.enter("ben", "#tea")];
    const { path } = line.hub;
    const { relay, told } = await presentGarbage(path);
    assertEquals(told, [
      "refuse 1: ERROR :Closing Link: The state of the session is not valid: it is not JSON in UTF-8",
      "refuse 2: ERROR :Closing Link: The state of the session is not valid: it is not JSON in UTF-8",
      "resumed",
    ]);
    relay.close();
    for (const client of [ann, ben]) await client.barrier();
    assertEquals([ann.take().length, ben.take()], [1, []], "others go on: ann has seen ben come");
  },
);

takeoverTest("a front that has lost a hub that lives is not taken again", {}, async (line) => {
  const ann = await line.enter("ann", "#tea");
  for (const wire of line.wires) wire.cut();
  await ann.ended();
  assertMatch(await line.ended[0] ?? "", /the server has closed the relay of this front/);
});

takeoverTest("the end of a server ends its fronts", {}, async (line) => {
  const ann = await line.enter("ann", "#tea");
  await line.hub.server.stop("Server shutting down");
  await ann.ended();
  assertMatch(ann.take().join(), /ERROR :.*Server shutting down/);
  await line.hub.fronts.close();
  assertEquals(await line.ended[0], undefined);
});

takeoverTest(
  "a hub that ends for the next one tells nothing, and works on no further line",
  {},
  async (line) => {
    const [ann, ben] = [await line.enter("ann", "#tea"), await line.enter("ben", "#tea")];
    await ann.barrier();
    ann.take();
    const sent = Array.from({ length: 50 }, (_, n) => `PRIVMSG #tea :${n}`);
    await ben.send(sent.join("\r\n"));
    const { server } = line.hub;
    await line.suspend();
    const { nextSeq } = line.ring;
    void server.turnQueue.run((hub) => hub.announce("#tea", "late", 0));
    for (let nth = 0; nth < 5; nth++) await nextLoopIteration();
    assertEquals(line.ring.nextSeq, nextSeq);
    await line.startHub();
    await ann.until((each) => each.endsWith(":49"));
    assertEquals(ann.take().map((each) => each.replace(/^.*PRIVMSG #tea :/, "")), sent.map((_, n) => `${n}`));
  },
);

takeoverTest(
  "sessions of a front that is lost before the start have lost their connections",
  { fronts: 2 },
  async (line) => {
    const clients = [];
    for (let nth = 0; nth < 6; nth++) clients.push(await line.enter(`c${nth}`, "#tea"));
    await line.kill({ kind: "now" });
    await line.startHub(2, async () => {
      line.wires[0]!.cut();
      await Promise.race(line.ended); // this hub does not take it again
    });
    const { sessions } = line.hub.server.hub.context.state;
    const open: SocketClient[] = [];
    for (const client of clients) {
      await client.barrier(); // settles also at the end of the connection
      if (!client.take().includes("(closed)")) open.push(client);
    }
    await comesTrue("the hub has no others", () => sessions.size === open.length);
  },
);

/** What the metrics say of fronts. */
function metricsOf({ hub: { server }, ring }: HubLine): string[] {
  const metrics = readServerMetrics({
    server,
    ring,
    storage: { trouble: undefined },
    archive: undefined,
    notifications: { counts: { sent: 0, failed: 0 } },
    log: { counts: { info: 0, warning: 0, error: 0 } },
    now: () => 0,
  });
  const text = formatMetrics(metrics);
  return [
    ...text.match(/^chatterbox_fronts .*/m) ?? [],
    ...Array.from(
      text.matchAll(/^chatterbox_takeover_sessions\{outcome="(.*)"\} (\d+)/gm),
      ([, outcome, count]) => `${outcome} ${count}`,
    ),
  ];
}

/** Plays a front that presents sessions with states that are none; returns what the hub says to them. */
async function presentGarbage(path: string) {
  const relay = new FrameConn(await Deno.connect({ transport: "unix", path }), MAX_SETUP_BYTES, 1 << 26);
  const side = { version: RELAY_VERSION, program: "0" };
  relay.send([
    encodeHello({ kind: "front", side, index: 1, pid: Deno.pid, name: "garbage", isReturning: true }),
    ...[1, 2].map((session) =>
      encodeUp({
        kind: "present",
        session,
        endReason: undefined,
        state: Uint8Array.of(session, 0xff),
        stateSeq: 1,
        answered: 0,
        tries: 0,
        lines: [],
      })
    ),
    encodeUp({ kind: "presented", deliveredSeq: 1, listeners: "[]" }),
  ]);
  const welcome = await inTime("the welcome", relay.read());
  assertEquals(decodeWelcome(welcome!).kind, "welcome");
  const told: string[] = [];
  while (told.at(-1) !== "resumed") {
    const frame = await inTime("an answer", relay.read());
    if (isOfTurn(frame!)) continue;
    const down = decodeDown(frame!);
    if (down.kind === "refuse") told.push(`refuse ${down.session}: ${down.text.trimEnd()}`);
    else if (down.kind === "resumed") told.push("resumed");
  }
  return { relay, told };
}
