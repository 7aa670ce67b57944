/**
 * Runs the files `*_in_chromium.ts` in a process of its own: playwright-core looks at /proc, for which Deno demands
 * all permissions. Each of their tests is a step here.
 */
import { assert, assertEquals } from "@std/assert";
import { needs } from "../tools.ts";
import { CHROMIUM } from "./support/chromium.ts";

const FOLDER = import.meta.dirname!;
/** Files that run at the same time. */
const JOBS = "2";

Deno.test({
  name: "page: in Chromium",
  ...needs(CHROMIUM),
  async fn(t) {
    const files = Array.from(Deno.readDirSync(FOLDER), ({ name }) => name)
      .filter((name) => name.endsWith("_in_chromium.ts"));
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", "--parallel", "--reporter=tap", ...files.toSorted()],
      cwd: FOLDER,
      env: { DENO_JOBS: JOBS },
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    const results = [...said.matchAll(/^(not )?ok \d+ - (.*)$/gm)].map(([, not, name]) => ({
      name: name!,
      isOk: not === undefined,
    }));
    assert(results.length >= files.length, said);
    for (const { name, isOk } of results) await t.step(name, () => assertEquals(isOk, true, said));
  },
});
