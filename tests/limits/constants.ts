/** Values of the constants that bound something, read from the source: most of them belong to one file and are not exported. */
import { parse } from "@babel/parser";
import { assert } from "../../lib/base/assert.ts";
import { isNode, literalText, resolveSpecifier } from "../lint/imports.ts";
import type { SyntaxNode } from "../lint/imports.ts";
import { read } from "./source.ts";

/** A number, or the members of an object such as a rate. */
export type Value = number | { readonly [member: string]: Value };

/** What the constants of one file are made of. */
interface Constants {
  /** Initializers, by name. */
  readonly own: ReadonlyMap<string, SyntaxNode>;
  /** Files of imported names. */
  readonly imported: ReadonlyMap<string, string>;
}

const files = new Map<string, Constants>();

/** The value of the constant `name` in the file `path`; `NAME.member` is a member of an object. */
export function constantOf(path: string, name: string): Value {
  const [constant = "", ...members] = name.split(".");
  let value = evaluateName(path, constant);
  for (const member of members) {
    assert(typeof value === "object", `${path}: ${constant} is not an object`);
    const inner: Value | undefined = value[member];
    assert(inner !== undefined, `${path}: ${constant} has no number called ${member}`);
    value = inner;
  }
  return value;
}

function constantsOf(path: string): Constants {
  const known = files.get(path) ?? readConstants(path);
  files.set(path, known);
  return known;
}

function readConstants(path: string): Constants {
  const { program } = parse(read(path), { sourceType: "module", plugins: ["typescript", "estree"] });
  const [own, imported] = [new Map<string, SyntaxNode>(), new Map<string, string>()];
  for (const statement of program.body as unknown as SyntaxNode[]) {
    const declared = statement.type === "ExportNamedDeclaration" ? statement["declaration"] : statement;
    if (!isNode(declared)) continue;
    for (const { id, init } of (declared["declarations"] ?? []) as { id: SyntaxNode; init: unknown }[]) {
      if (isNode(init)) own.set(String(id["name"]), init);
    }
    const from = resolveSpecifier(path, literalText(declared["source"]) ?? "");
    for (const { local } of (declared["specifiers"] ?? []) as { local: SyntaxNode }[]) {
      if (from !== undefined) imported.set(String(local["name"]), from);
    }
  }
  return { own, imported };
}

function evaluateName(path: string, name: string): Value {
  const { own, imported } = constantsOf(path);
  const from = imported.get(name);
  if (from !== undefined) return evaluateName(from, name);
  const init = own.get(name);
  assert(init !== undefined, `${path} has no constant ${name}`);
  return evaluate(path, init, name);
}

/** Numbers, arithmetic, names of other constants and objects of these. Members of an object that are none are left out. */
function evaluate(path: string, node: SyntaxNode, name: string): Value {
  const inner = (property: string) => evaluate(path, node[property] as SyntaxNode, name);
  switch (node.type) {
    case "Literal":
      assert(typeof node["value"] === "number", `${path}: ${name} is not a number`);
      return node["value"];
    case "Identifier":
      return evaluateName(path, String(node["name"]));
    case "BinaryExpression":
      return calculate(String(node["operator"]), Number(inner("left")), Number(inner("right")));
    case "ObjectExpression":
      return Object.fromEntries(
        (node["properties"] as SyntaxNode[]).flatMap(({ key, value }) =>
          isNumeric(value) ? [[String((key as SyntaxNode)["name"]), evaluate(path, value, name)]] : []
        ),
      );
    default:
      throw new Error(
        `${path}: ${name} is a ${node.type}, which tests/limits/constants.ts does not evaluate`,
      );
  }
}

function isNumeric(value: unknown): value is SyntaxNode {
  if (!isNode(value)) return false;
  return value.type === "ObjectExpression" || value.type === "BinaryExpression" ||
    value.type === "Literal" && typeof value["value"] === "number";
}

function calculate(operator: string, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "**":
      return left ** right;
    default:
      throw new Error(`tests/limits/constants.ts does not calculate ${operator}`);
  }
}

/** A value as the page writes it; the unit is the end of the constant's name: `4 MiB`, `60 s`, `10 in 1 h`, `1/16`. */
export function formatValue(name: string, value: Value): string {
  if (typeof value === "object") {
    const { count, ms } = value;
    assert(typeof count === "number" && typeof ms === "number", `${name} is not a rate`);
    return `${formatCount(count)} in ${formatTime(ms)}`;
  }
  if (/ms$/i.test(name)) return formatTime(value);
  if (name.endsWith("_LENGTH")) return `${formatCount(value)} characters`;
  return /BYTES(_PER_ADDRESS)?$/.test(name) ? formatBytes(value) : formatCount(value);
}

function formatCount(count: number): string {
  if (count > 0 && count < 1) return `1/${1 / count}`;
  return count < 10_000 ? String(count) : count.toLocaleString("en-US");
}

const BYTE_UNITS = [["GiB", 1024 ** 3], ["MiB", 1024 ** 2], ["KiB", 1024]] as const;

/** Small sizes stay bytes: the specifications write 4096, 8191. */
function formatBytes(bytes: number): string {
  const unit = BYTE_UNITS.find(([, size]) => bytes % size === 0 && bytes >= 8192);
  return unit === undefined ? `${formatCount(bytes)} bytes` : `${bytes / unit[1]} ${unit[0]}`;
}

function formatTime(ms: number): string {
  if (ms < 500) return `${ms} ms`;
  if (ms >= 3_600_000 && ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  return ms > 60_000 && ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}
