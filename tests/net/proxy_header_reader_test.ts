import { assertEquals } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import type { Conn } from "../../lib/net/conn.ts";
import { ProxyHeaderReader } from "../../lib/net/proxy/proxy_header_reader.ts";
import { binaryHeader } from "../support/proxy_header.ts";

/** A peer that has said `bytes`, and after that says nothing until it is closed. */
class Peer implements Conn {
  closed = false;
  used = 0;
  readonly #end = Promise.withResolvers<never>();

  constructor(readonly bytes: Uint8Array = new Uint8Array(0)) {}

  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const part = this.bytes.subarray(this.used, this.used + buffer.length);
    this.used += part.length;
    buffer.set(part);
    return part.length > 0 ? Promise.resolve(part.length) : this.#end.promise;
  }

  write = (bytes: Uint8Array) => Promise.resolve(bytes.length);
  closeWrite = () => Promise.resolve();

  close(): void {
    this.closed = true;
    this.#end.reject(new Deno.errors.Interrupted());
  }
}

Deno.test("a header is read, however long it is, and nothing of what follows", async () => {
  for (
    const header of [
      encodeUtf8("PROXY TCP4 192.0.2.1 198.51.100.7 56324 6667\r\n"),
      binaryHeader(0x20, 0, []),
      binaryHeader(0x20, 0, new Array(4000).fill(4)),
    ]
  ) {
    const peer = new Peer(new Uint8Array([...header, ...encodeUtf8("NICK alice\r\n")]));
    assertEquals((await new ProxyHeaderReader().read(peer))?.kind, "ok");
    assertEquals([peer.used, peer.closed], [header.length, false]);
  }
});

Deno.test("what takes too long is closed, and is a fault", async () => {
  const peer = new Peer(encodeUtf8("PROXY TCP4 "));
  const outcome = await new ProxyHeaderReader(20).read(peer);
  assertEquals(outcome, { kind: "bad", why: "no PROXY header within 0.02 s" });
  assertEquals(peer.closed, true);
});

Deno.test("of too many that say nothing the oldest is closed, and at the end all are", async () => {
  const reader = new ProxyHeaderReader();
  const peers = Array.from({ length: 1026 }, () => new Peer());
  const outcomes = peers.map((peer) => reader.read(peer));
  assertEquals(peers.map(({ closed }) => closed).indexOf(false), 2);
  reader.close();
  assertEquals((await Promise.all(outcomes)).filter((outcome) => outcome !== undefined), []);
  assertEquals(peers.every(({ closed }) => closed), true);
});

Deno.test("of however many whose header has come none is closed", async () => {
  const reader = new ProxyHeaderReader();
  const peers = Array.from({ length: 1026 }, () => new Peer(encodeUtf8("PROXY UNKNOWN\r\n")));
  for (const peer of peers) await reader.read(peer);
  assertEquals(peers.filter(({ closed }) => closed).length, 0);
});

Deno.test("a connection whose header has come is not closed when its time would be over", async () => {
  const peer = new Peer(encodeUtf8("PROXY UNKNOWN\r\n"));
  assertEquals((await new ProxyHeaderReader(0).read(peer))?.kind, "ok");
  await new Promise((resolve) => setTimeout(resolve, 1)); // comes after the reader's own
  assertEquals(peer.closed, false);
});
