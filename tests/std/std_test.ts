import { assertEquals, assertMatch } from "@std/assert";
import { pureTest } from "../support/test.ts";
import { compareStd } from "./official_std.ts";
import { isSameCode } from "./same_code.ts";

const TYPESCRIPT = `
import { format, type Options } from "@std/internal/build-message";
import type { Other } from "./other.ts";
export type { Other };
export interface Shape { readonly x?: number }
type Local = Shape | undefined;
export function first(this: void, a: string): string;
export function first<T extends Shape>(a: T, b?: Options): unknown {
  // a comment
  const [one] = (a as unknown as string[])!;
  return format?.(one!, b satisfies Options | undefined) ?? new Map<string, number>();
}
export abstract class Box<T> implements Shape {
  readonly x: number = 0x10;
  private declare y: string;
  protected value?: T;
}
`;
const JAVASCRIPT = `
import { format } from "../internal/build_message.js";
export function first(a, b) {
  const [one] = a;
  return (format?.(one, b) ?? new Map());
}
export class Box { x = 16; value; }
`;

pureTest(
  "std: a module and its JavaScript are the same code, whatever layout, comments and types they have",
  () => {
    assertEquals(isSameCode(TYPESCRIPT, JAVASCRIPT), true);
    for (
      const [was, is] of [
        ["new Map()", "new Map([])"],
        ["?? new", "|| new"],
        ["a, b)", "b, a)"],
        ["16", "17"],
        ["format?.(", "format("],
        ["value;", ""],
        ["../internal/", "https://example.org/"],
        ["[one]", "[, one]"],
      ] as const
    ) assertEquals(isSameCode(TYPESCRIPT, JAVASCRIPT.replace(was, is)), false, `${was} -> ${is}`);
  },
);

/** A registry with three versions of each package: the last one's code is another. */
function serveRegistry(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
    const [, , name, version, ...path] = new URL(url).pathname.split("/");
    if (version === "meta.json") {
      return Response.json({ versions: { "1.0.9": {}, "1.0.11": {}, "1.0.10": {} } });
    }
    const entry = new URL(import.meta.resolve("@std/assert"));
    const file = new URL(`../${name}/${path.join("/").replace(/\.ts$/, ".js")}`, entry);
    const text = await Deno.readTextFile(file);
    return new Response(version === "1.0.11" ? `${text}\nconsole.log("more");` : text);
  });
}

Deno.test("std: names the newest official version that is the same code", async () => {
  await using server = serveRegistry();
  const said: string[] = [];
  const code = await compareStd(`http://127.0.0.1:${server.addr.port}`, (line) => said.push(line));
  assertEquals(code, 0, said.join("\n"));
  for (const line of said) assertMatch(line, /^\w+ \(\d+ files\): is @std\/\w+@1\.0\.10$/);
  const packages = ["assert", "cli", "fmt", "internal", "text", "yaml"];
  assertEquals(said.map((line) => line.split(" ")[0]).sort(), packages);
});

Deno.test("std: a registry that cannot be reached is 69, and said", async () => {
  const said: string[] = [];
  assertEquals(await compareStd("http://127.0.0.1:1", (line) => said.push(line)), 69);
  assertMatch(said.join("\n"), /^the comparison is not done: http:\/\/127\.0\.0\.1:1 cannot be reached: /);
});
