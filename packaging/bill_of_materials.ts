/**
 * Prints the bill of materials of the program, CycloneDX 1.6 in JSON (https://cyclonedx.org/docs/1.6/json/), made from
 * deno.lock.
 *
 *     deno run --allow-read packaging/bill_of_materials.ts
 *
 * A package that only tests and the build use has the scope `excluded`.
 */
import facts from "../deno.json" with { type: "json" };

const ROOT = new URL("../", import.meta.url);

/** deno.lock, version 5, as far as it is read here. */
interface Lock {
  /** `npm:NAME@VERSION` of deno.json → the version in the lock, with those of its peers. */
  readonly specifiers: Readonly<Record<string, string>>;
  /** By `NAME@VERSION`. A dependency is a name, or `NAME@VERSION` where there are several versions. */
  readonly npm: Readonly<
    Record<string, { readonly integrity: string; readonly dependencies?: readonly string[] }>
  >;
}

interface Component {
  readonly type: "application" | "library" | "platform";
  readonly "bom-ref": string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly scope?: "required" | "excluded";
  readonly hashes?: readonly { readonly alg: "SHA-512"; readonly content: string }[];
  readonly licenses?: readonly { readonly license: { readonly id: string } }[];
  readonly purl?: string;
}

/** Sources that become a part of the program; lib/page/build/ makes the page before it is compiled. */
const PROGRAM = ["main.ts", "commands", "lib"];
const BUILD = "lib/page/build";

/** Names that the program's sources import from deno.json, of all files below `path`. */
function* importsBelow(path: string): Generator<string> {
  if (path === BUILD) return;
  const url = new URL(path, ROOT);
  if (Deno.statSync(url).isDirectory) {
    for (const { name } of Deno.readDirSync(url)) yield* importsBelow(`${path}/${name}`);
  } else if (/\.tsx?$/.test(path)) {
    const text = Deno.readTextFileSync(url);
    for (const [, name = ""] of text.matchAll(/\b(?:from|import) ?\(?"([@a-z][^":]*)"/g)) yield name;
    if (path.endsWith(".tsx")) yield facts.compilerOptions.jsxImportSource;
  }
}

/** The specifier `npm:NAME@VERSION` that deno.json has for an import. */
function specifierOf(name: string): string | undefined {
  const entry = Object.entries(facts.imports).find(([key]) =>
    key === name || (key.endsWith("/") && name.startsWith(key))
  );
  const [, specifier] = /^npm:\/?((?:@[^/]+\/)?[^/@]+@[^/]+)/.exec(entry?.[1] ?? "") ?? [];
  return specifier && `npm:${specifier}`;
}

class LockedPackages {
  constructor(readonly lock: Lock) {}

  /** The package that a specifier means, as its key in the lock. @throws {Error} There is none. */
  find(specifier: string): string {
    const version = this.lock.specifiers[specifier];
    if (version === undefined) throw new Error(`deno.lock has no ${specifier}`);
    return `${specifier.slice("npm:".length).replace(/@[^@]+$/, "")}@${version}`;
  }

  dependencies(key: string): string[] {
    const { npm } = this.lock;
    return (npm[key]?.dependencies ?? []).map((name) => {
      const found = npm[name] === undefined
        ? Object.keys(npm).find((each) => each.startsWith(`${name}@`) || each.startsWith(`${name}_`))
        : name;
      if (found === undefined) throw new Error(`deno.lock has no ${name}, which ${key} needs`);
      return found;
    });
  }

  /** `keys`, and all that they need. */
  closure(keys: Iterable<string>): Set<string> {
    const found = new Set<string>();
    const open = [...keys];
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      if (found.has(key)) continue;
      found.add(key);
      open.push(...this.dependencies(key));
    }
    return found;
  }
}

/** Name and version of a key of the lock, without the versions of its peers. */
function parseKey(key: string): { name: string; version: string } {
  const [, name = "", version = ""] = /^(@?[^@]+)@([^_]+)/.exec(key) ?? [];
  return { name, version };
}

function purlOf(key: string): string {
  const { name, version } = parseKey(key);
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function libraryOf(key: string, integrity: string, isShipped: boolean): Component {
  const { name, version } = parseKey(key);
  const [group, own] = name.startsWith("@") ? name.split("/") : [undefined, name];
  const hash = Uint8Array.fromBase64(integrity.replace(/^sha512-/, "")).toHex();
  return {
    type: "library",
    "bom-ref": purlOf(key),
    ...group === undefined ? {} : { group },
    name: own!,
    version,
    scope: isShipped ? "required" : "excluded",
    hashes: [{ alg: "SHA-512", content: hash }],
    purl: purlOf(key),
  };
}

/** `runtime`: versions of Deno and V8. */
export function billOfMaterials(lock: Lock, runtime: { deno: string; v8: string }): Record<string, unknown> {
  const packages = new LockedPackages(lock);
  const specifiers = new Set(
    PROGRAM.flatMap((path) => [...importsBelow(path)]).flatMap((name) => specifierOf(name) ?? []),
  );
  const direct = [...specifiers].map((specifier) => packages.find(specifier));
  const shipped = packages.closure(direct);
  const keys = Object.keys(lock.npm).sort();
  const [program, deno, v8] = ["chatterbox", "deno", "v8"].map((name) => `runtime:${name}`);
  const platforms: Component[] = [
    { type: "platform", "bom-ref": deno!, name: "deno", version: runtime.deno, scope: "required" },
    { type: "library", "bom-ref": v8!, name: "v8", version: runtime.v8, scope: "required" },
  ];
  const application: Component = {
    type: "application",
    "bom-ref": program!,
    name: "chatterbox",
    version: facts.version,
    licenses: [{ license: { id: "MIT" } }],
  };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: application },
    components: [
      ...platforms,
      ...keys.map((key) => libraryOf(key, lock.npm[key]!.integrity, shipped.has(key))),
    ],
    dependencies: [
      { ref: program, dependsOn: [deno, ...direct.map(purlOf).sort()] },
      { ref: deno, dependsOn: [v8] },
      ...keys.map((key) => ({
        ref: purlOf(key),
        dependsOn: [...new Set(packages.dependencies(key).map(purlOf))].sort(),
      })),
    ],
  };
}

if (import.meta.main) {
  const lock: Lock = JSON.parse(Deno.readTextFileSync(new URL("deno.lock", ROOT)));
  console.log(JSON.stringify(billOfMaterials(lock, Deno.version), null, 2));
}
