import { assertEquals } from "@std/assert";
import { ASK_AFTER_MS, LOST_AFTER_MS, pulse } from "../../lib/client/pulse.ts";

Deno.test({
  name: "silence is fine, then asked about, then the end",
  permissions: "none",
  fn() {
    assertEquals([0, ASK_AFTER_MS - 1, ASK_AFTER_MS, LOST_AFTER_MS - 1, LOST_AFTER_MS].map(pulse), [
      "fine",
      "fine",
      "ask",
      "ask",
      "lost",
    ]);
  },
});
