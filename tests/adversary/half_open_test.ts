/**
 * Connections that never come to say a line, in a TLS handshake or in the head of an HTTP request, count for their address from
 * the moment they are accepted, and no longer once they are gone.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { makeTlsWrapper } from "../../lib/net/tls/tls_conn.ts";
import { HttpUpgrader } from "../../lib/net/web/http_upgrade.ts";
import { selfSigned } from "../support/certificates.ts";
import { runServer } from "../support/chat_server.ts";
import type { RunOptions } from "../support/chat_server.ts";
import { readToEnd } from "../support/guard.ts";

const PER_ADDRESS = 3;
const IDENTITY = await selfSigned();
const secure = makeTlsWrapper(IDENTITY);
/** The beginning of a ClientHello. */
const HALF_HELLO = new Uint8Array([0x16, 3, 1, 2, 0, 1, 0, 1, 252, 3]);
const HALF_HEAD = encodeUtf8("GET / HTTP/1.1\r\nHost: x\r\nX: ");
const NOTHING = new Uint8Array(0);
const LINE = encodeUtf8("NICK alice\r\n");

const web = () => new HttpUpgrader({ origins: new Set(), names: new Set() });

/** What comes in by each kind of listener, and what one connection too many is told there. */
const CASES: readonly [string, () => Pick<RunOptions, "secure" | "web">, Uint8Array, RegExp][] = [
  ["silent, plain", () => ({}), NOTHING, /^ERROR :Closing Link: too many connections/],
  ["half a line, plain", () => ({}), LINE.subarray(0, 6), /^ERROR :Closing Link: too many connections/],
  ["silent, TLS", () => ({ secure }), NOTHING, /^$/],
  ["half a ClientHello, TLS", () => ({ secure }), HALF_HELLO, /^$/],
  ["silent, web", () => ({ web: web() }), NOTHING, /^HTTP\/1\.1 429 /],
  ["half a head, web", () => ({ web: web() }), HALF_HEAD, /^HTTP\/1\.1 429 /],
  ["silent, web over TLS", () => ({ web: web(), secure }), NOTHING, /^$/],
  ["half a ClientHello, web over TLS", () => ({ web: web(), secure }), HALF_HELLO, /^$/],
];

for (const [name, listener, said, refusal] of CASES) {
  Deno.test(`half-open connections count for their address: ${name}`, async () => {
    const options = listener();
    const running = await runServer({
      ...options,
      config: { limits: { exempt: [] } },
      limits: { perAddress: PER_ADDRESS, connectRate: { count: Infinity, ms: 1 } },
    });
    const { address } = running;
    assert(address.kind === "tcp", "a port");
    const connect = () => Deno.connect({ hostname: address.host, port: address.port });
    try {
      const open = await Promise.all(Array.from({ length: PER_ADDRESS }, connect));
      for (const conn of open) await conn.write(said);
      const late = await connect();
      const told = await readToEnd(late);
      assert(refusal.test(told), told);
      assertEquals(running.refused.length, 1);
      for (const conn of open) conn.close();
      let tries = 0;
      while (!await isLetIn(await connect(), options)) {
        assert(++tries < 1000, "the connections that are gone still count");
      }
    } finally {
      await running.stop();
    }
  });
}

/** Whether a new connection is let in: it gets TLS, an answer in HTTP, or one in IRC. */
async function isLetIn(
  conn: Deno.TcpConn,
  { secure, web }: Pick<RunOptions, "secure" | "web">,
): Promise<boolean> {
  try {
    if (secure !== undefined) {
      using secured = await Deno.startTls(conn, { hostname: "localhost", caCerts: [IDENTITY.cert] });
      await secured.handshake();
      return true;
    }
    await conn.write(encodeUtf8(web === undefined ? "CAP LS 302\r\n" : "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    const buffer = new Uint8Array(256);
    const length = await conn.read(buffer);
    conn.close();
    return /^(HTTP\/1.1 426|:irc.test CAP) /.test(new TextDecoder().decode(buffer.subarray(0, length ?? 0)));
  } catch {
    return false; // closed
  }
}
