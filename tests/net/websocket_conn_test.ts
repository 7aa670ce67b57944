import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import { LineFramer, WebSocketServerConn } from "../../lib/net/web/websocket_conn.ts";
import { HttpUpgrader } from "../../lib/net/web/http_upgrade.ts";
import { withServedConn } from "./served_conn.ts";
import type { ServedConn } from "./served_conn.ts";
import { clientFrame, WebClient } from "../support/web_client.ts";

/** A connection as a server has it, and a client's side of it. */
async function withPair(
  fn: (pair: ServedConn<WebClient>) => Promise<void>,
  maxQueueBytes?: number,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const peering = WebClient.connect(listener.addr.port);
  const accepted = await new HttpUpgrader({ origins: new Set(), names: new Set() }).upgrade(
    await listener.accept(),
  );
  listener.close();
  assert(accepted !== undefined, "a WebSocket");
  await withServedConn(accepted, await peering, fn, maxQueueBytes);
}

const CLOSE = clientFrame(new Uint8Array([3, 232]), { opcode: 8 });

Deno.test("lines come in order, however the bytes are cut; the end comes once, and is answered", () =>
  withPair(async ({ peer, got, served }) => {
    const sent = Array.from({ length: 3000 }, (_, index) => `${index} ${"é".repeat(index % 200)}`);
    const bytes = concatBytes([...sent.map((line) => clientFrame(encodeUtf8(line))), CLOSE]);
    for (let at = 0; at < bytes.length; at += 1 + (at % 5000)) {
      await peer.send(bytes.subarray(at, at + 1 + (at % 5000)));
    }
    assertEquals(await peer.frame(), { opcode: 8, final: true, payload: new Uint8Array([3, 232]) });
    assertEquals(await peer.frame(), undefined);
    await served;
    assertEquals(got, [...sent, "closed: Connection closed"]);
  }));

Deno.test("a line that is too long is a fault like any other; a message far beyond is the end, and it is told why", () =>
  withPair(async ({ peer, got, served }) => {
    await peer.send(concatBytes([
      clientFrame(encodeUtf8(`PRIVMSG #tea :${"x".repeat(600)}`)),
      clientFrame(encodeUtf8("NICK alice")),
      clientFrame(new Uint8Array(1 << 20).fill(97)),
    ])).catch(() => {}); // closed before it was all sent
    const last = await peer.frame();
    assertEquals(
      new TextDecoder("latin1").decode(last!.payload),
      "\x03\xf1a message has at most 16384 bytes",
    );
    await served;
    assertEquals(got, ["fault: too_long", "NICK alice", "closed: a message has at most 16384 bytes"]);
  }));

Deno.test("pings are answered between messages, of several that wait the last", () =>
  withPair(async ({ conn, peer }) => {
    await peer.send(clientFrame(encodeUtf8("first"), { opcode: 9 }));
    const pong = await peer.frame();
    assertEquals([pong!.opcode, new TextDecoder().decode(pong!.payload)], [10, "first"]);
    const many = Array.from(
      { length: 1000 },
      (_, index) => clientFrame(encodeUtf8(String(index)), { opcode: 9 }),
    );
    conn.send([encodeUtf8("a line\r\n")]);
    await peer.send(concatBytes(many));
    for (let heard = await peer.frame(), last = -1; last < 999; heard = await peer.frame()) {
      assert(heard !== undefined, "the end");
      const text = new TextDecoder().decode(heard.payload);
      if (heard.opcode === 1) assertEquals(text, "a line");
      else {
        assert(Number(text) > last, `${text} after ${last}`);
        last = Number(text);
      }
      if (last === 999) break;
    }
  }));

Deno.test("the end writes what is queued, says so, and waits for the peer's", () =>
  withPair(async ({ conn, peer, got, served }) => {
    const text = "x".repeat(100_000);
    for (let each = 0; each < 10; each++) conn.send([encodeUtf8(`${text}\r\n`)]);
    const ended = conn.end(60_000);
    for (let each = 0; each < 10; each++) assertEquals((await peer.frame())!.payload.length, text.length);
    assertEquals((await peer.frame())!.opcode, 8);
    await ended;
    await peer.send(concatBytes([clientFrame(encodeUtf8("too late")), CLOSE]));
    await served;
    assertEquals(got, ["closed: Connection closed"]);
  }));

Deno.test("nothing goes behind a Close frame (RFC 6455 §5.5.1)", async () => {
  const sent: Uint8Array[] = [];
  const socket = {
    read: () => Promise.resolve(null),
    write: (bytes: Uint8Array) => Promise.resolve(sent.push(bytes.slice()) && bytes.length),
    closeWrite: () => Promise.resolve(),
    close() {},
  };
  const conn = new WebSocketServerConn(socket, new LineFramer("text"));
  const line = encodeUtf8("late\r\n");
  await Promise.all([conn.closeWrite(), conn.write(line), conn.closeWrite()]);
  assertEquals(await conn.write(line), line.length, "it counts as written");
  assertEquals(sent.map((bytes) => bytes[0]), [0x88]);
});

Deno.test("who reads too slowly is refused at the same bound as others, and pings make it no larger", () =>
  withPair(async ({ conn, peer }) => {
    const chunk = encodeUtf8(`${"x".repeat(1000)}\r\n`.repeat(64));
    let sent = 0;
    for (; conn.send([chunk]); sent += chunk.length) await nextLoopIteration();
    assert(sent >= 1 << 20 && sent < 64 << 20, `${sent} bytes are held`);
    await peer.send(clientFrame(encodeUtf8("still there?"), { opcode: 9 }));
  }, 1 << 20));

Deno.test("a peer that is cut off is gone", () =>
  withPair(async ({ peer, got, served }) => {
    await peer.send(
      concatBytes([clientFrame(encodeUtf8("hello")), clientFrame(encodeUtf8("half")).subarray(0, 8)]),
    );
    peer.close();
    await served;
    assertEquals(got[0], "hello");
    assertMatch(got[1]!, /^closed: Connection (closed|reset)$/);
  }));

Deno.test("a faulty peer's time is over at the moment at which its connection is closed elsewhere", async () => {
  const due: (() => void)[] = [];
  const platform = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const reading = Promise.withResolvers<null>();
  let bytes = clientFrame(encodeUtf8("x"), { masked: false });
  let isOpen = true;
  const socket = {
    read(buffer: Uint8Array): Promise<number | null> {
      const { length } = bytes;
      buffer.set(bytes);
      bytes = new Uint8Array(0);
      return length > 0 ? Promise.resolve(length) : reading.promise;
    },
    write: (sent: Uint8Array) => Promise.resolve(sent.length),
    closeWrite: () => Promise.resolve(),
    close() { // as a socket does
      if (!isOpen) throw new Deno.errors.BadResource("Bad resource ID");
      isOpen = false;
    },
  };
  const conn = new WebSocketServerConn(socket, new LineFramer("text"));
  Object.assign(globalThis, { setTimeout: (fn: () => void) => due.push(fn), clearTimeout() {} });
  try {
    const ended = assertRejects(() => conn.read(new Uint8Array(16)));
    for (let turns = 0; turns < 20; turns++) await Promise.resolve(); // it has been told, and is read
    conn.close();
    for (const fn of due) fn();
    reading.resolve(null);
    await ended;
    assertEquals([due.length, isOpen], [1, false]);
  } finally {
    Object.assign(globalThis, platform);
  }
});
