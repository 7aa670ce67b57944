/** The relay over the network: which connections become those of fronts, and which do not. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { UNLIMITED_RATE } from "../../lib/base/token_bucket.ts";
import { type Conn, writeAll } from "../../lib/net/conn.ts";
import { FrameConn } from "../../lib/net/frame_conn.ts";
import { dialRelay, type RelayPlace, RelayUnreachable } from "../../lib/net/relay_dialer.ts";
import { connectTls } from "../../lib/net/tls/tls_conn.ts";
import { encodeHello, MAX_HELLO_BYTES } from "../../lib/relay/handshake.ts";
import {
  decodeChallenge,
  encodeProof,
  makeNonce,
  MAX_PROOF_FRAME_BYTES,
} from "../../lib/relay/relay_proof.ts";
import { MAX_UNPROVEN, NetworkRelay, PROOF_MS, UNPROVEN_RATE } from "../../lib/server/relay/network_relay.ts";
import { HUB_SIDE, RelaySocket } from "../../lib/server/relay/relay_socket.ts";
import { selfSigned } from "../support/certificates.ts";
import { comesTrue, GUARD_MS, inTime } from "../support/guard.ts";
import { POSIX, tempDirTest } from "../support/test.ts";

const IDENTITY = await selfSigned();
const SECRET = new Uint8Array(32).fill(7);

interface Relay {
  readonly relay: NetworkRelay;
  readonly place: RelayPlace & { kind: "network" };
  /** Connections after the proof. */
  readonly proven: Conn[];
  readonly troubles: string[];
}

async function withRelay(
  fn: (relay: Relay) => Promise<void>,
  proofMs = PROOF_MS,
  now = () => 0,
  unprovenRate = UNPROVEN_RATE,
): Promise<void> {
  const [proven, troubles]: [Conn[], string[]] = [[], []];
  const relay = await NetworkRelay.open({
    host: "127.0.0.1",
    port: 0,
    identity: IDENTITY,
    secret: SECRET,
    proofMs,
    now,
    unprovenRate,
    accept: (conn) => proven.push(conn),
    onTrouble: (why) => troubles.push(why),
  });
  assert(relay instanceof NetworkRelay && relay.address.kind === "tcp", "it listens");
  const { host, port } = relay.address;
  const place = { kind: "network", host, port, certificate: IDENTITY.cert, secret: SECRET } as const;
  try {
    await fn({ relay, place, proven, troubles });
    await comesTrue("the end of unproven connections", () => relay.unproven === 0);
  } finally {
    relay.close();
    for (const conn of proven) conn.close();
  }
}

/** A connection with TLS that has proven nothing. */
async function connect({ host, port }: Relay["place"]): Promise<FrameConn> {
  const outcome = await connectTls(await Deno.connect({ hostname: host, port }), host, IDENTITY.cert);
  assert(outcome.kind === "secured", "TLS");
  return new FrameConn(outcome.conn, MAX_PROOF_FRAME_BYTES, MAX_PROOF_FRAME_BYTES);
}

Deno.test("network relay: after the proofs both sides exchange bytes", async () => {
  await withRelay(async ({ place, proven, troubles }) => {
    const front = await dialRelay(place);
    const hub = await comesTrue("the connection", () => proven[0] ?? false);
    const buffer = new Uint8Array(16);
    await writeAll(front, encodeUtf8("up"));
    assertEquals(await inTime("bytes from the front", hub.read(buffer)), 2);
    await writeAll(hub, encodeUtf8("down"));
    assertEquals(await inTime("bytes from the hub", front.read(buffer)), 4);
    assertEquals(troubles, []);
    front.close();
  });
});

Deno.test("network relay: a front with another secret is refused, and the log says so", async () => {
  await withRelay(async ({ place, proven, troubles }) => {
    const other = { ...place, secret: new Uint8Array(32).fill(8) };
    const error = await assertRejects(() => dialRelay(other), RelayUnreachable);
    assertEquals(
      error.message,
      `127.0.0.1:${place.port}: the hub refused the proof: it knows another secret of the cluster`,
    );
    assertEquals(proven, []);
    assertMatch(
      troubles.join(),
      /^the relay refused a connection from 127\.0\.0\.1:\d+: the front does not know/,
    );
  });
});

Deno.test("network relay: a hub with another certificate is sent nothing", async () => {
  await withRelay(async ({ place, proven, troubles }) => {
    const other = { ...place, certificate: (await selfSigned()).cert };
    await assertRejects(() => dialRelay(other), RelayUnreachable, "another certificate than the hub's");
    assertEquals([proven, troubles], [[], []]);
  });
});

Deno.test("network relay: a proof does not hold for another connection", async () => {
  await withRelay(async ({ place, proven, troubles }) => {
    const [one, other] = [await connect(place), await connect(place)];
    const frames = await Promise.all([one, other].map((conn) => inTime("a challenge", conn.read())));
    const nonces = frames.map((frame) => decodeChallenge(frame!));
    assertEquals(nonces[0]!.toHex() === nonces[1]!.toHex(), false);
    other.send([encodeProof(makeNonce(), nonces[0]!)]);
    assertEquals(await inTime("its end", other.read()), undefined);
    assertEquals([proven.length, troubles.length], [0, 1]);
    one.close();
  });
});

Deno.test("network relay: a front without a proof is closed after the time for it", async () => {
  await withRelay(async ({ place, proven }) => {
    const conn = await connect(place);
    await inTime("a challenge", conn.read());
    assertEquals(await inTime("its end", conn.read()), undefined);
    assertEquals(proven, []);
  }, 50);
});

Deno.test("network relay: what is larger than a proof is refused before it is read", async () => {
  await withRelay(async ({ place, troubles }) => {
    const conn = await connect(place);
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, MAX_PROOF_FRAME_BYTES + 1);
    conn.send([head]);
    await inTime("a challenge", conn.read());
    assertEquals(await inTime("its end", conn.read()), undefined);
    assertMatch(troubles.join(), /a frame of 129 bytes is larger than 128$/);
  });
});

Deno.test("network relay: connections without a proof are bounded, and one more closes the oldest", async () => {
  const fn = async ({ relay, place }: Relay) => {
    const first = await Deno.connect({ hostname: place.host, port: place.port });
    await comesTrue("the first one", () => relay.unproven === 1);
    const others = await Promise.all(
      Array.from({ length: MAX_UNPROVEN }, () => Deno.connect({ hostname: place.host, port: place.port })),
    );
    assertEquals(await inTime("the end of the first one", endOf(first)), null);
    assertEquals(relay.unproven, MAX_UNPROVEN);
    const front = await dialRelay(place);
    front.close();
    for (const conn of others) conn.close();
  };
  await withRelay(fn, 10 * GUARD_MS, undefined, UNLIMITED_RATE); // not for the time that they take
});

Deno.test("network relay: an address with too many connections that prove nothing is refused before TLS", async () => {
  let now = 0;
  const fn = async ({ place, proven, troubles }: Relay) => {
    for (let nth = 0; nth < 5; nth++) await dialRelay(place); // what is proven does not count
    const strangers = [await connect(place), await connect(place)];
    const refused = await Deno.connect({ hostname: place.host, port: place.port });
    assertEquals(await inTime("the end of one more", endOf(refused)), null);
    assertMatch(troubles.join(), /refused a connection from 127\.0\.0\.1:\d+: too many that prove nothing$/);
    now += 30_000;
    await dialRelay(place);
    assertEquals(proven.length, 6);
    for (const each of strangers) each.close();
  };
  await withRelay(fn, PROOF_MS, () => now, { count: 2, ms: 30_000 });
});

/** Reads until the connection ends. */
async function endOf(conn: Deno.Conn): Promise<null> {
  const buffer = new Uint8Array(1024);
  while (await conn.read(buffer).catch(() => null) !== null);
  conn.close();
  return null;
}

Deno.test("network relay: the log gets a bounded number of refusals, and the others as a number", async () => {
  let now = 0;
  await withRelay(
    async ({ place, troubles }) => {
      const other = { ...place, secret: new Uint8Array(32) };
      for (let i = 0; i < 8; i++) await assertRejects(() => dialRelay(other), RelayUnreachable);
      assertEquals(troubles.length, 5);
      now += 60_000;
      await assertRejects(() => dialRelay(other), RelayUnreachable);
      assertMatch(troubles[5]!, / \(and 3 more before\)$/);
    },
    PROOF_MS,
    () => now,
  );
});

Deno.test("network relay: a hub that does not answer is given up", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const place = { kind: "network", host: "127.0.0.1", certificate: IDENTITY.cert, secret: SECRET } as const;
  const dialing = dialRelay({ ...place, port: silent.addr.port }, 50);
  await assertRejects(
    () => inTime("the end of the dialing", dialing),
    RelayUnreachable,
    "no answer in 0.05 s",
  );
  (await silent.accept()).close();
});

Deno.test("network relay: where nothing listens it is said so", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const place = { kind: "network", host: "127.0.0.1", certificate: IDENTITY.cert, secret: SECRET } as const;
  const error = await assertRejects(() => dialRelay({ ...place, port }), RelayUnreachable);
  assertEquals(error.message, `127.0.0.1:${port}: connection refused`);
});

tempDirTest("network relay: a proven connection is one to the relay socket", {
  ...POSIX,
  permissions: "inherit",
}, async (home) => {
  const fronts = Promise.withResolvers<number>();
  const socket = await RelaySocket.open({
    dataDir: home,
    onFront: (conn, { index }) => {
      fronts.resolve(index);
      conn.close();
    },
    onTunnel: (conn) => conn.close(),
    onTrouble() {},
  });
  assert(socket instanceof RelaySocket, "it listens");
  await withRelay(async ({ place, proven }) => {
    const front = new FrameConn(await dialRelay(place), MAX_HELLO_BYTES, MAX_HELLO_BYTES);
    void socket.accept(await comesTrue("the connection", () => proven.pop() ?? false));
    front.send([
      encodeHello({ kind: "front", side: HUB_SIDE, index: 3, pid: 1, name: "f3", isReturning: false }),
    ]);
    assertEquals(await inTime("the front", fronts.promise), 3);
    front.close();
  });
  const local = await dialRelay({ kind: "unix", path: socket.path });
  local.close();
  await socket.close();
});
