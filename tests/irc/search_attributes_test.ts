import { assertEquals } from "@std/assert";
import { formatSearchAttributes, parseSearchAttributes } from "../../lib/irc/search/search_attributes.ts";
import { MAX_SEARCH_PARTS, parseSearchRequest } from "../../lib/irc/search/search_request.ts";
import type { SearchRequest } from "../../lib/irc/search/search_request.ts";
import { pureTest } from "../support/test.ts";

const NOW = Date.UTC(2026, 0, 10);

function request(text: string): SearchRequest {
  const parsed = parseSearchRequest(text, NOW);
  if ("fault" in parsed) throw new Error(parsed.fault);
  return parsed;
}

pureTest("search attributes: the specification's where it has one, the rest in the text", () => {
  const page = {
    request: request(
      'deploy* "a b" -x from:bob,carol in:#dev since:2026-01-02T00:00:00Z until:2026-01-03T00:00:00Z has:link',
    ),
    limit: 20,
    before: "2s-Xk3",
  };
  const param = formatSearchAttributes(page);
  assertEquals(
    param,
    "in=#dev;from=bob,carol;after=2026-01-02T00:00:00.000Z;before=2026-01-02T23:59:59.999Z;" +
      'text=deploy*\\s"a\\sb"\\s-x\\shas:link;limit=20;chatterbox.chat/before=2s-Xk3',
  );
  assertEquals(parseSearchAttributes(param, NOW), page);
});

pureTest(
  "search attributes: in: and from: in the text come before the attributes, times hold together",
  () => {
    assertEquals(parseSearchAttributes("in=#dev;text=in:#ops\\sx", NOW), { request: request("x in:#ops") });
    assertEquals(parseSearchAttributes("from=bob;text=x", NOW), { request: request("x from:bob") });
    assertEquals(parseSearchAttributes("after=2026-01-02T00:00:00.000Z;text=since:1d", NOW), {
      request: request("since:1d"),
    });
    assertEquals(parseSearchAttributes("after=2026-01-09T12:00:00.000Z;text=since:1d", NOW), {
      request: request("since:2026-01-09T12:00:00Z"),
    });
  },
);

pureTest("search attributes: a fault names the attribute", () => {
  const faults = [
    ["limit=0", "limit"],
    ["limit=ten", "limit"],
    ["after=yesterday", "after"],
    ["before=", "before"],
    ["text=has:image", "text"],
    ["regex=x", "regex"],
  ];
  for (const [param, attribute] of faults) {
    const parsed = parseSearchAttributes(param!, NOW);
    assertEquals("fault" in parsed && parsed.attribute, attribute);
  }
});

pureTest("search attributes: words and names have one bound, wherever they are written", () => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `n${at}`).join(",");
  const fault = `a search has at most ${MAX_SEARCH_PARTS} words and names`;
  const parse = (inCount: number, fromCount: number) =>
    parseSearchAttributes(`in=${names(inCount)};from=${names(fromCount)};text=a\\sb`, NOW);
  assertEquals("fault" in parse(20, MAX_SEARCH_PARTS - 22), false);
  assertEquals(parse(20, MAX_SEARCH_PARTS - 21), { attribute: "in", fault });
  assertEquals(parse(1, MAX_SEARCH_PARTS - 2), { attribute: "from", fault });
});
