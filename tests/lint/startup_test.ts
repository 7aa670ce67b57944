/** What a start must not pay for: lib/base/platform/node_modules.ts says how long modules of Node and Intl take to load. */
import { assertEquals } from "@std/assert";
import { readSources } from "./house.ts";

/** Files that are loaded only where their module is used, and modules that take no time. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "node:tls": ["lib/net/tls/server_certificate.ts", "lib/net/tls/tls_conn.ts"],
  "node:stream": ["commands/mcp/stdio.ts", "lib/net/tls/raw_stream.ts", "lib/tui/terminal/inquirer.ts"],
  "node:process": ["lib/tui/terminal/inquirer.ts"],
  "node:os": ["lib/server/archive/archiver_worker.ts"],
  "node:url": ["commands/support/own_command.ts"],
};
const CHEAP = "node:sqlite";

const STATIC_IMPORT = /^import (?!type\b)[^;]*?"(node:[a-z/_]+)";/gm;
const INTL_AT_MODULE_LEVEL = /^(?:export )?(?:const|let) .*\bnew Intl\./m;

Deno.test({
  name:
    "startup: no module of Node is imported before it is needed, and nothing of Intl is made when a file is loaded",
  permissions: { read: true },
  fn() {
    const found: string[] = [];
    for (const [path, source] of readSources(`${import.meta.dirname}/../..`)) {
      if (!/^(?:main\.ts|commands\/|lib\/(?!page\/))/.test(path)) continue;
      for (const [, module] of source.matchAll(STATIC_IMPORT)) {
        if (module !== CHEAP && !ALLOWED[module!]?.includes(path)) found.push(`${path}: ${module}`);
      }
      if (INTL_AT_MODULE_LEVEL.test(source)) found.push(`${path}: Intl`);
    }
    assertEquals(found, []);
  },
});
