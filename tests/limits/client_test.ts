/** Bounds of docs/limits.md on the side of our clients. */
import { assertEquals } from "@std/assert";
import { IgnoreList, MAX_IGNORED } from "../../lib/client/conversation/model/ignore_list.ts";

Deno.test({
  name: "limits: people ignored: so many",
  permissions: "none",
  fn() {
    const ignored = new IgnoreList([]);
    const added = Array.from({ length: MAX_IGNORED + 1 }, (_, n) => ignored.add(`n${n}`));
    assertEquals(added.filter((isIn) => !isIn), [false]);
    assertEquals([ignored.names.length, ignored.has("n999"), ignored.has("n1000")], [1000, true, false]);
  },
});
