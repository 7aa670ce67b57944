import { assert, assertEquals } from "@std/assert";
import { tortureScheduled } from "./scheduled.ts";

Deno.test({
  name: "servers killed while messages wait to be said: each is said once",
  ignore: Deno.build.os === "windows", // signals
  async fn() {
    const { faults, scheduled } = await tortureScheduled({ rounds: 4, seed: 7 });
    assertEquals(faults, []);
    assert(scheduled > 0);
  },
});
