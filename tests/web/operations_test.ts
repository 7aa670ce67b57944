import { assertEquals, assertMatch } from "@std/assert";
import { makeWebHandler } from "../../lib/web/app.ts";
import type { WebPorts } from "../../lib/web/ports.ts";
import { pureTest } from "../support/test.ts";
import { fakePorts } from "./ports.ts";
import { parsePrometheus } from "./prometheus_text.ts";

const { signal } = new AbortController();
const GRANTS: Readonly<Record<string, readonly string[]>> = {
  good: ["metrics"],
  other: ["send:*", "people"],
};

/** Asks from `host`, with a token if one is given. */
function ask(
  path: string,
  host: string,
  token?: string,
  ports: Partial<WebPorts> = {},
): Promise<Response> {
  const handler = makeWebHandler(fakePorts({
    authorize: (given) => {
      const scopes = GRANTS[given];
      return Promise.resolve(scopes && { account: "alice", scopes });
    },
    ...ports,
  }));
  const headers = token === undefined ? {} : { authorization: token };
  return handler(new Request(`http://localhost${path}`, { headers }), {
    host,
    isSecure: false,
    signal,
    charge() {},
  });
}

pureTest("metrics are for this machine, and elsewhere for a token of their scope", async () => {
  for (const host of ["127.0.0.1", "127.8.9.1", "0::1"]) {
    const response = await ask("/metrics", host);
    assertEquals([response.status, response.headers.get("content-type")], [
      200,
      "text/plain; version=0.0.4; charset=utf-8",
    ]);
  }
  for (const host of ["192.0.2.1", "2001:db8::1", "proxied-127.0.0.1", ""]) {
    const asked = await ask("/metrics", host);
    assertEquals([asked.status, asked.headers.get("www-authenticate")], [401, "Bearer"], host);
    for (const token of ["Bearer bad", "Basic good", "Bearer", "Bearer ", "Bearer go od", "good"]) {
      const refused = await ask("/metrics", host, token);
      assertEquals(
        [refused.status, refused.headers.get("www-authenticate")],
        [401, 'Bearer error="invalid_token"'],
        token,
      );
    }
    const other = await ask("/metrics", host, "Bearer other");
    assertEquals(other.status, 403);
    assertMatch(other.headers.get("www-authenticate") ?? "", /insufficient_scope.*metrics/);
    assertEquals((await ask("/metrics", host, "bearer good")).status, 200);
  }
});

pureTest("why the server is not ready is for the same", async () => {
  const ports = { readStatus: () => ({ troubles: ["the disk is full"] }) };
  for (
    const [host, token, isTold] of [
      ["127.0.0.1", undefined, true],
      ["192.0.2.1", undefined, false],
      ["192.0.2.1", "Bearer other", false],
      ["192.0.2.1", "Bearer good", true],
    ] as const
  ) {
    const response = await ask("/readyz", host, token, ports);
    assertEquals([response.status, (await response.text()).includes("disk")], [503, isTold]);
  }
});

pureTest("responses are counted by their status", async () => {
  const handler = makeWebHandler(fakePorts());
  const get = (path: string, host = "localhost") =>
    handler(new Request(`http://${host}${path}`), {
      host: "127.0.0.1",
      isSecure: false,
      signal,
      charge() {},
    });
  for (const path of ["/healthz", "/healthz", "/nowhere"]) await get(path);
  await get("/healthz", "evil.example");
  const metrics = parsePrometheus(await (await get("/metrics")).text());
  assertEquals(Object.fromEntries(metrics.get("chatterbox_http_responses_total")!.samples), {
    'chatterbox_http_responses_total{code="200"}': 2,
    'chatterbox_http_responses_total{code="404"}': 1,
    'chatterbox_http_responses_total{code="421"}': 1,
  });
});
