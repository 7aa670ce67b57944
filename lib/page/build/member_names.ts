/**
 * Shorter names for members of classes, in terser's syntax tree.
 *
 * A private name holds in its class only, but terser gives each of the program a name of its own, `#a` to `#Zz`. With
 * the same few in all classes the compressed script is 2 % smaller.
 *
 * Terser leaves public names as they are, because a name may be a key of kept data or of a browser's interface. A name
 * that is a class's and nowhere a key or a string is neither; with those shortened the script is 1.6 % smaller.
 */

/** What is used here of a tree for which terser has no types. */
export interface SyntaxTree {
  walk(visitor: Visitor): void;
}

interface SyntaxNode {
  readonly TYPE: string;
  /** The name of a member of a class or an object. */
  readonly key?: string | { name: string };
  /** `this.#name`: the name. */
  property?: unknown;
  /** `export { name as foreign_name }`, and so for imports: the name between the parts. */
  readonly foreign_name?: { name: string; readonly TYPE: string };
  /** Of a string. */
  readonly value?: unknown;
  /** Of a class or an object. */
  properties?: readonly SyntaxNode[];
}

interface Visitor {
  _visit(node: SyntaxNode, descend?: () => void): void;
  push(): void;
  pop(): void;
}

const CLASSES: ReadonlySet<string> = new Set(["ClassExpression", "DefClass"]);

/** Carries out `visit` for each node; `isInClass`: a class is around it. */
function walkTree(
  tree: SyntaxTree,
  visit: (node: SyntaxNode, isInClass: boolean) => void,
  onClassEnd = () => {},
): void {
  let depth = 0;
  tree.walk({
    _visit(node, descend) {
      visit(node, depth > 0);
      const isClass = CLASSES.has(node.TYPE);
      if (isClass) depth++;
      descend?.call(node);
      if (!isClass) return;
      depth--;
      if (depth === 0) onClassEnd();
    },
    push() {},
    pop() {},
  });
}

type Rename = (name: string) => void;

const PRIVATE_MEMBERS: ReadonlySet<string> = new Set([
  "ClassPrivateProperty",
  "PrivateMethod",
  "PrivateGetter",
  "PrivateSetter",
  "PrivateIn",
]);

/** Names the private members of each class `p0`, `p1`, …, the most used first. Classes within a class count to it. */
export function sharePrivateNames(tree: SyntaxTree): void {
  const uses = new Map<string, Rename[]>();
  const addUse = (name: string, rename: Rename) => void uses.set(name, [...uses.get(name) ?? [], rename]);
  walkTree(tree, (node) => {
    const { TYPE: type, key, property } = node;
    if (type === "DotHash") addUse(property as string, (name) => node.property = name);
    if (PRIVATE_MEMBERS.has(type) && typeof key === "object") addUse(key.name, (name) => key.name = name);
  }, () => {
    const byUse = [...uses.values()].sort((a, b) => b.length - a.length);
    for (const [rank, renames] of byUse.entries()) for (const rename of renames) rename(`p${rank}`);
    uses.clear();
  });
}

const MEMBERS: ReadonlySet<string> = new Set([
  "ConciseMethod",
  "ObjectGetter",
  "ObjectSetter",
  "ClassProperty",
]);

/**
 * Short names for the public names of members of classes that occur neither as a key of an object or a pattern nor as a
 * string in any of `trees`, the most used first. None of the short names is a name in one of the trees.
 */
export function shortenMemberNames(trees: readonly SyntaxTree[]): ReadonlyMap<string, string> {
  const members = new Set<string>(["constructor"]);
  const others = new Set<string>(["constructor"]);
  const uses = new Map<string, number>();
  const visit = ({ TYPE: type, key, value, property }: SyntaxNode, isInClass: boolean) => {
    if (type === "String") others.add(String(value));
    else if (typeof key === "string") others.add(key);
    else if (MEMBERS.has(type) && key?.name !== undefined) (isInClass ? members : others).add(key.name);
    else if (typeof property === "string") uses.set(property, (uses.get(property) ?? 0) + 1);
  };
  for (const tree of trees) walkTree(tree, visit);
  const useOf = (name: string) => uses.get(name) ?? 0;
  const names = [...members.difference(others)].sort((a, b) => useOf(b) - useOf(a) || (a < b ? -1 : 1));
  const taken = members.union(others).union(uses);
  const short = listShortNames().filter((name) => !taken.has(name));
  return new Map(names.map((name) => [name, short.next().value!]));
}

const METHODS: ReadonlySet<string> = new Set(["ConciseMethod", "ObjectGetter", "ObjectSetter"]);
/** The language and browsers call these by themselves. */
const IMPLICIT_METHODS = [
  "constructor",
  "handleEvent",
  "next",
  "return",
  "then",
  "throw",
  "toJSON",
  "toString",
  "valueOf",
];

/**
 * Removes methods and accessors of classes, the names of which occur nowhere else in `trees`: the terminal uses them, and
 * the page does not.
 */
export function dropUnusedMembers(trees: readonly SyntaxTree[]): void {
  const used = new Set(IMPLICIT_METHODS);
  const classes: SyntaxNode[] = [];
  const unusedIn = ({ properties = [] }: SyntaxNode) =>
    properties.filter(({ TYPE: type, key }) =>
      METHODS.has(type) && typeof key === "object" && key.name !== undefined && !used.has(key.name)
    );
  for (const tree of trees) {
    walkTree(tree, (node, isInClass) => {
      const { TYPE: type, key, value, property } = node;
      if (CLASSES.has(type)) classes.push(node);
      if (type === "String") used.add(String(value));
      else if (typeof property === "string") used.add(property);
      else if (typeof key === "string") used.add(key);
      else if (!isInClass && MEMBERS.has(type) && key?.name !== undefined) used.add(key.name);
    });
  }
  const unused = new Set(classes.flatMap(unusedIn));
  for (const node of classes) node.properties = node.properties!.filter((member) => !unused.has(member));
  if (unused.size > 0) dropUnusedMembers(trees); // what only they use is not used any more
}

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** `a`, `b`, …, `aa`, `ab`, … Each is given once. */
function* listShortNames(): Generator<string, void> {
  yield* LETTERS;
  for (const first of LETTERS) for (const second of LETTERS) yield first + second;
}

/**
 * Shortens the names under which the parts of one program import from each other, but not those of parts that are loaded
 * by `import()`, which the program reads as members: only what some part imports by name is renamed.
 */
export function shortenExportNames(trees: readonly SyntaxTree[]): void {
  const imported = new Map<string, string>();
  const short = listShortNames();
  const visitMappings = (run: (foreign: { name: string }, isImport: boolean) => void) => {
    for (const tree of trees) {
      walkTree(tree, ({ TYPE: type, foreign_name: foreign }) => {
        if (type === "NameMapping") run(foreign!, foreign!.TYPE === "SymbolImportForeign");
      });
    }
  };
  visitMappings((foreign, isImport) => {
    if (isImport && !imported.has(foreign.name)) imported.set(foreign.name, short.next().value!);
  });
  visitMappings((foreign) => foreign.name = imported.get(foreign.name) ?? foreign.name);
}
