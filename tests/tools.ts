/**
 * Programs that a test needs and that not every machine has (irssi, WeeChat, …).
 *
 *     Deno.test({ name: "irssi talks", ...needs("irssi", "script"), async fn() { … } });
 *
 * Where one is missing the test is skipped, and the reason printed. Continuous integration on Linux installs
 * them all, so there a missing one is a failure of its own: nothing is skipped unseen.
 */

/** Tools are looked up once a test file. */
const found = new Map<string, string | undefined>();

/** Where `tool` is on the PATH; undefined: not installed. */
export function toolPath(tool: string): string | undefined {
  if (!found.has(tool)) found.set(tool, lookUp(tool));
  return found.get(tool);
}

/** Spread into a test's definition: skips the test, with a printed reason, where one of `tools` is missing. */
export function needs(...tools: string[]): { ignore: boolean } {
  const missing = tools.filter((tool) => !found.has(tool) && toolPath(tool) === undefined);
  for (const tool of missing) report(tool);
  return { ignore: tools.some((tool) => toolPath(tool) === undefined) };
}

function lookUp(tool: string): string | undefined {
  const windows = Deno.build.os === "windows";
  const folders = (Deno.env.get("PATH") ?? "").split(windows ? ";" : ":").filter((folder) => folder !== "");
  const candidates = folders.map((folder) => `${folder}/${tool}${windows ? ".exe" : ""}`);
  return candidates.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false; // absent, or not ours to look at: either way it cannot be run
    }
  });
}

function report(tool: string) {
  const why = `${tool} is not installed`;
  if (Deno.env.get("CI") === undefined || Deno.build.os !== "linux") {
    return console.log(`skipped tests: ${why}`);
  }
  Deno.test(`tools: ${tool}`, () => {
    throw new Error(`${why}; continuous integration skips no test`);
  });
}
