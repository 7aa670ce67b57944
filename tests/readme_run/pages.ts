/** The pages with examples that are run: README.md and docs/, a test each. */
import { needs } from "../tools.ts";
import { parseExamples } from "./examples.ts";
import type { Block } from "./examples.ts";
import { parseFiles } from "./files.ts";
import type { PageFile } from "./files.ts";
import { playBlock } from "./play.ts";
import { Sandbox } from "./sandbox.ts";

const ROOT = new URL("../../", import.meta.url);

export interface Page {
  readonly page: string;
  readonly blocks: readonly Block[];
  readonly files: readonly PageFile[];
}

/** The pages of `folder`. */
function* pathsBelow(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(folder, ROOT))) {
    if (entry.isDirectory) yield* pathsBelow(`${folder}${entry.name}/`);
    else if (entry.name.endsWith(".md")) yield `${folder}${entry.name}`;
  }
}

export const PAGES: readonly Page[] = ["README.md", ...[...pathsBelow("docs/")].sort()].map((page) => {
  const text = Deno.readTextFileSync(new URL(page, ROOT));
  return { page, blocks: parseExamples(page, text), files: parseFiles(page, text) };
});

/** Pages that tests/recipes_run_test.ts plays, beside tests/readme_run_test.ts: files of tests run at once. */
export const IS_RECIPE = /^docs\/(?:cookbook\/|from_)/;

/** Programs that examples use as they are, and that not every machine has. */
const REAL_PROGRAMS = ["git", "jq"];

/** A test for each page that has examples. */
export function testPages(pages: readonly Page[]): void {
  for (const { page, blocks, files } of pages) {
    if (blocks.length === 0) continue;
    const commands = blocks.flat().map(({ command }) => command).join("\n");
    const programs = REAL_PROGRAMS.filter((program) => new RegExp(`\\b${program} `).test(commands));
    Deno.test({
      name: `examples: the commands of ${page} run, and show what is shown there`,
      ...needs("script", ...programs),
      async fn() {
        await using sandbox = await Sandbox.create(files);
        for (const block of blocks) await playBlock(sandbox, block);
      },
    });
  }
}
