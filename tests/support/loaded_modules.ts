/** Which modules of the program are loaded with one of them. */
import { outputOf } from "./guard.ts";

const ROOT = new URL("../../", import.meta.url);

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier: string };
    readonly isDynamic?: boolean;
  }[];
}

/** Project paths of what is loaded with `path` at once, and of all that it may come to load. */
export async function modulesOf(path: string): Promise<{ loaded: string[]; known: string[] }> {
  const args = [
    "info",
    "--json",
    `--config=${new URL("deno.json", ROOT).pathname}`,
    new URL(path, ROOT).pathname,
  ];
  const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "piped" }).spawn();
  const { out } = await outputOf("info", child);
  const { modules } = JSON.parse(out) as { modules: Module[] };
  const graph = new Map(modules.map(({ specifier, dependencies }) => [specifier, dependencies ?? []]));
  const loaded = new Set<string>([new URL(path, ROOT).href]);
  for (const specifier of loaded) {
    for (const { code, isDynamic } of graph.get(specifier) ?? []) {
      if (code !== undefined && isDynamic !== true) loaded.add(code.specifier);
    }
  }
  const projectPath = (specifier: string) => specifier.replace(ROOT.href, "");
  return { loaded: Array.from(loaded, projectPath), known: Array.from(graph.keys(), projectPath) };
}
