import { assertEquals } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { KeyDecoder, MAX_PASTE_UNITS } from "../../lib/tui/terminal/keys.ts";
import type { TerminalKey } from "../../lib/tui/terminal/keys.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

/** Text runs of one kind joined, because chunks may cut them anywhere. */
function joined(keys: readonly TerminalKey[]): TerminalKey[] {
  const all: TerminalKey[] = [];
  for (const key of keys) {
    const last = all.at(-1);
    if (last !== undefined && "text" in last && "text" in key && last.kind === key.kind) {
      all[all.length - 1] = { kind: last.kind, text: last.text + key.text };
    } else all.push(key);
  }
  return all;
}

function decode(text: string): TerminalKey[] {
  return joined(new KeyDecoder().push(encodeUtf8(text)));
}

pureTest("keys: a paste without an end is ended by Ctrl-C, or when no more of it comes", () => {
  const decoder = new KeyDecoder();
  assertEquals(decoder.push(encodeUtf8("\x1b[200~ab\x03c")), [
    { kind: "paste", text: "ab" },
    { kind: "interrupt" },
    { kind: "type", text: "c" },
  ]);
  assertEquals(decoder.waitsFor, undefined);
  assertEquals(decoder.push(encodeUtf8("\x1b[200~x\x1b[20")), []);
  assertEquals([decoder.waitsFor, decoder.endWait(), decoder.waitsFor], [
    "paste",
    [{ kind: "paste", text: "x\x1b[20" }],
    undefined,
  ]);
  assertEquals(decoder.push(encodeUtf8("y")), [{ kind: "type", text: "y" }]);
});

pureTest("keys: text and controls", () => {
  assertEquals(decode("hé日👍"), [{ kind: "type", text: "hé日👍" }]);
  assertEquals(decode("a\rb\n"), [
    { kind: "type", text: "a" },
    { kind: "enter" },
    { kind: "type", text: "b" },
    { kind: "newLine" },
  ]);
  assertEquals(decode("\x03\x04\t\x7f\x08\x17").map(({ kind }) => kind), [
    "interrupt",
    "deleteOrEnd",
    "complete",
    "backspace",
    "backspace",
    "killWordBefore",
  ]);
});

pureTest("keys: cursor keys as xterm, the Linux console and rxvt send them", () => {
  const expected: [string, string][] = [
    ["\x1b[A", "previous"],
    ["\x1bOA", "previous"],
    ["\x1b[D", "left"],
    ["\x1b[H", "home"],
    ["\x1bOF", "end"],
    ["\x1b[1~", "home"],
    ["\x1b[8~", "end"],
    ["\x1b[3~", "delete"],
    ["\x1b[1;5D", "wordLeft"],
    ["\x1bf", "wordRight"],
    ["\x1b\x7f", "killWordBefore"],
    ["\x1b\r", "newLine"],
    ["\x1b[Z", "completeBack"],
    ["\x1by", "yankEarlier"],
    ["\x12", "search"],
    ["\x1a", "suspend"],
    ["\x1f", "undo"],
    ["\x07", "cancel"],
    ["\x18\x15", "undo"],
    ["\x18\x05", "editOutside"],
    ["\x1b\x1b[A", "previous"], // Escape, and then a key
  ];
  for (const [bytes, kind] of expected) {
    assertEquals(decode(bytes), [{ kind }] as TerminalKey[], JSON.stringify(bytes));
  }
});

pureTest("keys: an unknown sequence types nothing", () => {
  for (
    const unused of [
      "\x1b[15~",
      "\x1b[?1;2c",
      "\x1b[27;5;9~",
      "\x1bOP",
      "\x1b[1I",
      "\x1bq",
      "\x1b日",
      "\x18日",
      "\x18q",
      "\x00",
      "\u009b",
    ]
  ) {
    const decoder = new KeyDecoder();
    decoder.push(encodeUtf8(unused));
    const text = decoder.push(encodeUtf8("~x")).filter(({ kind }) => kind === "type");
    assertEquals(
      text.map((key) => "text" in key ? key.text.replace("~", "") : ""),
      ["x"],
      JSON.stringify(unused),
    );
  }
});

pureTest("keys: Ctrl-C works behind Escape, and behind a sequence that does not go on", () => {
  for (const begun of ["", "\x18", "\x1b", "\x1b\x1b", "\x1bO", "\x1b[", "\x1b[1;"]) {
    const decoder = new KeyDecoder();
    decoder.push(encodeUtf8(begun));
    const keys = decoder.push(encodeUtf8("\x03"));
    assertEquals(keys.at(-1), { kind: "interrupt" }, JSON.stringify(begun));
  }
});

pureTest("keys: pasted text is told from typed text, controls and all", () => {
  assertEquals(decode("a\x1b[200~two\nlines\t\x1b[201~b"), [
    { kind: "type", text: "a" },
    { kind: "paste", text: "two\nlines\t" },
    { kind: "type", text: "b" },
  ]);
});

pureTest("keys: a paste is one key, and bounded", () => {
  const decoder = new KeyDecoder();
  assertEquals(decoder.push(encodeUtf8("\x1b[200~one\n")), []);
  assertEquals(decoder.push(encodeUtf8("two")), []);
  assertEquals(decoder.push(encodeUtf8("\x1b[201~")), [{ kind: "paste", text: "one\ntwo" }]);
  const [key] = decoder.push(encodeUtf8(`\x1b[200~${"x".repeat(MAX_PASTE_UNITS + 10)}\x1b[201~`));
  assertEquals(key?.kind === "paste" && key.text.length, MAX_PASTE_UNITS);
  assertEquals(decoder.push(encodeUtf8("\x1b[200~\x1b[201~y")), [{ kind: "type", text: "y" }]);
});

pureTest("keys: an ESC behind which nothing comes is the Escape key", () => {
  const decoder = new KeyDecoder();
  assertEquals([decoder.push(encodeUtf8("a\x1b")), decoder.waitsFor], [
    [{ kind: "type", text: "a" }],
    "escape",
  ]);
  assertEquals([decoder.endWait(), decoder.waitsFor], [[{ kind: "cancel" }], undefined]);
  decoder.push(encodeUtf8("\x1b["));
  assertEquals(
    [decoder.waitsFor, decoder.endWait()],
    [undefined, []],
    "a sequence goes on, however long it takes",
  );
  assertEquals(decoder.push(encodeUtf8("A")), [{ kind: "previous" }]);
});

pureTest("keys: Alt-1 to Alt-9, Alt-a, Ctrl-N and Ctrl-P choose a view; Alt-0 is no key", () => {
  assertEquals(
    decode("\x1b1\x1b9\x1ba\x0e\x10\x1b0").map((key) => key.kind === "goTo" ? key.move : key.kind),
    [1, 9, "unread", "next", "previous"],
  );
});

pureTest("keys: a sequence that never ends is given up, and what is typed later arrives", () => {
  const decoder = new KeyDecoder();
  decoder.push(encodeUtf8("\x1b[" + "1;".repeat(100)));
  assertEquals(decoder.push(encodeUtf8("x")), [{ kind: "type", text: "x" }]);
});

pureTest("keys: the cursor position and the focus are reports, not keys", () => {
  assertEquals(decode("\x1b[24;80R"), [{ kind: "report", column: 79 }]);
  assertEquals(decode("a\x1b[I\x1b[Ob"), [
    { kind: "type", text: "a" },
    { kind: "report", isFocused: true },
    { kind: "report", isFocused: false },
    { kind: "type", text: "b" },
  ]);
});

pureTest("keys: however the bytes are cut, the keys are the same", () => {
  const pieces = [
    "a",
    "日本",
    "👍🏽",
    "\r",
    "\t",
    "\x1b[A",
    "\x1b[1;5C",
    "\x1bb",
    "\x1b3",
    "\x10",
    "\x1bOH",
    "\x1b[200~p\n日\x1b[201~",
    "\x1b[99~",
    "\x7f",
  ];
  forAll(300, (random) => {
    let text = "";
    for (let n = random.below(12); n > 0; n--) text += random.pick(pieces);
    const bytes = encodeUtf8(text);
    const decoder = new KeyDecoder();
    const keys: TerminalKey[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + 1 + random.below(4));
      keys.push(...decoder.push(bytes.subarray(at, end)));
      at = end;
    }
    assertEquals(joined(keys), decode(text));
  });
});
