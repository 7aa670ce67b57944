/** Connections within the server's process: clients like others, at the address of an HTTP client. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { Link } from "../../lib/client/connection/link.ts";
import { DEFAULT_LIMITS } from "../../lib/hub/model/config.ts";
import { runServer } from "../support/chat_server.ts";
import { comesTrue } from "../support/guard.ts";

const STRANGERS = { config: { limits: { ...DEFAULT_LIMITS, exempt: [] } } };

Deno.test("a client within the process registers and chats as any other, and the hub knows it", async () => {
  const { server, stop } = await runServer();
  const outcome = server.connect("192.0.2.7", true);
  assert(outcome.kind === "connected", "it is admitted");
  const link = new Link(outcome.conn, { transport: "unix", path: "web API" }, {
    address: { kind: "unix", path: "web API" },
    registration: { nick: "script", username: "script", realname: "script" },
  });
  assertEquals((await link.opened).kind, "connected");
  const [session] = server.hub.context.state.sessions.values();
  assertEquals([session?.isInternal, session?.isSecure, session?.host, session?.endpoint], [
    true,
    true,
    "192.0.2.7",
    "web API",
  ]);
  const joined = await link.request({ command: "JOIN", params: ["#tea"] });
  assertEquals(joined.kind, "answered");
  await link.close();
  await comesTrue("the session has ended", () => server.hub.context.state.sessions.size === 0);
  await stop();
});

Deno.test("the limits of its address count it", async () => {
  const { server, stop, refused } = await runServer({ ...STRANGERS, limits: { perAddress: 1 } });
  const first = server.connect("192.0.2.7", false);
  assertEquals(first.kind, "connected");
  const second = server.connect("192.0.2.7", false);
  assert(second.kind === "refused", "the address has its connections");
  assertEquals(second.status, 429);
  assertMatch(second.why, /^too many connections from 192\.0\.2\.7/);
  assertEquals(refused.length, 1);
  assertEquals(server.connect("192.0.2.8", false).kind, "connected");
  await stop();
});
