/** The text of messages as segments. */
import { assertEquals } from "@std/assert";
import type { Segment, TextStyle } from "../../../lib/page/model/text/segment.ts";
import { isEmojiOnly, segmentText } from "../../../lib/page/model/text/text_segments.ts";
import { pureTest } from "../../support/test.ts";

const MEMBERS = new Set(["alice", "bob", "bob_", "zoë"]);
const names = { nick: "alice", isMember: (name: string) => MEMBERS.has(name.toLowerCase()) };

const LETTERS: readonly [keyof TextStyle, string][] = [
  ["bold", "b"],
  ["italic", "i"],
  ["strike", "s"],
  ["underline", "u"],
  ["monospace", "m"],
];

/** `b{bold}`, `link{https://a.example/}`, `code{x}`, `/` for a line break. */
function draw(segment: Segment): string {
  switch (segment.kind) {
    case "line_break":
      return "/";
    case "code":
      return `code{${segment.text}}`;
    case "code_block":
      return `block:${segment.language}{${segment.text}}`;
  }
  const { style } = segment;
  const marks = LETTERS.filter(([key]) => style[key]).map(([, letter]) => letter).join("") +
    (style.colour === undefined ? "" : `c${style.colour}`) +
    (style.background === undefined ? "" : `,${style.background}`);
  const text = segment.kind === "text"
    ? segment.text
    : segment.kind === "link"
    ? `link{${segment.text}${segment.text === segment.href ? "" : ` -> ${segment.href}`}}`
    : segment.kind === "mention"
    ? `${segment.isOwn ? "me" : "name"}{${segment.text}}`
    : `room{${segment.text}}`;
  return marks === "" ? text : `${marks}{${text}}`;
}

const drawText = (text: string) => segmentText(text, names).segments.map(draw).join("");

function assertDrawn(expected: readonly (readonly [text: string, drawn: string])[]): void {
  assertEquals(expected.map(([text]) => [text, drawText(text)]), expected.map((each) => [...each]));
}

pureTest("segments: links are http, https and mailto, without what the sentence puts behind them", () => {
  assertDrawn([
    ["see https://a.example/x.", "see link{https://a.example/x}."],
    ["(https://a.example/x_(y))", "(link{https://a.example/x_(y)})"],
    ["https://a.example/?q=1&r=[2], so", "link{https://a.example/?q=1&r=[2]}, so"],
    ["HTTP://A.example", "link{HTTP://A.example -> http://a.example/}"],
    ["<https://a.example/>", "<link{https://a.example/}>"],
    ["**https://a.example/b**", "b{link{https://a.example/b}}"],
    ["mailto:bob@a.example!", "link{mailto:bob@a.example}!"],
    ["mailto:bob", "mailto:bob"],
    [
      "javascript:alert(1) data:text/html,x vbscript:x file:///etc",
      "javascript:alert(1) data:text/html,x vbscript:x file:///etc",
    ],
    ["xhttps://a.example", "xhttps://a.example"],
    ["http:// https://", "http:// https://"],
    ["https://[::1", "https://[::1"],
    ["https://a.example/\u202egpj.exe", "link{https://a.example/}<U+202E>gpj.exe"],
  ]);
});

pureTest("segments: rooms and the people in the conversation are names, as words of their own", () => {
  assertDrawn([
    ["join #dev, or #a-b.", "join room{#dev}, or room{#a-b}."],
    ["issue #42, x#dev and #", "issue #42, x#dev and #"],
    ["alice: ask bob's friend Bob", "me{alice}: ask name{bob}'s friend name{Bob}"],
    ["@zoë bobby xbob bob-a bob_", "@name{zoë} bobby xbob bob-a name{bob_}"],
    ["#bob", "room{#bob}"],
  ]);
});

pureTest("segments: the basics of Markdown, where they begin and end at words", () => {
  assertDrawn([
    ["**bold** *it* _it_ __bold__ ~~gone~~", "b{bold} i{it} i{it} b{bold} s{gone}"],
    ["***both*** and **a *b* c**", "bi{both} and b{a }bi{b}b{ c}"],
    ["2*3*4 snake_case_name __init__x a ** b", "2*3*4 snake_case_name __init__x a ** b"],
    ["*open and **closed**", "*open and b{closed}"],
    ["**a *b** c*", "b{a *b} c*"],
    ["*a b** c*", "i{a b** c}"],
    ["**** ~~~ ~x~ ___y___", "**** ~~~ ~x~ bi{y}"],
    ["(**x**), *bob*!", "(b{x}), i{name{bob}}!"],
    ["_zoë_ _snake_case_", "i{name{zoë}} i{snake_case}"],
  ]);
});

pureTest("segments: nothing in code is anything else", () => {
  assertDrawn([
    ["run `rm **x** #dev` now", "run code{rm **x** #dev} now"],
    ["``a ` b`` and `", "code{a ` b} and `"],
    ["`a ``b` `", "code{a ``b} `"],
    ["```\nlet a = `b`;\n\thttps://a.example\n```\nso", "block:{let a = `b`;\n    https://a.example}so"],
    ["look:\n```ts\nx\n```", "look:block:ts{x}"],
    ["```one line```", "block:{one line}"],
    ["```\nnever closed", "```/never closed"],
    ["a\n\nb", "a//b"],
  ]);
});

pureTest("segments: formatting of mIRC", () => {
  assertDrawn([
    [
      "\x02bold\x02 \x1dit\x1d \x1funder\x1f \x1estrike\x1e \x11mono **x**\x11",
      "b{bold} i{it} u{under} s{strike} m{mono **x**}",
    ],
    ["\x0304,12red \x0305on\x03 off", "c4,12{red }c5,12{on} off"],
    ["\x0399\x0301a\x0fb \x02\x0fc", "c1{a}b c"],
    ["\x04ff0000x\x16y", "xy"],
    ["\x02**x**\nnext", "b{x}/next"],
  ]);
});

pureTest("segments: a message of a few emoji and nothing else is told", () => {
  for (const text of ["👍", " 👍🏽 🎉 ", "👩‍👩‍👧‍👦🇳🇿", "❤️", "1️⃣"]) assertEquals(isEmojiOnly(text), true, text);
  for (const text of ["", " ", "1", "#", "👍!", "a👍", "👍👍👍👍👍👍👍", "\u200d"]) {
    assertEquals(isEmojiOnly(text), false, text);
  }
  assertEquals(segmentText("🎉", names).isEmojiOnly, true);
});

const PIECES = [
  ..."*_~`#@()[]<>\"'&;:.,!?/\\ \n\t\r\x00\x02\x03\x04\x0f\x16\x1b\x1d\x7f\u0085\u202e\u200d\ufeff\ud800\udc00éß漢🎉",
  "**",
  "__",
  "~~",
  "```",
  "https://",
  "http://a.example/",
  "javascript:",
  "mailto:a@b",
  "#dev",
  "alice",
  "bob",
  "\x0304,12",
  "<b>",
  "<script>",
  "word",
];

function randomText(random: (below: number) => number): string {
  return Array.from({ length: random(40) }, () => PIECES[random(PIECES.length)]).join("");
}

function makeRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 4294967296 * below);
  };
}

pureTest(
  "segments: of any text nothing is lost but marks, every link is safe, and nothing controls the page",
  () => {
    const random = makeRandom(18);
    for (let round = 0; round < 20_000; round++) {
      const text = randomText(random);
      const { segments } = segmentText(text, names);
      const letters = segments.map((segment) => segment.kind === "line_break" ? "" : segment.text).join("");
      for (const segment of segments) {
        if (segment.kind === "link") {
          assertEquals(/^(?:https?:\/\/|mailto:)/.test(segment.href), true, segment.href);
          assertEquals(/[\s<>"`]/.test(segment.text), false, segment.text);
        }
        if (segment.kind !== "line_break") assertEquals(CONTROL_PATTERN.test(segment.text), false, text);
      }
      for (const word of ["alice", "javascript", "word", "漢", "<script>"]) {
        // A colour takes up digits behind it, and a block of code the word that names its language.
        if (!text.includes("```")) {
          assertEquals(
            letters.split(word).length >= text.split(word).length,
            true,
            `${word} in ${JSON.stringify(text)}`,
          );
        }
      }
    }
  },
);

/** What no text of a segment has; a line feed parts the lines of code. */
const CONTROL_PATTERN = /[\x00-\x09\x0b-\x1f\x7f\u202e]/;

/** Texts that make a reader that goes back over them take time with the square of their length. */
const HOSTILE = [
  "*",
  "**a ",
  " *a",
  "a* ",
  "_",
  "_a",
  "a_",
  "`",
  "` ",
  "``a`",
  "`a``b```c````",
  "https://",
  "https://a.example/(",
  "https://a.example/)",
  "#",
  "#a",
  "```\n",
  "```x\n",
  "\x02",
  "\x0312,",
  "[",
  "(((",
  "mailto:",
  "h",
  "alice ",
  "🎉",
  "a\n",
  "-",
  ".",
];

pureTest("segments: time grows no faster than the text", () => {
  // With the square of the length, each of these takes minutes.
  for (const piece of HOSTILE) {
    const text = piece.repeat(Math.ceil(50_000 / piece.length));
    segmentText(text, names);
    segmentText(`${text}x`, names);
  }
});
