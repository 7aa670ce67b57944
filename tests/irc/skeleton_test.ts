import { assertEquals } from "@std/assert";
import { CONFUSABLES } from "../../lib/irc/names/confusables.ts";
import { casefold } from "../../lib/irc/names/casemap.ts";
import { makeSkeleton, makeSkeletons } from "../../lib/irc/names/skeleton.ts";
import { pureTest } from "../support/test.ts";
import { Random } from "./property.ts";

/** As the hub asks: whether one of the looks of `a` is one of `b`. */
function alike(a: string, b: string): boolean {
  const looks = (name: string) => [casefold(name), ...makeSkeletons(name)];
  return looks(a).some((look) => looks(b).includes(look));
}

pureTest("looksOf: names of one script that look like those of another", () => {
  const pairs = [
    ["ace", "асе"], // Cyrillic
    ["ACE", "АСЕ"],
    ["pop", "РоР"],
    ["alice", "aIice"], // a capital I for the l
    ["alice", "аӏісе"], // Cyrillic, with a palochka for the l
    ["lan", "Ian"],
    ["aI", "аІ"], // Cyrillic, both with capital letters
    ["o", "ο"], // Greek
    ["moose", "moоse"], // one Cyrillic letter, which no nick may have
    ["#ace", "#асе"],
    ["#a-b", "#a‐b"], // U+2010
    ["m", "ｍ"],
    ["søren", "so\u0338ren"],
    ["کلب", "كلب"], // Persian and Arabic kaf
  ];
  for (const [a = "", b = ""] of pairs) assertEquals([a, b, alike(a, b)], [a, b, true]);
});

pureTest("looksOf: names that people tell apart", () => {
  const pairs = [
    ["bob", "b0b"],
    ["user1", "userl"],
    ["kern", "kem"],
    ["alice", "alicia"],
    ["иван", "ivan"],
    ["élise", "elise"],
    ["алиса", "alisa"],
    ["陈", "阵"],
  ];
  for (const [a = "", b = ""] of pairs) assertEquals([a, b, alike(a, b)], [a, b, false]);
});

pureTest("looksOf: a name in ASCII has no look of its own, but with a capital I", () => {
  for (const name of ["alice", "ALCE", "b0b", "[x]`", "#lobby"]) assertEquals(makeSkeletons(name), []);
  assertEquals(makeSkeletons("Ian"), ["lan"]);
});

pureTest("skeleton: what something looks like looks like itself", () => {
  const odd = "аіІӏ٥ßæøŒĿ\u0307\u0301\u0338Ⅿꭑ0OlI1mrn";
  const random = new Random(7);
  for (let n = 0; n < 20_000; n++) {
    const text = n % 2 === 0
      ? random.text(odd, 1, 6)
      : String.fromCodePoint(0x80 + random.below(0xd780), 0x10000 + random.below(0x20000));
    const look = makeSkeleton(text);
    assertEquals(makeSkeleton(look), look, `of ${JSON.stringify(text)}`);
  }
});

pureTest("the table of looks is whole: each character once, none in ASCII, each in its last form", () => {
  const seen = new Set<number>();
  for (const group of CONFUSABLES.trim().split(" ")) {
    assertEquals(/^[\da-f]+(\+[\da-f]+)*:[\da-f]+(,[\da-f]+)*$/.test(group), true, group);
    for (const code of group.split(":")[1]!.split(",").map((hex) => parseInt(hex, 16))) {
      assertEquals(code >= 0x80 && !seen.has(code), true, group);
      seen.add(code);
    }
  }
  assertEquals(seen.size > 2400, true);
});
