/** `chatterbox front` as a process, with a hub that the test plays; and what connects to a hub and is no front. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { concatBytes } from "../../lib/base/bytes.ts";
import { runFront } from "../../lib/front/front_run.ts";
import { FrameConn } from "../../lib/net/frame_conn.ts";
import { writeAll } from "../../lib/net/conn.ts";
import {
  decodeHello,
  decodeWelcome,
  describeMismatch,
  encodeHello,
  encodeWelcome,
  MAX_HELLO_BYTES,
  RELAY_VERSION,
  type Welcome,
} from "../../lib/relay/handshake.ts";
import { VERSION } from "../../lib/base/version.ts";
import { formatSetup } from "../../lib/server/relay/front_setup.ts";
import { HUB_SIDE, RelaySocket } from "../../lib/server/relay/relay_socket.ts";
import { program, programTest } from "../commands/program.ts";
import { GUARD_MS, inTime } from "../support/guard.ts";
import { POSIX, tempDirTest } from "../support/test.ts";
import { TEST_SETUP } from "./relayed_server.ts";

const HELLO = { kind: "front", index: 0, pid: 1, name: "f0", isReturning: false } as const;

/** Runs a front; its hub answers with `welcome`, and then closes. */
async function runWith(home: string, welcome: Welcome) {
  const path = `${home}/hub.sock`;
  const listener = Deno.listen({ transport: "unix", path });
  const running = program(["front", path, "3", String(Deno.pid)], home);
  const hub = new FrameConn(await inTime("a front", listener.accept()), 1 << 20, 1 << 20);
  const hello = decodeHello((await inTime("its hello", hub.read()))!);
  hub.send([encodeWelcome(welcome)]);
  await hub.queue.flushed();
  hub.close();
  listener.close();
  return { hello, run: await running };
}

programTest("front: typed by a person it says what starts it: 64", {}, async (home) => {
  const { code, err } = await program(["front"], home);
  assertEquals([code, err], [64, "chatterbox: front: only chatterbox serve --fronts starts this\n"]);
});

programTest("front: it ends with its hub: 0", POSIX, async (home) => {
  const { hello, run } = await runWith(home, {
    kind: "welcome",
    side: HUB_SIDE,
    setup: formatSetup(TEST_SETUP),
  });
  assert(hello.kind === "front", "it says what it is");
  assertEquals([hello.index, hello.side], [3, { version: RELAY_VERSION, program: VERSION }]);
  assertEquals([run.code, run.err], [0, ""]);
});

programTest("front: a hub of another version is told with both versions: 74", POSIX, async (home) => {
  const other = { version: RELAY_VERSION + 1, program: "9.9.9" };
  const { run } = await runWith(home, { kind: "mismatch", side: other });
  assertEquals(run.code, 74);
  const [own, next] = [RELAY_VERSION, RELAY_VERSION + 1];
  const words =
    `^chatterbox: front 4: the front speaks version ${own} .*, the hub version ${next} .*9\\.9\\.9`;
  assertMatch(run.err, new RegExp(words));
});

tempDirTest(
  "front: it is stopped while the next hub welcomes it, and ends",
  { ...POSIX, permissions: "inherit" },
  async (home) => {
    const path = `${home}/hub.sock`;
    using listener = Deno.listen({ transport: "unix", path });
    const welcome = encodeWelcome({
      kind: "welcome",
      side: HUB_SIDE,
      setup: formatSetup({ ...TEST_SETUP, holdMs: GUARD_MS }),
    });
    const accept = async () => {
      const hub = new FrameConn(await inTime("a front", listener.accept()), 1 << 20, 1 << 20);
      await inTime("its hello", hub.read());
      return hub;
    };
    const stop = new AbortController();
    const ended = runFront(path, 0, stop.signal);
    const first = await accept();
    first.send([welcome]);
    await first.queue.flushed();
    first.close();
    const next = await accept();
    stop.abort();
    next.send([welcome]);
    assertEquals(await inTime("the end of the front", ended), undefined);
    next.close();
  },
);

/** What a relay socket says to a connection that begins with `bytes`: its first frame, and what is logged. */
async function sayToHub(dataDir: string, bytes: Uint8Array) {
  const troubles: string[] = [];
  const fronts: number[] = [];
  const socket = await RelaySocket.open({
    dataDir,
    onFront: (conn, { index }) => {
      fronts.push(index);
      conn.close();
    },
    onTunnel: (conn) => conn.close(),
    onTrouble: (why) => troubles.push(why),
  });
  assert(socket instanceof RelaySocket, "it listens");
  const conn = await Deno.connect({ transport: "unix", path: socket.path });
  await writeAll(conn, bytes).catch(() => {});
  const frames = new FrameConn(conn, 1 << 20, 1 << 20);
  const frame = await inTime("an answer", frames.read());
  frames.close();
  await socket.close();
  return { frame, troubles, fronts };
}

function socketTest(name: string, fn: (home: string) => Promise<void>): void {
  tempDirTest(`front: ${name}`, { ...POSIX, permissions: "inherit" }, fn);
}

socketTest("the first frame is bounded", async (home) => {
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, MAX_HELLO_BYTES + 1);
  const { troubles, frame } = await sayToHub(home, head);
  assertEquals(frame, undefined);
  assertMatch(troubles[0]!, /larger than/);
});

socketTest("a front of another version is told both, and so is the log", async (home) => {
  const side = { version: RELAY_VERSION + 1, program: "9.9.9" };
  const { frame, troubles } = await sayToHub(home, encodeHello({ ...HELLO, side }));
  assertEquals(decodeWelcome(frame!), { kind: "mismatch", side: HUB_SIDE });
  assertEquals(troubles, [describeMismatch(side, HUB_SIDE)]);
});

socketTest("what is no front is closed, and logged", async (home) => {
  const { troubles, fronts } = await sayToHub(
    home,
    concatBytes([Uint8Array.of(0, 0, 0, 9), new Uint8Array(9)]),
  );
  assertEquals([troubles, fronts], [["a connection to the relay: the peer is no front of ChatterBox"], []]);
});

socketTest("only its owner may connect to the relay socket", async (home) => {
  const socket = await RelaySocket.open({ dataDir: home, onFront() {}, onTunnel() {}, onTrouble() {} });
  assert(socket instanceof RelaySocket, "it listens");
  const { mode } = await Deno.stat(socket.path);
  assertEquals(mode! & 0o777, 0o600);
  await socket.close();
});
