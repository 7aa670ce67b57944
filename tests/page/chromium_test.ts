/**
 * Runs chat_in_chromium.ts in a process of its own: playwright-core looks at /proc, for which Deno demands all
 * permissions. Each of its tests is a step here.
 */
import { assert, assertEquals } from "@std/assert";
import { needs } from "../tools.ts";

const TESTS = `${import.meta.dirname}/chat_in_chromium.ts`;

Deno.test({
  name: "page: in Chromium",
  ...needs("chromium"),
  async fn(t) {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", "--reporter=tap", TESTS],
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    const results = [...said.matchAll(/^(not )?ok \d+ - (.*)$/gm)].map(([, not, name]) => ({
      name: name!,
      isOk: not === undefined,
    }));
    assert(results.length > 0, said);
    for (const { name, isOk } of results) await t.step(name, () => assertEquals(isOk, true, said));
  },
});
