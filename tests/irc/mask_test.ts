import { assertEquals } from "@std/assert";
import { maskMatches } from "../../lib/irc/mask.ts";
import { MASK_MATCH } from "./ircdocs_vectors.ts";
import { forAll } from "./property.ts";

for (const [mask, matches, fails] of MASK_MATCH) {
  Deno.test({
    name: `ircdocs mask-match: ${mask}`,
    permissions: "none",
    fn() {
      for (const text of matches) assertEquals(maskMatches(mask, text), true, text);
      for (const text of fails) assertEquals(maskMatches(mask, text), false, text);
    },
  });
}

Deno.test({
  name: "maskMatches: stars, question marks, escapes, ends",
  permissions: "none",
  fn() {
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
  },
});

Deno.test({
  name: "maskMatches: a backslash makes * and ? themselves, and is itself before all else",
  permissions: "none",
  fn() {
    assertEquals(maskMatches("a\\*", "a*"), true);
    assertEquals(maskMatches("a\\*", "ab"), false);
    assertEquals(maskMatches("a\\*", "a\\b"), false);
    assertEquals(maskMatches("*\\?", "what?"), true);
    assertEquals(maskMatches("*\\?", "what!"), false);
    assertEquals(maskMatches("a\\b!*", "a\\b!u@h"), true);
    assertEquals(maskMatches("a\\", "a\\"), true);
  },
});

Deno.test({
  name: "maskMatches: a question mark takes an emoji whole",
  permissions: "none",
  fn() {
    assertEquals(maskMatches("#?", "#😀"), true);
    assertEquals(maskMatches("#??", "#😀"), false);
    assertEquals(maskMatches("*??", "😀"), false);
  },
});

Deno.test({
  name: "maskMatches: a mask made to make matchers despair is answered",
  permissions: "none",
  // A backtracking matcher needs more steps for this than there are atoms.
  fn: () => assertEquals(maskMatches("*a".repeat(100) + "b", "a".repeat(400)), false),
});

/** The meaning of a mask, in the plainest words. */
function plainly(mask: string, text: string): boolean {
  if (mask === "") return text === "";
  if (mask[0] === "*") return plainly(mask.slice(1), text) || text !== "" && plainly(mask, text.slice(1));
  return text !== "" && (mask[0] === "?" || mask[0] === text[0]) && plainly(mask.slice(1), text.slice(1));
}

Deno.test({
  name: "property: maskMatches agrees with the plain meaning of masks",
  permissions: "none",
  fn: () =>
    forAll(5_000, (random) => {
      const mask = random.text("ab*?", 0, 7);
      const text = random.text("ab", 0, 8);
      assertEquals(maskMatches(mask, text), plainly(mask, text), `${mask} ${text}`);
    }),
});
