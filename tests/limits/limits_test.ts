/** docs/limits.md is made of the constants, and each of its rows names tests that fail where the bound does not hold. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { pureTest } from "../support/test.ts";
import { constantOf, formatValue } from "./constants.ts";
import type { Limit } from "./limit.ts";
import { NO_ROWS } from "./no_rows.ts";
import { cellsOf, limitsPage } from "./page.ts";
import { read } from "./source.ts";
import { SECTIONS } from "./table.ts";

const permissions = { read: true } as const;

Deno.test({
  name: "docs/limits.md is what `deno task limits` makes",
  permissions,
  fn() {
    const [written, made] = [read("docs/limits.md"), limitsPage(SECTIONS)];
    const lines = new Set(written.split("\n"));
    assertEquals(made.split("\n").filter((line) => !lines.has(line)), [], "run: deno task limits");
    assertEquals(written, made, "run: deno task limits");
  },
});

pureTest("limits: values are written with the units that the names of their constants end with", () => {
  const written = (name: string, ...values: number[]) => values.map((value) => formatValue(name, value));
  assertEquals(written("MAX_X_BYTES", 512, 8191, 16 * 1024, 1024 ** 3), [
    "512 bytes",
    "8191 bytes",
    "16 KiB",
    "1 GiB",
  ]);
  assertEquals(written("X_MS", 5, 500, 1000, 60_000, 600_000, 86_400_000), [
    "5 ms",
    "0.5 s",
    "1 s",
    "60 s",
    "10 min",
    "24 h",
  ]);
  assertEquals(written("X_SHARE", 1 / 16), ["1/16"]);
  assertEquals(written("MAX_X", 1000, 20_000), ["1000", "20,000"]);
  assertEquals(formatValue("X", { count: 10, ms: 600_000 }), "10 in 10 min");
});

Deno.test({
  name: "limits: a constant is calculated from others, imported ones too, and is found in an object",
  permissions,
  fn() {
    assertEquals(constantOf("lib/client/connection/link.ts", "MAX_LINE_RECEIVED_BYTES"), 2048);
    assertEquals(constantOf("lib/hub/model/config.ts", "DEFAULT_LIMITS.nickChanges"), {
      count: 5,
      ms: 60_000,
    });
  },
});

/** Source files below `folder`. */
function* sources(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(`../../${folder}`, import.meta.url))) {
    if (entry.isDirectory) yield* sources(`${folder}/${entry.name}`);
    else if (entry.name.endsWith(".ts")) yield `${folder}/${entry.name}`;
  }
}

Deno.test({
  name: "limits: every constant with MAX in its name has a row, or a reason why not",
  permissions,
  fn() {
    const named = ({ constants = {} }: Limit) =>
      Object.entries(constants).flatMap(([path, names]) => names.map((name) => `${path}: ${name}`));
    const rows = new Set(SECTIONS.flatMap(({ limits }) => limits).flatMap(named));
    const without = new Set(Object.values(NO_ROWS).flat());
    const there = [...sources("lib"), ...sources("commands")].flatMap((path) =>
      Array.from(
        read(path).matchAll(/^(?:export )?const (\w*MAX\w*)(?:: number)? = [^[{]/gm),
        ([, name]) => `${path}: ${name}`,
      )
    );
    assertEquals(
      there.filter((each) => !rows.has(each) && !without.has(each)),
      [],
      "add a row in tests/limits/rows/",
    );
    assertEquals(
      [...without].filter((each) => rows.has(each) || !there.includes(each)),
      [],
      "in no_rows.ts for nothing",
    );
  },
});

for (const limit of SECTIONS.flatMap(({ limits }) => limits)) {
  Deno.test({
    name: `limits: ${limit.what}: the words are filled, and tests hold the bound`,
    permissions,
    fn() {
      const { constants = {}, source = {}, shownBy = [], unseen } = limit;
      for (const cell of cellsOf(limit)) assertEquals(cell.includes("|"), false, cell);
      const words = [limit.what, limit.bound, limit.beyond].join(" ");
      const names = Object.values(constants).flat();
      assert(names.length > 0 || Object.keys(source).length > 0, "no constant");
      assertEquals(
        names.filter((name) => !words.includes(`{${name}}`)),
        [],
        "constants that the words do not use",
      );
      const figures =
        words.replace(/version \d/, "").replace(/`[^`]*`|1\/(?=\{)|\{[^}]*\}/g, "").match(/\b\d+/g) ?? [];
      assert(
        figures.length === 0 || Object.keys(source).length > 0,
        `${figures}: written instead of computed`,
      );
      for (const [path, text] of Object.entries(source)) {
        assert(read(path).includes(text), `${path} does not say ${text}`);
      }
      assert(shownBy.length > 0 !== (unseen !== undefined), "tests, or why there are none");
      for (const shown of shownBy) {
        const at = shown.indexOf(": ");
        const [file, name] = [`tests/${shown.slice(0, at)}`, shown.slice(at + 2)];
        assert(read(file).includes(name), `${file} has no test called ${name}`);
      }
    },
  });
}
