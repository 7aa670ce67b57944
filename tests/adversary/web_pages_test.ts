/** A web page has a browser send requests to a port of IRC, with lines of IRC in them: nothing of them is carried out. */
import { assertEquals, assertMatch } from "@std/assert";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import type { Address } from "../../lib/net/address.ts";
import type { Conn } from "../../lib/net/conn.ts";
import { makeTlsWrapper } from "../../lib/net/tls/tls_conn.ts";
import { writeAll } from "../../lib/net/conn.ts";
import { selfSigned } from "../support/certificates.ts";
import { runServer } from "../support/chat_server.ts";
import { SocketClient } from "../support/socket_client.ts";

const IDENTITY = await selfSigned();
/** What a page wants said, in the body that it chooses. */
const LINES = "\r\nNICK page\r\nUSER page 0 * :page\r\nJOIN #lobby\r\nPRIVMSG #lobby :owned\r\n";

type Listener = "TCP" | "TLS" | "a Unix socket";

/** Runs `attack`; whatever it did, no user has come and nothing was said. */
async function withServer(listener: Listener, attack: (address: Address) => Promise<void>): Promise<void> {
  const running = await runServer({
    transport: listener === "a Unix socket" ? "unix" : "tcp",
    ...listener === "TLS" ? { secure: makeTlsWrapper(IDENTITY) } : {},
  });
  try {
    await attack(running.address);
    const { hub } = running.server;
    assertEquals([...hub.context.state.users.values()].map(({ nick }) => nick), []);
    assertEquals(running.notices.filter(({ kind }) => kind === "came"), []);
  } finally {
    await running.stop();
  }
}

async function connect(address: Address, listener: Listener): Promise<Conn> {
  if (address.kind === "unix") return await Deno.connect({ transport: "unix", path: address.path });
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: address.port });
  return listener === "TLS"
    ? await Deno.startTls(conn, { hostname: "localhost", caCerts: [IDENTITY.cert] })
    : conn;
}

for (const listener of ["TCP", "TLS"] as const) {
  for (const method of ["POST", "PUT", "OPTIONS", "DELETE", "PATCH"]) {
    Deno.test(`a page cannot speak over ${listener} by ${method}`, () =>
      withServer(listener, async (address) => {
        const { port } = address as { port: number };
        using client = Deno.createHttpClient({ caCerts: [IDENTITY.cert] });
        const scheme = listener === "TLS" ? "https" : "http";
        // What comes back is no answer of HTTP, so the request fails.
        await fetch(`${scheme}://localhost:${port}/`, { method, body: LINES, client })
          .then((response) => response.text(), () => {});
      }));
  }
}

const PATH_OF_THOUSANDS = `/${"a".repeat(9000)}`;
const REQUESTS: Record<string, string> = {
  "a request without a body that is long": `GET / HTTP/1.1\r\nHost: x\r\n${LINES}`,
  "a tunnel": `CONNECT x:80 HTTP/1.1\r\n${LINES}`,
  "a first line that is too long": `POST ${PATH_OF_THOUSANDS} HTTP/1.1\r\nHost: x\r\n\r\n${LINES}`,
  "a first line that is not UTF-8": `POST /\xff HTTP/1.1\r\nHost: x\r\n\r\n${LINES}`,
  "a header that names the host": `Host: x\r\n\r\n${LINES}`,
  "small letters": `post / HTTP/1.1\r\n${LINES}`,
};

for (const listener of ["TCP", "TLS", "a Unix socket"] as const) {
  for (const [name, text] of Object.entries(REQUESTS)) {
    Deno.test({
      name: `${name} over ${listener} is told that this is IRC, and nothing behind it is carried out`,
      ignore: Deno.build.os === "windows" && listener === "a Unix socket",
      fn: () =>
        withServer(listener, async (address) => {
          const conn = await connect(address, listener);
          const client = SocketClient.over(conn);
          await client.bytes(Uint8Array.from(text, (char) => char.charCodeAt(0)));
          await client.ended();
          const heard = client.take();
          assertMatch(heard[0] ?? "", /^ERROR :Closing Link: \S+ \(This port speaks IRC, not HTTP\)$/);
        }),
    });
  }
}

Deno.test("the binary PROXY header is answered as what it is, and not by the QUIT that is in it", () =>
  withServer("TCP", async (address) => {
    const conn = await connect(address, "TCP");
    const client = SocketClient.over(conn);
    const header = new Uint8Array([13, 10, 13, 10, 0, 13, 10, ...encodeUtf8("QUIT\n"), 0x21, 0x11, 0, 12]);
    await writeAll(conn, concatBytes([header, new Uint8Array(12).fill(1), encodeUtf8(LINES)]));
    await client.ended();
    assertMatch(client.take()[0] ?? "", /^ERROR .*\(PROXY headers are accepted from trusted proxies only/);
  }));
