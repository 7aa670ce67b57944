import { assertEquals } from "@std/assert";
import {
  DEFAULT_LOG_LINES,
  MAX_LOG_LINES,
  parseInput,
  SLASH_COMMANDS,
  SLASH_NAMES,
} from "../../lib/tui/slash.ts";
import type { Input } from "../../lib/tui/slash.ts";

Deno.test({
  name: "slash: what a line asks for",
  permissions: "none",
  fn() {
    const expected: [string, Input][] = [
      ["", { kind: "nothing" }],
      ["   ", { kind: "nothing" }],
      ["hello /me", { kind: "say", text: "hello /me" }],
      ["  spaces stay ", { kind: "say", text: "  spaces stay " }],
      ["//etc", { kind: "say", text: "/etc" }],
      ["/msg bob  hi there ", { kind: "msg", to: "bob", text: "hi there" }],
      ["/chat bob hi", { kind: "msg", to: "bob", text: "hi" }],
      ["/MSG bob one\n two", { kind: "msg", to: "bob", text: "one\n two" }],
      ["/msg bob", { kind: "usage", command: "msg" }],
      ["/me waves", { kind: "me", text: "waves" }],
      ["/me", { kind: "usage", command: "me" }],
      ["/join #dev", { kind: "join", room: "#dev" }],
      ["/join dev", { kind: "join", room: "#dev" }],
      ["/join", { kind: "usage", command: "join" }],
      ["/join a b", { kind: "usage", command: "join" }],
      ["/part", { kind: "part" }],
      ["/part see you", { kind: "part", reason: "see you" }],
      ["/part #dev see you", { kind: "part", room: "#dev", reason: "see you" }],
      ["/topic", { kind: "topic" }],
      ["/topic all welcome", { kind: "topic", text: "all welcome" }],
      ["/topic #dev all welcome", { kind: "topic", room: "#dev", text: "all welcome" }],
      ["/nick carol", { kind: "nick", name: "carol" }],
      ["/nick", { kind: "usage", command: "nick" }],
      ["/list", { kind: "list", what: "people" }],
      ["/list rooms", { kind: "list", what: "rooms" }],
      ["/list x", { kind: "usage", command: "list" }],
      ["/logs", { kind: "logs", count: DEFAULT_LOG_LINES }],
      ["/logs 5", { kind: "logs", count: 5 }],
      ["/logs bob 5", { kind: "logs", target: "bob", count: 5 }],
      ["/logs #dev", { kind: "logs", target: "#dev", count: DEFAULT_LOG_LINES }],
      ["/logs 999999", { kind: "logs", count: MAX_LOG_LINES }],
      ["/logs 0", { kind: "usage", command: "logs" }],
      ["/who", { kind: "who" }],
      ["/who bob", { kind: "who", target: "bob" }],
      ["/away", { kind: "away" }],
      ["/away at lunch", { kind: "away", text: "at lunch" }],
      ["/help", { kind: "help" }],
      ["/help /join", { kind: "help", command: "join" }],
      ["/help x", { kind: "usage", command: "help" }],
      ["/quit", { kind: "quit" }],
      ["/bye so long", { kind: "quit", reason: "so long" }],
      ["/jion #dev", { kind: "unknown", word: "jion", nearest: "join" }],
      ["/xyzzyplugh", { kind: "unknown", word: "xyzzyplugh" }],
      ["/", { kind: "unknown", word: "" }],
      ["/constructor", { kind: "unknown", word: "constructor" }],
    ];
    for (const [line, input] of expected) assertEquals(parseInput(line), input, line);
  },
});

Deno.test({
  name: "slash: every command is in the help, with its use",
  permissions: "none",
  fn() {
    assertEquals(Object.keys(SLASH_COMMANDS), [...SLASH_NAMES]);
    for (const name of SLASH_NAMES) assertEquals(SLASH_COMMANDS[name].summary === "", false);
  },
});
