import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { makeExcerpt, parseReaction } from "../../lib/irc/reaction.ts";
import { pureTest } from "../support/test.ts";

pureTest("reactions: who, where, what, and to which message", () => {
  const of = (line: string) => parseReaction(parseMessage(line)!);
  const reaction = { target: "#tea", from: "bob", text: "👍", removed: false, to: "m1" };
  assertEquals(of("@+draft/react=👍;+draft/reply=m1 :bob!b@h TAGMSG #tea"), reaction);
  assertEquals(of("@+draft/unreact=👍;+reply=m1 :bob!b@h TAGMSG #tea"), { ...reaction, removed: true });
  assertEquals(of("@+draft/react=👍 :bob!b@h TAGMSG #tea"), { ...reaction, to: undefined });
  for (
    const other of [
      "@+typing=active :bob!b@h TAGMSG #tea",
      "@+draft/react= :bob!b@h TAGMSG #tea",
      "@+draft/react=👍 :bob!b@h PRIVMSG #tea :x",
      "@+draft/react=👍 :bob!b@h TAGMSG",
    ]
  ) assertEquals(of(other), undefined, other);
});

pureTest("reactions: what is quoted is cut between characters, and is one line", () => {
  assertEquals(makeExcerpt("a\n b"), "a b");
  assertEquals(makeExcerpt("x".repeat(40)), "x".repeat(40));
  assertEquals(makeExcerpt("🌍".repeat(41)), "🌍".repeat(40) + "…");
  const long = parseMessage(`@+draft/react=${"🌍".repeat(21)} :b!b@h TAGMSG #t`)!;
  assertEquals(parseReaction(long)?.text, "🌍".repeat(20) + "…");
});
