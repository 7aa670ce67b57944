/** A source file as house.ts judges it: its length, its imports and its functions. */
import { parse } from "@babel/parser";
import { importOf, isFileSpecifier, isNode, literalText, resolveSpecifier } from "./imports.ts";
import type { SyntaxNode } from "./imports.ts";

export interface SourceFunction {
  readonly path: string;
  /** With the names around it: `Ring.append`, `start.<anonymous>`. */
  readonly name: string;
  /** The number of its first line. */
  readonly line: number;
  /** From its parameters to its closing brace; functions inside it count. */
  readonly lines: number;
}

export interface SourceFile {
  readonly path: string;
  readonly lines: number;
  /** Project paths of the files that it imports, for values or for types. */
  readonly imports: readonly string[];
  readonly functions: readonly SourceFunction[];
}

const FUNCTIONS: ReadonlySet<string> = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
]);

/** Nodes that give the function in them its name, and the property that holds the name. */
const BINDERS: Readonly<Record<string, string>> = {
  MethodDefinition: "key",
  Property: "key",
  PropertyDefinition: "key",
  VariableDeclarator: "id",
};

/** Parses the file `path` of the project. Throws a SyntaxError where `text` is not TypeScript. */
export function parseSource(path: string, text: string): SourceFile {
  const { program } = parse(text, {
    sourceType: "module",
    plugins: path.endsWith(".tsx") ? ["typescript", "jsx", "estree"] : ["typescript", "estree"],
  });
  const imports = new Set<string>();
  const functions: SourceFunction[] = [];
  const visit = (node: SyntaxNode, around: readonly string[], isBound: boolean) => {
    const target = importedFile(path, node);
    if (target !== undefined) imports.add(target);
    const name = nameOf(node);
    const names = name === undefined ? around : [...around, name];
    if (FUNCTIONS.has(node.type)) {
      const known = isBound || name !== undefined ? names : [...names, "<anonymous>"];
      functions.push({ path, name: known.join("."), ...extentOf(node) });
    }
    const binds = Object.hasOwn(BINDERS, node.type);
    for (const child of childrenOf(node)) visit(child, names, binds);
  };
  visit(program as unknown as SyntaxNode, [], false);
  return { path, lines: lineCount(text), imports: [...imports], functions };
}

function importedFile(path: string, node: SyntaxNode): string | undefined {
  const specifier = importOf(node)?.specifier;
  return specifier === undefined || !isFileSpecifier(specifier)
    ? undefined
    : resolveSpecifier(path, specifier);
}

/** The name that `node` declares, or gives to a function in it. */
function nameOf(node: SyntaxNode): string | undefined {
  const named = node[BINDERS[node.type] ?? "id"];
  if (!isNode(named)) return undefined;
  switch (named.type) {
    case "Identifier":
      return String(named["name"]);
    case "PrivateIdentifier":
      return `#${named["name"]}`;
    default:
      return literalText(named);
  }
}

export function* childrenOf(node: SyntaxNode): Generator<SyntaxNode> {
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield child;
  }
}

function extentOf(node: SyntaxNode): { line: number; lines: number } {
  const { start, end } = node["loc"] as { start: { line: number }; end: { line: number } };
  return { line: start.line, lines: end.line - start.line + 1 };
}

function lineCount(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}
