/**
 * docs/operating.md: its commands run, in order, below a folder that takes the place of the root of the file system, with stand-ins
 * for the programs of the system. Commands that need no root are run by tests/readme_run_test.ts, too.
 */
import { assertEquals } from "@std/assert";
import { LIVE_SETTINGS } from "../../lib/server/settings/live_settings.ts";
import { parseConfig } from "../../lib/server/settings/config_file.ts";
import { parseExamples } from "../readme_run/examples.ts";
import { Sandbox } from "../readme_run/sandbox.ts";
import { needs } from "../tools.ts";
import { codeWords, read, ROOT } from "./pages.ts";

const PAGE = "docs/operating.md";
const DATA = "/var/lib/chatterbox";

/** Paths of the system in a command or a script. */
const SYSTEM_PATH = /(?<![\w.~/])\/(?=(?:etc|var|mnt|usr\/share)\/)/g;

/** Programs of the system; `$HOME` is the root of the file system. */
const STAND_INS: Readonly<Record<string, string>> = {
  sudo: 'if [ "$1" = -u ]; then shift 2; fi; exec "$@"',
  // The unit's program and its reload, by the paths below the folder.
  systemctl: `case "$1 $2" in
    "reload chatterbox") exec chatterbox admin --data-dir "$HOME${DATA}" reload ;;
    "status chatterbox") exec chatterbox admin --data-dir "$HOME${DATA}" stats ;;
    *) echo "systemctl $*: not expected" >&2; exit 1 ;;
  esac`,
  dpkg: '[ "$1" = -i ] && ls "$2"',
  certbot: `export RENEWED_LINEAGE="$HOME/etc/letsencrypt/live/chat"
    while [ "$1" != --deploy-hook ]; do shift; done; exec "$2"`,
  // Only root gives files away.
  install: '[ "$1 $3" = "-o -g" ] || exit 1; shift 4; PATH="${PATH#*:}" exec install "$@"',
};

async function writeProgram(path: string, script: string): Promise<void> {
  await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** A root with what the commands find there: packages, the configuration, a certificate, folders. */
async function makeRoot(home: string): Promise<void> {
  for (
    const folder of ["etc/chatterbox", "etc/letsencrypt/live/chat"]
  ) {
    await Deno.mkdir(`${home}/${folder}`, { recursive: true });
  }
  for (const folder of ["usr/share/chatterbox", "mnt/backup", "var/lib"]) {
    await Deno.mkdir(`${home}/${folder}`, { recursive: true });
  }
  for (const [name, script] of Object.entries(STAND_INS)) await writeProgram(`${home}/bin/${name}`, script);
  await Deno.writeTextFile(`${home}/chatterbox_1.0.0_amd64.deb`, "");
  await Deno.writeTextFile(`${home}/etc/chatterbox/serve.json`, "{}\n");
  for (const name of ["fullchain", "privkey"]) {
    await Deno.writeTextFile(`${home}/etc/letsencrypt/live/chat/${name}.pem`, `${name}\n`);
  }
  const hook = read("packaging/certbot-hook").replace(SYSTEM_PATH, `${home}/`);
  await Deno.writeTextFile(`${home}/usr/share/chatterbox/certbot-hook`, hook, { mode: 0o755 });
}

Deno.test({
  name: "docs/operating.md: the administrator's commands run, in order",
  ...needs("script"),
  async fn() {
    await using sandbox = await Sandbox.create();
    const { home } = sandbox;
    await makeRoot(home);
    await sandbox.startServer(
      `chatterbox serve --config ${home}/etc/chatterbox/serve.json --data-dir ${home}${DATA}`,
      true,
    );
    const commands = parseExamples(PAGE, read(PAGE)).flat().filter(({ command }) =>
      !command.startsWith("docker")
    );
    assertEquals(commands.length >= 15, true);
    for (const { place, command } of commands) {
      const { code, lines } = await sandbox.run(command.replace(SYSTEM_PATH, `${home}/`));
      assertEquals(code, 0, `${place}: ${command}\n${lines.join("\n")}`);
    }
    const key = await Deno.stat(`${home}/etc/chatterbox/privkey.pem`);
    assertEquals([key.mode! & 0o777, Deno.readTextFileSync(`${home}/etc/chatterbox/fullchain.pem`)], [
      0o600,
      "fullchain\n",
    ]);
  },
});

Deno.test({
  name: "docs/operating.md: its configuration is valid, and files that it names are there",
  permissions: { read: true },
  fn() {
    const page = read(PAGE);
    const blocks = Array.from(page.matchAll(/^```json\n([^`]+)```$/gm), ([, text = ""]) => text);
    assertEquals(blocks.map((text) => parseConfig(text).kind), ["ok"]);
    assertEquals(LIVE_SETTINGS.includes("oper"), true); // the page has it changed by a reload
    for (const path of codeWords(page).filter((word) => /^(?:packaging|tests)\//.test(word))) {
      Deno.statSync(new URL(path, ROOT));
    }
    const compose = /docker compose -f (\S+)/.exec(page)?.[1] ?? "none";
    assertEquals(Deno.statSync(new URL(compose, ROOT)).isFile, true);
  },
});
