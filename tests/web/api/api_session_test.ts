/** The sessions that requests share: who gets which, how many there are, and when they end. */
import { assertEquals, assertRejects } from "@std/assert";
import { ApiSessions, MAX_API_SESSIONS, MAX_SESSION_REQUESTS } from "../../../lib/web/api/api_session.ts";
import type { ApiLogin, ApiSession } from "../../../lib/web/api/api_session.ts";
import { ApiProblem } from "../../../lib/web/api/problem.ts";
import { DEFAULT_LIMITS } from "../../../lib/hub/model/config.ts";
import { comesTrue } from "../../support/guard.ts";
import { InProcessApi } from "./in_process.ts";

const signal = new AbortController().signal;
const loginOf = (token: string, role: ApiLogin["role"] = "observer", host = "127.0.0.1"): ApiLogin => ({
  token,
  role,
  from: { host, isSecure: false, signal, charge() {} },
});

Deno.test("api sessions: requests of one token and address share a session, others have their own", async () => {
  await using api = await InProcessApi.start();
  const { server } = api.running;
  const sessions = new ApiSessions((host, isSecure) => server.connect(host, isSecure), 0);
  const alice = await api.enter("alice");
  const [one, other] = [await api.token(alice, "read:*"), await api.token(alice, "people")];
  const taken: ApiSession[] = [];
  const goOn = Promise.withResolvers<void>();
  const hold = (login: ApiLogin) =>
    sessions.use(login, async (session) => {
      taken.push(session);
      await goOn.promise;
    });
  const logins = [
    loginOf(one),
    loginOf(one),
    loginOf(one, "user"),
    loginOf(other),
    loginOf(one, "observer", "::1"),
  ];
  const held = logins.map(hold);
  await comesTrue("all have one", () => taken.length === logins.length);
  assertEquals(new Set(taken).size, 4);
  assertEquals(taken.map(({ account }) => account), Array(5).fill("alice"));
  goOn.resolve();
  await Promise.all(held);
  await comesTrue("they end when they are idle", () => server.hub.context.state.sessions.size === 1);
  alice.close();
});

Deno.test("api sessions: the requests of one token that wait at a time are bounded", async () => {
  await using api = await InProcessApi.start();
  const { server } = api.running;
  const sessions = new ApiSessions((host, isSecure) => server.connect(host, isSecure), 0);
  const alice = await api.enter("alice");
  const token = await api.token(alice, "people");
  const goOn = Promise.withResolvers<void>();
  const held = Array.from(
    { length: MAX_SESSION_REQUESTS },
    () => sessions.use(loginOf(token), () => goOn.promise),
  );
  const problem = await assertRejects(() => sessions.use(loginOf(token), () => goOn.promise), ApiProblem);
  assertEquals(problem.code, "rate_limited");
  goOn.resolve();
  await Promise.all(held);
  await sessions.use(loginOf(token), () => Promise.resolve());
  alice.close();
});

Deno.test("api sessions: there are a bounded number, and one without requests makes room", async () => {
  await using api = await InProcessApi.start();
  const { server } = api.running;
  const sessions = new ApiSessions((host, isSecure) => server.connect(host, isSecure));
  const alice = await api.enter("alice");
  const token = await api.token(alice, "people");
  const goOn = Promise.withResolvers<void>();
  const one = Promise.withResolvers<void>();
  const login = (nth: number) => loginOf(token, "observer", `192.0.2.${nth}`);
  const use = (nth: number, end: Promise<void>) => sessions.use(login(nth), () => end);
  const first = use(0, one.promise);
  const held = Array.from({ length: MAX_API_SESSIONS - 1 }, (_, nth) => use(nth + 1, goOn.promise));
  const problem = await assertRejects(() => use(MAX_API_SESSIONS, goOn.promise), ApiProblem);
  assertEquals(problem.code, "unavailable");
  one.resolve();
  await first;
  const last = use(MAX_API_SESSIONS, goOn.promise);
  goOn.resolve();
  await Promise.all([...held, last]);
  alice.close();
});

Deno.test("api sessions: the limits of the client's address hold, and say when to try again", async () => {
  const limits = { ...DEFAULT_LIMITS, exempt: [] };
  await using api = await InProcessApi.start({
    config: { limits },
    limits: { connectRate: { count: 2, ms: 60_000 } },
  });
  const statuses: number[] = [];
  let last: Response | undefined;
  for (const token of ["a", "b", "c"]) {
    last = await api.get("/api/v1/people", { token, from: "192.0.2.7" });
    statuses.push(last.status);
  }
  assertEquals(statuses, [401, 401, 429]);
  assertEquals(last!.headers.get("retry-after"), "30");
  assertEquals((await last!.json()).code, "rate_limited");
});
