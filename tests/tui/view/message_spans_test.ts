import { assertEquals } from "@std/assert";
import { loadPalette } from "../../../lib/cli/standard_streams.ts";
import { renderMessageText } from "../../../lib/tui/view/message_spans.ts";
import { formatAnsi, wrap } from "../../../lib/tui/view/styled_line.ts";
import { forAll } from "../../irc/property.ts";
import { pureTest } from "../../support/test.ts";

const styled = loadPalette("16", true);
const plain = loadPalette(false);

/** `<1>bold</>`: the text with its SGR parameters and links. */
function show(text: string): string {
  return formatAnsi(renderMessageText(text), styled)
    .replaceAll("\x1b[0m", "</>")
    .replace(/\x1b\[([\d;]*)m/g, "<$1>")
    .replace(/\x1b\]8;;(.*?)\x1b\\/g, (_, url) => url === "" ? "<end>" : `<link ${url}>`);
}

pureTest("message: marks of Markdown stay, and what they mean is shown", () => {
  assertEquals(
    show("**a** *b* _c_ ~~d~~"),
    "<2>**</><1>a</><2>**</> <2>*</><3>b</><2>*</> <2>_</><3>c</><2>_</> <2>~~</><9>d</><2>~~</>",
  );
  assertEquals(show("***a***"), "<2>***</><1;3>a</><2>***</>");
  assertEquals(show("**a *b* c**"), "<2>**</><1>a </><2;1>*</><3;1>b</><2;1>*</><1> c</><2>**</>");
  assertEquals(show("`a *b*` ``c`d``"), "<2>`</>a *b*<2>`</> <2>``</>c`d<2>``</>");
});

pureTest("message: what is no mark is text", () => {
  for (
    const text of [
      "2*3*4",
      "snake_case_name",
      "a * b * c",
      "**open",
      "``` x",
      "~a~",
      "*",
      "`",
      "* a *",
      "****",
    ]
  ) {
    assertEquals(show(text), text);
  }
});

pureTest("message: nothing is marked within code, fenced or not", () => {
  assertEquals(
    show("```ts\n*a* **b**\n```\n*c*"),
    "<2>```ts</>\n      *a* **b**\n      <2>```</>\n      <2>*</><3>c</><2>*</>",
  );
  assertEquals(show("```\n*a*"), "```\n      <2>*</><3>a</><2>*</>"); // nothing closes it
});

pureTest("message: formatting of mIRC is shown, also within marks", () => {
  assertEquals(
    show("\x02a\x02 \x1db\x1d \x1fc\x1f \x1ed\x1e \x0304e\x03 \x11f\x11"),
    "<1>a</> <3>b</> <4>c</> <9>d</> <38;5;9>e</> f",
  );
  assertEquals(show("**a\x1fb**"), "<2>**</><1>a</><4;1>b</><4;2>**</>");
});

pureTest("message: an address is a link to itself, without the sentence around it", () => {
  assertEquals(
    show("see (https://a.example/b_c_(d)), or HTTP://A.example."),
    "see (<link https://a.example/b_c_(d)>https://a.example/b_c_(d)<end>), or <link HTTP://A.example>HTTP://A.example<end>.",
  );
  for (
    const text of ["xhttps://a", "ftp://a.example", "javascript:alert(1)", "https://ä.example", "[a](b)"]
  ) {
    assertEquals(show(text), text);
  }
  const url = `https://a.example/${"x".repeat(30)}`;
  const rows = wrap(renderMessageText(`at ${url} and ${url}`), 60).map((row) => formatAnsi(row, styled));
  assertEquals(rows.length, 2); // each closes its own
  for (const row of rows) assertEquals(row.split("\x1b]8;;").length, 3);
});

pureTest("message: tabs, invisible characters, and what would control the terminal", () => {
  assertEquals(show("a\tb\t\u65e5\tc"), "a       b       日      c");
  assertEquals(show("a\u00adb\u200bc\u200e\u200f\u061cd"), "abcd");
  assertEquals(show("\x1b[2J\x07\u202e"), "␛[2J␇<U+202E>");
});

pureTest("message: whatever the text, no character is lost and none controls the terminal", () => {
  forAll(500, (random) => {
    const text = random.text("ab *_~`\x02\x0304\x1f\t\u200b日👍\x1bh\n", 0, 60) +
      random.pick(["", " https://a.example/*b* "]);
    const shown = formatAnsi(renderMessageText(text), plain);
    assertEquals(/[\p{Cc}--\n]/v.test(shown), false);
    const visible = (some: string) =>
      some.replace(/\x03(?:\d{1,2})?|[\x02\x1f\u200b\s]/g, "").replaceAll("\x1b", "␛");
    assertEquals(visible(shown), visible(text));
  });
});
