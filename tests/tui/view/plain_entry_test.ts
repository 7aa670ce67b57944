import { assertEquals } from "@std/assert";
import type { ChatEntry, MessageEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import type { LocalTime } from "../../../lib/client/conversation/model/local_time.ts";
import { renderPlainEntry } from "../../../lib/tui/view/plain_entry.ts";
import { pureTest } from "../../support/test.ts";

const local: LocalTime = { clock: () => "14:11", day: () => "Friday 20 November 2026", date: () => "20 Nov" };
const reader = { nick: "alice", channel: "#lobby", highlights: ["deploy"] };
const time = 0;

const said: MessageEntry = {
  kind: "message",
  seq: undefined,
  id: undefined,
  time,
  channel: "#lobby",
  from: "carol",
  to: "#lobby",
  manner: "said",
  text: "hello",
};
const direct = { channel: undefined, to: "alice" };

const CASES: readonly (readonly [ChatEntry, ...lines: string[]])[] = [
  [said, "14:11 carol: hello"],
  [{ ...said, channel: "#dev" }, "14:11 #dev carol: hello"],
  [{ ...said, manner: "did", text: "waves" }, "14:11 action carol waves"],
  [{ ...said, manner: "notice" }, "14:11 notice carol: hello"],
  [{ ...said, text: "Alice, hello" }, "mention 14:11 carol: Alice, hello"],
  [{ ...said, text: "the deploy" }, "mention 14:11 carol: the deploy"],
  [
    { ...said, channel: "#dev", manner: "did", text: "greets alice" },
    "mention 14:11 #dev action carol greets alice",
  ],
  [{ ...said, from: "alice", text: "I, alice" }, "14:11 alice: I, alice"],
  [{ ...said, ...direct }, "direct 14:11 carol: hello"],
  [{ ...said, ...direct, text: "alice?" }, "direct 14:11 carol: alice?"],
  [{ ...said, channel: undefined, from: "alice", to: "bob" }, "direct 14:11 alice to bob: hello"],
  [{ ...said, text: "a\nmention bob: b\x1b" }, "14:11 carol: a", "more carol: mention bob: b␛"],
  [
    { ...said, replyTo: "m", quoted: { of: "bob", excerpt: "tea?" }, replaces: "n" },
    "14:11 carol: hello (reply to bob: «tea?») (edited)",
  ],
  [{ ...said, replyTo: "m" }, "14:11 carol: hello (reply to an earlier message)"],
  [{ kind: "joined", time, channel: "#dev", nick: "carol" }, "14:11 carol joined #dev"],
  [{ kind: "left", time, channel: "#dev", nick: "carol", reason: "tea" }, "14:11 carol left #dev (tea)"],
  [
    { kind: "topic", time, channel: "#dev", by: "carol", text: "bob: x" },
    "14:11 carol set the topic of #dev: bob: x",
  ],
  [{ kind: "note", time, text: "--- 1 person" }, "note --- 1 person"],
  [{ kind: "heading", time, text: "earlier messages in #lobby:" }, "note earlier messages in #lobby:"],
  [{ kind: "alarm", time, text: "no such name" }, "error no such name"],
  [{ kind: "server", time, from: "irc.example.net", text: "down at 5" }, "server irc.example.net: down at 5"],
  [
    { kind: "kicked", time, channel: "#dev", nick: "alice", by: "bob", reason: "" },
    "error you were removed from #dev by bob; to enter it again: /join #dev",
  ],
];

pureTest("plain entry: the first word says what a line is", () => {
  for (const [entry, ...lines] of CASES) assertEquals(renderPlainEntry(entry, reader, local, true), lines);
});

pureTest("plain entry: without times the rest is the same", () => {
  for (const [entry, ...lines] of CASES) {
    assertEquals(
      renderPlainEntry(entry, reader, local, false),
      lines.map((line) => line.replace("14:11 ", "")),
    );
  }
});
