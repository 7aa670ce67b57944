import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  MAX_STREAM_COUNT,
  MAX_TOKEN_STREAM_COUNT,
  readBearerToken,
  StreamCounts,
} from "../../../lib/web/api/api_call.ts";
import { MAX_EXCHANGES } from "../../../lib/net/web/http_upgrade.ts";
import { ApiProblem } from "../../../lib/web/api/problem.ts";
import { pureTest } from "../../support/test.ts";

pureTest("streams are counted for each token and for all", () => {
  const counts = new StreamCounts();
  const releases: (() => void)[] = [];
  for (let nth = 0; nth < MAX_STREAM_COUNT; nth++) {
    releases.push(counts.take(`token ${Math.floor(nth / MAX_TOKEN_STREAM_COUNT)}`));
  }
  assertEquals(assertThrows(() => counts.take("token 0"), ApiProblem).code, "too_many_streams");
  assertEquals(assertThrows(() => counts.take("another"), ApiProblem).code, "unavailable");
  releases[0]!();
  releases[0]!(); // counts once
  assertEquals(counts.all, MAX_STREAM_COUNT - 1);
  counts.take("token 0");
  assertEquals(assertThrows(() => counts.take("another"), ApiProblem).code, "unavailable");
});

pureTest("streams leave half of the requests that are answered at a time to others", () => {
  assert(2 * MAX_STREAM_COUNT <= MAX_EXCHANGES);
});

pureTest("a bearer token is read as RFC 6750 has it", () => {
  const read = (authorization: string) =>
    readBearerToken(new Request("http://a/", { headers: { authorization } }));
  assertEquals([read("Bearer abc"), read("bearer  abc ")], ["abc", "abc"]);
  for (const value of ["Basic abc", "Bearer", "Bearer a b", "abc"]) {
    assertEquals(assertThrows(() => read(value), ApiProblem).code, "no_token", value);
  }
});
