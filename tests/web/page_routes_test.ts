import { assertEquals } from "@std/assert";
import { addPageRoutes } from "../../lib/web/page_routes.ts";
import { ResponseCounts } from "../../lib/web/response_counts.ts";
import { makeWebApp } from "../../lib/web/web_app.ts";
import { tempDirTest } from "../support/test.ts";
import { fakePorts } from "./ports.ts";

const FROM = { host: "127.0.0.1", isSecure: false, signal: new AbortController().signal, charge() {} };

/** A built page in `dir`: a document and a script, of which there is a compressed form. */
async function writePage(dir: string): Promise<void> {
  const files = [
    { path: "/", file: "index.html", type: "text/html; charset=utf-8", hasBrotli: false },
    { path: "/assets/page.1.js", file: "page.1.js", type: "text/javascript; charset=utf-8", hasBrotli: true },
  ];
  await Deno.writeTextFile(`${dir}/files.json`, JSON.stringify({ files }));
  await Deno.writeTextFile(`${dir}/index.html`, "<!doctype html>");
  await Deno.writeTextFile(`${dir}/page.1.js`, "plain");
  await Deno.writeTextFile(`${dir}/page.1.js.br`, "small");
}

async function get(dir: string, path: string, headers: HeadersInit = {}): Promise<Response> {
  const app = makeWebApp(fakePorts(), new ResponseCounts());
  addPageRoutes(app, new URL(`file://${dir}/`));
  return await app.fetch(new Request(`http://localhost${path}`, { headers }), FROM);
}

tempDirTest(
  "page: the document allows scripts and styles of this server only, and is asked for anew",
  async (dir) => {
    await writePage(dir);
    const page = await get(dir, "/");
    assertEquals([page.status, await page.text()], [200, "<!doctype html>"]);
    assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
    assertEquals(page.headers.get("cache-control"), "no-cache");
    assertEquals(page.headers.get("x-content-type-options"), "nosniff");
    assertEquals(page.headers.get("referrer-policy"), "no-referrer");
    const policy = new Map(
      page.headers.get("content-security-policy")!.split("; ").map((rule) => {
        const [name = "", ...values] = rule.split(" ");
        return [name, values.join(" ")];
      }),
    );
    assertEquals(policy.get("default-src"), "'none'");
    assertEquals([policy.get("script-src"), policy.get("style-src")], ["'self'", "'self'"]);
    assertEquals(policy.get("manifest-src"), "'self'");
    assertEquals(policy.get("frame-ancestors"), "'none'");
    assertEquals(policy.get("img-src"), "'self' https:");
    assertEquals(page.headers.get("cross-origin-embedder-policy"), "credentialless");
    assertEquals([policy.get("require-trusted-types-for"), policy.get("trusted-types")], [
      "'script'",
      "'none'",
    ]);
  },
);

tempDirTest(
  "page: a file with a hash in its name is kept for ever, and compressed for those that can read it",
  async (dir) => {
    await writePage(dir);
    const plain = await get(dir, "/assets/page.1.js");
    assertEquals([await plain.text(), plain.headers.get("content-encoding")], ["plain", null]);
    assertEquals(plain.headers.get("cache-control"), "public, max-age=31536000, immutable");
    const small = await get(dir, "/assets/page.1.js", { "accept-encoding": "gzip, br" });
    assertEquals([await small.text(), small.headers.get("content-encoding")], ["small", "br"]);
    assertEquals(small.headers.get("vary"), "accept-encoding");
  },
);

tempDirTest("page: nothing else in its folder is served, and one that is not built says so", async (dir) => {
  const missing = await get(dir, "/");
  assertEquals([missing.status, (await missing.json()).detail], [
    503,
    "The page is not built: deno task page builds it.",
  ]);
  await writePage(dir);
  for (const path of ["/assets/files.json", "/files.json", "/assets/..%2Ffiles.json", "/assets/page.2.js"]) {
    assertEquals((await get(dir, path)).status, 404, path);
  }
});
