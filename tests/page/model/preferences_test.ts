/** The preferences of a page, as a browser keeps them. */
import { assertEquals } from "@std/assert";
import { DEFAULT_PREFERENCES, readPreferences } from "../../../lib/page/model/preferences.ts";
import { pureTest } from "../../support/test.ts";

pureTest("preferences: what was chosen is read, and what is not valid is as by default", () => {
  const chosen = { notifies: false, plays: true, theme: "dark", enterSends: false } as const;
  assertEquals(readPreferences(chosen), chosen);
  for (const kept of [undefined, null, "dark", {}, { theme: "pink", plays: 1, enterSends: "yes" }]) {
    assertEquals(readPreferences(kept), DEFAULT_PREFERENCES);
  }
});
