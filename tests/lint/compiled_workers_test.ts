/** A compiled program has a module only if it is imported, or named in deno.json: workers are not imported. */
import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);

async function* listSources(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* listSources(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts")) yield new URL(name, folder);
  }
}

Deno.test("compiled program: the module of each worker is named in deno.json", async () => {
  const workers = new Set<string>();
  for (const folder of ["lib/", "commands/"]) {
    for await (const source of listSources(new URL(folder, ROOT))) {
      const text = await Deno.readTextFile(source);
      for (const [, path] of text.matchAll(/new Worker\(\s*new URL\("([^"]+)", import\.meta\.url\)/g)) {
        workers.add(new URL(path!, source).href.slice(ROOT.href.length));
      }
    }
  }
  const named = new Set(config.compile.include);
  assert(workers.size >= 7, `${[...workers]}`);
  assertEquals([...workers].filter((worker) => !named.has(worker)), []);
});
