import { assertEquals } from "@std/assert";
import { HELP_TEXTS } from "../../../lib/hub/verbs/server/help_texts.ts";
import { VERBS } from "../../../lib/hub/verbs/mod.ts";
import { TestHub } from "../../support/hub.ts";
import { pureTest } from "../../support/test.ts";

/** Columns of a terminal. */
const MAX_COLUMNS = 80;

pureTest("help: every verb has its text, and no text is about a verb that is not there", () => {
  assertEquals(Object.keys(HELP_TEXTS).toSorted(), [...VERBS.keys()].toSorted());
});

pureTest("help: no line of HELP, of a verb or of a service is longer than a terminal is wide", () => {
  const hub = new TestHub();
  const alice = hub.enter("alice");
  const requests = ["HELP", ...[...VERBS.keys()].map((verb) => `HELP ${verb}`), "NS HELP", "HS HELP"];
  hub.say(alice, ...requests);
  const lines = hub.heard(alice);
  const texts = lines.map((line) => line.slice(line.indexOf(" :") + 2));
  assertEquals(texts.length > 2 * requests.length, true);
  assertEquals(texts.filter((text) => text.length > MAX_COLUMNS), []);
});
