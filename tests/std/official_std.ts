/**
 * `deno task std`: compares the files of npm's `deno-std` that the project uses with the official packages
 * (https://jsr.io/@std), from which they are made. Each package has versions of its own: the newest one with
 * the same code is named.
 *
 * Exit code: 0 all are the same code as a published version; 1 some are not; 69 jsr.io cannot be reached.
 */
import config from "../../deno.json" with { type: "json" };
import { isSameCode } from "./same_code.ts";

const PACKAGE = /^npm:deno-std@[\d.]+\//;
/** A relative module that a file imports or exports from. */
const RELATIVE_SOURCE = /\bfrom\s*"(\.{1,2}\/[^"]+)"/g;

/** What the registry says of a package: https://jsr.io/docs/api. */
interface PackageMeta {
  readonly versions: Readonly<Record<string, { readonly yanked?: boolean }>>;
}

class Unreachable extends Error {}

/** Paths in `deno-std` of the files that deno.json maps, and of all that they import, with their text. */
async function filesInUse(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const visit = async (path: string, url: URL): Promise<void> => {
    if (files.has(path)) return;
    const text = await Deno.readTextFile(url);
    files.set(path, text);
    for (const [, source] of text.matchAll(RELATIVE_SOURCE)) {
      await visit(new URL(source!, `file:///${path}`).pathname.slice(1), new URL(source!, url));
    }
  };
  for (const [name, target] of Object.entries(config.imports)) {
    if (PACKAGE.test(target)) await visit(target.replace(PACKAGE, ""), new URL(import.meta.resolve(name)));
  }
  return files;
}

async function fetchText(url: string): Promise<string | undefined> {
  const response = await fetch(url).catch((error: Error) => {
    throw new Unreachable(`${url}: ${error.message}`);
  });
  const text = await response.text();
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Unreachable(`${url}: status ${response.status}`);
  return text;
}

/** Published versions of an official package, the newest first. */
async function versionsOf(registry: string, name: string): Promise<string[]> {
  const meta: PackageMeta = JSON.parse(
    await fetchText(`${registry}/@std/${name}/meta.json`) ?? '{"versions":{}}',
  );
  const versions = Object.keys(meta.versions).filter((version) => !meta.versions[version]!.yanked);
  return versions.sort((a, b) => -a.localeCompare(b, "en", { numeric: true }));
}

/**
 * The newest version of the official package with the same code as every file in `files`; undefined if there
 * is none.
 */
async function matchingVersion(
  registry: string,
  name: string,
  files: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  for (const version of await versionsOf(registry, name)) {
    const same = await Promise.all(Array.from(files, async ([path, javascript]) => {
      const source = path.replace(/\.js$/, ".ts");
      const typescript = await fetchText(`${registry}/@std/${name}/${version}/${source}`);
      return typescript !== undefined && isSameCode(typescript, javascript);
    }));
    if (same.every(Boolean)) return version;
  }
  return undefined;
}

/** Compares with the packages at `registry`; answers the exit code. `say` takes a line of the result. */
export async function compareStd(registry: string, say: (line: string) => void): Promise<number> {
  const packages = Map.groupBy(await filesInUse(), ([path]) => path.split("/")[0]!);
  let code = 0;
  try {
    for (const [name, entries] of packages) {
      const files = new Map(entries.map(([path, text]) => [path.slice(name.length + 1), text]));
      const version = await matchingVersion(registry, name, files);
      if (version === undefined) code = 1;
      const verdict = version === undefined
        ? "differs from every published version"
        : `is @std/${name}@${version}`;
      say(`${name} (${files.size} files): ${verdict}`);
    }
    return code;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    say(`the comparison is not done: ${registry} cannot be reached: ${error.message}`);
    return 69;
  }
}

if (import.meta.main) Deno.exitCode = await compareStd("https://jsr.io", console.log);
