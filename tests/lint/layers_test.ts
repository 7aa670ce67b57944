import { assert, assertEquals } from "@std/assert";
import { pureTest } from "../support/test.ts";
import { LAYERS, pluginWith, RESERVED, SUBFOLDERS } from "./layers.ts";

/** The rules without an order within folders, so that a test can name files that are not there. */
const UNORDERED = pluginWith({});

/** The messages about `source`, were it the file `path` of the project. */
function lint(path: string, source: string, rules = UNORDERED): string[] {
  return Deno.lint.runPlugin(rules, path, source).map(({ id, message }) => `${id}: ${message}`);
}

pureTest("lint: imports go down, stay at home, or name a library", () => {
  assertEquals(lint("main.ts", `const c = () => import("./commands/serve.ts");`), []);
  assertEquals(lint("commands/serve.ts", `import { ChatServer } from "../lib/server/server.ts";`), []);
  assertEquals(lint("lib/server/server.ts", `import type { State } from "../hub/state.ts";`), []);
  assertEquals(lint("lib/hub/verbs/users/whois.ts", `import { State } from "../state.ts";`), []);
  assertEquals(lint("lib/base/bytes.ts", `import { assert } from "./assert.ts";`), []);
  assertEquals(lint("lib/base/crc.ts", `import { crc32 } from "node:zlib"; import "@std/assert";`), []);
  assertEquals(lint("lib/base/v.ts", `import facts from "../../deno.json" with { type: "json" };`), []);
});

const UPWARDS = ["chatterbox/layers: imports only go down: lib/irc is layer 1, lib/hub is layer 2"];

pureTest("lint: every form of import is seen", () => {
  assertEquals(lint("lib/irc/a.ts", `import { s } from "../hub/state.ts";`), UPWARDS);
  assertEquals(lint("lib/irc/a.ts", `import "../hub/state.ts";`), UPWARDS);
  assertEquals(lint("lib/irc/a.ts", `import type { State } from "../hub/state.ts";`), UPWARDS);
  assertEquals(lint("lib/irc/a.ts", `export { s } from "../hub/state.ts";`), UPWARDS);
  assertEquals(lint("lib/irc/a.ts", `export * from "../hub/state.ts";`), UPWARDS);
  assertEquals(lint("lib/irc/a.ts", `await import("../hub/state.ts");`), UPWARDS);
  assertEquals(lint("lib/irc/a.ts", `let s: import("../hub/state.ts").State;`), UPWARDS);
  assertEquals(lint("lib/irc/a.ts", `new Worker(new URL("../hub/w.ts", import.meta.url));`), UPWARDS);
  assertEquals(lint("lib/irc/deep/a.ts", `import "./../../irc/../hub/state.ts";`), UPWARDS);
});

pureTest("lint: siblings don't import each other", () => {
  const about = (from: string, to: string, layer: number) => [
    `chatterbox/layers: ${from} and ${to} are siblings (layer ${layer}) and don't import each other`,
  ];
  const siblings = [[1, ["lib/cli", "lib/irc", "lib/log"]], [2, [
    "lib/hub",
    "lib/net",
    "lib/store",
  ]]] as const;
  for (const [layer, units] of siblings) {
    for (const from of units) {
      for (const to of units.filter((unit) => unit !== from)) {
        const found = lint(`${from}/a.ts`, `import "../${to.slice("lib/".length)}/b.ts";`);
        assertEquals(found, about(from, to, layer));
      }
    }
  }
});

pureTest("lint: lib/base imports nothing of ours, and nobody imports main.ts", () => {
  const above = Object.keys(LAYERS).filter((unit) => LAYERS[unit]! > 0);
  assertEquals(above.length, 18);
  for (const unit of above) {
    const path = unit.endsWith(".ts") ? unit : `${unit}/a.ts`;
    assertEquals(lint("lib/base/a.ts", `import "../../${path}";`).length, 1, unit);
  }
  assertEquals(lint("commands/a.ts", `import "../main.ts";`), [
    "chatterbox/layers: imports only go down: commands is layer 7, main.ts is layer 8",
  ]);
});

pureTest("lint: the program does not lean on what is not part of it", () => {
  assertEquals(lint("commands/a.ts", `import "../tests/tools.ts";`), [
    "chatterbox/layers: commands is part of the program and tests is not",
  ]);
  const outside = (specifier: string) => [
    `chatterbox/layers: ${specifier} does not lead to a file of the project by a relative path`,
  ];
  assertEquals(lint("commands/a.ts", `import "../../elsewhere.ts";`), outside("../../elsewhere.ts"));
  assertEquals(lint("commands/a.ts", `import "/etc/elsewhere.ts";`), outside("/etc/elsewhere.ts"));
  assertEquals(lint("commands/a.ts", `import "file:///elsewhere.ts";`), outside("file:///elsewhere.ts"));
});

pureTest("lint: a folder without a layer is refused", () => {
  const refusal = (unit: string) => [
    `chatterbox/layers: ${unit} has no layer; give it one in tests/lint/layers.ts and ARCHITECTURE.md`,
  ];
  assertEquals(lint("lib/util/a.ts", ""), refusal("lib/util"));
  assertEquals(lint("lib/util.ts", ""), refusal("lib/util.ts"));
  assertEquals(lint("scripts/a.ts", ""), refusal("scripts"));
});

/** As an order within folders could be. */
const ORDERED = pluginWith({
  "lib/hub": [["hub.ts"], ["verbs"], ["log", "services"], ["model"]],
  "lib/hub/verbs": [["mod.ts"], ["channels", "users"]],
});

pureTest("lint: within a folder that has an order, imports go down it", () => {
  const down = [
    ["hub.ts", "./verbs/mod.ts"],
    ["hub.ts", "./model/state.ts"],
    ["verbs/channels/join.ts", "../../services/bans.ts"],
    ["verbs/channels/join.ts", "./part.ts"],
    ["verbs/mod.ts", "./channels/join.ts"],
    ["model/state.ts", "./event.ts"],
    ["model/state.ts", "../../irc/names.ts"],
  ] as const;
  for (const [path, specifier] of down) {
    assertEquals(lint(`lib/hub/${path}`, `import "${specifier}";`, ORDERED), [], path);
  }
});

pureTest("lint: within a folder that has an order, no import goes up it, not even of a type", () => {
  const up = (above: string, below: string, folder = "lib/hub") => [
    `chatterbox/layers: imports only go down: ${above} is above ${below} in ${folder}`,
  ];
  const state = "lib/hub/model/state.ts";
  assertEquals(
    lint(state, `import type { Join } from "../verbs/channels/join.ts";`, ORDERED),
    up("verbs", "model"),
  );
  assertEquals(lint(state, `let h: import("../hub.ts").Hub;`, ORDERED), up("hub.ts", "model"));
  assertEquals(
    lint("lib/hub/verbs/users/nick.ts", `export * from "../mod.ts";`, ORDERED),
    up("mod.ts", "users", "lib/hub/verbs"),
  );
});

pureTest("lint: in one row of an order nothing imports the other", () => {
  const siblings = (own: string, other: string, folder: string) => [
    `chatterbox/layers: ${own} and ${other} are siblings in ${folder} and don't import each other`,
  ];
  assertEquals(
    lint("lib/hub/services/bans.ts", `import "../log/codec.ts";`, ORDERED),
    siblings("services", "log", "lib/hub"),
  );
  assertEquals(
    lint("lib/hub/verbs/users/nick.ts", `import "../channels/join.ts";`, ORDERED),
    siblings("users", "channels", "lib/hub/verbs"),
  );
});

pureTest("lint: in a folder that has an order, everything has a place in it", () => {
  const refusal = (name: string, folder: string) => [
    `chatterbox/layers: ${name} has no place in ${folder}; give it one in SUBFOLDERS (tests/lint/layers.ts)`,
  ];
  assertEquals(lint("lib/hub/misc.ts", "", ORDERED), refusal("misc.ts", "lib/hub"));
  assertEquals(lint("lib/hub/misc/a.ts", `import "../hub.ts";`, ORDERED), refusal("misc", "lib/hub"));
  assertEquals(lint("lib/hub/verbs/a.ts", "", ORDERED), refusal("a.ts", "lib/hub/verbs"));
  assertEquals(lint("lib/hub/services/deep/a.ts", "", ORDERED), []);
  assertEquals(lint("lib/net/misc.ts", "", ORDERED), []);
});

pureTest("lint: the mutable side of the state is for apply/ and for those who construct it", () => {
  const refusal = (
    path: string,
    importers: string,
  ) => [`chatterbox/layers: ${path} is for ${importers} alone`];
  const writable = `import { writable } from "../../apply/writable.ts";`;
  assertEquals(
    lint("lib/hub/verbs/users/nick.ts", writable),
    refusal("lib/hub/apply", "lib/hub/apply, lib/hub/handover, lib/hub/hub.ts, lib/hub/execution.ts"),
  );
  assertEquals(
    lint("lib/hub/hub.ts", `import { writable } from "./apply/writable.ts";`),
    refusal("lib/hub/apply/writable.ts", "lib/hub/apply"),
  );
  const classes = "lib/hub/model/state/mutable_entities.ts";
  assertEquals(
    lint("lib/hub/policy/lobby.ts", `import type { MutableUser } from "../model/state/mutable_entities.ts";`),
    refusal(classes, "lib/hub/apply"),
  );
  assertEquals(
    lint("lib/server/server.ts", `import { MutableUser } from "../hub/model/state/mutable_entities.ts";`),
    refusal(classes, "lib/hub/apply"),
  );
  assertEquals(lint("lib/hub/apply/apply.ts", `import { writable } from "./writable.ts";`), []);
  assertEquals(lint("lib/hub/execution.ts", `import { apply } from "./apply/apply.ts";`), []);
});

pureTest("lint: a module is named by a plain string", () => {
  const plain = [
    "chatterbox/layers: name the module with a plain string, so that the layers can be read off it",
  ];
  assertEquals(lint("main.ts", "const f = (name: string) => import(`./commands/${name}.ts`);"), plain);
  assertEquals(lint("main.ts", `import(import.meta.resolve("./commands/serve.ts"));`), []);
  assertEquals(lint("lib/irc/a.ts", `import(import.meta.resolve("../hub/state.ts"));`), UPWARDS);
  assertEquals(lint("main.ts", `import(import.meta.resolve(name)); import(import.meta.url);`), [
    ...plain,
    ...plain,
  ]);
  assertEquals(lint("lib/store/a.ts", `new URL(".//" + name, import.meta.url);`), plain);
  assertEquals(
    lint("lib/store/a.ts", `new URL(text); new URL(text, base); new Url(text, import.meta.url);`),
    [],
  );
});

pureTest("lint: only main.ts ends the process", () => {
  const exit = [
    "chatterbox/exit: only main.ts ends the process; return the exit code (in a tool: set Deno.exitCode)",
  ];
  assertEquals(lint("main.ts", "Deno.exit(0);"), []);
  for (
    const source of [
      "Deno.exit(1);",
      "globalThis.Deno.exit();",
      `Deno["exit"](1);`,
      "const leave = Deno.exit;",
      "const { exit } = Deno;",
      "process.exit(1);",
      `import { exit } from "node:process";`,
    ]
  ) {
    assertEquals(lint("commands/serve.ts", source), exit, source);
    assertEquals(lint("tests/tool.ts", source), exit, source);
  }
  assertEquals(
    lint("commands/serve.ts", "Deno.exitCode = 1; game.exit(); deno.exit; const { pid } = Deno;"),
    [],
  );
});

pureTest("lint: tests look at every layer; files elsewhere are none of ours", () => {
  assertEquals(
    lint("tests/hub/a_test.ts", `import "../../lib/hub/model/state/state.ts"; import "../../main.ts";`),
    [],
  );
  assertEquals(lint("/somewhere/else.ts", `import "./lib/hub/model/state/state.ts";`), []);
});

Deno.test({
  name:
    "lint: every folder of the program has its layer, what the tables name is there, and `deno lint` runs the rules",
  permissions: { read: true },
  fn() {
    const root = new URL("../../", import.meta.url);
    const folders = [...Deno.readDirSync(new URL("lib/", root))].map(({ name }) => `lib/${name}`);
    for (const unit of folders) assert(unit in LAYERS, `${unit} has no layer`);
    const places = Object.entries(SUBFOLDERS).flatMap(([folder, rows]) =>
      rows.flat().map((name) => `${folder}/${name}`)
    );
    const named = [...Object.keys(LAYERS), ...places, ...Object.entries(RESERVED).flat(2)];
    assertEquals(named.filter((path) => !exists(new URL(path, root))), []);
    const config = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root)));
    assertEquals(config.lint.plugins, ["./tests/lint/layers.ts"]);
  },
});

function exists(url: URL): boolean {
  try {
    return Deno.statSync(url) !== undefined;
  } catch {
    return false;
  }
}
