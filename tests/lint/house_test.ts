/** `deno task house` on artificial trees: each bound fails when it is broken, and only then. */
import { assertEquals, assertThrows } from "@std/assert";
import { pureTest } from "../support/test.ts";
import { circlesOf } from "./circles.ts";
import {
  MAX_FILE_LINES,
  MAX_FOLDER_FILES,
  MAX_FUNCTION_LINES,
  measure,
  readSources,
  report,
  within,
} from "./house.ts";
import type { Subfolders } from "./layers.ts";
import { parseSource } from "./source.ts";

const ORDER: Subfolders = { "lib/hub": [["hub.ts"], ["verbs"], ["log", "services"], ["model"]] };

/** Lines of the report that tell of a fault, for these sources. */
function faults(texts: Record<string, string>): string[] {
  const { lines, holds } = report(measure(new Map(Object.entries(texts)), ORDER));
  const found = lines.filter((line) => line.startsWith("  FAULT ")).map((line) =>
    line.slice("  FAULT ".length)
  );
  assertEquals(holds, found.length === 0);
  return found;
}

const SOUND = {
  "main.ts": `import { Hub } from "./lib/hub/hub.ts"; new Hub();`,
  "lib/hub/hub.ts": `import { join } from "./verbs/join.ts"; export class Hub { verbs = [join]; }`,
  "lib/hub/verbs/join.ts":
    `import type { State } from "../model/state.ts"; export function join(state: State) {}`,
  "lib/hub/model/state.ts": `export interface State { readonly rooms: Map<string, string>; }`,
};

pureTest("house: a sound tree has no fault", () => {
  assertEquals(faults(SOUND), []);
});

pureTest("house: an import upwards between sub-folders is a fault, of a type too", () => {
  const path = "lib/hub/model/state.ts";
  assertEquals(faults({ ...SOUND, [path]: `export type { Join } from "../verbs/other.ts";` }), [
    `${path} -> lib/hub/verbs/other.ts: imports only go down: verbs is above model in lib/hub`,
  ]);
});

pureTest("house: an import upwards between layers is a fault", () => {
  assertEquals(faults({ ...SOUND, "lib/irc/a.ts": `import type { State } from "../hub/model/state.ts";` }), [
    "lib/irc/a.ts -> lib/hub/model/state.ts: imports only go down: lib/irc is layer 1, lib/hub is layer 2",
  ]);
});

pureTest("house: a circle of three files by types alone is a fault", () => {
  const circle = {
    "lib/irc/a.ts": `import type { B } from "./b.ts"; export type A = B;`,
    "lib/irc/b.ts": `export type B = import("./c.ts").C;`,
    "lib/irc/c.ts": `export type { A } from "./a.ts";`,
    "lib/irc/d.ts": `import "./a.ts";`,
  };
  assertEquals(faults({ ...SOUND, ...circle }), [
    "3 files of lib/irc, as in lib/irc/a.ts -> lib/irc/b.ts -> lib/irc/c.ts -> lib/irc/a.ts",
  ]);
  assertEquals(faults({ ...SOUND, ...circle, "lib/irc/c.ts": "export type C = string;" }), []);
});

pureTest("house: a folder, a file and a function may be as long as their bounds, and no longer", () => {
  const folder = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, nth) => [`lib/log/f${nth}.ts`, "export {};\n"]));
  const body = (lines: number) => `{\n${"\n".repeat(lines - 2)}}`;
  assertEquals(faults(folder(MAX_FOLDER_FILES)), []);
  assertEquals(faults({ ...folder(MAX_FOLDER_FILES), "lib/log/deep/a.ts": "" }), []);
  assertEquals(faults(folder(MAX_FOLDER_FILES + 1)), [`${MAX_FOLDER_FILES + 1} lib/log`]);
  assertEquals(faults({ "lib/log/a.ts": "\n".repeat(MAX_FILE_LINES) }), []);
  assertEquals(faults({ "lib/log/a.ts": "\n".repeat(MAX_FILE_LINES + 1) }), [
    `${MAX_FILE_LINES + 1} lib/log/a.ts`,
  ]);
  assertEquals(faults({ "lib/log/a.ts": `function f() ${body(MAX_FUNCTION_LINES)}\n` }), []);
  assertEquals(faults({ "lib/log/a.ts": `\nclass A { f() ${body(MAX_FUNCTION_LINES + 1)} }\n` }), [
    `${MAX_FUNCTION_LINES + 1} lib/log/a.ts:2 A.f`,
  ]);
});

pureTest("house: some folders can be looked at alone", () => {
  const house = measure(
    new Map(Object.entries({ ...SOUND, "lib/irc/a.ts": `import "../hub/hub.ts";` })),
    ORDER,
  );
  assertEquals(report(house).holds, false);
  assertEquals(report(within(house, ["lib/irc"])).holds, false);
  assertEquals(report(within(house, ["lib/hub"])).holds, true);
  assertEquals(within(house, ["lib/hub"]).files, 3);
  assertEquals(within(house, ["lib/hub/verbs"]).folders, [{ path: "lib/hub/verbs", files: 1 }]);
});

pureTest("house: of a circle the shortest way round is told, and circles that only touch are one", () => {
  const graph = new Map([
    ["a", ["b"]],
    ["b", ["c", "a"]],
    ["c", ["d"]],
    ["d", ["b"]],
    ["e", ["a", "e"]],
    ["f", ["e", "nowhere"]],
  ]);
  assertEquals(circlesOf(graph), [
    { files: ["a", "b", "c", "d"], shortest: ["a", "b", "a"] },
    { files: ["e"], shortest: ["e", "e"] },
  ]);
});

pureTest("house: every form of import is found in a source", () => {
  const text = `
    import { a } from "./a.ts";
    import "./b.ts";
    import type { C } from "../irc/c.ts";
    export { d } from "./d.ts";
    export * from "./e.ts";
    export type { F } from "./f.ts";
    export const own = 1;
    const g = await import("./g.ts");
    let h: import("./h.ts").H;
    new Worker(new URL("./i.ts", import.meta.url));
    import facts from "../../deno.json" with { type: "json" };
    import "node:zlib"; import "@std/assert";
    new URL("./no.ts", base); import(name);`;
  assertEquals(parseSource("lib/hub/x.ts", text).imports, [
    ..."ab".split("").map((name) => `lib/hub/${name}.ts`),
    "lib/irc/c.ts",
    ..."defghi".split("").map((name) => `lib/hub/${name}.ts`),
    "deno.json",
  ]);
});

pureTest("house: functions have the names around them", () => {
  const text = `
    function f() { return [].map((x) => x); }
    const g = async () => {};
    export class A<T> {
      #secret = () => 1;
      get size(): number { return 1; }
      constructor(readonly x: T) {}
      static make() { const inner = function () {}; }
    }
    const table = { row: (n: number) => n, method() {}, "a b": () => {} };
    export default function () {}`;
  assertEquals(parseSource("a.ts", text).functions.map(({ name, line }) => `${line} ${name}`), [
    "2 f",
    "2 f.<anonymous>",
    "3 g",
    "5 A.#secret",
    "6 A.size",
    "7 A.constructor",
    "8 A.make",
    "8 A.make.inner",
    "10 table.row",
    "10 table.method",
    "10 table.a b",
    "11 <anonymous>",
  ]);
  assertThrows(() => parseSource("a.ts", "function {"), SyntaxError);
});

Deno.test({
  name: "house: all sources of the program are read, and each is understood",
  permissions: { read: true },
  fn() {
    const texts = readSources(`${import.meta.dirname}/../..`);
    const paths = [...texts.keys()];
    assertEquals(
      ["main.ts", "commands/serve.ts", "lib/base/crc.ts"].filter((path) => !paths.includes(path)),
      [],
    );
    assertEquals(paths.filter((path) => !/^(main\.ts|(commands|lib)\/.*\.tsx?)$/.test(path)), []);
    // An import of a file that is not there would be no part of any circle.
    const missing = Array.from(texts, ([path, text]) => parseSource(path, text).imports).flat()
      .filter((path) => !["deno.json", "docs/api/openapi.json"].includes(path) && !texts.has(path))
      .filter((path) => !path.startsWith("commands/completion/engine.")); // in the languages of shells
    assertEquals(missing, []);
  },
});
