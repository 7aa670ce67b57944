/** The preferences of a page, as a browser keeps them. */
import { assertEquals } from "@std/assert";
import { readPreferences } from "../../../lib/page/model/preferences.ts";
import { pureTest } from "../../support/test.ts";

pureTest("preferences: what was chosen is read, and what is not valid is as by default", () => {
  const chosen = { notifies: false, plays: true, theme: "dark", enterSends: false } as const;
  assertEquals(readPreferences(chosen), chosen);
  const initial = { notifies: true, plays: false, theme: "system", enterSends: undefined } as const;
  for (const kept of [undefined, null, "dark", {}, { theme: "pink", plays: 1, enterSends: "yes" }]) {
    assertEquals(readPreferences(kept), initial);
  }
});
