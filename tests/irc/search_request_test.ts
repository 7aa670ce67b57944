import { assertEquals } from "@std/assert";
import {
  formatSearchRequest,
  MAX_SEARCH_PARTS,
  parseSearchRequest,
  toSequences,
} from "../../lib/irc/search/search_request.ts";
import type { RequestedTerm, SearchRequest } from "../../lib/irc/search/search_request.ts";
import { pureTest } from "../support/test.ts";
import { forAll } from "./property.ts";

const NOW = Date.UTC(2026, 0, 10);
const DAY_MS = 86_400_000;

const NOTHING: SearchRequest = { terms: [], excluded: [], from: [], in: [], hasLink: false };

function term(text: string, isPrefix = false): RequestedTerm {
  return { text, isPrefix };
}

function faultOf(text: string): string {
  const parsed = parseSearchRequest(text, NOW);
  return "fault" in parsed ? parsed.fault : "";
}

pureTest("search request: words, phrases, prefixes, what is left out, and filters", () => {
  assertEquals(
    parseSearchRequest(
      'deploy* "went  wrong" -staging -"by hand"* from:bob,carol in:#dev since:1w has:link',
      NOW,
    ),
    {
      terms: [term("deploy", true), term("went  wrong")],
      excluded: [term("staging"), term("by hand", true)],
      from: ["bob", "carol"],
      in: ["#dev"],
      since: NOW - 7 * DAY_MS,
      hasLink: true,
    },
  );
  assertEquals(parseSearchRequest("FROM:bob From:carol until:2026-01-02T00:00:00Z", NOW), {
    ...NOTHING,
    from: ["bob", "carol"],
    until: Date.UTC(2026, 0, 2),
  });
  assertEquals(parseSearchRequest("", NOW), NOTHING);
});

pureTest("search request: a word that looks like a filter and is none is a word", () => {
  for (
    const word of [
      "https://a.example/x",
      "foo:bar",
      "room:#dev",
      "fromage:x",
      "issue-4711",
      "C++",
      'say"no"',
      "12:30",
    ]
  ) {
    assertEquals(parseSearchRequest(word, NOW), { ...NOTHING, terms: [term(word)] });
  }
  assertEquals(parseSearchRequest('"from:bob"', NOW), { ...NOTHING, terms: [term("from:bob")] });
});

pureTest("search request: a word without a letter, digit or emoji is refused, wherever it stands", () => {
  for (const word of ["…", "&", "*", "-", "-→", '"! ?"', '"…"*', "-*"]) {
    for (const text of [word, `a ${word} b`, `${word} in:#dev`, `from:bob has:link ${word}`]) {
      assertEquals(faultOf(text), `${word}: a word has a letter, a digit or an emoji`, text);
    }
  }
  assertEquals(parseSearchRequest("a🎉 …b", NOW), { ...NOTHING, terms: [term("a🎉"), term("…b")] });
  assertEquals(parseSearchRequest("🎉 -👍🏽", NOW), {
    ...NOTHING,
    terms: [term("🎉")],
    excluded: [term("👍🏽")],
  });
  assertEquals(parseSearchRequest(" \t ", NOW), parseSearchRequest("", NOW));
});

pureTest("search request: what is wrong is told, and where", () => {
  assertEquals(faultOf('deploy "went wrong'), '"went: the closing " is missing');
  assertEquals(faultOf("a -w*"), "-w*: the beginning of a word has at least 2 characters");
  assertEquals(faultOf('"went w"*'), '"went w"*: the beginning of a word has at least 2 characters');
  const tooMany = "a search has at most 4 beginnings of words and single characters";
  assertEquals(faultOf("aa* bb* -cc* dd* -ee*"), tooMany);
  assertEquals(faultOf("京 都 市 人 大"), tooMany);
  assertEquals(faultOf("aa* Aa* aa* bb* -cc* 京 京*"), "", "equal ones count once");
  assertEquals(faultOf("from:"), "from: needs a name, such as from:bob");
  assertEquals(faultOf("x in:,"), "in: needs a name, such as in:#dev");
  assertEquals(faultOf("from::x"), "from::x: not a name");
  assertEquals(faultOf("since:soon"), "since:soon: not a time, such as 1w, 13:00 or 2026-01-31");
  assertEquals(faultOf("until:2026-02-30"), "until:2026-02-30: not a time, such as 1w, 13:00 or 2026-01-31");
  assertEquals(faultOf("since:1w since:2w"), "since: is given twice");
  assertEquals(faultOf("since:1w until:2w"), "since: must be before until:");
  assertEquals(faultOf("has:image"), "has:image: only has:link is known");
  assertEquals(faultOf("-from:bob"), "-from:bob: only words can be left out");
  assertEquals(faultOf("x ".repeat(MAX_SEARCH_PARTS)), "");
  assertEquals(
    faultOf("x ".repeat(MAX_SEARCH_PARTS + 1)),
    `a search has at most ${MAX_SEARCH_PARTS} words and names`,
  );
});

pureTest("search request: what is printed is read back as the same request", () => {
  const words = [
    "deploy",
    "-xy",
    '"',
    "*",
    "in:",
    "from:ab",
    "東京",
    "a bc",
    "https://x.example",
    "has:link",
    "éa*",
  ];
  forAll(500, (random) => {
    const terms = () => {
      const some = Array.from({ length: random.below(3) }, () => {
        return term(
          [random.pick(words), random.pick(words)].join(random.pick(["", " ", "-"])),
          random.chance(3),
        );
      });
      return some.filter((each) => toSequences([each]).length > 0);
    };
    const request: SearchRequest = {
      terms: terms(),
      excluded: terms(),
      from: random.chance(2) ? ["bob", "élise"] : [],
      in: random.chance(2) ? ["#dev", "carol"] : [],
      ...random.chance(2) && { since: NOW - random.below(DAY_MS) },
      ...random.chance(2) && { until: NOW + random.below(DAY_MS) },
      hasLink: random.chance(2),
    };
    const text = formatSearchRequest(request);
    const { terms: read, excluded, ...rest } = parseSearchRequest(text, NOW) as SearchRequest;
    const { terms: wanted, excluded: left, ...filters } = request;
    assertEquals(rest, filters, text);
    assertEquals(toSequences(read), toSequences(wanted), text);
    assertEquals(toSequences(excluded), toSequences(left), text);
  });
});
