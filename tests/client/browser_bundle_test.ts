/** The session and the conversation run in a browser: bundled for one, and in a context that has no more than a browser. */
import { assertEquals } from "@std/assert";
import { createContext, runInContext } from "node:vm";
import { readSources } from "../lint/house.ts";
import { pureTest } from "../support/test.ts";
import { findForeignReferences } from "./browser/portability.ts";

const PORTABLE_FOLDERS = ["lib/client/session", "lib/client/conversation", "lib/page/model"];

const ROOT = new URL("../../", import.meta.url);

/** What the bundle may use beside ECMAScript: a browser has it, and so has a worker in one. */
const BROWSER_GLOBALS = {
  TextDecoder,
  TextEncoder,
  URL,
  atob,
  btoa,
  crypto,
  queueMicrotask,
  structuredClone,
};

async function bundle(entry: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--format", "iife", entry],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name: "bundled for a browser, a session registers, and a chat on it joins, shows history and sends",
  permissions: { run: [Deno.execPath()], read: true },
  async fn() {
    const context = createContext({ ...BROWSER_GLOBALS });
    runInContext(await bundle("tests/client/browser/page.ts"), context);
    assertEquals(
      runInContext("typeof Deno + typeof process + typeof Buffer", context),
      "undefined".repeat(3),
    );
    assertEquals(JSON.parse(runInContext("JSON.stringify(runPage())", context)), [
      "registered as alice",
      "<bob> who makes tea?",
      "<alice> I do",
      "others: bob; idle",
    ]);
  },
});

Deno.test({
  name:
    "the session, the conversation, the model of the page and all that they import use nothing of Deno, Node.js or npm",
  permissions: { read: true },
  fn() {
    const sources = readSources(`${import.meta.dirname}/../..`);
    assertEquals(findForeignReferences(sources, PORTABLE_FOLDERS), []);
  },
});

pureTest("what no browser has is found behind an import, also behind one of a type", () => {
  const sources = new Map([
    ["a/start.ts", 'import type { X } from "../b/x.ts"; export const read = { process: 1 }.process;'],
    ["a/more.ts", 'const { connect } = await import("node:net");'],
    ["b/x.ts", 'export { y } from "./y.ts"; export type X = Buffer;'],
    ["b/y.ts", 'import { z } from "npm:z"; export const y = () => Deno.readTextFile(z);'],
    ["c/other.ts", "process.exit();"],
  ]);
  assertEquals(findForeignReferences(sources, ["a"]), [
    "a/more.ts: node:net",
    "b/x.ts: Buffer",
    "b/y.ts: Deno",
    "b/y.ts: npm:z",
  ]);
  sources.delete("b/y.ts");
  assertEquals(findForeignReferences(sources, ["b", "d"]), [
    "b/x.ts: Buffer",
    "b/y.ts: no such file",
    "d: no files",
  ]);
});
