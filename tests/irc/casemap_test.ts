import { assertEquals } from "@std/assert";
import { casefold, isSameName } from "../../lib/irc/names/casemap.ts";
import { pureTest } from "../support/test.ts";
import { Random } from "./property.ts";

pureTest("casefold: of ASCII A–Z and nothing else", () => {
  assertEquals(casefold("ABCXYZ"), "abcxyz");
  assertEquals(casefold("#LobbY"), "#lobby");
  assertEquals(casefold("already-low_09"), "already-low_09");
  assertEquals(casefold(""), "");
  // CASEMAPPING=rfc1459 would fold these, ascii does not.
  assertEquals(casefold("[]\\~{}|^@`"), "[]\\~{}|^@`");
});

pureTest("casefold: beyond ASCII what differs in case, width, composition or font only is the same", () => {
  const same = [
    ["élise", "Élise", "ÉLISE", "e\u0301lise", "E\u0301LISE"],
    ["straße", "STRASSE", "STRAẞE"],
    ["σίσυφος", "ΣΊΣΥΦΟΣ", "σίσυφοσ"],
    ["kelvin", "\u212aelvin"],
    ["å", "Å", "\u212b"],
    ["istanbul", "İstanbul", "ISTANBUL", "ıstanbul", "i\u0307stanbul"],
    ["fix", "ﬁx", "ＦＩＸ", "𝐟𝐢𝐱"],
    ["алиса", "АЛИСА"],
    ["ᏣᎳᎩ", "ꮳꮃꭹ"],
    ["アリス", "ｱﾘｽ"],
    ["#größe😀", "#GRÖSSE😀"],
    ["ᾳ", "ᾼ", "α\u0345"],
  ];
  for (const [first = "", ...others] of same) {
    for (const other of others) {
      assertEquals(casefold(other), casefold(first), `${other} and ${first}`);
      assertEquals(isSameName(other, first), true);
    }
  }
});

pureTest("casefold: different names stay different", () => {
  const names = [
    "elise",
    "élise",
    "èlise",
    "алиса",
    "алиса2",
    "アリス",
    "ありす",
    "я",
    "й",
    "и",
    "o",
    "ø",
    "ö",
  ];
  assertEquals(new Set(names.map(casefold)).size, names.length);
});

/** All characters, then mixtures of those that fold in odd ways. */
function* samples(): Iterable<string> {
  for (let code = 0; code < 0x20000; code++) {
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
  }
  const odd = "iıİςσΣßẞ\u0307\u0301\u0323\u0345ﬃŉΐΩǰｶﾞ가";
  const random = new Random(1);
  for (let n = 0; n < 20_000; n++) yield random.text(odd, 1, 6);
}

pureTest("casefold: what is folded stays as it is, and all normal forms fold alike", () => {
  for (const text of samples()) {
    const folded = casefold(text);
    if (casefold(folded) !== folded) {
      throw new Error(`${escape(text)} folds to ${escape(folded)}, and that further`);
    }
    for (const form of ["NFC", "NFD", "NFKC", "NFKD"]) {
      if (casefold(text.normalize(form)) !== folded) {
        throw new Error(`${escape(text)} in ${form} folds otherwise`);
      }
    }
  }
});

function escape(text: string): string {
  return Array.from(text, (char) => `U+${char.codePointAt(0)!.toString(16)}`).join(" ");
}

pureTest("sameName compares without case", () => {
  assertEquals(isSameName("Alice", "aLICE"), true);
  assertEquals(isSameName("alice", "alice"), true);
  assertEquals(isSameName("alice", "alicf"), false);
  assertEquals(isSameName("a[", "a{"), false);
});
