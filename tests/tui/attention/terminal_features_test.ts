import { assertEquals } from "@std/assert";
import { detectFeatures } from "../../../lib/tui/attention/terminal_features.ts";
import { formatNotification, formatTitle } from "../../../lib/tui/attention/sequences.ts";
import { pureTest } from "../../support/test.ts";

const CASES: readonly (readonly [env: Record<string, string>, hasTitle: boolean, sequence?: string])[] = [
  [{}, false],
  [{ TERM: "dumb" }, false],
  [{ TERM: "linux" }, false],
  [{ TERM: "linux-16color" }, false],
  [{ TERM: "vt220", TERM_PROGRAM: "iTerm.app" }, false],
  [{ TERM: "xterm" }, true],
  [{ TERM: "xterm-256color", TERM_PROGRAM: "Apple_Terminal" }, true],
  [{ TERM: "xterm-256color", TERM_PROGRAM: "constructor" }, true],
  [{ TERM: "xterm-kitty" }, true, "osc99"],
  [{ TERM: "xterm-ghostty" }, true, "osc777"],
  [{ TERM: "foot" }, true, "osc777"],
  [{ TERM: "foot-extra" }, true, "osc777"],
  [{ TERM: "rxvt-unicode-256color" }, true, "osc777"],
  [{ TERM: "wezterm" }, true, "osc777"],
  [{ TERM: "xterm-256color", TERM_PROGRAM: "ghostty" }, true, "osc777"],
  [{ TERM: "xterm-256color", TERM_PROGRAM: "WezTerm" }, true, "osc777"],
  [{ TERM: "xterm-256color", TERM_PROGRAM: "iTerm.app" }, true, "osc9"],
  [{ TERM: "xterm-256color", KITTY_WINDOW_ID: "1" }, true, "osc99"],
  [{ TERM: "xterm-256color", KITTY_WINDOW_ID: "1", TERM_PROGRAM: "vscode" }, true],
  [{ TERM: "tmux-256color", KITTY_WINDOW_ID: "1" }, true],
  [{ TERM: "screen.xterm-256color", TERM_PROGRAM: "iTerm.app" }, true],
  [{ TERM: "xterm-kitty", TMUX: "/tmp/tmux-0/default,1,0" }, true],
];

pureTest("terminal features: what the environment says about title and notifications", () => {
  for (const [env, hasTitle, notification] of CASES) {
    const found = detectFeatures((name) => env[name]);
    assertEquals([found.hasTitle, found.notification], [hasTitle, notification], JSON.stringify(env));
  }
});

pureTest("sequences: a notification in each form; nothing in it ends the sequence or a parameter", () => {
  const shown = { title: "bob;x\x1b\\", body: "1;2\x07" };
  assertEquals(formatNotification("osc9", shown, 1), "\x1b]9;bob,x␛\\: 1;2␇\x1b\\");
  assertEquals(
    formatNotification("osc99", shown, 7),
    "\x1b]99;i=chatterbox-7:d=0;bob;x␛\\\x1b\\\x1b]99;i=chatterbox-7:d=1:p=body;1;2␇\x1b\\",
  );
  assertEquals(formatNotification("osc777", shown, 1), "\x1b]777;notify;bob,x␛\\;1,2␇\x1b\\");
  assertEquals(formatTitle("a\x07\x9c"), "\x1b]0;a␇<U+009C>\x1b\\");
});
