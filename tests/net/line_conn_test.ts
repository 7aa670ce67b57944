import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import type { Conn } from "../../lib/net/conn.ts";
import { LineConn } from "../../lib/net/line_conn.ts";
import { LineFramer, WebSocketServerConn } from "../../lib/net/web/websocket_conn.ts";
import { WriteScheduler } from "../../lib/net/write_scheduler.ts";
import { readToEnd } from "../support/guard.ts";
import { withServedConn } from "./served_conn.ts";
import type { ServedConn } from "./served_conn.ts";
import { clientFrame } from "../support/web_client.ts";

async function withPair(
  fn: (pair: ServedConn<Deno.TcpConn>) => Promise<void>,
  maxQueueBytes?: number,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [peer, accepted] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
  listener.close();
  await withServedConn(accepted, peer, fn, maxQueueBytes);
}

Deno.test("lines come in order, however the bytes are cut; the end comes once", () =>
  withPair(async ({ peer, got, served }) => {
    const sent = Array.from({ length: 3000 }, (_, index) => `${index} ${"é".repeat(index % 200)}`);
    const bytes = encodeUtf8(sent.map((line) => line + "\r\n").join(""));
    for (let at = 0; at < bytes.length;) at += await peer.write(bytes.subarray(at, at + 1 + (at % 5000)));
    peer.closeWrite();
    await served;
    assertEquals(got, [...sent, "closed: Connection closed"]);
  }));

Deno.test("what a peer said before it was cut off is worked on before its end is told", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const peer = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const conn = new LineConn(await listener.accept(), new WriteScheduler());
  listener.close();
  const events: string[] = [];
  const begun = Promise.withResolvers<void>();
  const worked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const served = conn.serve({
    handleLines(lines) {
      events.push(...lines.map(String));
      begun.resolve();
      return worked.promise;
    },
    handleClosed(reason) {
      events.push(reason);
      ended.resolve();
    },
  });
  conn.send([encodeUtf8("an answer that is never read\r\n")]);
  await peer.write(encodeUtf8("hello\r\n"));
  await begun.promise;
  peer.close(); // with something unread: the connection is reset
  for (let turns = 0; turns < 200; turns++) {
    conn.send([encodeUtf8("is anybody there?\r\n")]); // what fails, read or write, tells of it
    await nextLoopIteration();
  }
  events.push("worked on");
  worked.resolve();
  await Promise.all([served, ended.promise]);
  assertEquals(events, ["hello", "worked on", "Connection reset"]);
});

Deno.test("half a line at the end is no line", () =>
  withPair(async ({ peer, got, served }) => {
    await peer.write(encodeUtf8("whole\nhal"));
    peer.close();
    await served;
    assertEquals(got, ["whole", "closed: Connection closed"]);
  }));

Deno.test("the end writes what is queued, then closes; what the peer says after that is dropped", () =>
  withPair(async ({ conn, peer, got, served }) => {
    const text = "x".repeat(100_000);
    for (let each = 0; each < 10; each++) conn.send([encodeUtf8(text)]);
    const ended = conn.end();
    assertEquals((await readToEnd(peer)).length, 1_000_000);
    await ended;
    await served;
    assertEquals(got, ["closed: Connection closed"]);
  }));

Deno.test("lines after the end are dropped", () =>
  withPair(async ({ conn, peer, got, served }) => {
    conn.send([encodeUtf8("ERROR :bye\r\n")]);
    await conn.end();
    await peer.write(encodeUtf8("PRIVMSG #lobby :too late\r\n"));
    peer.closeWrite();
    await served;
    assertEquals(got, ["closed: Connection closed"]);
  }));

Deno.test("a reader that is too slow for the bound is refused, and others of this process are not held up", () =>
  withPair(async ({ conn }) => {
    const chunk = new Uint8Array(64 * 1024);
    let sent = 0;
    while (conn.send([chunk])) sent += chunk.length; // nobody reads: the kernel's buffers fill, then the queue
    assertEquals(sent >= 1 << 20, true);
    await Promise.resolve();
  }, 1 << 20));

Deno.test("a connection that was destroyed says nothing more, and may be destroyed again", () =>
  withPair(async ({ conn, peer, got, served }) => {
    conn.destroy();
    conn.destroy();
    await served;
    assertEquals(got, ["closed: Connection closed"]);
    await peer.read(new Uint8Array(1));
    await conn.end();
  }));

Deno.test("a peer that has gone before it is told of the end is not waited for", async () => {
  let closed = 0;
  const gone: Conn = {
    read: () => Promise.resolve(null),
    write: (bytes) => Promise.resolve(bytes.length),
    closeWrite: () => Promise.reject(new Deno.errors.BrokenPipe()),
    close: () => void closed++,
  };
  await new LineConn(gone, new WriteScheduler()).end(60_000);
  assertEquals(closed, 1);
});

/** A peer that sends `piece` as fast as it is read, `reads` times. */
class Flood implements Conn {
  reads = 0;
  #sent = 0;
  constructor(readonly piece: Uint8Array, readonly limit: number) {}

  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    if (++this.reads > this.limit) return Promise.resolve(null);
    for (let at = 0; at < buffer.length; at++) buffer[at] = this.piece[this.#sent++ % this.piece.length]!;
    return Promise.resolve(buffer.length);
  }

  write = (bytes: Uint8Array) => Promise.resolve(bytes.length);
  closeWrite = () => Promise.resolve();
  close() {}
}

const EMPTY = new Uint8Array(0);
const FLOODS: Record<string, [piece: Uint8Array, isWeb?: boolean]> = {
  "line ends": [encodeUtf8("\r\n")],
  "a line without end": [encodeUtf8("x")],
  "tags without end": [encodeUtf8("@")],
  "lines that are not UTF-8": [new Uint8Array([0xff, 10])],
  "lines with NUL": [new Uint8Array([0, 10])],
  "short lines": [encodeUtf8("PING x\r\n")],
  "WebSocket pings": [clientFrame(EMPTY, { opcode: 9 }), true],
  "WebSocket pongs": [clientFrame(EMPTY, { opcode: 10 }), true],
  "empty WebSocket messages": [clientFrame(EMPTY), true],
  "empty WebSocket frames that go on": [
    concatBytes([clientFrame(EMPTY, { final: false }), clientFrame(EMPTY, { opcode: 0 })]),
    true,
  ],
};

const READS = 200;

for (const [name, [piece, isWeb]] of Object.entries(FLOODS)) {
  Deno.test(`a flood of ${name} gives way, though what is read is worked on at once: sockets are polled`, async () => {
    const flood = new Flood(piece, READS);
    const turns = new WriteScheduler();
    const polls = new Set<Promise<void>>();
    const next = turns.polls.nextPoll.bind(turns.polls);
    turns.polls.nextPoll = () => {
      const poll = next();
      polls.add(poll);
      return poll;
    };
    const conn = new LineConn(isWeb ? new WebSocketServerConn(flood, new LineFramer("text")) : flood, turns);
    let handed = 0;
    await conn.serve({
      handleLines: (_lines, bytes, frames) => {
        handed++;
        assert(
          bytes <= 16 * 1024 && frames <= bytes + 16 * 1024,
          `${bytes} bytes and ${frames} frames in one read`,
        );
        assertEquals(frames > 0, isWeb ?? false);
        return undefined;
      },
      handleClosed: () => {},
    });
    await turns.polls.waitUntilIdle();
    assert(handed >= READS, `${handed} reads were told of: each can be counted`);
    // A read of 16 KiB is taken for a quarter of a millisecond or more, and polls are 5 ms apart.
    assert(polls.size >= READS * 0.25 / 5 - 1, `${polls.size} polls in ${flood.reads} reads`);
  });
}

Deno.test("what a peer goes on sending after its farewell is read up to a bound, and then the connection is closed", async () => {
  const MUCH = 1000;
  let reads = 0;
  let isClosed = false;
  const written: Uint8Array[] = [];
  const flood: Conn = {
    async read(buffer) {
      await nextLoopIteration();
      if (isClosed) throw new Deno.errors.BadResource();
      buffer.fill(0x78);
      return ++reads >= MUCH ? null : buffer.length;
    },
    write(bytes) {
      written.push(bytes.slice());
      return Promise.resolve(bytes.length);
    },
    closeWrite: () => Promise.resolve(),
    close: () => void (isClosed = true),
  };
  const turns = new WriteScheduler();
  const conn = new LineConn(flood, turns);
  let ended = "";
  const served = conn.serve({
    handleLines: () => undefined,
    handleClosed: (reason) => void (ended = reason),
  });
  while (reads < 3) await nextLoopIteration();
  conn.send([encodeUtf8("ERROR :bye\r\n")]);
  const readsAtEnd = reads;
  await conn.end(60_000);
  await served;
  await turns.polls.waitUntilIdle();
  assertEquals(
    [isClosed, ended, reads - readsAtEnd > 64 + 2],
    [true, "Connection closed", false],
    `${reads} reads`,
  );
  assertEquals(new TextDecoder().decode(concatBytes(written)), "ERROR :bye\r\n");
});
