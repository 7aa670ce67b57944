import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import { LineConn } from "../../lib/net/line_conn.ts";
import type { TlsIdentity } from "../../lib/net/tls/tls_conn.ts";
import { connectTls, makeTlsWrapper } from "../../lib/net/tls/tls_conn.ts";
import { WriteScheduler } from "../../lib/net/write_scheduler.ts";
import { Authority, selfSigned } from "../support/certificates.ts";
import { endOf, inTime, readToEnd } from "../support/guard.ts";
import { needs } from "../tools.ts";

const IDENTITY = await selfSigned();
const { cert } = IDENTITY;

/** Both ends of a TCP connection: who connected, who accepted. */
async function pair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
}

interface Served {
  readonly conn: LineConn;
  /** Lines, and at the end `closed: …`. */
  readonly got: string[];
  readonly served: Promise<void>;
}

function serve(accepted: Deno.TcpConn, maxQueueBytes?: number): Served {
  const conn = new LineConn(makeTlsWrapper(IDENTITY)(accepted), new WriteScheduler(), maxQueueBytes);
  const got: string[] = [];
  const served = conn.serve({
    handleLines: (lines) => void got.push(...lines.map(String)),
    handleClosed: (reason) => void got.push(`closed: ${reason}`),
  });
  return { conn, got, served };
}

/** A connection served by us, and the platform's own TLS on the other side. */
async function withPeer(
  fn: (served: Served & { peer: Deno.TlsConn }) => Promise<void>,
  maxQueueBytes?: number,
  within = (accepted: Deno.TcpConn) => accepted,
): Promise<void> {
  const [client, accepted] = await pair();
  const served = serve(within(accepted), maxQueueBytes);
  const peer = await Deno.startTls(client, { hostname: "localhost", caCerts: [cert] });
  try {
    await peer.handshake();
    await fn({ ...served, peer });
  } finally {
    served.conn.destroy();
    close(peer);
    await served.served;
  }
}

/** `conn`, of whose writes the network takes at most so many bytes at a time, as where the peer reads slowly. */
function takingAtMost(conn: Deno.TcpConn, bytes: number): Deno.TcpConn {
  const slow: Partial<Deno.TcpConn> = {
    setNoDelay: (on) => conn.setNoDelay(on),
    read: (buffer) => conn.read(buffer),
    write: (data) => conn.write(data.subarray(0, bytes)),
    closeWrite: () => conn.closeWrite(),
    close: () => conn.close(),
  };
  return slow as Deno.TcpConn;
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // closed before
  }
}

Deno.test("lines over TLS come in order, however the bytes are cut; the end comes once", () =>
  withPeer(async ({ peer, got, served }) => {
    const sent = Array.from({ length: 1000 }, (_, index) => `${index} ${"é".repeat(index % 200)}`);
    const bytes = encodeUtf8(sent.map((line) => line + "\r\n").join(""));
    for (let at = 0; at < bytes.length;) at += await peer.write(bytes.subarray(at, at + 1 + (at % 5000)));
    await peer.closeWrite();
    await served;
    assertEquals(got, [...sent, "closed: Connection closed"]);
  }));

for (const most of [1000, 10_000, Infinity]) {
  Deno.test(`what is queued is written before the end, where the network takes ${most} bytes at a time`, () =>
    withPeer(
      async ({ conn, peer, got, served }) => {
        for (let each = 0; each < 10; each++) conn.send([encodeUtf8(String(each).repeat(100_000))]);
        const ended = conn.end();
        assertEquals(
          await readToEnd(peer),
          Array.from({ length: 10 }, (_, each) => String(each).repeat(100_000)).join(""),
        );
        await ended;
        await served;
        assertEquals(got, ["closed: Connection closed"]);
      },
      undefined,
      (accepted) => takingAtMost(accepted, most),
    ));
}

Deno.test("a reader that is too slow is refused at the same bound as without TLS", () =>
  withPeer(async ({ conn }) => {
    const chunk = new Uint8Array(64 * 1024);
    let sent = 0;
    for (; conn.send([chunk]); sent += chunk.length) await nextLoopIteration();
    assert(sent >= 1 << 20 && sent < 64 << 20, `${sent} bytes are held`);
  }, 1 << 20));

Deno.test("a peer that is cut off is gone, and nothing of it is left waiting", async () => {
  const [client, accepted] = await pair();
  const { got, served } = serve(accepted);
  const peer = await Deno.startTls(client, { hostname: "localhost", caCerts: [cert] });
  await peer.handshake();
  await peer.write(encodeUtf8("hello\r\n"));
  peer.close(); // without a word of TLS
  await served;
  assertEquals(got[0], "hello");
  assertMatch(got[1]!, /^closed: Connection (closed|reset)$/);
});

Deno.test("who does not speak TLS is told that this port does, and let go", async () => {
  const [peer, accepted] = await pair();
  const { got, served } = serve(accepted);
  await peer.write(encodeUtf8("NICK alice\r\nUSER alice 0 * :alice\r\n"));
  assertEquals(await readToEnd(peer), "ERROR :Closing Link: this port speaks TLS\r\n");
  await served;
  assertEquals(got, ["closed: the peer does not speak TLS"]);
});

Deno.test("a handshake that is garbage, or never finished, holds nothing back", async () => {
  const [babbler, accepted] = await pair();
  const garbage = serve(accepted);
  await babbler.write(new Uint8Array([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]));
  await garbage.served;
  assertMatch(garbage.got.join(), /^closed: TLS failed \(ERR_SSL_\w+\)$/);
  babbler.close();

  const [silent, waiting] = await pair();
  const { conn, got, served } = serve(waiting);
  conn.send([encodeUtf8("ERROR :Closing Link: registration timed out\r\n")]);
  await conn.end(1);
  await served;
  assertEquals(got, ["closed: Connection closed"]);
  silent.close();
});

Deno.test("TLS that brings no data is not read for ever", async () => {
  const [peer, accepted] = await pair();
  const { got, served } = serve(accepted);
  // A ClientHello of 65,535 bytes, as long as one can be (RFC 8446 §4), in records of a byte each: 6 bytes on the wire.
  const hello = new Uint8Array(4 + 0xffff);
  hello.set([1, 0, 0xff, 0xff]);
  const records = new Uint8Array(hello.length * 6);
  for (const [at, byte] of hello.entries()) records.set([0x16, 3, 1, 0, 1, byte], at * 6);
  let sent = 0;
  try {
    while (sent < records.length - 6) sent += await peer.write(records.subarray(sent, records.length - 6));
    await peer.closeWrite();
  } catch {
    // closed before all was sent
  }
  await served;
  assertEquals(got, ["closed: 131072 bytes of TLS without data"]);
  peer.close();
});

/** What a client of ours finds at a server that has `identity`, when it means `host`. */
async function visit(identity: TlsIdentity, host: string, ca?: string) {
  const [client, accepted] = await pair();
  const server = makeTlsWrapper(identity)(accepted);
  const outcome = await connectTls(client, host, ca);
  server.close();
  if (outcome.kind === "failed") return outcome;
  outcome.conn.close();
  return outcome.certificate;
}

Deno.test("a client says what is wrong with a certificate, and whose it is", async () => {
  const { X509Certificate } = await import("node:crypto");
  const shown = await visit(IDENTITY, "localhost");
  const own = new X509Certificate(cert);
  assertEquals(shown, {
    fingerprint: own.fingerprint256,
    expiresAt: own.validToDate.getTime(),
    problem: "it is self-signed",
  });
  const authority = await Authority.create();
  const problem = async (identity: TlsIdentity, host: string, ca?: string) => {
    const found = await visit(identity, host, ca);
    return "problem" in found ? found.problem : found.why;
  };
  const good = await authority.issue("chat.example");
  assertEquals(await problem(good, "chat.example", authority.pem), undefined);
  assertEquals(await problem(good, "chat.example"), "no trusted authority has signed it");
  assertEquals(await problem(good, "other.example", authority.pem), "it is for another host");
  assertEquals(await problem(await authority.issue("127.0.0.1"), "127.0.0.1", authority.pem), undefined);
  assertEquals(await problem(good, "127.0.0.1", authority.pem), "it is for another host");
  const expired = await authority.issue("chat.example", -1);
  const early = await authority.issue("chat.example", 30, 1);
  const times = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;
  for (const [identity, words] of [[expired, "it expired at"], [early, "it is not valid before"]] as const) {
    // Whether or not the authority is known: the time comes first.
    for (const ca of [authority.pem, undefined]) {
      const found = await visit(identity, "chat.example", ca);
      assert("problem" in found && found.isOutOfTime === true, JSON.stringify(found));
      const told = new RegExp(`^${words} (${times}), and the clock of this machine says (${times})$`);
      const [, bound, clock] = told.exec(found.problem ?? "") ?? [];
      assert(bound !== undefined && clock !== undefined, found.problem ?? "no problem");
      const day = Date.parse(bound) - Date.parse(clock);
      assertEquals(Math.round(day / 86_400_000), identity === expired ? -1 : 1);
    }
  }
});

Deno.test("a client reads all that a server of the platform's sends, in order, and no faster than it wants", async () => {
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...IDENTITY });
  const { port } = listener.addr as Deno.NetAddr;
  const total = 4 << 20;
  const sent = (async () => {
    const conn = await listener.accept();
    const chunk = new Uint8Array(64 * 1024);
    for (let at = 0; at < total; at += chunk.length) {
      chunk.fill(at >>> 16);
      for (let done = 0; done < chunk.length;) done += await conn.write(chunk.subarray(done));
    }
    const buffer = new Uint8Array(100);
    const length = await conn.read(buffer);
    await conn.closeWrite();
    await conn.read(buffer).catch(() => null); // until the client closes
    close(conn);
    return new TextDecoder().decode(buffer.subarray(0, length ?? 0));
  })();
  const outcome = await connectTls(await Deno.connect({ hostname: "127.0.0.1", port }), "localhost", cert);
  assert(outcome.kind === "secured", JSON.stringify(outcome));
  const { conn } = outcome;
  const buffer = new Uint8Array(10_000);
  let read = 0;
  while (read < total) {
    const length = await conn.read(buffer);
    assert(length !== null, `the end after ${read} bytes`);
    for (let index = 0; index < length; index += 997) {
      assertEquals(buffer[index], (read + index) >>> 16 & 255);
    }
    read += length;
  }
  assertEquals(await conn.write(encodeUtf8("thank you")), 9);
  assertEquals(await conn.read(buffer), null);
  conn.close();
  assertEquals(await sent, "thank you");
  listener.close();
});

Deno.test("a client says so where no TLS is spoken, and where the connection ends within the handshake", async () => {
  for (
    const [answer, outcome] of [
      [":irc.example NOTICE * :hello\r\n", {
        kind: "failed",
        speaksTls: false,
        why: "the server does not speak TLS",
      }],
      ["", { kind: "failed", speaksTls: true, why: "the connection was closed during the handshake" }],
    ] as const
  ) {
    const [client, accepted] = await pair();
    const visited = connectTls(client, "localhost", cert);
    await accepted.write(encodeUtf8(answer));
    await accepted.closeWrite();
    assertEquals(await visited, outcome);
    accepted.close();
  }
});

/** Private key B under the public key of A, which is what programs compare: who has it can show A's certificate, and no more. */
function impostorKey(a: Uint8Array, b: Uint8Array): string {
  const at = (key: Uint8Array) => key.findIndex((_, index) => key[index] === 4 && key[index + 1] === 32) + 2;
  const forged = a.slice();
  forged.set(b.subarray(at(b), at(b) + 32), at(a));
  return `-----BEGIN PRIVATE KEY-----\n${forged.toBase64()}\n-----END PRIVATE KEY-----\n`;
}

function der(pem: string): Uint8Array {
  return Uint8Array.fromBase64(pem.replace(/-----.*-----/g, ""));
}

Deno.test({
  name: "who shows a server's certificate without having its key is not taken for the server",
  ...needs("openssl"),
  async fn() {
    const dir = await Deno.makeTempDir();
    await Deno.writeTextFile(`${dir}/cert.pem`, cert);
    await Deno.writeTextFile(`${dir}/key.pem`, impostorKey(der(IDENTITY.key), der((await selfSigned()).key)));
    using probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = probe.addr;
    probe.close();
    const impostor = new Deno.Command("openssl", {
      args: [..."s_server -cert cert.pem -key key.pem -accept".split(" "), `127.0.0.1:${port}`],
      cwd: dir,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    try {
      const said = impostor.stdout.getReader();
      for (let text = ""; !text.includes("ACCEPT");) {
        text += new TextDecoder().decode((await inTime("ACCEPT", said.read())).value);
      }
      const outcome = await connectTls(
        await Deno.connect({ hostname: "127.0.0.1", port }),
        "localhost",
        undefined,
      );
      assertEquals(outcome.kind, "failed");
      await said.cancel();
    } finally {
      await impostor.stdin.close();
      impostor.kill();
      await endOf(impostor);
      await Deno.remove(dir, { recursive: true });
    }
  },
});
