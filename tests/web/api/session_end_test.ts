/** Sessions that the server ends, or reads nothing of: what their requests are answered. */
import { assertEquals, assertRejects } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { DEFAULT_LIMITS } from "../../../lib/hub/model/config.ts";
import { ApiSessions } from "../../../lib/web/api/api_session.ts";
import type { ApiLogin } from "../../../lib/web/api/api_session.ts";
import { ApiProblem } from "../../../lib/web/api/problem.ts";
import { inEnoughTime, inTime } from "../../support/guard.ts";
import { pipeConns } from "../../../lib/net/pipe_conn.ts";
import { SocketClient } from "../../support/socket_client.ts";
import { InProcessApi } from "./in_process.ts";

const HOST = "192.0.2.7";
const signal = new AbortController().signal;
const loginOf = (token: string): ApiLogin => ({
  token,
  role: "observer",
  from: { host: HOST, isSecure: false, signal, charge() {} },
});

Deno.test("api sessions: one ends when its token expires, without a word of the server", async () => {
  const end = await inEnoughTime("a session before its token expires", async (seconds) => {
    const [client, conn] = pipeConns();
    const server = SocketClient.over(conn);
    const sessions = new ApiSessions(() => ({ kind: "connected", conn: client, waitMs: () => 0 }));
    const opening = sessions.openOwn(loginOf("cbt_x"), () => {});
    const soon = new Date(Date.now() + 300 * seconds).toISOString();
    await server.send(`:irc.test TOKEN LOGIN alice ${soon} read:*`);
    await server.send(":irc.test CAP * LS :\r\n:irc.test 001 alice :Welcome\r\n:irc.test 422 alice :No MOTD");
    const session = await inTime("a session, or that there is none", opening.catch(() => undefined));
    const end = session && await inTime("its end", session.link.closed);
    server.close();
    return end;
  });
  assertEquals(end, "The token is no longer valid");
});

Deno.test("api sessions: a request whose token is revoked meanwhile is answered so", async () => {
  await using api = await InProcessApi.start();
  const { server } = api.running;
  const alice = await api.enter("alice");
  const token = await api.token(alice, "people");
  const sessions = new ApiSessions((host, isSecure) => server.connect(host, isSecure));
  const id = (await api.tokenIds(alice))[0]!;
  const problem = await assertRejects(
    () =>
      sessions.use(loginOf(token), async ({ link }) => {
        await alice.send(`TOKEN REVOKE ${id}`);
        await link.closed;
        throw new ApiProblem("unavailable", "the connection is lost");
      }),
    ApiProblem,
  );
  assertEquals(problem.code, "bad_token");
  alice.close();
});

Deno.test("api: a client that owes for its requests is told when to come back", async () => {
  const config = { limits: { ...DEFAULT_LIMITS, exempt: ["127.0.0.1"] } };
  await using api = await InProcessApi.start({ config, limits: { lineRate: { count: 40, ms: 6_000_000 } } });
  const alice = await api.enter("alice");
  const token = await api.token(alice, "people");
  let response = await api.get("/api/v1/people", { token, from: HOST });
  for (let nth = 0; nth < 200 && response.status === 200; nth++) {
    response = await api.get("/api/v1/people", { token, from: HOST });
  }
  assertEquals([response.status, (await response.json()).code], [429, "rate_limited"]);
  const seconds = Number(response.headers.get("retry-after"));
  assert(seconds > 1, `a token takes 150 s: ${seconds}`);
  alice.close();
});
