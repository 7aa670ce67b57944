/** Parts of the etcd client, without etcd. */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { LineAssembler, TooManyBytes } from "../../lib/cluster/etcd/bounded_body.ts";
import { type Endpoints, MAX_ENDPOINTS, parseEndpoints } from "../../lib/cluster/etcd/endpoints.ts";
import { EtcdStore } from "../../lib/cluster/etcd/etcd_store.ts";
import { MAX_WATCH_LINE_BYTES, RevisionAssembler } from "../../lib/cluster/etcd/etcd_watch.ts";
import { MAX_ANSWER_BYTES, parseCredentials } from "../../lib/cluster/etcd/gateway.ts";
import { StoreRefusal, StoreUnavailable } from "../../lib/cluster/key_value_store.ts";
import { describeQuota } from "../../lib/cluster/store_quota.ts";
import { pureTest } from "../support/test.ts";

const GIB = 1024 ** 3;

pureTest("endpoints: hosts, ports, IPv6, TLS; each once", () => {
  const urls = (text: string) => (parseEndpoints(text) as Endpoints).urls;
  assertEquals(parseEndpoints("etcd://h1:2379,h2:2380,etcd://h3"), {
    secure: false,
    urls: ["http://h1:2379", "http://h2:2380", "http://h3:2379"],
  });
  assertEquals(parseEndpoints("etcds://H1.example,10.0.0.1:1/"), {
    secure: true,
    urls: ["https://h1.example:2379", "https://10.0.0.1:1"],
  });
  assertEquals(urls("etcd://[::1],[FE80::2]:80"), ["http://[::1]:2379", "http://[fe80::2]:80"]);
  assertEquals(urls("etcd://h,h:2379,h"), ["http://h:2379"]);
});

pureTest("endpoints: what is wrong is said", () => {
  const faults: Record<string, string> = {
    "": "an empty text does not begin with etcd:// or etcds://",
    "h1:2379": "h1:2379 does not begin with etcd:// or etcds://",
    "http://h": "http:// is not a scheme of etcd: etcd:// is without TLS, etcds:// with",
    "etcd://a,etcds://b": "one list has both etcd:// and etcds://",
    "etcd://a,,b": "an empty part is not HOST or HOST:PORT",
    "etcd://": "etcd:// is not HOST or HOST:PORT",
    "etcd://a:0": "etcd://a:0 is not HOST or HOST:PORT",
    "etcd://a:65536": "etcd://a:65536 is not HOST or HOST:PORT",
    "etcd://::1": "etcd://::1 is not HOST or HOST:PORT",
    "etcd://[::zz]": "etcd://[::zz] is not HOST or HOST:PORT",
    "etcd://a/path": "etcd://a/path is not HOST or HOST:PORT",
    "etcd://user@a": "etcd://user@a is not HOST or HOST:PORT",
    "etcd://a b": "etcd://a b is not HOST or HOST:PORT",
  };
  for (const [text, fault] of Object.entries(faults)) assertEquals(parseEndpoints(text), fault);
  const many = Array.from({ length: MAX_ENDPOINTS + 1 }, (_, n) => `h${n}`).join(",");
  assertEquals(parseEndpoints(`etcd://${many}`), `more than ${MAX_ENDPOINTS} endpoints`);
});

pureTest("credentials: one line NAME:PASSWORD; a password may have colons and spaces", () => {
  assertEquals(parseCredentials("chat:p:w \n"), { name: "chat", password: "p:w " });
  for (const text of ["", "chat", "chat:", ":pw", "a:b\nc:d\n"]) {
    assertEquals(parseCredentials(text), "it is not one line NAME:PASSWORD");
  }
});

pureTest("lines: in any pieces, up to their bound", () => {
  const bytes = new TextEncoder().encode("å1\n\nlonger\n \nend");
  for (let size = 1; size <= bytes.length; size++) {
    const lines = new LineAssembler(6);
    const found: string[] = [];
    for (let at = 0; at < bytes.length; at += size) found.push(...lines.take(bytes.subarray(at, at + size)));
    assertEquals(found, ["å1", "longer"]);
  }
  assertThrows(() => [...new LineAssembler(5).take(bytes)], TooManyBytes);
});

/** A message with events of these revisions. */
function message(revisions: number[], fragment = false) {
  const events = revisions.map((revision) => ({ kv: { key: "aw==", mod_revision: `${revision}` } }));
  return { events, fragment };
}

pureTest("watch: fragments become whole revisions, and what was there before is left out", () => {
  const revisions = new RevisionAssembler(5);
  const take = (...args: Parameters<typeof message>) => {
    const batch = revisions.take(message(...args));
    return batch && [batch.revision, batch.events.length];
  };
  assertEquals(revisions.take({ created: true }), { revision: 4, events: [] });
  assertEquals(take([4, 4], true), undefined);
  assertEquals(take([4, 5], true), undefined);
  assertEquals(take([5, 6, 6], true), [5, 2]);
  assertEquals(take([6], true), undefined);
  assertEquals(take([7]), [7, 4]);
  assertEquals(take([8, 9]), [9, 2]);
});

pureTest("quota: operators are told early, and what helps", () => {
  const status = { version: "3.4.0", bytes: GIB, bytesInUse: GIB, quotaBytes: 2 * GIB, alarms: [] };
  assertEquals(describeQuota(status), undefined);
  assertEquals(
    describeQuota({ ...status, bytes: 1.5 * GIB }),
    "etcd is filling up: its database has 1.5 GiB of 2 GiB (75 %), of which 1 GiB are in use; " +
      "raise its --quota-backend-bytes, or keep less history",
  );
  assertStringIncludes(
    describeQuota({ ...status, bytes: 1.5 * GIB, bytesInUse: GIB / 2 })!,
    "run etcdctl defrag",
  );
  assertStringIncludes(describeQuota({ ...status, alarms: ["NOSPACE"] })!, "then etcdctl alarm disarm");
  assertStringIncludes(describeQuota({ ...status, alarms: ["CORRUPT"] })!, "CORRUPT");
});

type Answer = (request: Request) => Response;

/** A store with a single endpoint, which answers with `answer`. */
async function withServer(answer: Answer, fn: (store: EtcdStore) => Promise<void>): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const { port } = server.addr;
  try {
    const endpoints = { secure: false, urls: [`http://127.0.0.1:${port}`] };
    using store = new EtcdStore({ endpoints, requestTimeoutMs: 60_000 });
    await fn(store);
  } finally {
    await server.shutdown();
  }
}

const range = { key: "k" };
const put = { compare: [], success: [{ kind: "put" as const, key: "k", value: new Uint8Array() }] };

/** More bytes than `bound`, a line of them. */
function tooMany(bound: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunk = new Uint8Array(1024 * 1024).fill(0x20);
  let left = bound / chunk.length + 1;
  return new ReadableStream({ pull: (to) => left-- > 0 ? to.enqueue(chunk) : to.close() });
}

Deno.test("etcd client: an answer and a line of a watch are bounded", async () => {
  const answer = (request: Request) =>
    new Response(tooMany(request.url.endsWith("watch") ? MAX_WATCH_LINE_BYTES : MAX_ANSWER_BYTES));
  await withServer(answer, async (store) => {
    const error = await assertRejects(() => store.range(range), StoreRefusal);
    assertEquals(error.why, "too_large");
    await assertRejects(() => store.transact(put), StoreUnavailable, "more than");
    const watch = store.watch(range, 1, new AbortController().signal)[Symbol.asyncIterator]();
    assertEquals((await assertRejects(() => watch.next(), StoreRefusal)).why, "too_large");
  });
});

Deno.test("etcd client: an answer that is none of etcd's", async () => {
  const cases: [Answer, typeof StoreRefusal | typeof StoreUnavailable][] = [
    [() => new Response("Not Found", { status: 404 }), StoreRefusal],
    [() => new Response("<html>", { status: 502 }), StoreUnavailable],
    [() => new Response("<html>"), StoreUnavailable],
    [() => new Response(null, { status: 302, headers: { location: "/" } }), StoreUnavailable],
    [
      () => Response.json({ message: "etcdserver: request timed out", code: 14 }, { status: 503 }),
      StoreUnavailable,
    ],
    [
      () => Response.json({ message: "etcdserver: too many requests", code: 8 }, { status: 429 }),
      StoreUnavailable,
    ],
    [() => Response.json({ error: { message: "no leader", grpc_code: 14 } }), StoreUnavailable],
    [() => Response.json({ error: { message: "no leader", code: 14 } }), StoreUnavailable],
    [() => Response.json({ error: "?", message: "?", code: 3 }, { status: 400 }), StoreRefusal],
    [() => Response.json({ message: "?", code: 3, details: [] }, { status: 400 }), StoreRefusal],
  ];
  for (const [answer, kind] of cases) {
    await withServer(answer, async (store) => {
      await assertRejects(() => store.transact(put), kind);
      await assertRejects(() => store.keepAlive("1"), kind);
      const watch = store.watch(range, 1, new AbortController().signal)[Symbol.asyncIterator]();
      await assertRejects(() => watch.next(), kind);
    });
  }
  await withServer(() => Response.json({}), async (store) => {
    await assertRejects(() => store.keepAlive("1"), StoreUnavailable);
  });
});

Deno.test("etcd client: a transaction is sent once, what reads is sent again; closed, nothing waits", async () => {
  const seen: string[] = [];
  const hang = Promise.withResolvers<Response>();
  const answer = (request: Request) => {
    seen.push(new URL(request.url).pathname);
    return new Response(null, { status: 503 });
  };
  const first = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const second = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const third = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => hang.promise);
  const urls = [first, second].map(({ addr: { port } }) => `http://127.0.0.1:${port}`);
  using store = new EtcdStore({ endpoints: { secure: false, urls } });
  await assertRejects(() => store.transact(put), StoreUnavailable);
  assertEquals(seen.splice(0), ["/v3/kv/txn"]);
  await assertRejects(() => store.range(range), StoreUnavailable);
  assertEquals(seen, ["/v3/kv/range", "/v3/kv/range"]);
  const silent = { secure: false, urls: [`http://127.0.0.1:${third.addr.port}`] };
  using slow = new EtcdStore({ endpoints: silent, requestTimeoutMs: 20 });
  await assertRejects(() => slow.transact(put), StoreUnavailable, "has not answered within 20 ms");
  const closed = new EtcdStore({ endpoints: silent, requestTimeoutMs: 60_000 });
  const waits = assertRejects(() => closed.range(range), StoreUnavailable, "closed");
  closed.close();
  await waits;
  hang.resolve(new Response("{}"));
  await Promise.all([first, second, third].map((server) => server.shutdown()));
});

Deno.test("etcd client: a transaction is not sent again where a kept connection breaks", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let requests = 0;
  const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 29\r\n\r\n{"header":{"revision":"100"}}';
  const serve = (async () => {
    for await (const conn of listener) {
      // Every second request on a connection is read, and the connection closed without an answer.
      for (let n = 0; n < 2; n++) {
        let text = "";
        while (!text.includes('"failure":[]}')) {
          const chunk = new Uint8Array(65536);
          const length = await conn.read(chunk);
          if (length === null) break;
          text += new TextDecoder().decode(chunk.subarray(0, length));
        }
        if (text === "") break;
        requests++;
        if (n === 0) await conn.write(new TextEncoder().encode(answer));
      }
      conn.close();
    }
  })();
  using store = new EtcdStore({
    endpoints: { secure: false, urls: [`http://127.0.0.1:${listener.addr.port}`] },
    requestTimeoutMs: 60_000,
  });
  for (let n = 0; n < 5; n++) {
    assertEquals((await store.transact(put)).revision, 100);
    await assertRejects(() => store.transact(put), StoreUnavailable);
    assertEquals(requests, 2 * (n + 1));
  }
  listener.close();
  await serve;
});
