import { assertEquals } from "@std/assert";
import type { TextRange } from "../../lib/base/search_terms.ts";
import { countColumns, splitGraphemes } from "../../lib/base/text_width.ts";
import { makeSnippet } from "../../lib/tui/view/snippet.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

/** The snippet with its matches in brackets. */
function shown(text: string, matches: readonly TextRange[], columns: number): string {
  return makeSnippet(text, matches, columns).map((part) => part.isMatch ? `[${part.text}]` : part.text).join(
    "",
  );
}

/** Where `word` is in `text`. */
function rangesOf(text: string, word: string): TextRange[] {
  return Array.from(
    text.matchAll(new RegExp(word, "g")),
    ({ index }) => ({ start: index, end: index + word.length }),
  );
}

pureTest("snippet: a short message is whole, on one line", () => {
  assertEquals(shown("one\ntwo", rangesOf("one\ntwo", "two"), 20), "one [two]");
  assertEquals(shown("", [], 20), "");
  assertEquals(shown("abab", rangesOf("abab", "ab"), 20), "[abab]");
});

pureTest("snippet: of a long message the part around the first match", () => {
  const text = `${"a".repeat(50)} match ${"b".repeat(50)} match`;
  assertEquals(shown(text, rangesOf(text, "match"), 20), "…aaaaa [match] bbbbbb…");
  assertEquals(shown(text, [], 10), "aaaaaaaa…");
  const end = `${"a".repeat(50)} match`;
  assertEquals(shown(end, rangesOf(end, "match"), 20), "…aaaaaaaaaaaa [match]");
});

pureTest("snippet: what is left out begins and ends at a space", () => {
  const text = "one two three four five match six seven eight nine ten eleven";
  assertEquals(shown(text, rangesOf(text, "match"), 30), "…five [match] six seven…");
});

pureTest("snippet: a match that does not fit is cut", () => {
  const text = `a ${"m".repeat(50)} b`;
  assertEquals(shown(text, [{ start: 2, end: 52 }], 12), "a [mmmmmmmm]…");
});

pureTest("snippet: no text is wider than asked for, and no character is cut", () => {
  const alphabet = "ab \n東京👩e\u0301";
  forAll(300, (random) => {
    const graphemes = Array.from({ length: random.below(60) }, () => random.pick(splitGraphemes(alphabet)));
    const text = graphemes.join("");
    const at = random.below(graphemes.length + 1);
    const start = graphemes.slice(0, at).join("").length;
    const end = start + (graphemes[at]?.length ?? 0);
    const columns = 8 + random.below(40);
    const parts = makeSnippet(text, start < end ? [{ start, end }] : [], columns);
    const snippet = parts.map((part) => part.text).join("");
    assertEquals(countColumns(snippet) <= columns, true, snippet);
    assertEquals(parts.filter(({ isMatch }) => isMatch).length, start < end ? 1 : 0);
    const flat = text.replaceAll("\n", " ");
    assertEquals(flat.includes(snippet.replace(/^…/, "").replace(/…$/, "")), true, snippet);
  });
});
