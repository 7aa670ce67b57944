import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { pipeConns } from "../../lib/net/pipe_conn.ts";
import { MAX_BODY_BYTES } from "../../lib/net/web/http_body.ts";
import type { HttpHandler } from "../../lib/net/web/http_handler.ts";
import { MAX_READ_AHEAD_BYTES } from "../../lib/net/web/http_input.ts";
import { writeResponse } from "../../lib/net/web/http_response_writer.ts";
import { comesTrue } from "../support/guard.ts";
import { clientFrame, handshake } from "../support/web_client.ts";
import { RawHttpClient, webOf } from "./http_client.ts";

/** Answers with what was asked. */
const echo: HttpHandler = async (request) =>
  Response.json({
    method: request.method,
    url: request.url,
    body: await request.text(),
    type: request.headers.get("content-type"),
  });

/** A connection whose requests `handler` answers. */
const clientOf = (handler: HttpHandler) => RawHttpClient.over(webOf(handler));

const GET = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n";
const LAST = "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

async function bodiesOf(client: RawHttpClient, count: number): Promise<unknown[]> {
  const bodies: unknown[] = [];
  for (let done = 0; done < count; done++) bodies.push(JSON.parse((await client.response()).body).body);
  return bodies;
}

Deno.test("requests are answered one after the other, however they are cut", async () => {
  const bodies = [
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nchu\r\n4\r\nnked\r\n0\r\nTrailer: x\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: CHUNKED\r\n\r\n00\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
  ];
  for (const piece of [1, 2, 7, 100, Infinity]) {
    const client = clientOf(echo);
    void client.send(bodies.join("") + GET + LAST, piece);
    assertEquals(await bodiesOf(client, 6), ["hello", "chunked", "", "", "", ""]);
    assertEquals(await client.rest(), "");
    client.conn.close();
    await client.served;
  }
});

Deno.test("the URL is that of the target: origin, absolute and asterisk form", async () => {
  const client = clientOf(echo);
  await client.send("GET /a%20b?c=d HTTP/1.1\r\nHost: chat.example:6680\r\n\r\n");
  await client.send("GET http://other.example/x HTTP/1.1\r\nHost: chat.example\r\n\r\n");
  await client.send("OPTIONS * HTTP/1.1\r\nHost: chat.example\r\n\r\n");
  const urls: unknown[] = [];
  for (let count = 0; count < 3; count++) urls.push(JSON.parse((await client.response()).body).url);
  assertEquals(urls, [
    "http://chat.example:6680/a%20b?c=d",
    "http://other.example/x",
    "http://chat.example/",
  ]);
});

const BAD: Readonly<Record<string, readonly [number, string]>> = {
  "no Host": [400, "GET / HTTP/1.1\r\n\r\n"],
  "a Host that is none": [400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"],
  "a Host with a user": [400, "GET / HTTP/1.1\r\nHost: user@x\r\n\r\n"],
  "a target that is none": [400, "GET x HTTP/1.1\r\nHost: x\r\n\r\n"],
  "a target with a user": [400, "GET http://u:p@x/ HTTP/1.1\r\nHost: x\r\n\r\n"],
  "a tunnel": [501, "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n"],
  "TRACE": [501, "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n"],
  "a header with NUL": [400, "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n"],
  "two lengths": [400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"],
  "a length that is none": [400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\nx"],
  "both framings": [
    400,
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  "chunks in HTTP/1.0": [400, "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  "a coding behind a character that is no space": [
    501,
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
  ],
  "a coding in front of a second CR": [
    501,
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\r\n\r\n0\r\n\r\n",
  ],
  "a length in front of a character that is no space": [
    400,
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\x0c\r\n\r\nx",
  ],
  "a coding behind a no-break space": [
    501,
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\xa0chunked\r\n\r\n0\r\n\r\n",
  ],
  "another coding": [501, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"],
  "a length that is too large": [
    413,
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${MAX_BODY_BYTES + 1}\r\n\r\n`,
  ],
  "chunks that are too large": [
    413,
    `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${
      (MAX_BODY_BYTES + 1).toString(16)
    }\r\n`,
  ],
  "a chunk without a size": [400, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"],
  "a chunk beyond its size": [
    400,
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n0\r\n\r\n",
  ],
  "a chunk line that ends with LF alone": [
    400,
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n12\nx\r\n0\r\n\r\n",
  ],
  "an endless chunk line": [
    400,
    `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;${"x".repeat(300)}`,
  ],
  "endless trailers": [
    400,
    `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${"x: y\r\n".repeat(40)}\r\n`,
  ],
};

for (const [name, [status, text]] of Object.entries(BAD)) {
  Deno.test(`${name} is refused, and nothing behind it is read as a request`, async () => {
    let calls = 0;
    const client = clientOf(async (request) => {
      await request.text();
      calls++;
      return new Response("taken");
    });
    void client.send(text + LAST).catch(() => {});
    const response = await client.response();
    assertEquals([response.status, response.headers.get("connection")], [status, "close"]);
    assertEquals(response.headers.get("content-type"), "application/problem+json");
    assertEquals(JSON.parse(response.body).status, status);
    assertEquals([await client.rest(), calls], ["", 0]);
    client.conn.close();
    await client.served;
  });
}

Deno.test("the form of a response: length, chunks, HEAD, HTTP/1.0, no content", async () => {
  const client = clientOf((request) =>
    Promise.resolve(
      new URL(request.url).pathname === "/none"
        ? new Response(null, { status: 204 })
        : new Response("whole", { headers: { "x-latin": "é", "connection": "x", "transfer-encoding": "y" } }),
    )
  );
  await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const whole = await client.response();
  assertEquals(whole.body, "whole");
  assertEquals(whole.headers.get("content-length"), "5");
  assertEquals([whole.headers.get("x-latin"), whole.headers.get("connection")], ["é", undefined]);
  assertMatch(whole.headers.get("date") ?? "", / GMT$/);
  await client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  assertEquals((await client.response("HEAD")).headers.has("transfer-encoding"), false);
  await client.send("DELETE /none HTTP/1.1\r\nHost: x\r\n\r\n");
  const none = await client.response();
  assertEquals([none.status, none.headers.has("content-length")], [204, false]);
  await client.send("GET / HTTP/1.0\r\nHost: x\r\n\r\n");
  assertEquals((await client.response()).headers.get("connection"), "close");
  assertEquals(await client.rest(), "");
});

/** A body that a test fills, chunk by chunk. */
function openBody() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
  const add = (text: string) => controller.enqueue(new TextEncoder().encode(text));
  return { stream, add, end: () => controller.close(), fail: () => controller.error(new Error("broken")) };
}

Deno.test("each chunk of a stream is sent at once; its end leaves the connection open, its failure does not", async () => {
  const bodies = [openBody(), openBody()];
  let next = 0;
  const client = clientOf(() => Promise.resolve(new Response(bodies[next++]!.stream)));
  await client.send(GET);
  assertEquals((await client.head()).headers.get("transfer-encoding"), "chunked");
  for (const text of ["one", "two"]) {
    bodies[0]!.add(text);
    assertEquals(await client.chunk(), text);
  }
  bodies[0]!.end();
  assertEquals(await client.chunk(), "");
  await client.send(GET);
  await client.head();
  bodies[1]!.add("three");
  assertEquals(await client.chunk(), "three");
  bodies[1]!.fail();
  assertEquals(await client.rest(), ""); // without the last chunk: the client knows that it is not whole
  await client.served;
});

Deno.test("a body of unknown length over HTTP/1.0 ends with the connection", async () => {
  const body = openBody();
  const client = clientOf(() => Promise.resolve(new Response(body.stream)));
  await client.send("GET / HTTP/1.0\r\nHost: x\r\n\r\n");
  const { headers } = await client.head();
  assertEquals([headers.get("transfer-encoding"), headers.get("connection")], [undefined, "close"]);
  body.add("text");
  body.end();
  assertEquals(await client.rest(), "text");
});

Deno.test("a response that differs from its Content-Length is the last", async () => {
  const client = clientOf(() =>
    Promise.resolve(new Response("four", { headers: { "content-length": "40" } }))
  );
  await client.send(GET + GET);
  assertEquals((await client.head()).headers.get("connection"), "close");
  assertEquals(await client.rest(), "four");
});

Deno.test("a stream is read no faster than the client takes it", async () => {
  let pulls = 0;
  const client = clientOf(() =>
    Promise.resolve(
      new Response(
        new ReadableStream({
          pull(controller) {
            pulls++;
            controller.enqueue(new Uint8Array(64 * 1024));
          },
        }),
      ),
    )
  );
  await client.send(GET);
  await client.head();
  await comesTrue("the writer waits", async () => {
    const before = pulls;
    for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setTimeout(resolve, 0));
    return pulls === before;
  });
  assertEquals(pulls < 6, true, `${pulls} chunks are in memory`);
  client.conn.close();
  await client.served;
});

Deno.test("when the client goes the signal is aborted and the stream is cancelled", async () => {
  const [aborted, cancelled] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const web = webOf((_request, { signal }) => {
    signal.addEventListener("abort", () => aborted.resolve());
    return Promise.resolve(
      new Response(
        new ReadableStream({
          async pull(controller) {
            await aborted.promise;
            controller.enqueue(new Uint8Array(1));
          },
          cancel: () => cancelled.resolve(),
        }),
      ),
    );
  });
  const client = RawHttpClient.over(web);
  await client.send(GET);
  await client.head();
  client.conn.close();
  await aborted.promise;
  await cancelled.promise;
  await client.served;
  assertEquals([web.exchanges, web.requests], [0, 0]);
});

Deno.test("a client that has said its last is still answered", async () => {
  const client = clientOf(echo);
  await client.send(GET);
  await client.conn.closeWrite();
  assertEquals((await client.response()).status, 200);
  await client.served;
});

Deno.test("a body is asked for when it is read (Expect: 100-continue)", async () => {
  const read = Promise.withResolvers<void>();
  const client = clientOf(async (request) => {
    await read.promise;
    return new Response(await request.text());
  });
  await client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  read.resolve();
  assertEquals((await client.head()).status, 100);
  await client.send("ok");
  assertEquals((await client.response()).body, "ok");
});

Deno.test("a body that nobody reads ends the connection behind the response", async () => {
  const client = clientOf(() => Promise.resolve(new Response("no", { status: 401 })));
  await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nx");
  const { status, headers } = await client.response();
  assertEquals([status, headers.get("connection")], [401, "close"]);
  client.conn.close();
  await client.served;
});

Deno.test("a body that does not come is given up", async () => {
  const client = RawHttpClient.over(webOf(echo, { bodyMs: 20 }));
  await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
  assertEquals((await client.response()).status, 408);
  client.conn.close();
  await client.served;
});

Deno.test("a handler's error is a response of its own, without the words of the error", async () => {
  const client = clientOf(() => Promise.reject(new Error("secret")));
  await client.send(GET);
  const { status, body } = await client.response();
  assertEquals([status, body.includes("secret")], [500, false]);
  client.conn.close();
  await client.served;
});

Deno.test("a connection without a request is closed after a while, and one has so many requests", async () => {
  const idle = RawHttpClient.over(webOf(echo, { idleMs: 10 }));
  await idle.send(GET);
  assertEquals((await idle.response()).status, 200);
  assertEquals(await idle.rest(), "");
  const busy = clientOf(echo);
  let answers = 0;
  for (let isOpen = true; isOpen; answers++) {
    await busy.send(GET);
    isOpen = (await busy.response()).headers.get("connection") !== "close";
  }
  assertEquals(answers, 1000);
});

Deno.test("when the listener closes, requests that are being answered end", async () => {
  const web = webOf((_request, { signal }) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve(new Response("bye"))))
  );
  const client = RawHttpClient.over(web);
  const idle = RawHttpClient.over(web);
  await client.send(GET);
  await comesTrue("the request is being answered", () => web.exchanges === 1);
  await web.close();
  assertEquals((await client.response()).body, "bye");
  assertEquals(await idle.rest(), "");
});

Deno.test("beyond so many requests at once the next is told to come back", async () => {
  const answers: (() => void)[] = [];
  const web = webOf(() => new Promise((resolve) => answers.push(() => resolve(new Response("late")))));
  const clients = Array.from({ length: 512 }, () => RawHttpClient.over(web));
  for (const client of clients) await client.send(GET);
  await comesTrue("all are being answered", () => answers.length === 512);
  const late = RawHttpClient.over(web);
  await late.send(GET);
  const { status, headers } = await late.response();
  assertEquals([status, headers.get("retry-after"), headers.get("connection")], [503, "1", "close"]);
  for (const answer of answers) answer();
  assertEquals((await clients[511]!.response()).body, "late");
  for (const client of [...clients, late]) client.conn.close();
  await Promise.all([...clients, late].map(({ served }) => served));
});

Deno.test("what comes while a response is made is read so far ahead, and no further", async () => {
  const answer = Promise.withResolvers<Response>();
  const client = RawHttpClient.over(webOf(() => answer.promise), undefined, 1000);
  await client.send(GET);
  let sent = 0;
  const flood = (async () => {
    for (const bytes = new Uint8Array(1000);;) sent += await client.conn.write(bytes);
  })().catch(() => {});
  await comesTrue("the writer waits", async () => {
    const before = sent;
    for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setTimeout(resolve, 0));
    return sent === before;
  });
  assertEquals(sent < MAX_READ_AHEAD_BYTES + 8000, true, `${sent} bytes were taken`);
  answer.resolve(new Response("answer"));
  assertEquals((await client.response()).body, "answer");
  client.conn.close();
  await flood;
  await client.served;
});

Deno.test("after requests a connection can still become WebSocket", async () => {
  const [client, server] = pipeConns();
  const upgraded = webOf(echo).upgrade(server);
  const raw = new RawHttpClient(client, upgraded);
  await raw.send(GET + GET + handshake() + String.fromCharCode(...clientFrame(encodeUtf8("NICK alice"))));
  for (let count = 0; count < 2; count++) assertEquals((await raw.response()).status, 200);
  assertEquals((await raw.head()).status, 101);
  const conn = await upgraded;
  const buffer = new Uint8Array(64);
  const length = await conn!.read(buffer);
  assertEquals(new TextDecoder().decode(buffer.subarray(0, length!)), "NICK alice\r\n");
});

Deno.test("a client that takes nothing of a response is cut off, and the stream is cancelled", async () => {
  const [client, server] = pipeConns(100);
  let cancelled = false;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
    cancel: () => void (cancelled = true),
  });
  const form = { method: "GET", minor: 1, keepsAlive: true, writeMs: 10 } as const;
  await assertRejects(() => writeResponse(server, new Response(body), form), Deno.errors.BadResource);
  assertEquals(cancelled, true);
  client.close();
});

Deno.test("a request whose end comes after its time has one response", async () => {
  let calls = 0;
  const web = webOf(() => Promise.resolve(new Response(String(++calls))), { requestMs: 10 });
  const client = RawHttpClient.over(web);
  await client.send("GET / HTTP/1.1\r\nHost: x\r\n");
  assertEquals((await client.response()).status, 408);
  await client.send("\r\n");
  assertEquals([await client.rest(), calls], ["", 0]);
  client.conn.close();
  await client.served;
});
