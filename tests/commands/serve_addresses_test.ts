/** Where `serve` listens, as people write it: what is taken, what is told where it is not, and how to join then. */
import { assert } from "../../lib/base/assert.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { withTempDir } from "../support/temp_dir.ts";
import { linesOf, program, start } from "./program.ts";

const WINDOWS = Deno.build.os === "windows";

/** One on which nothing listened just now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** What a server with `flags` prints until it has said what to do next; it is stopped then. */
async function printed(home: string, ...flags: string[]): Promise<string> {
  await using child = start(["serve", "--data-dir", `${home}/data`, ...flags], home);
  child.stderr.pipeTo(new WritableStream()); // read, so that it cannot fill up
  const lines: string[] = [];
  const told = linesOf(child.stdout);
  for (let next = await told.next(); !next.done; next = await told.next()) {
    lines.push(next.value);
    if (/logs --tail|--unix PATH\.$/.test(next.value)) child.kill("SIGTERM");
  }
  await child.status;
  return lines.join("\n");
}

Deno.test("what cannot be listened on, or kept, is told in words, with its exit code", () =>
  withTempDir(async (home) => {
    const file = `${home}/file`;
    await Deno.writeTextFile(file, "kept");
    const port = freePort();
    const cases: [string[], number, RegExp][] = [
      [["--listen", "::1:6667"], 64, /--listen ::1:6667: .*brackets, \[::1\]:6667$/],
      [["--web", "me@host"], 64, /--web me@host: .*leave out the part before the @$/],
      [
        ["--listen", `127.0.0.1:${port}`, "--web", `:${port}`],
        73,
        /is in use by this server itself, which listens on/,
      ],
    ];
    if (!WINDOWS) {
      cases.push(
        [["--unix", file], 73, /file exists and is not a socket; choose another path$/],
        [["--unix", `${home}/s`, "--unix-group", "no-such-group"], 73, /no such group in/],
      );
    }
    if (Deno.build.os === "linux") {
      cases.push(
        [
          ["--data-dir", "/proc/x"],
          73,
          /^chatterbox: \/proc\/x: it belongs to the system and holds no ChatterBox files; choose/,
        ],
        [["--unix", "/proc/s"], 73, /unix:\/proc\/s: the folder belongs to the system; choose another path$/],
      );
    }
    for (const [flags, code, words] of cases) {
      const run = await program(["serve", "--data-dir", `${home}/data`, ...flags], home);
      assertEquals(run.code, code, run.err);
      assertMatch(run.err.trim(), words);
      assert(!/--allow-/.test(run.err), run.err);
    }
    assertEquals(await Deno.readTextFile(file), "kept");
  }));

Deno.test({
  name: "the next steps name the address that was listened on",
  ignore: WINDOWS, // signals
  fn: () =>
    withTempDir(async (home) => {
      const port = freePort();
      const joins = new RegExp(` join alice --server 127\\.0\\.0\\.1:${port}$`, "m");
      const both = await printed(home, "--listen", `0.0.0.0:${port}`, "--listen", `[::]:${port}`);
      assertMatch(both, new RegExp(`listening on \\*:${port}$`, "m"));
      assertMatch(both, joins);
      assertMatch(await printed(home, "--listen", String(port)), joins);
      const trusting = ["--listen", "127.0.0.1:0", "--trust-proxy", "127.0.0.0/8"];
      assert(!/ join alice/.test(await printed(home, ...trusting)), "clients there are taken for proxies");
      const unix = await printed(home, ...trusting, "--unix", `${home}/s`);
      assertMatch(unix, new RegExp(` join alice --server unix:${home}/s$`, "m"));
      assert(!/In a browser/.test(both), "nothing listens for browsers");
      const web = await printed(home, "--listen", "127.0.0.1:0", "--web", `0.0.0.0:${port}`);
      assertMatch(web, new RegExp(`^In a browser: http://127\\.0\\.0\\.1:${port}$`, "m"));
      const proxied = await printed(home, ...trusting, "--web", "127.0.0.1:0");
      assert(!/In a browser/.test(proxied), "browsers there are taken for proxies");
    }),
});
