/**
 * Makes a sample of a data folder in today's format, for later versions to open:
 *
 *     deno run --allow-all tests/store/make_sample.ts NAME
 *
 * writes tests/store/samples/NAME: `log.ring` and `state.sqlite` (gzip), `cloak.key`, and `answers.txt`, the server's answers to
 * questions about everything in it. Review the answers before you commit them: sample_test.ts compares later versions with them.
 */
import { askAll, runScenario } from "./sample_scenario.ts";
import { formatAnswers, packSample, samplePath, unpackSample } from "./sample_folder.ts";

const [name] = Deno.args;
if (name === undefined || !/^\w+$/.test(name)) {
  console.error("usage: deno run --allow-all tests/store/make_sample.ts NAME");
  Deno.exitCode = 64;
} else {
  const home = await Deno.makeTempDir();
  const copy = await Deno.makeTempDir();
  try {
    await runScenario(home);
    await packSample(name, `${home}/data`);
    await unpackSample(name, `${copy}/data`);
    await Deno.writeTextFile(samplePath(name, "answers.txt"), formatAnswers(await askAll(copy)));
  } finally {
    for (const dir of [home, copy]) await Deno.remove(dir, { recursive: true });
  }
}
