import { assertEquals, assertThrows } from "@std/assert";
import { MAX_PAGE_MESSAGES, pageLimit, parseMessageQuery } from "../../../lib/web/api/message_query.ts";
import { ApiProblem } from "../../../lib/web/api/problem.ts";
import { pureTest } from "../../support/test.ts";

const NOW = Date.UTC(2026, 0, 31, 12);
const parse = (query: string) => parseMessageQuery(new URLSearchParams(query), NOW);

pureTest("a query names a room or a user, times and positions", () => {
  const query = parse("room=ops&since=10m&limit=5&after=5-x");
  assertEquals(query.kind === "history" && [query.target, query.since, query.limit, query.after?.id], [
    "#ops",
    NOW - 600_000,
    5,
    "5-x",
  ]);
  const direct = parse("with=bob");
  assertEquals(direct.kind === "history" && [direct.target, pageLimit(direct)], ["bob", 100]);
});

pureTest("a search has all filters in one request", () => {
  const query = parse("search=deploy+from:bob+in:%23a&room=%23b&from=carol&until=@1795870000&before=p1");
  assertEquals(
    query.kind === "search" && [query.request.in, query.request.from, query.request.until, query.before],
    [
      ["#a", "#b"],
      ["bob", "carol"],
      1795870000_000,
      "p1",
    ],
  );
});

pureTest("a query that is not valid is refused, with the parameter's name", () => {
  const cases: Readonly<Record<string, string>> = {
    "": "room",
    "room=ops&with=bob": "room",
    "room=%23a,b": "room",
    "room=%0d%0aQUIT": "room",
    "with=%23a": "with",
    "with=a%20b": "with",
    "room=ops&since=soon": "since",
    "room=ops&limit=0": "limit",
    [`room=ops&limit=${MAX_PAGE_MESSAGES + 1}`]: "limit",
    "room=ops&after=%20": "after",
    "room=ops&after=5-x&before=5-x": "before",
    "room=ops&id=5-x@7": "id",
    "room=ops&from=bob": "from",
    "search=a&follow=1": "follow",
    "search=%22a": "search",
    "search=a&before=a%20b": "before",
    "room=a&room=b": "room",
  };
  for (const [query, parameter] of Object.entries(cases)) {
    const problem = assertThrows(() => parse(query), ApiProblem);
    assertEquals([problem.code, problem.details.members?.parameter], ["invalid", parameter], query);
  }
  assertThrows(() => parse("rom=ops"), ApiProblem, 'there is no parameter "rom"; did you mean room?');
});
