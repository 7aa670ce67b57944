import { assertEquals } from "@std/assert";
import type { EditorKey, EditResult } from "../../../lib/tui/terminal/line/line_editor.ts";
import { LineEditor, MAX_INPUT_UNITS } from "../../../lib/tui/terminal/line/line_editor.ts";
import { MAX_KILLS } from "../../../lib/tui/terminal/line/kill_ring.ts";
import { MAX_UNDO_STEPS } from "../../../lib/tui/terminal/line/undo_stack.ts";
import { MAX_HISTORY_LINES } from "../../../lib/tui/terminal/line/line_history.ts";
import { forAll } from "../../irc/property.ts";
import { pureTest } from "../../support/test.ts";

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
  press(editor, "end", "killAfter", "backspace", "yank");
  assertEquals(
    shown(editor),
    "threeone two|",
    "kills in a row are one, and nothing killed leaves it as it is",
  );
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

pureTest("editor: what is made of recalled lines stays until a line is submitted", () => {
  const editor = new LineEditor(["one", "two"]);
  press(editor, '"draft', "previous", '"!', "previous", '"?', "next");
  assertEquals(shown(editor), "two!|");
  press(editor, "next");
  assertEquals(shown(editor), "draft|");
  press(editor, "previous", "previous");
  assertEquals(shown(editor), "one?|");
  assertEquals(press(editor, "enter"), { kind: "submit", text: "one?" });
  press(editor, "previous", "previous");
  assertEquals(shown(editor), "two|", "as it was submitted");
});

pureTest("editor: undo takes back what was typed, word by word, and what was killed", () => {
  const editor = new LineEditor();
  for (const text of ["o", "n", "e", " ", "t", "w", "o"]) press(editor, `"${text}`);
  press(editor, "killWordBefore", "undo");
  assertEquals(shown(editor), "one two|");
  press(editor, "undo");
  assertEquals(shown(editor), "one |");
  press(editor, "undo", "undo");
  assertEquals(shown(editor), "|");
  assertEquals(press(editor, "undo").kind, "ignored");
  press(editor, '"x', "enter");
  assertEquals(press(editor, "undo").kind, "ignored", "what is sent is sent");
});

pureTest("editor: kills in a row are one text, in the order of the line; Alt-Y goes to those before", () => {
  const editor = new LineEditor();
  press(editor, '"one two three', "killWordBefore", "killWordBefore", "yank");
  assertEquals(shown(editor), "one two three|");
  press(editor, "home", "killWordAfter", "end", "yank");
  assertEquals(shown(editor), " two threeone|");
  press(editor, "yankEarlier");
  assertEquals(shown(editor), " two threetwo three|");
  press(editor, "yankEarlier");
  assertEquals(shown(editor), " two threeone|", "and from the oldest one to the newest");
  press(editor, "left");
  assertEquals(press(editor, "yankEarlier").kind, "ignored", "only behind a yank");
});

pureTest("editor: undo and the killed texts are bounded", () => {
  const editor = new LineEditor();
  for (let n = 0; n < MAX_KILLS + 3; n++) press(editor, `"${n}`, "killBefore", "end");
  press(editor, "yank");
  for (let n = 1; n < MAX_KILLS; n++) press(editor, "yankEarlier");
  assertEquals(editor.line.text, "3");
  press(editor, "yankEarlier");
  assertEquals(editor.line.text, String(MAX_KILLS + 2));
  press(editor, "killBefore");
  for (let n = 0; n < MAX_UNDO_STEPS + 10; n++) press(editor, '"x', "end");
  let steps = 0;
  while (press(editor, "undo").kind === "edited") steps++;
  assertEquals(steps, MAX_UNDO_STEPS);
});

pureTest(
  "editor: a line goes on behind Alt-Enter, Ctrl-J and a backslash; keys move and kill in its lines",
  () => {
    const editor = new LineEditor();
    press(editor, '"one', "newLine", '"two\\', "enter", '"three', "home");
    assertEquals(shown(editor), "one\ntwo\n|three");
    press(editor, "left", "home");
    assertEquals(shown(editor), "one\n|two\nthree");
    press(editor, "killAfter", "killAfter");
    assertEquals(shown(editor), "one\n|three");
    press(editor, "killBefore", "end");
    assertEquals(shown(editor), "onethree|");
    const first = new LineEditor();
    press(first, "newLine", "home", "left", "home");
    assertEquals(shown(first), "|\n");
  },
);

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
  keys.push("undo", "yankEarlier", "newLine");
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
