/**
 * The forms in which a module names another one, in an ESTree syntax tree: of `deno lint` (the rule in layers.ts) and of Babel's parser
 * (source.ts).
 */

/** A node of either tree. */
export interface SyntaxNode {
  readonly type: string;
  readonly [property: string]: unknown;
}

/** The node types that can be an import. */
export const IMPORT_TYPES = [
  "ImportDeclaration",
  "ExportAllDeclaration",
  "ExportNamedDeclaration",
  "ImportExpression",
  "TSImportType",
  "NewExpression",
] as const;

/** What `node` imports; undefined: it is no import. `specifier` is undefined where it is no plain string. */
export function importOf(node: SyntaxNode): { specifier: string | undefined } | undefined {
  switch (node.type as typeof IMPORT_TYPES[number]) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
      return { specifier: literalText(node["source"]) };
    case "ImportExpression":
      return { specifier: literalText(resolvedIn(node["source"]) ?? node["source"]) };
    case "ExportNamedDeclaration":
      return isNode(node["source"]) ? { specifier: literalText(node["source"]) } : undefined;
    case "TSImportType": // import("./x.ts").Type
      return { specifier: literalText(node["source"] ?? node["argument"]) };
    case "NewExpression": // new URL("./worker.ts", import.meta.url): the module of a worker, or an embedded file
      return isModuleUrl(node) ? { specifier: literalText((node["arguments"] as unknown[])[0]) } : undefined;
    default:
      return undefined;
  }
}

/** Whether `specifier` names a file instead of a library. */
export function isFileSpecifier(specifier: string): boolean {
  return /^(\.{0,2}\/|file:)/.test(specifier);
}

/** The project path that `specifier`, written in the file `from`, leads to; undefined when that is outside of the project. */
export function resolveSpecifier(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const segments = from.split("/").slice(0, -1);
  for (const segment of specifier.split("/")) {
    if (segment === "..") {
      if (segments.pop() === undefined) return undefined;
    } else if (segment !== ".") segments.push(segment);
  }
  return segments.join("/");
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";
}

/** The text of a string literal; undefined for every other expression. */
export function literalText(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === "TSLiteralType") return literalText(node["literal"]);
  return node.type === "Literal" && typeof node["value"] === "string" ? node["value"] : undefined;
}

/** The `…` of import.meta.resolve(…): a module that is not read before it is imported; undefined for every other expression. */
function resolvedIn(node: unknown): unknown {
  if (!isNode(node) || node.type !== "CallExpression") return undefined;
  const { callee } = node;
  const isResolve = isNode(callee) && callee.type === "MemberExpression" && isNode(callee["object"]) &&
    callee["object"].type === "MetaProperty" && isNamed(callee["property"], "resolve");
  return isResolve ? (node["arguments"] as unknown[])[0] : undefined;
}

/** new URL(…, import.meta.url) */
function isModuleUrl(node: SyntaxNode): boolean {
  const [, base] = node["arguments"] as unknown[];
  if (!isNode(base) || base.type !== "MemberExpression") return false;
  const { object } = base;
  return isNamed(node["callee"], "URL") && isNode(object) && object.type === "MetaProperty" &&
    isNamed(base["property"], "url");
}

function isNamed(node: unknown, name: string): boolean {
  return isNode(node) && node.type === "Identifier" && node["name"] === name;
}
