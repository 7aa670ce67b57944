import { assertEquals } from "@std/assert";
import { suggestWord } from "../../lib/cli/flags/word_suggestion.ts";
import { pureTest } from "../support/test.ts";

const WORDS = ["serve", "join", "send", "logs", "list", "help", "version"];

pureTest("a slip of one or two letters, or a beginning, finds its word", () => {
  const cases = { sned: "send", sevre: "serve", lsit: "list", ver: "version", jion: "join", log: "logs" };
  for (const [typed, meant] of Object.entries(cases)) assertEquals(suggestWord(typed, WORDS), meant, typed);
});

pureTest("what is near to nothing gets no hint", () => {
  for (const typed of ["", "frobnicate", "x", "l".repeat(10_000)]) {
    assertEquals(suggestWord(typed, WORDS), undefined);
  }
});
