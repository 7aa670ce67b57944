import { assertEquals } from "@std/assert";
import { casefold } from "../../lib/irc/names/casemap.ts";
import { CHANNELLEN, NICKLEN } from "../../lib/irc/limits.ts";
import { type ChannelFault, channelFault, isChannelName } from "../../lib/irc/names/name_rules.ts";
import {
  describeNameFault,
  NAME_FAULT_TEXT,
  type NickFault,
  nickFault,
} from "../../lib/irc/names/new_name_rules.ts";
import { pureTest } from "../support/test.ts";

/** Code points that no name may have. */
const BARRED = [
  ...[0x20, 0x2c, 0x07, 0x00, 0x0d, 0x0a, 0x1b, 0x7f, 0x85, 0x9b], // separators and controls
  ...[0xa0, 0x2003, 0x3000, 0x2028, 0x2029], // other spaces
  ...[0x202a, 0x202e, 0x2066, 0x2069, 0x200e, 0x200f, 0x61c], // bidi
  ...[0xad, 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff, 0x34f, 0x115f, 0x3164, 0xffa0, 0x2800, 0xfe0f], // invisible
  ...[0xe0041, 0xe0100, 0xe000, 0xf0000], // tag characters, variation selectors, private use
  ...[0xd800, 0xdc00], // half a character
];

pureTest("describeNameFault: the character that is at fault is named", () => {
  assertEquals(describeNameFault("#a,b", "bad_character"), `${NAME_FAULT_TEXT.bad_character} (,)`);
  assertEquals(describeNameFault("a-1!b", "bad_character"), `${NAME_FAULT_TEXT.bad_character} (!)`);
  assertEquals(describeNameFault("1a", "bad_start"), NAME_FAULT_TEXT.bad_start);
});

pureTest("nickFault: letters, digits, specials; no digit or hyphen first", () => {
  for (const nick of ["a", "Z", "alice", "a-b9", "[x]", "\\", "^_`", "{|}", "n".repeat(NICKLEN)]) {
    assertEquals(nickFault(nick), undefined, nick);
  }
  const bad: [string, NickFault][] = [
    ["", "empty"],
    ["n".repeat(NICKLEN + 1), "too_long"],
    ["9lives", "bad_start"],
    ["-x", "bad_start"],
  ];
  for (const [nick, fault] of bad) assertEquals(nickFault(nick), fault, nick);
});

pureTest("nickFault: of all ASCII exactly the characters of RFC 2812 pass", () => {
  const good = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789[]\\`_^{|}-";
  for (let code = 0; code < 0x80; code++) {
    const char = String.fromCharCode(code);
    const fault = good.includes(char) ? undefined : "bad_character";
    assertEquals(nickFault("x" + char), fault, `U+${code.toString(16)}`);
    assertEquals(nickFault("é" + char), fault, `U+${code.toString(16)} behind é`);
  }
});

pureTest("nickFault: letters and digits of any script, as people write their names", () => {
  const names =
    "élise Łukasz nguyễn ẹ́ Oʼneil kaʻiu Алиса Γιώργος Սևակ ישראל בְּנִי علي مُحَمَّد علي٣ علي3 ज़ैनब राम९ คำปัน " +
    "ကျော် ខ្ញុំ བསྒྲུབས 유진 유진wei 田中さん アリス ゆうこ_ー 陈wei 漢字ㄅ ᏣᎳᎩ ａｌｉｃｅ";
  for (const nick of names.split(" ")) assertEquals(nickFault(nick), undefined, nick);
  assertEquals(nickFault("я".repeat(NICKLEN / 2)), undefined);
  assertEquals(nickFault("漢".repeat(NICKLEN / 3)), undefined);
});

pureTest("nickFault: why a name beyond ASCII is refused", () => {
  const bad: [string, NickFault][] = [
    ["я".repeat(NICKLEN / 2) + "x", "too_long"], // 31 bytes
    ["٣ali", "bad_start"],
    ["９lives", "bad_start"],
    ["-é", "bad_start"],
    ["Алиcа", "mixed_scripts"], // the с is Latin
    ["раураl", "mixed_scripts"],
    ["aliceα", "mixed_scripts"],
    ["ひㄅ", "mixed_scripts"],
    ["유ひ", "mixed_scripts"],
    ["ali٣", "mixed_scripts"],
    ["علي٣3", "mixed_digits"],
    ["علي٣۴", "mixed_digits"],
    ["\u0301a", "bad_marks"],
    ["a_\u0301", "bad_marks"],
    ["q\u0301\u0301", "bad_marks"],
    ["q\u0301\u0302\u0303", "bad_marks"],
    ["cafe\u0301", "not_nfc"],
    ["😀", "bad_character"],
    ["№1", "bad_character"],
    ["m²", "bad_character"],
    ["ⅷ", "bad_character"],
    ["\ufdfa", "bad_character"], // a letter that compares as four words
    ["fooˈ", "bad_character"],
    ["q\u20dd", "bad_character"], // in a circle
    ["x\ud800", "bad_character"],
  ];
  for (const [nick, fault] of bad) assertEquals(nickFault(nick), fault, nick);
});

pureTest("nickFault: what controls, reorders, hides or is a space is refused", () => {
  for (const code of BARRED) {
    assertEquals(
      nickFault("a" + String.fromCodePoint(code) + "b"),
      "bad_character",
      `U+${code.toString(16)}`,
    );
  }
});

pureTest("nickFault: what a good name compares as is a good name that is the same", () => {
  for (let code = 0x80; code < 0x30000; code++) {
    const nick = "x" + String.fromCodePoint(code);
    if (nickFault(nick) !== undefined) continue;
    const folded = casefold(nick);
    const fault = nickFault(folded);
    if (fault !== undefined) throw new Error(`U+${code.toString(16)} folds to ${folded}: ${fault}`);
  }
});

pureTest("roomFault: # and visible characters of any script", () => {
  const good = [
    "#lobby",
    "#a",
    "##",
    "#a:b",
    "#C++",
    "#café",
    "#漢字",
    "#😀",
    "#a*?",
    "#" + "r".repeat(CHANNELLEN - 1),
  ];
  for (const channel of good) assertEquals(channelFault(channel), undefined, channel);
});

pureTest("roomFault: why a room's name is refused", () => {
  const bad: [string, ChannelFault][] = [
    ["", "empty"],
    ["#", "empty"],
    ["lobby", "no_prefix"],
    ["&local", "no_prefix"],
    ["#" + "r".repeat(CHANNELLEN), "too_long"],
    ["#" + "漢".repeat(21) + "x", "too_long"], // 65 bytes
    ["#cafe\u0301", "not_nfc"],
  ];
  for (const [channel, fault] of bad) assertEquals(channelFault(channel), fault, channel);
});

pureTest("roomFault: what separates, controls, reorders or hides is refused", () => {
  for (const code of BARRED) {
    assertEquals(
      channelFault("#a" + String.fromCodePoint(code) + "b"),
      "bad_character",
      `U+${code.toString(16)}`,
    );
  }
});

pureTest("isRoomName goes by the prefix alone", () => {
  assertEquals(isChannelName("#"), true);
  assertEquals(isChannelName("bob"), false);
  assertEquals(isChannelName(""), false);
});

pureTest("every fault has its sentence", () => {
  for (const text of Object.values(NAME_FAULT_TEXT)) assertEquals(/^[A-Z].*[^.]$/.test(text), true, text);
});
