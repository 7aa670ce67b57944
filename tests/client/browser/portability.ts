/** What keeps a file of the project from running in a browser, and the files that it runs with. */
import { parse } from "@babel/parser";
import { importOf, isFileSpecifier, isNode, resolveSpecifier } from "../../lint/imports.ts";
import type { SyntaxNode } from "../../lint/imports.ts";
import { childrenOf } from "../../lint/source.ts";

/** Globals of Deno and of Node.js that no browser has. */
const FOREIGN_GLOBALS: ReadonlySet<string> = new Set(["Buffer", "Deno", "process", "require"]);

export interface PortableSource {
  /** Project paths of the files that it imports, for values or for types. */
  readonly imports: readonly string[];
  /** The global or the library that no browser has, each once. */
  readonly faults: readonly string[];
}

function readPortability(path: string, text: string): PortableSource {
  const { program } = parse(text, { sourceType: "module", plugins: ["typescript", "estree"] });
  const imports = new Set<string>();
  const faults = new Set<string>();
  const visit = (node: SyntaxNode) => {
    const specifier = importOf(node)?.specifier;
    if (specifier !== undefined && !isFileSpecifier(specifier)) faults.add(specifier);
    else if (specifier !== undefined) imports.add(resolveSpecifier(path, specifier) ?? specifier);
    if (node.type === "Identifier" && FOREIGN_GLOBALS.has(String(node["name"]))) {
      faults.add(String(node["name"]));
    }
    for (const child of childrenOf(node)) if (!isPropertyName(node, child)) visit(child);
  };
  visit(program as unknown as SyntaxNode);
  return { imports: [...imports], faults: [...faults] };
}

/** Whether `child` is the name of a property in `node`, which is no reference to a global. */
function isPropertyName(node: SyntaxNode, child: SyntaxNode): boolean {
  if (node["computed"] === true || child.type !== "Identifier") return false;
  return node["property"] === child ||
    node["key"] === child && isNode(node["value"]) && node["value"] !== child;
}

/**
 * `<file>: <global or library>` for each fault of the files below `roots`, and of all that they import. A root without
 * files, and an imported file that is not among `texts`, are faults.
 */
export function findForeignReferences(
  texts: ReadonlyMap<string, string>,
  roots: readonly string[],
): string[] {
  const filesOf = (root: string) => [...texts.keys()].filter((path) => path.startsWith(`${root}/`));
  const open = roots.flatMap(filesOf);
  const seen = new Set(open);
  const found = roots.filter((root) => filesOf(root).length === 0).map((root) => `${root}: no files`);
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const text = texts.get(path);
    if (text === undefined) {
      found.push(`${path}: no such file`);
      continue;
    }
    const { imports, faults } = readPortability(path, text);
    found.push(...faults.map((fault) => `${path}: ${fault}`));
    for (const each of imports) {
      if (seen.has(each) || !each.endsWith(".ts")) continue;
      seen.add(each);
      open.push(each);
    }
  }
  return found.sort();
}
