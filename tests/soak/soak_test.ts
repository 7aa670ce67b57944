import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { soak } from "./soak.ts";

Deno.test("people who say anything are answered, see each other right, and leave nothing behind", async () => {
  const { faults, lines, connections } = await soak({ ms: 3000, seed: 1, people: 16 });
  assertEquals(faults, [], "deno task soak --seed 1 --people 16 --seconds 3");
  assert(lines > 1000 && connections > 16, `${lines} lines over ${connections} connections`);
});
