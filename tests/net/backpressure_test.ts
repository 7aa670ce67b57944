/**
 * A peer that floods a side which does not read gets rid of what the system's socket buffers hold, and of a few reads; and all
 * of it arrives once that side reads again. On every transport, on either side.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import type { Conn, TcpSocketConn } from "../../lib/net/conn.ts";
import { makePassedServer, PassedListener } from "../../lib/net/passed_listener.ts";
import { LineConn } from "../../lib/net/line_conn.ts";
import { connectTls, makeTlsWrapper } from "../../lib/net/tls/tls_conn.ts";
import { HttpUpgrader } from "../../lib/net/web/http_upgrade.ts";
import { WriteScheduler } from "../../lib/net/write_scheduler.ts";
import { selfSigned } from "../support/certificates.ts";
import { WebClient } from "../support/web_client.ts";

const IDENTITY = await selfSigned();
/** Enough to tell a bound from none. */
const FLOOD_BYTES = 64 << 20;
/** The system's buffers of both ends: 4 MiB and 6 MiB by default on Linux (tcp(7), tcp_wmem and tcp_rmem). */
const MAX_ACCEPTED_BYTES = 16 << 20;
/** What our side takes off the socket: a read ahead, what may be decrypted and unread, a frame. */
const MAX_TAKEN_BYTES = 256 << 10;
/** So many turns of the event loop without progress: nothing more is taken. Both ends are in this process. */
const STILL_TURNS = 100;

const LINE = encodeUtf8(`${"x".repeat(254)}\r\n`);
const PIECE = concatBytes(Array.from({ length: 256 }, () => LINE));

/** Our side and its peer's of one connection. */
interface Pair {
  readonly ours: Conn;
  readonly peer: Conn;
  /** Bytes that our side has taken off the socket. */
  taken(): number;
}

/** A socket pair; `accepting`: our side is the one that accepted. */
async function sockets(transport: "tcp" | "unix", accepting: boolean) {
  const dir = transport === "unix" ? await Deno.makeTempDir() : undefined;
  const path = `${dir}/s`;
  const listener = dir === undefined
    ? Deno.listen({ hostname: "127.0.0.1", port: 0 })
    : Deno.listen({ transport: "unix", path });
  const { addr } = listener;
  const connecting: Promise<Deno.Conn> = addr.transport === "tcp"
    ? Deno.connect({ hostname: "127.0.0.1", port: addr.port })
    : Deno.connect({ transport: "unix", path });
  const [connected, accepted] = await Promise.all([connecting, listener.accept()]);
  listener.close();
  if (dir !== undefined) await Deno.remove(dir, { recursive: true });
  const [ours, peer] = accepting ? [accepted, connected] : [connected, accepted];
  return { ours: ours as Deno.TcpConn, peer: peer as Deno.TcpConn, taken: counting(ours) };
}

/** Counts what is read from `conn` from now on. */
function counting(conn: Deno.Conn): () => number {
  let taken = 0;
  const read = conn.read.bind(conn);
  conn.read = async (buffer) => {
    const length = await read(buffer);
    taken += length ?? 0;
    return length;
  };
  return () => taken;
}

async function plain(transport: "tcp" | "unix", accepting: boolean): Promise<Pair> {
  return await sockets(transport, accepting);
}

/** Our side as a socket of systemd accepts it. */
async function passed(): Promise<Pair & { readonly ours: TcpSocketConn }> {
  const server = makePassedServer();
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const listener = new PassedListener(server);
  const { port } = server.address() as { port: number };
  const [peer, ours] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port }),
    listener.accept(),
  ]);
  listener.close();
  const { socket } = ours as unknown as { socket: { bytesRead: number } };
  return { ours, peer, taken: () => socket.bytesRead };
}

/** Our TLS server, and the platform's client. */
async function tlsServing(): Promise<Pair> {
  const { ours, peer, taken } = await sockets("tcp", true);
  const secured = makeTlsWrapper(IDENTITY)(ours);
  const platform = await Deno.startTls(peer, { hostname: "localhost", caCerts: [IDENTITY.cert] });
  await platform.handshake();
  return { ours: secured, peer: platform, taken };
}

/** Our TLS client, and the platform's server. */
async function tlsConnecting(): Promise<Pair> {
  using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...IDENTITY });
  const { port } = listener.addr as Deno.NetAddr;
  const [connected, peer] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port }),
    listener.accept(),
  ]);
  const taken = counting(connected);
  const outcome = await connectTls(connected, "localhost", IDENTITY.cert);
  assert(outcome.kind === "secured", JSON.stringify(outcome));
  return { ours: outcome.conn, peer, taken };
}

/** A client that asks for WebSocket over `within`. */
async function web(within: Promise<Pair>): Promise<Pair> {
  const { ours, peer, taken } = await within;
  const door = new HttpUpgrader({ origins: new Set(), names: new Set() });
  const [accepted, client] = await Promise.all([door.upgrade(ours), WebClient.over(peer)]);
  assert(accepted !== undefined, "a WebSocket");
  return { ours: accepted, peer: client, taken };
}

const PAIRS: Readonly<Record<string, () => Promise<Pair>>> = {
  "a server, plain": () => plain("tcp", true),
  "a server, TLS": tlsServing,
  "a server, ws": () => web(plain("tcp", true)),
  "a server, wss": () => web(tlsServing()),
  "a server, a socket of systemd": passed,
  "a server, Unix": () => plain("unix", true),
  "a client, plain": () => plain("tcp", false),
  "a client, TLS": tlsConnecting,
  "a client, Unix": () => plain("unix", false),
};

/** Waits until `count` has begun to grow and grows no more; answers it. */
async function still(count: () => number): Promise<number> {
  let last = 0;
  for (let turns = 0; turns < (last === 0 ? 10 * STILL_TURNS : STILL_TURNS); turns++) {
    await new Promise((resolve) => setTimeout(resolve, 0)); // sockets are polled in each
    if (count() !== last) turns = 0;
    last = count();
  }
  assert(last > 0, "nothing has moved at all");
  return last;
}

async function inPair(
  open: () => Promise<Pair>,
  play: (pair: Pair, conn: LineConn) => Promise<void>,
  maxQueueBytes?: number,
): Promise<void> {
  const pair = await open();
  const conn = new LineConn(pair.ours, new WriteScheduler(), maxQueueBytes);
  try {
    await play(pair, conn);
  } finally {
    conn.destroy();
    try {
      pair.peer.close();
    } catch {
      // closed before
    }
  }
}

for (const [name, open] of Object.entries(PAIRS)) {
  const ignore = name.endsWith("Unix") && Deno.build.os === "windows";
  Deno.test({
    name: `a flood is held back by a side that does not read, and none of it is lost: ${name}`,
    ignore,
    fn: () =>
      inPair(open, async ({ peer, taken }, conn) => {
        const begun = taken();
        const working = Promise.withResolvers<void>();
        let lines = 0;
        const served = conn.serve({
          handleLines: (some) => {
            lines += some.length;
            return working.promise;
          },
          handleClosed: () => {},
        });
        let sent = 0;
        let flooding = true;
        const flood = (async () => {
          while (flooding && sent < FLOOD_BYTES) {
            for (let at = 0; at < PIECE.length;) at += await peer.write(PIECE.subarray(at));
            sent += PIECE.length;
          }
          await peer.closeWrite();
        })();
        flood.catch(() => {}); // where the test has failed, and closed
        const accepted = await still(() => sent);
        const held = taken() - begun;
        assert(accepted <= MAX_ACCEPTED_BYTES, `${accepted} bytes were accepted`);
        assert(held <= MAX_TAKEN_BYTES, `${held} bytes were taken off the socket`);
        flooding = false;
        working.resolve();
        await Promise.all([flood, served]);
        assertEquals(lines, sent / LINE.length);
      }),
  });

  Deno.test({
    name: `what a peer does not read stays in the queue, and reaches the queue's bound: ${name}`,
    ignore,
    fn: () =>
      inPair(open, async (_, conn) => {
        let sent = 0;
        for (; sent < FLOOD_BYTES && conn.send([PIECE]); sent += PIECE.length) await nextLoopIteration();
        assert(sent >= 1 << 20 && sent <= MAX_ACCEPTED_BYTES, `${sent} bytes were taken`);
      }, 1 << 20),
  });

  Deno.test({
    name:
      `a write that a peer takes in small parts is known to move, one that it does not take not to: ${name}`,
    ignore,
    fn: () =>
      inPair(open, async ({ ours, peer }, conn) => {
        const whole = concatBytes(Array.from({ length: 2 * MAX_ACCEPTED_BYTES / PIECE.length }, () => PIECE));
        const reading = conn.serve({ handleLines: () => undefined, handleClosed: () => {} }); // TLS has things to say
        assert(conn.send([whole]), "there is room");
        const progress = () => (ours.taken ?? 0) - conn.queue.bytes;
        await still(() => whole.length + progress());
        conn.queue.stalledMs(0);
        assertEquals(conn.queue.stalledMs(60_000), 60_000, "the peer has read nothing");
        const before = progress();
        const buffer = new Uint8Array(64 << 10);
        for (let read = 0; progress() === before;) {
          assert(read < MAX_ACCEPTED_BYTES, `${read} bytes were read, and nothing has moved`);
          read += await peer.read(buffer) ?? 0;
          await nextLoopIteration();
        }
        assert(conn.queue.bytes > 0, "the write is under way");
        assertEquals(conn.queue.stalledMs(70_000), 0, "the peer has read something");
        conn.destroy();
        await reading;
      }, 3 * MAX_ACCEPTED_BYTES),
  });
}
