/** Tokens and scopes at a real server: what a token permits, and what it does not. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { programTest } from "../../commands/program.ts";
import { DEFAULT_LIMITS } from "../../../lib/hub/model/config.ts";
import { RawHttpClient } from "../../net/http_client.ts";
import { ApiTestServer } from "./api_server.ts";
import { InProcessApi } from "./in_process.ts";

const READS = [
  "/api/v1/messages?room=ops",
  "/api/v1/messages?room=ops&follow=1",
  "/api/v1/people",
  "/api/v1/rooms",
];

programTest("api: without a token, or with one that is not valid, nothing is answered", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  await alice.send("JOIN #ops");
  await alice.barrier();
  const { secret, id } = await server.token(alice, "send:*", "read:*", "people");
  const ask = async (path: string, authorization?: string) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await server.fetch(path, "", { headers });
    const { code } = await response.json();
    return [response.status, code, response.headers.get("www-authenticate")];
  };
  const none = [401, "no_token", 'Bearer realm="chatterbox"'];
  const bad = [401, "bad_token", 'Bearer realm="chatterbox", error="invalid_token"'];
  for (const path of READS) {
    assertEquals(await ask(path), none);
    assertEquals(await ask(path, `Basic ${btoa(`alice:${secret}`)}`), none);
    assertEquals(await ask(path, `Bearer ${secret}x`), bad);
    assertEquals(await ask(path, `Bearer ${secret.slice(0, -1)}`), bad);
    assertEquals(await ask(path, `Bearer ${"x".repeat(5000)}`), bad);
    assertEquals(await ask(path, "Bearer a,b"), bad);
  }
  assertEquals((await server.fetch(READS[0]!, secret)).status, 200);
  await alice.send(`TOKEN REVOKE ${id}`);
  await alice.until((line) => line.includes("TOKEN REVOKE"));
  for (const path of READS) assertEquals(await ask(path, `Bearer ${secret}`), bad);
  assertEquals((await server.post(secret, { to: "#ops", text: "x" })).status, 401);
  const hook = await server.fetch(`/hook/${secret}?to=%23ops`, "", { method: "POST", body: "x" });
  assertEquals([hook.status, (await hook.json()).code], [401, "bad_token"]);
});

Deno.test("api: too many wrong tokens have to wait", async () => {
  const limits = { ...DEFAULT_LIMITS, exempt: [], loginFailures: { count: 3, ms: 60_000 } };
  await using api = await InProcessApi.start({ config: { limits } });
  const ask = (from: string) => api.get("/api/v1/people", { token: "wrong", from });
  const responses: Response[] = [];
  for (let nth = 0; nth < 5; nth++) responses.push(await ask("192.0.2.7"));
  assertEquals(responses.map(({ status }) => status), [401, 401, 401, 429, 429]);
  const seconds = Number(responses.at(-1)!.headers.get("retry-after"));
  assert(seconds > 1 && seconds <= 20, `one of three in a minute: ${seconds}`);
  assertEquals((await ask("192.0.2.8")).status, 401);
});

programTest(
  "api: a token permits what its scopes say, and the answer names the one that is missing",
  {},
  async (home) => {
    await using server = await ApiTestServer.start(home);
    const alice = await server.enter("alice");
    await server.enter("bob");
    await alice.send("JOIN #ops\r\nJOIN #tea");
    await alice.barrier();
    const tokens = {
      "send:#ops": (await server.token(alice, "send:#ops")).secret,
      "send:bob": (await server.token(alice, "send:bob")).secret,
      "send:*": (await server.token(alice, "send:*")).secret,
      "read:#ops": (await server.token(alice, "read:#ops")).secret,
      "read:*": (await server.token(alice, "read:*")).secret,
      "people": (await server.token(alice, "people")).secret,
    };
    const requests: Readonly<
      Record<string, readonly [(token: string) => Promise<Response>, readonly string[]]>
    > = {
      "send:#ops": [(token) => server.post(token, { to: "#OPS", text: "x" }), ["send:#ops", "send:*"]],
      "send:#tea": [(token) => server.post(token, { to: "#tea", text: "x" }), ["send:*"]],
      "send:bob": [(token) => server.post(token, { to: "bob", text: "x" }), ["send:bob", "send:*"]],
      "read:#ops": [(token) => server.fetch(READS[0]!, token), ["read:#ops", "read:*"]],
      "read:#tea": [(token) => server.fetch("/api/v1/messages?room=tea&follow=1", token), ["read:*"]],
      "read:bob": [(token) => server.fetch("/api/v1/messages?with=bob", token), ["read:*"]],
      "people": [(token) => server.fetch("/api/v1/people", token), ["people"]],
    };
    for (const [scope, [ask, permitting]] of Object.entries(requests)) {
      for (const [own, token] of Object.entries(tokens)) {
        const response = await ask(token);
        const what = `${scope} with ${own}`;
        if (permitting.includes(own)) assertEquals(response.ok, true, what);
        else {
          const { code, scope: missing } = await response.json();
          assertEquals([response.status, code, missing.toLowerCase()], [403, "missing_scope", scope], what);
          assertMatch(response.headers.get("www-authenticate")!, /error="insufficient_scope", scope="/);
        }
        await response.body?.cancel().catch(() => {}); // read to its end
      }
    }
  },
);

programTest("api: what the account may not do, its token may not do either", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  const bob = await server.enter("bob");
  await alice.send("JOIN #ops\r\nMODE #ops +i\r\nJOIN #tea\r\nMODE #tea +m");
  await alice.barrier();
  const { secret } = await server.token(bob, "send:*", "read:*");
  const narrow = await server.token(bob, "send:#ops");
  for (const to of ["#日本", '#a"b', "#a\\b", "日本"]) {
    const refused = await server.post(narrow.secret, { to, text: "x" });
    assertEquals([refused.status, (await refused.json()).scope], [403, `send:${to}`]);
  }
  const hidden = await server.fetch(READS[0]!, secret);
  assertEquals([hidden.status, (await hidden.json()).code], [404, "no_such_target"]);
  const moderated = await server.post(secret, { to: "#tea", text: "x" });
  assertEquals([moderated.status, (await moderated.json()).code], [403, "refused"]);
  await alice.send("MODE #tea +b bob!*@*\r\nMODE #tea -m");
  await alice.barrier();
  const banned = await server.post(secret, { to: "#tea", text: "x" });
  assertEquals([banned.status, (await banned.json()).code], [403, "refused"]);
});

programTest(
  "api: a page of another origin is refused and gets no permission to read; other methods are refused",
  {},
  async (home) => {
    await using server = await ApiTestServer.start(home);
    const preflight = await server.fetch("/api/v1/messages", "", {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    assertEquals(preflight.status, 403);
    const answer = await server.fetch("/api/v1/openapi.json", "", {
      headers: { origin: "https://evil.example" },
    });
    assertEquals(answer.status, 403);
    for (const response of [preflight, answer]) {
      assertEquals([...response.headers.keys()].filter((name) => name.startsWith("access-control-")), []);
      await response.body?.cancel();
    }
    for (
      const [path, allow] of [["/api/v1/messages", "GET, HEAD, POST, OPTIONS"], [
        "/hook/x",
        "POST, PUT, OPTIONS",
      ]] as const
    ) {
      const refused = await server.fetch(path, "", { method: "DELETE" });
      assertEquals([refused.status, refused.headers.get("allow"), (await refused.json()).code], [
        405,
        allow,
        "method_not_allowed",
      ]);
      const options = await server.fetch(path, "", { method: "OPTIONS" });
      assertEquals([options.status, options.headers.get("allow")], [204, allow]);
    }
  },
);

programTest("api: a wrong token is answered before the body of its request is there", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const { hostname, port, host } = new URL(server.web);
  const heads = [
    "POST /api/v1/messages HTTP/1.1\r\nAuthorization: Bearer wrong\r\nContent-Type: application/json",
    "POST /hook/wrong HTTP/1.1\r\nContent-Type: text/plain",
    "PUT /hook/wrong?to=%23ops HTTP/1.1\r\nContent-Type: text/plain",
  ];
  for (const head of heads) {
    const conn = await Deno.connect({ hostname, port: Number(port) });
    const client = new RawHttpClient(conn, Promise.resolve());
    await client.send(`${head}\r\nHost: ${host}\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n`);
    const { status, headers } = await client.response(); // not 100
    assertEquals([status, headers.get("connection")], [401, "close"], head);
    conn.close();
  }
});
