/** Whatever is asked, the answer is one that is documented: no request meets a bug. */
import { assert } from "@std/assert";
import description from "../../../docs/api/openapi.json" with { type: "json" };
import { Random } from "../../irc/property.ts";
import { InProcessApi } from "./in_process.ts";

const REQUESTS = 5000;
const SEED = 0x2545f491;

/** Values that are at the edge of something, for parameters, headers and members. */
const VALUES = [
  "",
  "0",
  "1",
  "-1",
  "1e99",
  "9".repeat(40),
  "#ops",
  "ops",
  "#" + "o".repeat(70),
  "alice",
  "nobody",
  "*",
  "a,b",
  "a b",
  "#日本",
  "\u202e#x",
  "\0",
  "\r\nQUIT :x",
  "5-x",
  "@",
  "@0",
  "@1795870000250~*r",
  "5-x@9999999999999999~3o",
  "10m",
  "2026-02-31",
  "@1e5",
  '"',
  '"a',
  "deploy*",
  "-",
  "in:#ops from:*",
  "has:link since:",
  "x".repeat(3000),
];
const TARGETS = ["#ops", "ops", "alice", "nobody", "#日本", '#a"b', "日本", "*", "a,b"];
const NAMES = [
  "room",
  "with",
  "since",
  "until",
  "limit",
  "before",
  "after",
  "id",
  "search",
  "from",
  "follow",
  "to",
  "wait",
];
const TYPES = [
  "application/json",
  "text/plain",
  "application/x-www-form-urlencoded",
  "image/png",
  "",
  "application/json; x",
];
const EVENTS = ["ping", "push", "issues", "pull_request", "workflow_run", "release", "x"];
const PATHS = [
  "/api/v1/messages",
  "/api/v1/messages",
  "/api/v1/people",
  "/api/v1/rooms",
  "/hook/TOKEN",
  "/hook/x%00",
  "/hook/",
];

const STATUSES = new Set(
  Object.values(description.paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ responses }) => Object.keys(responses).map(Number))
  ),
);

Deno.test("api: garbage in any place is answered by a documented status, and meets no bug", async () => {
  await using api = await InProcessApi.start();
  const alice = await api.enter("alice");
  const token = await api.token(alice, "send:*", "read:*", "people");
  const narrow = await api.token(alice, "metrics");
  const random = new Random(SEED);
  const below = (end: number) => random.below(end);
  const pick = <T>(list: readonly T[]): T => random.pick(list);
  const value = (depth = 0): unknown => {
    const kind = below(8);
    if (kind < 4) return pick(VALUES);
    if (kind === 4) return below(1000);
    if (depth > 2) return null;
    if (kind === 5) return [value(depth + 1), value(depth + 1)];
    return Object.fromEntries(
      ["to", "text", "id", "alerts", "labels", "ref", "payload"].map((name) => [name, value(depth + 1)]),
    );
  };
  for (let nth = 0; nth < REQUESTS; nth++) {
    const query = new URLSearchParams(Array.from({ length: below(3) }, () => [pick(NAMES), pick(VALUES)]));
    if (below(2) === 0) query.set(pick(["room", "with", "to"]), pick(TARGETS));
    const path = pick(PATHS).replace("TOKEN", token);
    const method = pick(["GET", "POST", "POST", "PUT", "HEAD"]);
    const headers: Record<string, string> = { "content-type": pick(TYPES) };
    if (below(3) === 0) headers["x-github-event"] = pick(EVENTS);
    if (below(3) === 0) headers["idempotency-key"] = pick(["k", '"k"', '"', "a b", "x".repeat(100)]);
    if (below(5) === 0) headers["last-event-id"] = pick(["", "5-x@1", "@", "x y"]);
    const text = pick([
      JSON.stringify(value()),
      JSON.stringify({ to: "#ops", text: value() }),
      pick(VALUES),
      "{",
    ]);
    const body = method === "POST" || method === "PUT" ? { body: text } : {};
    const gone = new AbortController();
    const options = {
      token: pick([token, token, narrow, narrow, "x", ""]),
      headers,
      signal: gone.signal,
    };
    const what = `${method} ${path}?${query} ${JSON.stringify(headers)} ${text.slice(0, 100)}`;
    const response = await api.send(`${path}?${query}`, { method, ...body }, options);
    assert(STATUSES.has(response.status) || response.status === 405, `${response.status} ${what}`);
    gone.abort();
    await response.body?.cancel();
  }
  alice.close();
});
