/**
 * Whether a TypeScript module and a JavaScript module are the same code: the same syntax tree once the types
 * are taken away.
 */
import { parse } from "@babel/parser";

type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree };

/** True if `typescript` without its types, and `javascript`, differ in layout and comments only. */
export function isSameCode(typescript: string, javascript: string): boolean {
  return canonicalCode(typescript) === canonicalCode(javascript);
}

function canonicalCode(text: string): string {
  const { program } = parse(text, { sourceType: "module", plugins: ["typescript"] });
  return JSON.stringify(withoutTypes(program.body as unknown as Tree));
}

/** Expressions that only add a type to the one in them. */
const TYPED_EXPRESSIONS: ReadonlySet<string> = new Set([
  "TSAsExpression",
  "TSInstantiationExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
]);

/** Parts of a node that are no code: places in the text, comments, and what belongs to types. */
const NO_CODE: ReadonlySet<string> = new Set([
  ...["start", "end", "loc", "extra", "leadingComments", "trailingComments", "innerComments"],
  ...["typeAnnotation", "returnType", "typeParameters", "typeArguments", "superTypeParameters", "implements"],
  ...["superTypeArguments", "accessibility", "abstract", "declare", "definite", "override", "readonly"],
  ...["importKind", "exportKind", "predicate"],
]);

function withoutTypes(tree: Tree): Tree {
  if (isList(tree)) return tree.filter((item) => !isType(item)).map(withoutTypes);
  if (tree === null || typeof tree !== "object") return tree;
  if (TYPED_EXPRESSIONS.has(String(tree.type))) return withoutTypes(tree.expression!);
  const kept = Object.entries(tree)
    .filter(([key, value]) => !NO_CODE.has(key) && value !== undefined && !isAbsent(tree, key, value))
    .map(([key, value]): [string, Tree] => [key, key === "source" ? moduleName(value) : withoutTypes(value)]);
  return Object.fromEntries(kept.sort(([a], [b]) => a < b ? -1 : 1));
}

function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}

/** `x?: T` is `x`; a flag that is false is one that is not there. */
function isAbsent(tree: { readonly [key: string]: Tree }, key: string, value: Tree): boolean {
  const isTyped = key === "optional" && !String(tree.type).startsWith("Optional");
  return isTyped || value === false && !String(tree.type).startsWith("Optional") || value === null;
}

/** A declaration, import or class member that is there for its type only. */
function isType(tree: Tree): boolean {
  if (tree === null || typeof tree !== "object" || isList(tree)) return false;
  const { type, importKind, exportKind, declare, declaration } = tree;
  if (importKind === "type" || exportKind === "type" || declare === true) return true;
  if (type === "Identifier" && tree.name === "this") return true; // a parameter
  if (type === "ExportNamedDeclaration" && declaration) return isType(declaration);
  return String(type).startsWith("TS") && !TYPED_EXPRESSIONS.has(String(type));
}

/** `@std/internal/build-message`, `./build_message.ts` and `../internal/build_message.js` are one module. */
function moduleName(source: Tree): Tree {
  if (source === null || typeof source !== "object" || isList(source)) return source;
  const specifier = String(source.value);
  if (!/^(?:\.{1,2}|@std)\//.test(specifier)) return specifier;
  return specifier.replace(/\.[jt]s$/, "").replaceAll("-", "_").split("/").at(-1)!;
}
