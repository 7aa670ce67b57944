import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { torturePage } from "./page.ts";

Deno.test({
  name: "page, its server and those who acknowledge are killed: no acknowledgement is lost or doubled",
  ignore: Deno.build.os === "windows", // signals
  async fn() {
    const { faults, kills, printed } = await torturePage({ rounds: 6, seed: 4 });
    assertEquals(faults, []);
    const killed = Object.values(kills).reduce((sum, count) => sum + count, 0);
    assert(killed > 3 && printed === 6, JSON.stringify({ kills, printed }));
  },
});
