import { assertEquals } from "@std/assert";
import { compileMask, Mask, MASK_MAX_LENGTH, MASK_MAX_STARS } from "../../lib/irc/names/mask.ts";
import { pureTest } from "../support/test.ts";
import { MASK_MATCH } from "./ircdocs_vectors.ts";
import { forAll } from "./property.ts";
import type { Random } from "./property.ts";

const maskMatches = (mask: string, text: string) => new Mask(mask).matches(text);

for (const [mask, matches, fails] of MASK_MATCH) {
  pureTest(`ircdocs mask-match: ${mask}`, () => {
    for (const text of matches) assertEquals(maskMatches(mask, text), true, text);
    for (const text of fails) assertEquals(maskMatches(mask, text), false, text);
  });
}

pureTest("maskMatches: stars, question marks, escapes, ends", () => {
  const good = [["", ""], ["*", ""], ["**", "x"], ["a", "a"], ["a?c", "abc"], ["a*c", "ac"], [
    "a*c",
    "abbcc",
  ]];
  for (const [mask = "", text = ""] of good) assertEquals(maskMatches(mask, text), true, `${mask} ${text}`);
  const bad = [["", "x"], ["?", ""], ["a", ""], ["a", "ab"], ["ab", "a"], ["a*c", "abb"], ["?", "xy"], [
    "A",
    "a",
  ]];
  for (const [mask = "", text = ""] of bad) assertEquals(maskMatches(mask, text), false, `${mask} ${text}`);
});

pureTest("maskMatches: a backslash makes * and ? themselves, and is itself before all else", () => {
  assertEquals(maskMatches("a\\*", "a*"), true);
  assertEquals(maskMatches("a\\*", "ab"), false);
  assertEquals(maskMatches("a\\*", "a\\b"), false);
  assertEquals(maskMatches("*\\?", "what?"), true);
  assertEquals(maskMatches("*\\?", "what!"), false);
  assertEquals(maskMatches("a\\b!*", "a\\b!u@h"), true);
  assertEquals(maskMatches("a\\", "a\\"), true);
});

pureTest("maskMatches: a question mark takes an emoji whole", () => {
  assertEquals(maskMatches("#?", "#😀"), true);
  assertEquals(maskMatches("#??", "#😀"), false);
  assertEquals(maskMatches("*??", "😀"), false);
});

pureTest("maskMatches: a mask made to make matchers despair is answered", () => {
  // A backtracking matcher needs more steps for this than there are atoms.
  assertEquals(maskMatches("*a".repeat(100) + "b", "a".repeat(400)), false);
});

/** The meaning of a mask, in the plainest words; both as characters. */
function plainly([first, ...mask]: readonly string[], text: readonly string[]): boolean {
  const [char, ...rest] = text;
  if (first === undefined) return char === undefined;
  if (first === "*") return plainly(mask, text) || char !== undefined && plainly([first, ...mask], rest);
  const escaped = first === "\\" && /^[*?]$/.test(mask[0] ?? "");
  const want = escaped ? mask[0] : first;
  return char !== undefined && (first === "?" || want === char) && plainly(mask.slice(escaped ? 1 : 0), rest);
}

/** So many of each: the plain meaning takes steps without end. */
function randomMask(random: Random, alphabet: string): [mask: string, text: string] {
  const text = random.text(alphabet, 0, 12);
  if (random.chance(2)) return [random.text(alphabet + "*?\\", 0, 9), text];
  // One that comes near: the text, with some of it taken out, or made a wildcard.
  const mask = Array.from(text).flatMap((char) =>
    random.chance(3) ? random.pick(["*", "?", "", "**", "?*"]) : char
  );
  return [mask.join(""), text];
}

pureTest("property: a mask matches what its plain meaning says", () =>
  forAll(10_000, (random) => {
    const [mask, text] = randomMask(random, random.pick(["ab", "a", "aé😀", "a*?\\"]));
    assertEquals(maskMatches(mask, text), plainly(Array.from(mask), Array.from(text)), `${mask} ${text}`);
  }));

pureTest(
  "property: a mask whose pieces are longer than a word of bits matches what its plain meaning says",
  () =>
    forAll(300, (random) => {
      const piece = Array.from(random.text("aab", 33, 60), (char) => random.chance(8) ? "?" : char).join("");
      const found = Array.from(piece, (char) => char === "?" && random.chance(2) ? "😀" : char).join("");
      const text = random.text("ab", 0, 9) + random.pick([found, found.slice(1), found.slice(0, -1) + "c"]) +
        random.text("ab", 0, 9);
      const last = piece.replaceAll("?", ".");
      assertEquals(maskMatches(`*${piece}*`, text), new RegExp(last, "u").test(text), `${piece} ${text}`);
    }),
);

pureTest("a mask's search looks at each character of the text once, however often it nearly fits", () => {
  const text = "a".repeat(120);
  const looks = countLooks(() => assertEquals(maskMatches(`*${"a?".repeat(15)}b*`, text), false));
  assertEquals(looks <= text.length + 2 * MASK_MAX_LENGTH, true, `${looks} looks`);
});

/** How often `run` looks at a character. */
function countLooks(run: () => void): number {
  const { codePointAt, charCodeAt } = String.prototype;
  let looks = 0;
  String.prototype.codePointAt = function (index) {
    looks++;
    return codePointAt.call(this, index);
  };
  String.prototype.charCodeAt = function (index) {
    looks++;
    return charCodeAt.call(this, index);
  };
  try {
    run();
  } finally {
    String.prototype.codePointAt = codePointAt;
    String.prototype.charCodeAt = charCodeAt;
  }
  return looks;
}

pureTest(
  "a mask is bounded in its stars, where a run is one, in its length, and in that of its folded form",
  () => {
    const within = [
      "*a".repeat(MASK_MAX_STARS),
      "*".repeat(100),
      "a".repeat(MASK_MAX_LENGTH),
      "\ufdfa".repeat(8),
      "?".repeat(60),
      `${"?".repeat(60)}*`,
      `*${"a".repeat(60)}*`,
      `*${"?".repeat(32)}*`,
    ];
    for (const mask of within) assertEquals(compileMask(mask) !== undefined, true, mask);
    const beyond = [
      "*a".repeat(MASK_MAX_STARS + 1),
      "a".repeat(MASK_MAX_LENGTH + 1),
      "\ufdfa".repeat(9), // each folds to eighteen characters
      `*${"?".repeat(33)}*`,
    ];
    for (const mask of beyond) assertEquals(compileMask(mask), undefined, mask);
  },
);
