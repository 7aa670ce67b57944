import { assertEquals } from "@std/assert";
import { hasLink, MAX_SEARCH_WORD, searchTokens, searchWords } from "../../lib/base/search_words.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

/** Letters that follow different rules, and what may stand between them. */
const ALPHABET =
  "aZ1 _é\u0301ßﬁΣς½東京가ｶﾞไ्नהא\u05b8\u0640\x01\x02\x03\x044,👩\u200d\ufe0f𝐚𠮷\u1112\u1161\u11ab";

/** The parts of `text` where its words are. */
function places(text: string): string[] {
  return searchTokens(text).map(({ start, end }) => text.slice(start, end));
}

pureTest("search words: what is not a letter, a digit or a mark divides words", () => {
  assertEquals(searchWords("foo_bar issue-4711 v1.2.3 /etc/hosts.d don't"), [
    ...["foo", "bar", "issue", "4711", "v1", "2", "3", "etc", "hosts", "d", "don", "t"],
  ]);
  assertEquals(searchWords("see https://a.example/b?q=C#d!"), [
    "see",
    "https",
    "a",
    "example",
    "b",
    "q",
    "c",
    "d",
  ]);
  assertEquals(searchWords(""), []);
  assertEquals(searchWords(" …!? — → § "), []);
});

pureTest("search words: an emoji is a word of its own, without skin tone; a joined one is its parts", () => {
  assertEquals(searchWords("ok🎉🎉 👍🏽! 👍 ☎\ufe0f❤"), ["ok", "🎉", "🎉", "👍", "👍", "☎", "❤"]);
  assertEquals(searchWords("👨‍👩‍👧 👩🏽‍💻 🇩🇪 🏽"), ["👨", "👩", "👧", "👩", "💻", "🇩", "🇪"]);
  assertEquals(searchWords("東京🗼都"), ["東京", "京", "🗼", "都"]);
  assertEquals(places("a👍🏽b 🇩🇪"), ["a", "👍🏽", "b", "🇩", "🇪"]);
});

pureTest("search words: case, width, ligatures and diacritics are no difference", () => {
  const same = [
    ["Élise", "elise"],
    ["E\u0301lise", "elise"],
    ["Ёлка Йод", "елка", "иод"],
    ["ＢＯＢ", "bob"],
    ["straße STRASSE ẞ", "strasse", "strasse", "ss"],
    ["ﬁsh", "fish"],
    ["İstanbul ISPARTA ısı", "istanbul", "isparta", "isi"],
    ["ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ", "σισυφοσ"],
    ["Łódź Søren Đorđe", "lodz", "soren", "dorde"],
    ["Việt Nam", "viet", "nam"],
    ["שָׁלוֹם שלום", "שלום", "שלום"],
    ["مُحَمَّد محـــمد", "محمد", "محمد"],
    ["أحمد", "احمد"],
    ["可能\u{e0100}", "可能", "能"],
  ];
  for (const [text, ...words] of same) assertEquals(searchWords(text!), words, text);
});

pureTest("search words: marks that are part of a letter stay", () => {
  assertEquals(searchWords("हिन्दी"), ["हिन्दी"]);
  assertEquals(searchWords("தமிழ்"), ["தமிழ்"]);
  assertEquals(searchWords("か が"), ["か", "が"]);
  assertEquals(searchWords("ｶﾞ"), ["ガ"]);
  assertEquals(searchWords("か\u3099"), ["が"]);
});

pureTest("search words: invisible characters don't divide a word", () => {
  assertEquals(searchWords("می\u200cخواهم"), ["میخواهم"]);
  assertEquals(searchWords("soft\u00adhyphen zero\u200bwidth \u2067rtl\u2069"), [
    "softhyphen",
    "zerowidth",
    "rtl",
  ]);
});

pureTest("search words: runs without separators are pairs and the last character", () => {
  assertEquals(searchWords("東京都"), ["東京", "京都", "都"]);
  assertEquals(searchWords("都"), ["都"]);
  assertEquals(searchWords("tower京都x9東"), ["tower", "京都", "都", "x9", "東"]);
  assertEquals(searchWords("東京、京都"), ["東京", "京", "京都", "都"]);
  assertEquals(searchWords("サーバーに行く"), ["サー", "ーバ", "バー", "ーに", "に行", "行く", "く"]);
  assertEquals(searchWords("서울에 간다"), ["서울", "울에", "에", "간다", "다"]);
  assertEquals(searchWords("\u1112\u1161\u11ab\u1100\u1173\u11af"), ["한글", "글"]);
  assertEquals(searchWords("ภาษา"), ["ภา", "าษ", "ษา", "า"]);
  assertEquals(searchWords("ພາສາ"), ["ພາ", "າສ", "ສາ", "າ"]);
  assertEquals(searchWords("ខ្មែ"), ["ខ្", "្ម", "មែ", "ែ"]);
  assertEquals(searchWords("မြန်"), ["မြ", "ြန", "န်", "်"]);
  assertEquals(searchWords("𠮷野家"), ["𠮷野", "野家", "家"]);
});

pureTest("search words: formatting and the framing of CTCP are left out", () => {
  assertEquals(searchWords("f\x02oo\x0f \x0304,5red\x03 \x04ff0000hex \x1ditalic"), [
    "foo",
    "red",
    "hex",
    "italic",
  ]);
  assertEquals(searchWords("\x01ACTION waves at bob\x01"), ["waves", "at", "bob"]);
  assertEquals(searchWords("\x01ACTION waves"), ["waves"]);
  assertEquals(searchWords("\x01VERSION\x01"), []);
  assertEquals(searchWords("\x01PING 4711\x01"), []);
});

pureTest("search words: a long word is cut into words that follow each other", () => {
  const word = "a".repeat(2 * MAX_SEARCH_WORD + 1);
  assertEquals(searchWords(word).map(({ length }) => length), [MAX_SEARCH_WORD, MAX_SEARCH_WORD, 1]);
  assertEquals(searchWords(`é${word}`).map(({ length }) => length), [MAX_SEARCH_WORD, MAX_SEARCH_WORD, 2]);
  const bold = "𝐚𞤀".repeat(MAX_SEARCH_WORD);
  assertEquals(searchWords(bold).map((part) => Array.from(part).length), [MAX_SEARCH_WORD, MAX_SEARCH_WORD]);
});

pureTest("search words: a lone surrogate is no letter", () => {
  assertEquals(searchWords("a\ud800b\udc00c"), ["a", "b", "c"]);
});

pureTest("search tokens: the place of a word is that in the text as it is", () => {
  assertEquals(places("Ich heiße ＢＯＢ."), ["Ich", "heiße", "ＢＯＢ"]);
  assertEquals(places("E\u0301lise, 東京都"), ["E\u0301lise", "東京", "京都", "都"]);
  assertEquals(places("f\x02oo\x02 bar"), ["f\x02oo", "bar"]);
  assertEquals(places("\x01ACTION waves\x01"), ["waves"]);
  assertEquals(places("👨‍👩 ¡hola! שָׁלוֹם"), ["👨", "👩", "hola", "שָׁלוֹם"]);
});

pureTest("search words: folding the word of any character again changes nothing", () => {
  for (let code = 0; code < 0x20000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const words = new Set(searchWords(String.fromCodePoint(code)));
    for (const word of words) assertEquals(searchWords(word)[0], word, `U+${code.toString(16)}`);
  }
});

pureTest("search tokens: in any text they are in order, within it, and of bounded length", () => {
  forAll(300, (random) => {
    const text = random.text(ALPHABET, 0, 80);
    let start = 0;
    for (const token of searchTokens(text)) {
      assertEquals(token.start >= start && token.end > token.start && token.end <= text.length, true, text);
      assertEquals(
        /^(?:[\p{L}\p{N}\p{M}\p{Co}]+|\p{Extended_Pictographic})$/u.test(token.word),
        true,
        token.word,
      );
      assertEquals(Array.from(token.word).length <= MAX_SEARCH_WORD, true);
      start = token.start;
    }
    assertEquals(searchWords(text), searchTokens(text).map(({ word }) => word));
  });
});

pureTest("search words: links are known", () => {
  for (
    const text of ["https://a.example", "(see HTTP://[::1]/)", "irc://x", "www.example.org", "http://例え.jp"]
  ) {
    assertEquals(hasLink(text), true, text);
  }
  for (const text of ["", "http:// x", "a//b", "awww.x", "example.org", "://"]) {
    assertEquals(hasLink(text), false, text);
  }
});
