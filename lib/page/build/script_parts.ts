/** The scripts that `deno bundle` makes of the page: one that starts it, what is loaded first, and what is loaded later. */
import { minifyScripts } from "./minify_script.ts";

/** A part in its final form. */
export interface ScriptPart {
  /** Without a hash: `page.js`. */
  readonly name: string;
  readonly code: string;
}

/** Names of the parts, by the beginnings of those that the bundler gives. */
const NAMES: readonly (readonly [beginning: string, name: string])[] = [
  ["main.", "main.js"],
  ["chunk-", "page.js"],
  ["second_part-", "later.js"],
];

/**
 * Bundles `entry`, a path below `root`, into `folder`, which is made and removed. A part comes behind those that it
 * names: `finish` gives each the name under which the others find it. Throws with the words of `deno bundle` where it
 * fails, and where there are other parts than expected.
 */
export async function bundleParts(
  { root, entry, folder, finish }: {
    readonly root: URL;
    readonly entry: string;
    readonly folder: URL;
    readonly finish: (part: ScriptPart) => Promise<string>;
  },
): Promise<void> {
  const bundled = await bundle(root, entry, folder);
  const codes = await minifyScripts([...bundled.values()]);
  const parts = new Map([...bundled.keys()].map((file, at) => [file, codes[at]!]));
  const finished = new Map<string, string>();
  const finishPart = async (file: string): Promise<void> => {
    if (finished.has(file)) return;
    const code = parts.get(file)!;
    const named = [...parts.keys()].filter((other) => other !== file && code.includes(`"./${other}"`));
    for (const other of named) await finishPart(other);
    const final = named.reduce(
      (text, other) => text.replaceAll(`"./${other}"`, `"./${finished.get(other)}"`),
      code,
    );
    finished.set(file, await finish({ name: nameOf(file), code: final }));
  };
  for (const file of parts.keys()) await finishPart(file);
  if (finished.size !== NAMES.length) throw new Error(`the page has the parts ${[...parts.keys()]}`);
}

function nameOf(file: string): string {
  const name = NAMES.find(([beginning]) => file.startsWith(beginning))?.[1];
  if (name === undefined) throw new Error(`the page has a part ${file}, which is not expected`);
  return name;
}

/** The code of each part, by its file. */
async function bundle(root: URL, entry: string, folder: URL): Promise<Map<string, string>> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform=browser",
      "--code-splitting",
      `--outdir=${folder.pathname}`,
      entry,
    ],
    cwd: root,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const files = (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
  const codes = await Promise.all(files.map((name) => Deno.readTextFile(new URL(name, folder))));
  await Deno.remove(folder, { recursive: true });
  return new Map(files.map((file, at) => [file, codes[at]!]));
}
