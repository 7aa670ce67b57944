import { assertEquals } from "@std/assert";
import type { EditorKey, EditResult } from "../../lib/tui/terminal/line_editor.ts";
import { LineEditor, MAX_HISTORY_LINES, MAX_INPUT_UNITS } from "../../lib/tui/terminal/line_editor.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

/** `|` marks the cursor. */
function shown(editor: LineEditor): string {
  const { text, cursor } = editor.line;
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

type Press = Exclude<EditorKey["kind"], "type" | "paste"> | `"${string}`;

/** Presses keys by name; a word that begins with a quote is typed. */
function press(editor: LineEditor, ...keys: Press[]) {
  let last: EditResult = { kind: "ignored" };
  for (const key of keys) {
    last = editor.press(
      key.startsWith('"') ? { kind: "type", text: key.slice(1) } : { kind: key } as EditorKey,
    );
  }
  return last;
}

pureTest("editor: typing and moving", () => {
  const editor = new LineEditor();
  press(editor, '"hello world', "left", "left", '"X');
  assertEquals(shown(editor), "hello worX|ld");
  press(editor, "home", "delete", "end", "backspace");
  assertEquals(shown(editor), "ello worXl|");
  press(editor, "wordLeft");
  assertEquals(shown(editor), "ello |worXl");
  press(editor, "home", "wordRight");
  assertEquals(shown(editor), "ello| worXl");
  press(editor, "transpose");
  assertEquals(shown(editor), "ell o|worXl");
});

pureTest("editor: a grapheme is one step and one deletion", () => {
  const editor = new LineEditor();
  press(editor, '"a👨‍👩‍👧e\u0301', "left");
  assertEquals(shown(editor), "a👨‍👩‍👧|e\u0301");
  press(editor, "backspace");
  assertEquals(shown(editor), "a|e\u0301");
  press(editor, "delete");
  assertEquals(shown(editor), "a|");
});

pureTest("editor: what is killed can be yanked", () => {
  const editor = new LineEditor();
  press(editor, '"one two three', "killWordBefore");
  assertEquals(shown(editor), "one two |");
  press(editor, "home", "yank");
  assertEquals(shown(editor), "three|one two ");
  press(editor, "killAfter");
  assertEquals(shown(editor), "three|");
  press(editor, "yank", "wordLeft", "killBefore");
  assertEquals(shown(editor), "|two ");
  press(editor, "killWordAfter");
  assertEquals(shown(editor), "| ");
  press(editor, "end", "killAfter", "yank");
  assertEquals(shown(editor), " two|", "nothing killed leaves what was killed before");
});

pureTest("editor: enter gives the line, up brings it back, the draft is kept", () => {
  const editor = new LineEditor();
  assertEquals(press(editor, '"first', "enter"), { kind: "submit", text: "first" });
  press(editor, '"second', "enter", '"second', "enter", "enter");
  press(editor, '"draft', "previous");
  assertEquals(shown(editor), "second|");
  press(editor, "previous");
  assertEquals(shown(editor), "first|");
  assertEquals(press(editor, "previous").kind, "ignored");
  press(editor, "next", "next");
  assertEquals(shown(editor), "draft|");
  assertEquals(press(editor, "next").kind, "ignored");
});

pureTest("editor: history is bounded", () => {
  const editor = new LineEditor();
  for (let n = 0; n < MAX_HISTORY_LINES + 10; n++) press(editor, `"line ${n}`, "enter");
  for (let n = 0; n < 2 * MAX_HISTORY_LINES; n++) press(editor, "previous");
  assertEquals(editor.line.text, "line 10");
});

pureTest("editor: Ctrl-D ends on an empty line only", () => {
  const editor = new LineEditor();
  assertEquals(press(editor, "deleteOrEnd").kind, "end");
  press(editor, '"ab', "home");
  assertEquals(press(editor, "deleteOrEnd").kind, "edited");
  assertEquals(shown(editor), "|b");
  assertEquals(press(editor, "interrupt").kind, "interrupt");
});

pureTest("editor: a pasted text keeps its lines and waits for Enter", () => {
  const editor = new LineEditor();
  editor.press({ kind: "paste", text: "one\r\ntwo\rthree" });
  assertEquals(press(editor, "enter"), { kind: "submit", text: "one\ntwo\nthree" });
});

pureTest("editor: the line is bounded, and never ends in half a character", () => {
  const editor = new LineEditor();
  editor.press({ kind: "paste", text: "x" + "👍".repeat(MAX_INPUT_UNITS) });
  assertEquals(editor.line.text.length, MAX_INPUT_UNITS);
  assertEquals(editor.line.text.isWellFormed(), true);
  assertEquals(press(editor, '"y').kind, "ignored");
});

pureTest("editor: whatever is pressed, the cursor stays in the text and between graphemes", () => {
  const keys: EditorKey["kind"][] = [
    "left",
    "right",
    "wordLeft",
    "wordRight",
    "home",
    "end",
    "previous",
    "next",
    "backspace",
    "delete",
  ];
  keys.push("killWordBefore", "killWordAfter", "killBefore", "killAfter", "yank", "transpose", "enter");
  forAll(200, (random) => {
    const editor = new LineEditor();
    for (let n = 0; n < 40; n++) {
      if (random.chance(2)) editor.press({ kind: "type", text: random.text("ab 日👍é", 1, 4) });
      else editor.press({ kind: random.pick(keys) } as EditorKey);
      const { text, cursor } = editor.line;
      assertEquals(cursor >= 0 && cursor <= text.length, true);
      assertEquals(text.slice(0, cursor).isWellFormed() && text.slice(cursor).isWellFormed(), true);
    }
  });
});
