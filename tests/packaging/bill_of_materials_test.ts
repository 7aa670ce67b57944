/** packaging/bill_of_materials.ts lists what deno.lock has, and tells what the program holds from what tests need. */
import { assertEquals } from "@std/assert";
import { billOfMaterials } from "../../packaging/bill_of_materials.ts";
import { read } from "../docs/pages.ts";

interface Part {
  readonly "bom-ref": string;
  readonly name: string;
  readonly scope: string;
}

Deno.test({
  name: "bill of materials: all packages of the lock, each once, with what they need",
  permissions: { read: true },
  fn() {
    const lock = JSON.parse(read("deno.lock"));
    const bill = billOfMaterials(lock, { deno: "2.9.6", v8: "14.1" });
    const parts = bill["components"] as Part[];
    const edges = bill["dependencies"] as { ref: string; dependsOn?: string[] }[];
    assertEquals(parts.length, Object.keys(lock.npm).length + 2);
    const refs = new Set(["runtime:chatterbox", ...parts.map((part) => part["bom-ref"])]);
    assertEquals(refs.size, parts.length + 1);
    const unknown = edges.flatMap(({ ref, dependsOn = [] }) => [ref, ...dependsOn]).filter((ref) =>
      !refs.has(ref)
    );
    assertEquals(unknown, []);
    const excluded = new Set(parts.filter(({ scope }) => scope === "excluded").map(({ name }) => name));
    const sorted = (names: string[]) => names.filter((name) => excluded.has(name));
    const shipped = [
      "hono",
      "preact",
      "string-width",
      "uqr",
      "re2js",
      "x509",
      "prompts",
      "deno",
      "server",
      "zod",
    ];
    assertEquals(sorted(shipped), []);
    const tools = ["ajv", "axe-core", "playwright-core", "terser", "headless", "parser", "sdk", "express"];
    assertEquals(sorted(tools), tools);
  },
});
