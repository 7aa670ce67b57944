/** What `deno task page` makes: its size, its names, and that it is made only where something has changed. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { hashOf, hashSources } from "../../lib/page/build/content_hash.ts";
import { minifyCss } from "../../lib/page/build/minify_css.ts";
import { minifyScript } from "../../lib/page/build/minify_script.ts";
import { pureTest, tempDirTest } from "../support/test.ts";
import { buildPage, PAGE_FOLDER } from "./built_page.ts";

/** Of scripts and styles together, as they are sent. */
const MAX_COMPRESSED_BYTES = 60 * 1024;
const MAX_COMPRESSED_STYLE_BYTES = 5 * 1024;

function fileNames(): string[] {
  return Array.from(Deno.readDirSync(PAGE_FOLDER), ({ name }) => name).sort();
}

Deno.test("page: scripts and styles are at most 60 KiB, compressed", async () => {
  await buildPage();
  const sizes = fileNames().filter((name) => /\.(?:js|css)\.br$/.test(name))
    .map((name) => Deno.statSync(new URL(name, PAGE_FOLDER)).size);
  assertEquals(sizes.length, 2);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert(total <= MAX_COMPRESSED_BYTES, `${total} bytes`);
});

Deno.test("page: styles are at most 5 KiB, compressed", async () => {
  await buildPage();
  const name = fileNames().find((name) => name.endsWith(".css.br"))!;
  const { size } = Deno.statSync(new URL(name, PAGE_FOLDER));
  assert(size <= MAX_COMPRESSED_STYLE_BYTES, `${size} bytes`);
});

Deno.test("page: the document names its script and style sheet by their content, and has nothing inline", async () => {
  await buildPage();
  const html = await Deno.readTextFile(new URL("index.html", PAGE_FOLDER));
  const names = [...html.matchAll(/"\/assets\/([^"]+)"/g)].map(([, name]) => name!);
  const manifest = await Deno.readTextFile(
    new URL(names.find((name) => name.startsWith("manifest"))!, PAGE_FOLDER),
  );
  const icons: { src: string }[] = JSON.parse(manifest).icons;
  const all = new Set([...names, ...icons.map(({ src }) => src.replace("/assets/", ""))]);
  assertEquals([...all].map((name) => name.replace(/\..*\./, ".HASH.")).sort(), [
    "icon.HASH.svg",
    "icon_192.HASH.png",
    "icon_512.HASH.png",
    "icon_maskable.HASH.png",
    "icon_unread.HASH.svg",
    "manifest.HASH.webmanifest",
    "page.HASH.css",
    "page.HASH.js",
  ]);
  for (const name of all) {
    assertEquals(name.split(".")[1], await hashOf(await Deno.readFile(new URL(name, PAGE_FOLDER))));
  }
  assertEquals(/<style|<script(?![^>]*src=)| on\w+=| style=/.test(html), false);
  assertMatch(html, /<html lang="en">/);
});

Deno.test("page: nothing is asked of another server", async () => {
  await buildPage();
  for (const name of fileNames().filter((name) => /\.(?:js|css|html)$/.test(name))) {
    const text = await Deno.readTextFile(new URL(name, PAGE_FOLDER));
    const addresses = [...text.matchAll(/https?:\/\/(?!www\.w3\.org\/)[a-z][\w.-]+/g)].map(([address]) =>
      address
    );
    assertEquals(addresses.filter((address) => !/^https?:\/\/(?:HOST|127)/.test(address)), [], name);
    assertEquals(/innerHTML\s*=\s*[^=]{0,20}(?:text|message)/.test(text), false, name);
  }
});

Deno.test("page: it is built again only where its sources have changed", async () => {
  await buildPage();
  const builtAt = () => Deno.statSync(new URL("files.json", PAGE_FOLDER)).mtime?.getTime();
  const first = builtAt();
  await buildPage();
  assertEquals(builtAt(), first);
});

tempDirTest("page: a hash of sources follows every name and every byte in them", async (dir) => {
  const root = new URL(`file://${dir}/`);
  await Deno.mkdir(`${dir}/a/b`, { recursive: true });
  await Deno.writeTextFile(`${dir}/a/b/c.ts`, "1");
  const hashes = [await hashSources(root, ["a"])];
  assertEquals(await hashSources(root, ["a"]), hashes[0]);
  await Deno.writeTextFile(`${dir}/a/b/c.ts`, "2");
  hashes.push(await hashSources(root, ["a"]));
  await Deno.rename(`${dir}/a/b/c.ts`, `${dir}/a/b/d.ts`);
  hashes.push(await hashSources(root, ["a"]));
  assertEquals(new Set(hashes).size, 3);
});

pureTest("page: style sheets lose comments and white space only", () => {
  assertEquals(
    minifyCss(
      '/* a */\n.a > .b,\n.c {\n  color: red;\n  margin: 0 4px;\n}\n\n@media (min-width: 1px) {\n  .d::before { content: ""; }\n}\n',
    ),
    '.a>.b,.c{color:red;margin:0 4px}@media (min-width:1px){.d::before{content:""}}',
  );
});

/** What the minified form of `code` gives to `report`, and that form. */
async function runMinified(code: string): Promise<{ reported: unknown; minified: string }> {
  const minified = await minifyScript(code);
  let reported: unknown;
  new Function("globalThis", minified)({ report: (value: unknown) => reported = value });
  return { reported, minified };
}

Deno.test("page: private names are shared by classes, and divide what they divided", async () => {
  const { reported, minified } = await runMinified(`
    class First {
      #kept = 1;
      #other = 20;
      get sum() { return this.#kept + this.#other + this.#kept; }
      holds(value) { return #other in value; }
      inner() {
        const outer = this;
        return new class {
          #own = 300;
          get #all() { return outer.#kept + this.#own; }
          get all() { return this.#all; }
        }();
      }
    }
    class Second {
      #name = 4000;
      set #value(value) { this.#name = value; }
      grow() { this.#value = this.#name + 1; return this.#name; }
    }
    const first = new First();
    const sums = [first.sum, first.inner().all, new Second().grow()];
    globalThis.report([...sums, first.holds(first), first.holds({})]);`);
  assertEquals(reported, [22, 301, 4001, true, false]);
  assertEquals(new Set(minified.match(/#\w+/g)).size, 4, minified);
});

Deno.test("page: only names of members that are nowhere a key or a string are shortened", async () => {
  const { reported, minified } = await runMinified(`
    class Store {
      keptName = 1;
      stringName = 2;
      patternName = 3;
      innerText = 4;
      describeKept() { return JSON.stringify({ keptName: this.keptName, ...this }); }
    }
    const store = new Store();
    const { patternName } = store;
    globalThis.report([store.describeKept(), store["stringName"], patternName]);`);
  const [json, byString, byPattern] = reported as [string, number, number];
  assertEquals(Object.keys(JSON.parse(json)), ["keptName", "stringName", "patternName", "innerText"]);
  assertEquals([byString, byPattern], [2, 3]);
  assertEquals(minified.includes("describeKept"), false, minified);
});
