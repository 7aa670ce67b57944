/** The units of a server and of a cluster's node: systemd takes them, and they leave no more rights than are needed. */
import { assertEquals } from "@std/assert";
import { parseFlags } from "../../lib/cli/flags/flags.ts";
import { SERVE_FLAGS } from "../../lib/server/settings/serve_flags.ts";
import { read } from "../docs/pages.ts";
import { outputOf } from "../support/guard.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { needs } from "../tools.ts";

const UNIT = "packaging/systemd/chatterbox.service";
const NODE_UNIT = "docs/cluster/chat.service";
const SOCKET = "packaging/systemd/chatterbox.socket";
const UNITS = [UNIT, NODE_UNIT];

/** Ten times the highest exposure that is allowed, in the scale of `systemd-analyze security`. */
const MAX_EXPOSURE = 18;

/** `systemd-analyze` with a unit, and with a program that is there in place of its own. */
async function analyze(unit: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return await withTempDir(async (dir) => {
    const path = `${dir}/chatterbox.${unit === SOCKET ? "socket" : "service"}`;
    if (unit === SOCKET) await Deno.writeTextFile(path, read(SOCKET));
    await Deno.writeTextFile(
      `${dir}/chatterbox.service`,
      read(unit === SOCKET ? UNIT : unit).replaceAll(/\/usr\/(?:local\/)?bin\/chatterbox/g, Deno.execPath()),
    );
    const child = new Deno.Command("systemd-analyze", {
      args: [...args, path],
      env: { SYSTEMD_LOG_LEVEL: "warning" },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return await outputOf("systemd-analyze", child);
  });
}

Deno.test({
  name: `${SOCKET}: systemd takes it without a word, with its service`,
  ...needs("systemd-analyze"),
  async fn() {
    assertEquals(await analyze(SOCKET, "verify", "--man=no"), { code: 0, out: "", err: "" });
  },
});

for (const unit of UNITS) {
  Deno.test({
    name: `${unit}: systemd takes it without a word`,
    ...needs("systemd-analyze"),
    async fn() {
      assertEquals(await analyze(unit, "verify", "--man=no"), { code: 0, out: "", err: "" });
    },
  });

  Deno.test({
    name: `${unit}: its exposure is at most 1.8`,
    ...needs("systemd-analyze"),
    async fn() {
      const args = ["security", "--offline=yes", "--no-pager", `--threshold=${MAX_EXPOSURE}`];
      const { code, out } = await analyze(unit, ...args);
      assertEquals(code, 0, out);
    },
  });
}

Deno.test({
  name: "docs/cluster: the unit restricts a node as the packaged one does a server",
  permissions: { read: true },
  fn() {
    const restrictions = (unit: string) => /^LimitCORE=[^[]*/m.exec(read(unit))?.[0].trim();
    assertEquals(restrictions(NODE_UNIT), restrictions(UNIT));
  },
});

Deno.test("unit: its commands are commands of the program", () => {
  const lines = Array.from(read(UNIT).matchAll(/^Exec\w+=\/usr\/bin\/chatterbox (\w+) (.+)$/gm));
  assertEquals(lines.map(([, command]) => command), ["serve", "admin"]);
  const parsed = parseFlags(SERVE_FLAGS, lines[0]![2]!.split(" "));
  assertEquals(parsed.kind === "ok" && [parsed.flags.config, parsed.flags["data-dir"], parsed.args], [
    "/etc/chatterbox/serve.json",
    "%S/chatterbox",
    [],
  ]);
});
