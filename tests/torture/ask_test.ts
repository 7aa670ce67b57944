import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { tortureAsk } from "./ask.ts";

Deno.test({
  name: "ask, its server and those who are asked are killed: no answer is lost or doubled",
  ignore: Deno.build.os === "windows", // signals
  async fn() {
    const { faults, kills, printed } = await tortureAsk({ rounds: 6, seed: 3 });
    assertEquals(faults, []);
    assert(kills.asker + kills.server + kills.person > 3 && printed > 5, JSON.stringify({ kills, printed }));
  },
});
