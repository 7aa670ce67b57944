import { assertEquals } from "@std/assert";
import { makeWebHandler } from "../../lib/web/app.ts";
import type { WebPorts } from "../../lib/web/ports.ts";
import { ResponseCounts } from "../../lib/web/response_counts.ts";
import { makeWebApp } from "../../lib/web/web_app.ts";
import { pureTest } from "../support/test.ts";
import { fakePorts } from "./ports.ts";

const FROM = { host: "127.0.0.1", isSecure: false, signal: new AbortController().signal, charge() {} };

function get(url: string, ports: Partial<WebPorts> = {}, method = "GET"): Promise<Response> {
  return makeWebHandler(fakePorts(ports))(new Request(url, { method }), FROM);
}

pureTest("the server is asked whether it lives, and whether it is ready", async () => {
  assertEquals((await get("http://localhost/healthz")).status, 200);
  assertEquals((await get("http://localhost/readyz")).status, 200);
  const troubles = ["history is not being saved: the disk is full", "the archive is behind"];
  const busy = await get("http://localhost/readyz", { readStatus: () => ({ troubles }) });
  assertEquals(busy.status, 503);
  assertEquals(busy.headers.get("content-type"), "application/problem+json");
  assertEquals(await busy.json(), {
    type: "about:blank",
    title: "Service Unavailable",
    status: 503,
    detail: troubles.join("; "),
    troubles,
  });
});

pureTest("what is not there is a problem in JSON, by every method", async () => {
  for (const method of ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    const missing = await get("http://localhost/nowhere", {}, method);
    assertEquals([missing.status, missing.headers.get("content-type")], [404, "application/problem+json"]);
    assertEquals((await missing.json()).status, 404);
  }
});

pureTest("only requests for this server are answered (DNS rebinding)", async () => {
  for (
    const host of [
      "localhost:6680",
      "127.0.0.1",
      "[::1]:6680",
      "192.0.2.7",
      "chat.example",
      "CHATTERBOX.local:80",
    ]
  ) {
    assertEquals((await get(`http://${host}/healthz`)).status, 200, host);
  }
  for (
    const host of [
      "evil.example",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "x",
      "chat.example.evil",
    ]
  ) {
    const refused = await get(`http://${host}/healthz`);
    assertEquals([refused.status, (await refused.json()).status], [421, 421], host);
  }
});

pureTest("each response has the headers that keep a browser from doing more with it", async () => {
  for (const path of ["healthz", "nowhere"]) {
    const { headers } = await get(`http://localhost/${path}`);
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertEquals(headers.get("referrer-policy"), "no-referrer");
    assertEquals(headers.get("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
    assertEquals(headers.get("cache-control"), "no-store");
  }
});

pureTest("a bug is reported by its place, and tells nothing of the request", async () => {
  const reported: string[] = [];
  const ports = fakePorts({ reportBug: (text) => void reported.push(text) });
  const app = makeWebApp(ports, new ResponseCounts());
  app.get("/of/:name", () => {
    throw new TypeError("secret");
  });
  const failed = await app.fetch(new Request("http://localhost/of/alice?token=secret"), FROM);
  assertEquals(failed.status, 500);
  assertEquals((await failed.text()).includes("secret"), false);
  assertEquals(reported.length, 1);
  assertEquals(/^GET \/of\/:name: 500: TypeError at /.test(reported[0]!), true, reported[0]);
  assertEquals(/secret|alice/.test(reported[0]!), false, reported[0]);
});

pureTest("pages of other origins are refused, and have no hook tried", async () => {
  let connections = 0;
  const handler = makeWebHandler(fakePorts({
    connect: () => {
      connections++;
      return { kind: "refused", status: 429, why: "there is no server" };
    },
  }));
  const post = async (origin: string) => {
    const request = new Request("http://localhost:6680/hook/cbt_x", {
      method: "POST",
      headers: { origin, "content-type": "text/plain" },
      body: "x",
    });
    return (await handler(request, FROM)).status;
  };
  for (const origin of ["https://evil.example", "null", "http://localhost:8080"]) {
    assertEquals([await post(origin), connections], [403, 0], origin);
  }
  for (const origin of ["http://localhost:6680", "https://chat.example"]) {
    connections = 0;
    assertEquals([await post(origin), connections], [429, 1], origin);
  }
});

pureTest("other methods are refused, with those that there are", async () => {
  for (const path of ["/", "/healthz", "/readyz", "/metrics"]) {
    const refused = await get(`http://localhost${path}`, {}, "DELETE");
    assertEquals([refused.status, refused.headers.get("allow")], [405, "GET, HEAD, OPTIONS"]);
    const options = await get(`http://localhost${path}`, {}, "OPTIONS");
    assertEquals([options.status, options.headers.get("allow")], [204, "GET, HEAD, OPTIONS"]);
  }
});
