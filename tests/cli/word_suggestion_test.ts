import { assertEquals } from "@std/assert";
import { suggestWord } from "../../lib/cli/flags/word_suggestion.ts";

const WORDS = ["serve", "join", "send", "logs", "list", "help", "version"];

Deno.test({
  name: "a slip of one or two letters, or a beginning, finds its word",
  permissions: "none",
  fn() {
    const cases = { sned: "send", sevre: "serve", lsit: "list", ver: "version", jion: "join", log: "logs" };
    for (const [typed, meant] of Object.entries(cases)) assertEquals(suggestWord(typed, WORDS), meant, typed);
  },
});

Deno.test({
  name: "what is near to nothing gets no hint",
  permissions: "none",
  fn() {
    for (const typed of ["", "frobnicate", "x", "l".repeat(10_000)]) {
      assertEquals(suggestWord(typed, WORDS), undefined);
    }
  },
});
