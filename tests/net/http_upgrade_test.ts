import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import type { Conn } from "../../lib/net/conn.ts";
import { WebSocketServerConn } from "../../lib/net/web/websocket_conn.ts";
import { HttpUpgrader } from "../../lib/net/web/http_upgrade.ts";
import { clientFrame, handshake } from "../support/web_client.ts";

/** A peer that says `bytes`, so many at a time, and then nothing until it is closed. */
class Peer implements Conn {
  closed = false;
  heard = "";
  readonly #end = Promise.withResolvers<null>();
  #at = 0;

  constructor(readonly bytes: Uint8Array = new Uint8Array(0), readonly piece = Infinity) {}

  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const part = this.bytes.subarray(this.#at, this.#at + Math.min(this.piece, buffer.length));
    this.#at += part.length;
    buffer.set(part);
    return part.length > 0 ? Promise.resolve(part.length) : this.#end.promise;
  }

  write(bytes: Uint8Array): Promise<number> {
    this.heard += new TextDecoder().decode(bytes.subarray(0, 7)); // the network takes a few at a time
    return Promise.resolve(Math.min(7, bytes.length));
  }

  closeWrite(): Promise<void> {
    this.#end.resolve(null);
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
    this.#end.resolve(null);
  }
}

const door = () => new HttpUpgrader({ origins: new Set(), names: new Set() });

Deno.test("a handshake is answered however it comes, and what follows it is not lost", async () => {
  const line = "PRIVMSG #tea :" + "x".repeat(400);
  const said = `${handshake({ "X-Long": "y".repeat(5000) })}${
    String.fromCharCode(...clientFrame(encodeUtf8("NICK alice")), ...clientFrame(encodeUtf8(line)))
  }`;
  const bytes = Uint8Array.from(said, (letter) => letter.charCodeAt(0));
  for (const piece of [1, 100, 4096]) {
    const peer = new Peer(bytes, piece);
    const conn = await door().upgrade(peer);
    assert(conn instanceof WebSocketServerConn, peer.heard);
    assertMatch(peer.heard, /^HTTP\/1\.1 101 [^]*s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n\r\n$/);
    let text = "";
    const buffer = new Uint8Array(64);
    while (!text.endsWith("x\r\n")) {
      text += new TextDecoder().decode(buffer.subarray(0, (await conn.read(buffer))!));
    }
    assertEquals(text, `NICK alice\r\n${line}\r\n`);
  }
});

Deno.test("what is no handshake is answered whole, and closed", async () => {
  const peer = new Peer(encodeUtf8("GET /x HTTP/1.1\r\nHost: x\r\n\r\n"));
  assertEquals(await door().upgrade(peer), undefined);
  assertMatch(peer.heard, /^HTTP\/1\.1 404 [^]*There is no page at this address\.\n$/);
  assertEquals(peer.closed, true);
});

Deno.test("very many requests that do not end take the place of the oldest of them, and of nobody else", async () => {
  const web = door();
  const peers = Array.from({ length: 1100 }, () => new Peer());
  const greeted = peers.map((peer) => web.upgrade(peer));
  const closed = peers.findIndex((peer) => !peer.closed);
  assert(closed > 0 && peers.slice(closed).every((peer) => !peer.closed), `${closed} are closed`);
  assertEquals(web.requests, 1100 - closed);
  web.close();
  assertEquals(new Set(await Promise.all(greeted)), new Set([undefined]));
  assertEquals(web.requests, 0);
});
