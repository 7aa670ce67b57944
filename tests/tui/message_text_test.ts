import { assertEquals } from "@std/assert";
import { countColumns } from "../../lib/base/text_width.ts";
import { renderTextLines, stripFormatting } from "../../lib/tui/view/message_text.ts";
import { pureTest } from "../support/test.ts";

function plain(text: string): string[] {
  return renderTextLines(text, { isColored: false, countColumns });
}

/** Escape codes as `<1;31>`. */
function colored(text: string, matches: readonly (readonly [number, number])[] = []): string[] {
  const ranges = matches.map(([start, end]) => ({ start, end }));
  return renderTextLines(text, { isColored: true, matches: ranges, countColumns })
    .map((line) => line.replace(/\x1b\[([\d;]*)m/g, "<$1>"));
}

pureTest("message text: without colours formatting is left out, with them it is shown", () => {
  const text = "a \x02bold\x02 \x1ditalic\x1d \x1funder\x0f \x11mono\x11 \x1egone\x1e \x16rev\x16 z";
  assertEquals(plain(text), ["a bold italic under mono gone rev z"]);
  assertEquals(colored(text), [
    "a <1>bold<0> <3>italic<0> <4>under<0> mono <9>gone<0> <7>rev<0> z",
  ]);
  assertEquals(colored("\x02a\x1db\x02c"), ["<1>a<0><1;3>b<0><3>c<0>"]);
});

pureTest(
  "message text: colours of 16, of 99 and in hexadecimal, the terminal's own, and none that hides",
  () => {
    assertEquals(colored("\x0305red\x03 no"), ["<31>red<0> no"]);
    assertEquals(colored("\x034,1red on black\x0f no"), ["<38;5;9;40>red on black<0> no"]);
    assertEquals(colored("\x0398w\x0399d"), ["<38;5;231>w<0>d"]);
    assertEquals(colored("\x04ff8000orange\x04 no"), ["<38;2;255;128;0>orange<0> no"]);
    assertEquals(colored("\x031,1secret"), ["secret"]);
    assertEquals(plain("\x031,1secret\x0312,3"), ["secret"]);
    assertEquals(colored("\x02a\nb"), ["<1>a<0>", "b"]);
  },
);

pureTest("message text: a tab goes to the next stop, also behind wide characters and formatting", () => {
  assertEquals(plain("a\tb"), ["a       b"]);
  assertEquals(plain("1234567\tb\tc"), ["1234567 b       c"]);
  assertEquals(plain("12345678\tb"), ["12345678        b"]);
  assertEquals(plain("日本\tb\n\tc"), ["日本    b", "        c"]);
  assertEquals(colored("\x02ab\x02\tb"), ["<1>ab<0>      b"]);
});

pureTest("message text: marks without a glyph are dropped, what acts on a terminal is shown", () => {
  assertEquals(plain("a\u00adb\u061cc\u200ed\u200fe\u200bf"), ["abcdef"]);
  assertEquals(plain("a\x1b[2J\x07\u202eb\u2066"), ["a␛[2J␇<U+202E>b<U+2066>"]);
  assertEquals(colored("a\x1b[2J\u202e"), ["a␛[2J<U+202E>"]);
});

pureTest("message text: matches are marked, in the text without formatting, over lines and styles", () => {
  assertEquals(colored("the deploy is done", [[4, 10], [14, 18]]), ["the <1;31>deploy<0> is <1;31>done<0>"]);
  assertEquals(stripFormatting("de\x02ploy\x02"), "deploy");
  assertEquals(colored("de\x02ploy\x02 x", [[0, 6]]), ["<1;31>de<0><1;1;31>ploy<0> x"]);
  assertEquals(colored("one\ntwo", [[2, 5]]), ["on<1;31>e<0>", "<1;31>t<0>wo"]);
  assertEquals(colored("👨‍👩 e\u0301a", [[0, 2], [6, 7]]), ["<1;31>👨‍<0>👩 <1;31>e\u0301<0>a"]);
});
