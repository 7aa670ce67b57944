import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { parseFlags } from "../../lib/cli/flags.ts";
import { SERVE_FLAGS, serveSettings } from "../../lib/server/settings.ts";
import type { SettingsOutcome } from "../../lib/server/settings.ts";
import { withFile } from "../support/file.ts";

const ENV: Record<string, string> = { HOME: "/home/alice", XDG_STATE_HOME: "/state", LOCALAPPDATA: "/state" };

function settings(...args: string[]): Promise<SettingsOutcome> {
  const parsed = parseFlags(SERVE_FLAGS, args);
  assert(parsed.kind === "ok", JSON.stringify(parsed));
  return serveSettings(parsed.flags, (name) => ENV[name]);
}

Deno.test({
  name: "nothing needs to be said",
  permissions: "none",
  fn: async () => {
    const outcome = await settings();
    assert(outcome.kind === "ok", JSON.stringify(outcome));
    const { addresses, capacityBytes, sync, serverName, passwordFile, motdFile, logFormat } =
      outcome.settings;
    assertEquals(
      { addresses, capacityBytes, sync, serverName, passwordFile, motdFile, logFormat },
      {
        addresses: [{ kind: "tcp", host: "127.0.0.1", port: 6667 }],
        capacityBytes: 1 << 20,
        sync: 1000,
        serverName: "chatterbox.local",
        passwordFile: undefined,
        motdFile: undefined,
        logFormat: "text",
      },
    );
  },
});

Deno.test({
  name: "every door that is named is opened, and no other",
  permissions: "none",
  fn: async () => {
    const tcp = (host: string, port: number) => ({ kind: "tcp", host, port });
    const unix = { kind: "unix", path: "/run/s" };
    const doors = async (...args: string[]) => {
      const outcome = await settings(...args);
      return outcome.kind === "ok" ? outcome.settings.addresses : outcome;
    };
    assertEquals(await doors("--unix", "/run/s"), [unix]);
    assertEquals(await doors("--listen", ":1", "--listen=[::]:2", "--unix", "/run/s"), [
      tcp("127.0.0.1", 1),
      tcp("::", 2),
      unix,
    ]);
  },
});

Deno.test({
  name: "a value that makes no sense is named with its flag",
  permissions: "none",
  fn: async () => {
    for (
      const [flag, value] of [["--listen", "x:y"], ["--sync", "1ms"], ["--sync", "soon"], [
        "--name",
        "a b",
      ]] as const
    ) {
      const outcome = await settings(flag, value);
      assert(
        outcome.kind === "usage" && outcome.why.startsWith(`${flag} ${value}: `),
        JSON.stringify(outcome),
      );
    }
    const lost = await serveSettings(SILENT, () => undefined);
    assert(lost.kind === "usage" && lost.why.includes("--data-dir DIR"), JSON.stringify(lost));
  },
});

const silent = parseFlags(SERVE_FLAGS, []);
assert(silent.kind === "ok", "no flags are good flags");
const SILENT = silent.flags;

Deno.test("the configuration file speaks where the flags are silent", () =>
  withFile(
    JSON.stringify({ listen: [":1", ":2"], buffer: "2MiB", sync: "always", name: "from.file" }),
    async (path) => {
      const outcome = await settings("--config", path, "--name", "from.flag");
      assert(outcome.kind === "ok", JSON.stringify(outcome));
      const { addresses, capacityBytes, sync, serverName } = outcome.settings;
      assertEquals([addresses.length, capacityBytes, sync, serverName], [2, 2 << 20, "always", "from.flag"]);
    },
  ));

Deno.test("a configuration file that can't be used says why, with its name", async () => {
  const bad = [
    "{",
    "[]",
    '"x"',
    '{"lisen": ":1"}',
    '{"config": "x"}',
    '{"toString": 1}',
    '{"buffer": "lots"}',
  ];
  for (const text of bad) {
    await withFile(text, async (path) => {
      const outcome = await settings("--config", path);
      assert(
        outcome.kind === "config" && outcome.why.startsWith(`${path}: `),
        `${text}: ${JSON.stringify(outcome)}`,
      );
    });
  }
  assertEquals(await settings("--config", "/no/such/file"), {
    kind: "config",
    why: "/no/such/file: no such file",
  });
});
