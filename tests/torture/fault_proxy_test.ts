import { assertEquals, assertRejects } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import type { Address } from "../../lib/net/address.ts";
import { FaultProxy } from "../support/fault_proxy.ts";

const permissions = { net: true } as const;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What answers every chunk with the same, in capitals, and keeps what it got. */
class Echo {
  readonly got: string[] = [];
  /** Resolves with the end of the first connection. */
  readonly ended: Promise<void>;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly address: Address = { kind: "tcp", host: "127.0.0.1", port: this.#listener.addr.port };

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    void this.#serve(resolve);
  }

  async #serve(ended: () => void): Promise<void> {
    for await (const conn of this.#listener) {
      try {
        for (let text; (text = await read(conn)) !== undefined;) {
          this.got.push(text);
          await conn.write(encoder.encode(text.toUpperCase()));
        }
      } catch {
        // reset: an end
      }
      conn.close();
      ended();
    }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

async function read(conn: Deno.Conn): Promise<string | undefined> {
  const buffer = new Uint8Array(1024);
  const length = await conn.read(buffer);
  return length === null ? undefined : decoder.decode(buffer.subarray(0, length));
}

/** The same, where a connection that was reset is one that has ended. */
function readOrEnd(conn: Deno.Conn): Promise<string | undefined> {
  return read(conn).catch(() => undefined);
}

function faultProxyTest(name: string, fn: (proxy: FaultProxy, echo: Echo) => Promise<void>): void {
  Deno.test({
    name: `fault proxy: ${name}`,
    permissions,
    async fn() {
      using echo = new Echo();
      using proxy = new FaultProxy(echo.address);
      await fn(proxy, echo);
    },
  });
}

async function dial({ address }: FaultProxy): Promise<Deno.TcpConn> {
  return await Deno.connect({ hostname: address.host, port: address.port });
}

faultProxyTest("without a fault all passes, and late where it is delayed", async (proxy) => {
  for (const fault of [undefined, { kind: "delay", ms: 1 } as const]) {
    proxy.plan(fault);
    using conn = await dial(proxy);
    await conn.write(encoder.encode("one"));
    assertEquals(await read(conn), "ONE");
  }
});

faultProxyTest("cut upwards: the server gets so many bytes and the end", async (proxy, echo) => {
  proxy.plan({ kind: "cut", direction: "up", at: { afterBytes: 4 } });
  using conn = await dial(proxy);
  await conn.write(encoder.encode("half a line"));
  await echo.ended;
  assertEquals(echo.got, ["half"]);
});

faultProxyTest(
  "cut downwards: what the server answers to is lost, and so is every end of it",
  async (proxy, echo) => {
    proxy.plan({ kind: "cut", direction: "down", at: { before: "TWO" } });
    using conn = await dial(proxy);
    await conn.write(encoder.encode("one"));
    assertEquals(await read(conn), "ONE");
    await conn.write(encoder.encode("two"));
    assertEquals(await readOrEnd(conn), undefined);
    assertEquals(echo.got, ["one", "two"]);
  },
);

faultProxyTest("half open: nothing comes back, and the connection stays", async (proxy, echo) => {
  proxy.plan({ kind: "half_open", direction: "down", at: { after: "ONE" } });
  using conn = await dial(proxy);
  await conn.write(encoder.encode("one"));
  assertEquals(await read(conn), "ONE");
  await conn.write(encoder.encode("two"));
  const answer = readOrEnd(conn);
  using second = await dial(proxy);
  await second.write(encoder.encode("x")); // by the time this one is answered …
  assertEquals(await Promise.race([answer, sayAndHear(second, echo)]), "the other one");
  proxy.cut();
  assertEquals(await answer, undefined);
});

/** The echo serves one connection after the other: what waits there shows that the first is still open. */
async function sayAndHear(conn: Deno.Conn, echo: Echo): Promise<string> {
  await conn.write(encoder.encode("y"));
  assert(!echo.got.includes("x"), "the first connection has not ended");
  return "the other one";
}

faultProxyTest("refused for a while, then on the same port again", async (proxy) => {
  await proxy.refuse();
  await assertRejects(() => dial(proxy), Deno.errors.ConnectionRefused);
  proxy.listen();
  using conn = await dial(proxy);
  await conn.write(encoder.encode("one"));
  assertEquals(await read(conn), "ONE");
});
