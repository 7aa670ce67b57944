import { assertEquals } from "@std/assert";
import { readTokenGrant } from "../../../lib/web/api/token_grant.ts";
import { comesTrue } from "../../support/guard.ts";
import { InProcessApi } from "./in_process.ts";

const FROM = { host: "192.0.2.7", isSecure: false };

Deno.test("a token grants its account and scopes, one that is not valid nothing, and no session stays", async () => {
  await using api = await InProcessApi.start();
  const { server } = api.running;
  const connect = (host: string, isSecure: boolean) => server.connect(host, isSecure);
  const alice = await api.enter("alice");
  const token = await api.token(alice, "metrics", "read:#ops");
  assertEquals(await readTokenGrant(connect, token, FROM), {
    account: "alice",
    scopes: ["metrics", "read:#ops"],
  });
  assertEquals(await readTokenGrant(connect, `${token}x`, FROM), undefined);
  assertEquals(await readTokenGrant(connect, "x y\r\nQUIT", FROM), undefined);
  const refused = await readTokenGrant(() => ({ kind: "refused", status: 429, why: "" }), token, FROM);
  assertEquals(refused instanceof Response && refused.status, 429);
  await comesTrue("alice alone is there", () => server.hub.context.state.sessions.size === 1);
  alice.close();
});
