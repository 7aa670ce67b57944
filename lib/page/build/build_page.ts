/**
 * Builds the page into built/page: scripts and a style sheet, with a hash of their content in their names, the
 * document that loads them, and a list of all (`files.json`). Does nothing where the sources are those of the last
 * build. Run by `deno task page`.
 */
import { brotliCompressSync, constants } from "node:zlib";
import { encodeUtf8 } from "../../base/bytes.ts";
import { hashOf, hashSources } from "./content_hash.ts";
import { minifyCss } from "./minify_css.ts";
import { bundleParts } from "./script_parts.ts";

const ROOT = new URL(import.meta.url.replace(/lib\/page\/build\/[^/]*$/, ""));
const OUTPUT = new URL("built/page/", ROOT);
const PAGE = new URL("lib/page/", ROOT);
/** What the script is made of. */
const SOURCES = [
  "lib/page",
  "lib/client/session",
  "lib/client/conversation",
  "lib/client/commands",
  "lib/irc",
  "lib/base",
  "deno.json",
];
/** In this order: a later one replaces what an earlier one says. */
const STYLES = [
  "base.css",
  "login.css",
  "chat.css",
  "composer.css",
  "messages.css",
  "touch.css",
];
/** Of the second part, behind those of the first. */
const LATER_STYLES = ["on_demand.css", "panels.css", "picker.css", "touch.css", "touch_on_demand.css"];

const ICONS = ["icon.svg", "icon_unread.svg", "icon_192.png", "icon_512.png", "icon_maskable.png"];

interface BuiltFile {
  /** In the address of the page. */
  readonly path: string;
  /** In the folder of the build. */
  readonly file: string;
  readonly type: string;
  /** Beside it is the same in compressed form, with `.br` behind its name. */
  readonly hasBrotli: boolean;
}

interface NamedFile {
  /** Without a hash. */
  readonly name: string;
  readonly built: BuiltFile;
}

async function build(): Promise<void> {
  const sources = await hashSources(ROOT, SOURCES);
  if (await isBuilt(sources)) return;
  await Deno.mkdir(OUTPUT, { recursive: true });
  const files = [
    ...await writeScripts(),
    await writeAsset("page.css", "text/css; charset=utf-8", await joinStyles(STYLES)),
    await writeAsset("later.css", "text/css; charset=utf-8", await joinStyles(LATER_STYLES)),
    ...await Promise.all(ICONS.map(async (name) => {
      const type = name.endsWith(".svg") ? "image/svg+xml" : "image/png";
      return writeAsset(name, type, await Deno.readFile(new URL(`icons/${name}`, PAGE)));
    })),
  ];
  const names = new Map(files.map(({ name, built }) => [name, built.file]));
  const fill = async (name: string) =>
    (await Deno.readTextFile(new URL(name, PAGE)))
      .replaceAll(/\{\{(.*?)\}\}/g, (_, name: string) => names.get(name)!);
  const manifest = "manifest.webmanifest";
  const program = await writeAsset(manifest, "application/manifest+json", await fill(manifest));
  files.push(program);
  names.set(manifest, program.built.file);
  const document = await write("/", "index.html", "text/html; charset=utf-8", await fill("index.html"));
  const list = [document, ...files.map(({ built }) => built)];
  await removeOthers(new Set(list.flatMap(({ file }) => [file, `${file}.br`])));
  await Deno.writeTextFile(new URL("files.json", OUTPUT), JSON.stringify({ sources, files: list }, null, 2));
}

/** Whether the last build was of the same sources. */
async function isBuilt(sources: string): Promise<boolean> {
  try {
    return JSON.parse(await Deno.readTextFile(new URL("files.json", OUTPUT))).sources === sources;
  } catch {
    return false;
  }
}

async function writeAsset(
  name: string,
  type: string,
  content: string | Uint8Array<ArrayBuffer>,
): Promise<NamedFile> {
  const dot = name.lastIndexOf(".");
  const file = `${name.slice(0, dot)}.${await hashOf(content)}${name.slice(dot)}`;
  return { name, built: await write(`/assets/${file}`, file, type, content) };
}

async function write(
  path: string,
  file: string,
  type: string,
  content: string | Uint8Array<ArrayBuffer>,
): Promise<BuiltFile> {
  const bytes = typeof content === "string" ? encodeUtf8(content) : content;
  const hasBrotli = type !== "image/png"; // which is compressed
  await Deno.writeFile(new URL(file, OUTPUT), bytes);
  if (hasBrotli) await Deno.writeFile(new URL(`${file}.br`, OUTPUT), compress(bytes));
  return { path, file, type, hasBrotli };
}

function compress(bytes: Uint8Array): Uint8Array {
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return new Uint8Array(brotliCompressSync(bytes, { params }));
}

/** The parts of the script, each named by its content, and so by the names of those that it loads. */
async function writeScripts(): Promise<NamedFile[]> {
  const files: NamedFile[] = [];
  await bundleParts({
    root: ROOT,
    entry: "lib/page/main.ts",
    folder: new URL("parts/", OUTPUT),
    async finish({ name, code }) {
      const file = await writeAsset(name, "text/javascript; charset=utf-8", code);
      files.push(file);
      return file.built.file;
    },
  });
  return files;
}

async function joinStyles(names: readonly string[]): Promise<string> {
  const texts = await Promise.all(names.map((name) => Deno.readTextFile(new URL(`styles/${name}`, PAGE))));
  return minifyCss(texts.join("\n"));
}

/** Removes what earlier builds have left. */
async function removeOthers(names: ReadonlySet<string>): Promise<void> {
  for await (const { name } of Deno.readDir(OUTPUT)) {
    if (!names.has(name)) await Deno.remove(new URL(name, OUTPUT));
  }
}

if (import.meta.main) await build();
