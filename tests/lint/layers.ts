/**
 * The project's own lint rules, run by `deno lint` (see `lint.plugins` in deno.json):
 *
 * - `chatterbox/layers`: imports only go down. A file may import from its own folder and from lower layers,
 *   never upwards and never sideways; every folder of the program has a layer. Types count too: a type that
 *   points upwards is a dependency like any other.
 * - `chatterbox/exit`: the process ends in main.ts. Everything else returns its exit code.
 */

/** Folder (or file) of the program → its layer. ARCHITECTURE.md says what each one holds. */
export const LAYERS: Readonly<Record<string, number>> = {
  "main.ts": 6,
  "commands": 5,
  "lib/server": 4,
  "lib/client": 3,
  "lib/tui": 3,
  "lib/web": 3,
  "lib/cluster": 3,
  "lib/hub": 2,
  "lib/store": 2,
  "lib/net": 2,
  "lib/irc": 1,
  "lib/log": 1,
  "lib/cli": 1,
  "lib/base": 0,
  "deno.json": -1, // a fact, not code: the version
};

const ROOT = slashed(import.meta.dirname ?? "").replace(/\/tests\/lint$/, "/");

function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}

/** `deno lint` names a file by its absolute path. Its path below the project's root, or undefined for a file outside. */
function projectPath(filename: string): string | undefined {
  const path = slashed(filename);
  if (path.startsWith(ROOT)) return path.slice(ROOT.length);
  return /^(\/|[A-Za-z]:)/.test(path) ? undefined : path;
}

/** The project path that `specifier`, written in the file `from`, leads to; undefined when that is outside. */
function resolve(from: string, specifier: string): string | undefined {
  const segments = from.split("/").slice(0, -1);
  for (const segment of specifier.split("/")) {
    if (segment === "..") {
      if (segments.pop() === undefined) return undefined;
    } else if (segment !== ".") segments.push(segment);
  }
  return segments.join("/");
}

/** The unit of layering that a path belongs to: `lib/irc`, `commands`, `main.ts`, `tests`. */
function unitOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "lib" ? `lib/${second}` : top;
}

const DYNAMIC = "name the module with a plain string, so that the layers can be read off it";

/** What is wrong with `from` importing `to` (units of layering); undefined: nothing. */
function importFault(from: string, to: string): string | undefined {
  if (from === to) return undefined;
  const own = LAYERS[from];
  const other = LAYERS[to];
  if (own === undefined) {
    return `${from} has no layer; give it one in tests/lint/layers.ts and ARCHITECTURE.md`;
  }
  if (other === undefined) return `${from} is part of the program and ${to} is not`;
  if (other < own) return undefined;
  if (other === own) return `${from} and ${to} are siblings (layer ${own}) and don't import each other`;
  return `imports only go down: ${from} is layer ${own}, ${to} is layer ${other}`;
}

function layers(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const path = projectPath(context.filename);
  // Tests and tools stand outside of the layers and may look at all of them.
  if (path === undefined || unitOf(path) === "tests") return {};
  const from = unitOf(path);

  const check = (node: Deno.lint.Node, specifier: string) => {
    if (!/^(\.{0,2}\/|file:)/.test(specifier)) return; // a library's name, not a file
    const target = specifier.startsWith(".") ? resolve(path, specifier) : undefined;
    const message = target === undefined
      ? `${specifier} does not lead to a file of the project by a relative path`
      : importFault(from, unitOf(target));
    if (message !== undefined) context.report({ node, message });
  };

  return {
    Program(node) {
      if (LAYERS[from] === undefined) context.report({ node, message: importFault(from, "")! });
    },
    ImportDeclaration: (node) => check(node, node.source.value),
    ExportAllDeclaration: (node) => check(node, node.source.value),
    ExportNamedDeclaration: (node) => node.source && check(node, node.source.value),
    ImportExpression(node) {
      const specifier = literalText(node.source);
      if (specifier === undefined) context.report({ node, message: DYNAMIC });
      else check(node, specifier);
    },
    // import("./x.ts").Type
    TSImportType: (node) => {
      const specifier = literalText(node.argument);
      if (specifier !== undefined) check(node, specifier);
    },
    // new URL("./worker.ts", import.meta.url): how a worker's module or an embedded file is named
    NewExpression(node) {
      const [specifier, base] = node.arguments;
      if (node.callee.type !== "Identifier" || node.callee.name !== "URL") return;
      if (base === undefined || context.sourceCode.getText(base) !== "import.meta.url") return;
      const text = literalText(specifier);
      if (text === undefined) context.report({ node, message: DYNAMIC });
      else check(node, text);
    },
  };
}

/** The text of a string literal; undefined for every other expression. */
function literalText(node: Deno.lint.Node | undefined): string | undefined {
  if (node?.type === "TSLiteralType") return literalText(node.literal);
  return node?.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

function exit(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  if (projectPath(context.filename) === "main.ts") return {};
  const message = "only main.ts ends the process; return the exit code (in a tool: set Deno.exitCode)";
  const isProcess = (node: Deno.lint.Node | null | undefined) =>
    node != null && /^(globalThis\.)?(Deno|process)$/.test(context.sourceCode.getText(node));
  return {
    MemberExpression(node) {
      const { property } = node;
      const name = property.type === "Identifier" && !node.computed ? property.name : literalText(property);
      if (name === "exit" && isProcess(node.object)) context.report({ node, message });
    },
    // const { exit } = Deno
    VariableDeclarator(node) {
      if (node.id.type !== "ObjectPattern" || !isProcess(node.init)) return;
      const takesExit = node.id.properties.some((property) =>
        property.type === "Property" && property.key.type === "Identifier" && property.key.name === "exit"
      );
      if (takesExit) context.report({ node, message });
    },
    // import { exit } from "node:process"
    ImportDeclaration(node) {
      if (node.source.value !== "node:process") return;
      const takesExit = node.specifiers.some((specifier) =>
        specifier.type === "ImportSpecifier" && specifier.imported.type === "Identifier" &&
        specifier.imported.name === "exit"
      );
      if (takesExit) context.report({ node, message });
    },
  };
}

const plugin: Deno.lint.Plugin = {
  name: "chatterbox",
  rules: { layers: { create: layers }, exit: { create: exit } },
};
export default plugin;
