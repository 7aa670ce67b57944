/**
 * Input without lines is bounded like lines: of a connection that has not registered the server reads a stated amount, whatever
 * it sends and over whatever it comes, and reads no more of it. Reads are counted, at the server's end of the connection.
 */
import { assert } from "../../lib/base/assert.ts";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import type { Conn, TcpSocketConn } from "../../lib/net/conn.ts";
import { makeTlsWrapper } from "../../lib/net/tls/tls_conn.ts";
import { writeAll } from "../../lib/net/conn.ts";
import { HttpUpgrader } from "../../lib/net/web/http_upgrade.ts";
import { REGISTRATION_RATE } from "../../lib/server/client_connection.ts";
import { selfSigned } from "../support/certificates.ts";
import { runServer } from "../support/chat_server.ts";
import { comesTrue } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";
import { clientFrame, handshake } from "../support/web_client.ts";

const IDENTITY = await selfSigned();
const NOTHING = new Uint8Array(0);
/** What is read at once, and one read ahead of it (`net/read_buffer.ts`, `net/line_conn.ts`). */
const READ_MAX_BYTES = 16 * 1024;
/** Of each token 512 bytes; the clock of the test's server moves by some of them while others are served. */
const MAX_BYTES = (REGISTRATION_RATE.count + 20) * 512 + 2 * READ_MAX_BYTES;
/** Times that others are served while the flood lasts: without a bound each is time for several reads. */
const ROUNDS = 50;

const BYTES: Record<string, Uint8Array> = {
  "line ends": encodeUtf8("\r\n"),
  "a line without end": encodeUtf8("x"),
  "tags without end": encodeUtf8("@"),
  "lines that are not UTF-8": new Uint8Array([0xff, 13, 10]),
  "lines with NUL": new Uint8Array([0x78, 0, 13, 10]),
};
const FRAMES: Record<string, Uint8Array> = {
  "WebSocket pings": clientFrame(NOTHING, { opcode: 9 }),
  "WebSocket pongs": clientFrame(NOTHING, { opcode: 10 }),
  "empty WebSocket messages": clientFrame(NOTHING),
  "empty WebSocket frames that go on": concatBytes([
    clientFrame(NOTHING, { final: false }),
    clientFrame(NOTHING, { opcode: 0 }),
  ]),
};

/** Counts what is read over a connection. */
class Counted implements Conn {
  bytes = 0;
  constructor(readonly conn: Conn) {}

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const length = await this.conn.read(buffer);
    this.bytes += length ?? 0;
    return length;
  }

  write = (bytes: Uint8Array) => this.conn.write(bytes);
  closeWrite = () => this.conn.closeWrite();
  close = () => this.conn.close();
}

interface Transport {
  readonly name: string;
  readonly secure?: (conn: TcpSocketConn) => Conn;
  readonly isWeb?: boolean;
  readonly floods: Record<string, Uint8Array>;
}

const serveTls = makeTlsWrapper(IDENTITY);
const TRANSPORTS: Transport[] = [
  { name: "TCP", floods: BYTES },
  { name: "TLS", floods: BYTES, secure: serveTls },
  { name: "WebSocket", floods: FRAMES, isWeb: true },
  { name: "WebSocket over TLS", floods: FRAMES, isWeb: true, secure: serveTls },
];

for (const transport of TRANSPORTS) {
  for (const [name, piece] of Object.entries(transport.floods)) {
    Deno.test({
      name: `a flood of ${name} over ${transport.name} is read up to what is allowed, and others are served`,
      ignore: Deno.build.os === "windows",
      fn: () => flood(transport, piece),
    });
  }
}

async function flood({ secure, isWeb = false }: Transport, piece: Uint8Array): Promise<void> {
  let counted: Counted | undefined;
  const running = await runServer({
    config: { limits: { exempt: [] } },
    secure: (conn) => counted = new Counted(secure?.(conn) ?? conn),
    ...isWeb ? { web: new HttpUpgrader({ origins: new Set(), names: new Set() }) } : {},
  });
  const path = await Deno.makeTempFile();
  await Deno.remove(path);
  const inside = await running.server.listen({ kind: "unix", path });
  assert(inside.kind === "listening", "a Unix socket");
  const bob = await SocketClient.connect(inside.address);
  const attacker = await connect(running.address as { port: number }, secure !== undefined);
  try {
    if (isWeb) await writeAll(attacker, encodeUtf8(handshake()));
    const pieces = concatBytes(new Array<Uint8Array>(Math.ceil(64 * 1024 / piece.length)).fill(piece));
    const sending = sendUntilClosed(attacker, pieces);
    await comesTrue("the flood is read", () => (counted?.bytes ?? 0) >= 256);
    for (let round = 0; round < ROUNDS; round++) await bob.barrier();
    const { bytes } = counted!;
    assert(bytes <= MAX_BYTES, `${bytes} bytes were read, of at most ${MAX_BYTES}`);
    attacker.close();
    await sending;
  } finally {
    bob.close();
    await running.stop();
  }
}

async function connect({ port }: { port: number }, isSecure: boolean): Promise<Deno.Conn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  return isSecure ? await Deno.startTls(conn, { hostname: "localhost", caCerts: [IDENTITY.cert] }) : conn;
}

async function sendUntilClosed(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  try {
    for (;;) await writeAll(conn, bytes);
  } catch {
    // closed
  }
}
