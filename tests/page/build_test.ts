/** What `deno task page` makes: its size, its names, and that it is made only where something has changed. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { hashOf, hashSources } from "../../lib/page/build/content_hash.ts";
import { minifyCss } from "../../lib/page/build/minify_css.ts";
import { minifyScripts } from "../../lib/page/build/minify_script.ts";
import { pureTest, tempDirTest } from "../support/test.ts";
import { buildPage, PAGE_FOLDER } from "./built_page.ts";

/** Of scripts and styles together, as they are sent: of what is loaded at once, and of what is loaded behind that. */
const MAX_FIRST_BYTES = 60 * 1024;
const MAX_LATER_BYTES = 28 * 1024;
/** Of all styles. */
const MAX_STYLE_BYTES = 6 * 1024;

function withoutHash(name: string): string {
  return name.replace(/\.[\w-]{10}\./, ".");
}

function fileNames(): string[] {
  return Array.from(Deno.readDirSync(PAGE_FOLDER), ({ name }) => name).sort();
}

Deno.test("page: scripts and styles are at most 60 KiB at first and 28 KiB later, compressed", async () => {
  await buildPage();
  const files = fileNames().filter((name) => /\.(?:js|css)\.br$/.test(name));
  assertEquals(files.map(withoutHash).sort(), [
    "later.css.br",
    "later.js.br",
    "main.js.br",
    "page.css.br",
    "page.js.br",
  ]);
  const isLater = (name: string) => name.startsWith("later.");
  const sizeOf = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + Deno.statSync(new URL(name, PAGE_FOLDER)).size, 0);
  const [first, later] = [sizeOf(files.filter((name) => !isLater(name))), sizeOf(files.filter(isLater))];
  assert(first <= MAX_FIRST_BYTES, `first ${first} bytes`);
  assert(later <= MAX_LATER_BYTES, `later ${later} bytes`);
});

Deno.test("page: styles are at most 6 KiB, compressed", async () => {
  await buildPage();
  const names = fileNames().filter((name) => name.endsWith(".css.br"));
  const size = names.reduce((sum, name) => sum + Deno.statSync(new URL(name, PAGE_FOLDER)).size, 0);
  assert(size <= MAX_STYLE_BYTES, `${size} bytes`);
});

Deno.test("page: a part of the script names the others by their content, and the second part is not named by the first", async () => {
  await buildPage();
  const scripts = fileNames().filter((name) => name.endsWith(".js"));
  const namedIn = async (name: string) => {
    const code = await Deno.readTextFile(new URL(name, PAGE_FOLDER));
    return [...code.matchAll(/"\.\/([^"]+\.js)"/g)].map(([, other]) => other!);
  };
  const found = await Promise.all(
    scripts.map(async (name) => [withoutHash(name), await namedIn(name)] as const),
  );
  const [[, later], [, main], [, page]] = found as [typeof found[0], typeof found[0], typeof found[0]];
  assertEquals(found.map(([name]) => name), ["later.js", "main.js", "page.js"]);
  assertEquals([later, main, page].map((names) => names.map(withoutHash).sort()), [
    ["page.js"],
    ["later.js", "page.js"],
    [],
  ]);
  for (const other of [...later, ...main]) assert(scripts.includes(other), other);
});

Deno.test("page: the document names its scripts and style sheets by their content, and has nothing inline", async () => {
  await buildPage();
  const html = await Deno.readTextFile(new URL("index.html", PAGE_FOLDER));
  const names = [...html.matchAll(/"\/assets\/([^"]+)"/g)].map(([, name]) => name!);
  const manifest = await Deno.readTextFile(
    new URL(names.find((name) => name.startsWith("manifest"))!, PAGE_FOLDER),
  );
  const icons: { src: string }[] = JSON.parse(manifest).icons;
  // What the document does not name, a part of the script does.
  const scripts = fileNames().filter((name) => name.endsWith(".js"));
  const all = new Set([...names, ...scripts, ...icons.map(({ src }) => src.replace("/assets/", ""))]);
  assertEquals([...all].map((name) => name.replace(/\..*\./, ".HASH.")).sort(), [
    "icon.HASH.svg",
    "icon_192.HASH.png",
    "icon_512.HASH.png",
    "icon_maskable.HASH.png",
    "icon_unread.HASH.svg",
    "later.HASH.css",
    "later.HASH.js",
    "main.HASH.js",
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
  const [minified = ""] = await minifyScripts([code]);
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

Deno.test("page: methods that nothing calls are left out, and what only they call", async () => {
  const { reported, minified } = await runMinified(`
    class Store {
      kept = 1;
      unusedMethod() { return this.onlyForUnused; }
      get onlyForUnused() { return "unused words"; }
      byName() { return 2; }
      byPattern() { return 3; }
      get ofOther() { return 4; }
      toJSON() { return 5; }
      *[Symbol.iterator]() { yield 6; }
    }
    const store = new Store();
    const { byPattern } = store;
    const name = "byName";
    globalThis.report([store.kept, store[name](), byPattern(), store.ofOther, JSON.stringify(store), ...store]);`);
  assertEquals(reported, [1, 2, 3, 4, "5", 6]);
  assertEquals(/unused/i.test(minified), false, minified);
});

Deno.test("page: parts import from each other by short names, and their members have the same names", async () => {
  const [first = "", second = ""] = await minifyScripts([
    `class Store { describeKept() { return "kept"; } b = 1; }
     const theStore = new Store();
     const other = { a: 1 };
     export { other, theStore };`,
    `import { theStore } from "./first.js";
     globalThis.report(theStore.describeKept());
     const SecondView = theStore.describeKept;
     export { SecondView };`,
  ]);
  assertEquals((first + second).includes("describeKept"), false);
  assertEquals((first + second).includes("theStore"), false);
  assertMatch(second, /SecondView/);
  const member = /theStore|\.(\w+)\(\)/.exec(second)?.[1];
  assertMatch(first, new RegExp(`\\b${member}\\(\\)\\{`));
});
