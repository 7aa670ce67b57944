import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { RefusedConnections } from "../../lib/net/refused_connections.ts";

/** A peer that reads what it is told, and closes when it is asked to, or never. */
class Peer {
  heard = "";
  closed = false;
  readonly #end = Promise.withResolvers<null>();

  constructor(readonly polite: boolean, readonly saying = 0) {}

  write(bytes: Uint8Array): Promise<number> {
    this.heard += new TextDecoder().decode(bytes.subarray(0, 7)); // the network takes a few at a time
    return Promise.resolve(Math.min(7, bytes.length));
  }

  closeWrite(): Promise<void> {
    if (this.polite) this.#end.resolve(null);
    return Promise.resolve();
  }

  reads = 0;
  read(): Promise<number | null> {
    return this.reads++ < this.saying ? Promise.resolve(1) : this.#end.promise;
  }

  close(): void {
    this.closed = true;
    this.#end.resolve(null);
  }

  get conn(): Deno.Conn {
    return this as unknown as Deno.Conn;
  }
}

const LINE = "ERROR :Closing Link: too many\r\n";

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

Deno.test("who is refused is told why, whole, and closed once it has read that", async () => {
  const refusals = new RefusedConnections();
  const [polite, rude] = [new Peer(true), new Peer(false)];
  for (const peer of [polite, rude]) refusals.refuse(peer.conn, "too many", 0, "address");
  await settled();
  assertEquals([polite.heard, polite.closed], [LINE, true]);
  assertEquals([rude.heard, rude.closed], [LINE, false]);
  refusals.close();
  await settled();
  assertEquals(rude.closed, true);
});

Deno.test("who goes on talking is not listened to for long", async () => {
  const refusals = new RefusedConnections();
  const peer = new Peer(false, Infinity);
  refusals.refuse(peer.conn, "too many", 0, "address");
  await settled();
  assertEquals([peer.heard, peer.closed], [LINE, true]);
  assert(peer.reads < 100, `${peer.reads} reads`);
});

Deno.test("of very many at once the last are closed without a word, as is who could not read it", async () => {
  const refusals = new RefusedConnections();
  const peers = Array.from({ length: 300 }, () => new Peer(false));
  for (const peer of peers) refusals.refuse(peer.conn, "too many", 0, "address");
  const late = peers.filter(({ closed }) => closed);
  assert(late.length > 0 && late.every(({ heard }) => heard === ""), `${late.length} closed`);
  refusals.close();
  await settled();
  const unread = new Peer(false);
  refusals.refuse(unread.conn, "too many", 0, "address", "");
  assertEquals([unread.heard, unread.closed], ["", true]);
});

Deno.test("however many were refused before, the next one is told why", async () => {
  const refusals = new RefusedConnections();
  for (let wave = 0; wave < 2; wave++) {
    const peers = Array.from({ length: 200 }, () => new Peer(true));
    for (const peer of peers) refusals.refuse(peer.conn, "too many", 0, "address");
    await settled();
    assert(peers.every(({ heard, closed }) => heard === LINE && closed), `all of wave ${wave}`);
  }
});

Deno.test("that connections are refused is told once a minute, with their number", () => {
  const told: string[] = [];
  const refusals = new RefusedConnections((text) => told.push(text));
  for (const [now, why] of [[0, "a"], [1, "b"], [59_999, "c"], [60_000, "d"], [60_001, "e"]] as const) {
    refusals.refuse(new Peer(true).conn, why, now, "address", "");
  }
  assertEquals(told, ["a connection was refused: a", "3 connections were refused: d"]);
});
