/** The words of a source file that people read: its string literals, by the program's users, and its comments, by its developers. */
import { parse } from "@babel/parser";
import { isNode } from "./imports.ts";
import type { SyntaxNode } from "./imports.ts";

export interface SourceText {
  readonly path: string;
  /** The number of its first line. */
  readonly line: number;
  /** Of a template literal, with {@link PLACEHOLDER} for each of its expressions. */
  readonly text: string;
}

/** Stands for the value of an expression in a text: as long as most names are. */
export const PLACEHOLDER = "ABCDEFGHIJKL";

export interface SourceTexts {
  readonly strings: readonly SourceText[];
  readonly comments: readonly SourceText[];
}

/** The texts of the file `path`. Throws a SyntaxError where `source` is not TypeScript. */
export function readTexts(path: string, source: string): SourceTexts {
  const { program, comments } = parse(source, {
    sourceType: "module",
    plugins: path.endsWith(".tsx") ? ["typescript", "jsx", "estree"] : ["typescript", "estree"],
    attachComment: false,
  });
  const strings: SourceText[] = [];
  const visit = (node: SyntaxNode) => {
    const text = textOf(node);
    if (text !== undefined) strings.push({ path, line: firstLine(node), text });
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child);
    }
  };
  visit(program as unknown as SyntaxNode);
  return {
    strings,
    comments: (comments ?? []).map((comment) => ({
      path,
      line: firstLine(comment as unknown as SyntaxNode),
      text: comment.value,
    })),
  };
}

function firstLine(node: SyntaxNode): number {
  return (node["loc"] as { start: { line: number } }).start.line;
}

/** The text that `node` alone stands for; undefined: it is no string. */
function textOf(node: SyntaxNode): string | undefined {
  if (node.type === "Literal" && typeof node["value"] === "string") return node["value"];
  if (node.type !== "TemplateLiteral") return undefined;
  const quasis = node["quasis"] as readonly { value: { cooked: string | null; raw: string } }[];
  return quasis.map(({ value }) => value.cooked ?? value.raw).join(PLACEHOLDER);
}
