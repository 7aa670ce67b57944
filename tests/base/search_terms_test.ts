import { assertEquals } from "@std/assert";
import { containsSequence, findMatches, toWordSequence } from "../../lib/base/search_terms.ts";
import { searchWords } from "../../lib/base/search_words.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

function finds(text: string, wanted: string, isPrefix = false): boolean {
  return containsSequence(searchWords(text), toWordSequence(wanted, isPrefix)!);
}

/** The text with its matches in brackets. */
function marked(text: string, ...wanted: string[]): string {
  const sequences = wanted.map((word) => toWordSequence(word.replace("*", ""), word.endsWith("*"))!);
  let out = "";
  let shown = 0;
  for (const { start, end } of findMatches(text, sequences)) {
    out += `${text.slice(shown, start)}[${text.slice(start, end)}]`;
    shown = end;
  }
  return out + text.slice(shown);
}

pureTest("search terms: whole words, beginnings of words, and words in sequence", () => {
  assertEquals(finds("the deploy went fine", "Deploy"), true);
  assertEquals(finds("the deployment went fine", "deploy"), false);
  assertEquals(finds("the deployment went fine", "deploy", true), true);
  assertEquals(finds("the deploy went fine", "deploy went"), true);
  assertEquals(finds("the deploy went fine", "went deploy"), false);
  assertEquals(finds("a a b", "a b"), true);
  assertEquals(finds("in foo_bar.ts", "foo_bar"), true);
  assertEquals(finds("bar foo", "foo_bar"), false);
  assertEquals(toWordSequence("… →"), undefined);
  assertEquals(finds("done 👩🏽‍💻🎉🎉", "👩‍💻"), true);
  assertEquals(finds("done 👩🏽‍💻🎉🎉", "💻 👩"), false);
  assertEquals(finds("done 👩🏽‍💻🎉🎉", "🎉🎉"), true);
});

pureTest("search terms: every substring of a run without separators is found, and nothing else", () => {
  forAll(500, (random) => {
    const text = random.text("東京都", 1, 8);
    const wanted = random.text("東京都", 1, 4);
    assertEquals(finds(text, wanted), text.includes(wanted));
    assertEquals(finds(text, wanted, true), text.includes(wanted));
    assertEquals(finds(`${text} x`, wanted), text.includes(wanted));
  });
});

pureTest("search terms: a run before a word ends where the word begins", () => {
  assertEquals(finds("東京tower", "東京tower"), true);
  assertEquals(finds("東京tower", "京tower"), true);
  assertEquals(finds("東京都tower", "東京tower"), false);
  assertEquals(finds("tower東京", "tower東"), true);
});

pureTest("search terms: matches are marked in the text as it is", () => {
  assertEquals(marked("Der Straßenbau, die STRASSE", "strasse", "bau"), "Der Straßenbau, die [STRASSE]");
  assertEquals(marked("Deployment of deploys", "deploy*"), "[Deployment] of [deploys]");
  assertEquals(marked("foo bar foo, bar", "foo bar", "bar"), "[foo bar] [foo, bar]");
  assertEquals(marked("東京都と京都", "京都"), "東[京都]と[京都]");
  assertEquals(marked("東京都", "東京都"), "[東京都]");
  assertEquals(marked("東京都と京", "京"), "東[京]都と[京]");
  assertEquals(marked("ｶﾞｷﾞ", "ガ"), "[ｶﾞ]ｷﾞ");
  assertEquals(marked("ok👍🏽 👩🏽‍💻", "👍", "👩‍💻"), "ok[👍🏽] [👩🏽‍💻]");
  assertEquals(marked("nothing here", "x"), "nothing here");
});
