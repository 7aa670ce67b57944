import { assertEquals } from "@std/assert";
import { HELP_TEXTS } from "../../../lib/hub/verbs/server/help_texts.ts";
import { VERBS } from "../../../lib/hub/verbs/mod.ts";

Deno.test({
  name: "help: every verb has its text, and no text is about a verb that is not there",
  permissions: "none",
  fn() {
    assertEquals(Object.keys(HELP_TEXTS).toSorted(), [...VERBS.keys()].toSorted());
  },
});
