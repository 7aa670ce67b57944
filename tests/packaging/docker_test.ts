/** packaging/docker/: the image is made of what is there, and runs commands that the program has. */
import { assertEquals } from "@std/assert";
import { parse as parseYaml } from "@std/yaml";
import { assert } from "../../lib/base/assert.ts";
import { parseFlags } from "../../lib/cli/flags/flags.ts";
import { parseConfig } from "../../lib/server/settings/config_file.ts";
import { SERVE_FLAGS } from "../../lib/server/settings/serve_flags.ts";
import { resolveFlags } from "../../lib/server/settings/settings.ts";
import { read, ROOT } from "../docs/pages.ts";

const FOLDER = "packaging/docker";
const permissions = { read: true } as const;

/** Instructions of the Dockerfile, with their lines joined. */
function instructions(): [name: string, rest: string][] {
  const lines = read(`${FOLDER}/Dockerfile`).replace(/^#.*\n/gm, "").replace(/\\\n\s*/g, "").split("\n");
  return lines.filter((line) => line !== "").map((line) => {
    const [, name = "", rest = ""] = /^(\w+) (.*)$/.exec(line) ?? [];
    return [name, rest];
  });
}

function instruction(name: string): string {
  return instructions().findLast(([each]) => each === name)?.[1] ?? "";
}

Deno.test({
  name: "docker: the runtime is that of CI, and files that are copied are there and not left out",
  permissions,
  fn() {
    const [, version] = /deno@([\d.]+)/.exec(read(".ci/run")) ?? [];
    const [from] = instructions();
    assertEquals(from, ["FROM", `denoland/deno:debian-${version} AS build`]);
    const run = instruction("RUN");
    assert(run.includes("deno task compile"), "it compiles as everywhere");
    const sources = Array.from(run.matchAll(/install -D -m \d+ (\S+) /g), ([, path]) => path!);
    assertEquals(sources, ["chatterbox", `${FOLDER}/serve.json`]);
    assert(Deno.statSync(new URL(sources[1]!, ROOT)).isFile, sources[1]!);
    const ignored = read(`${FOLDER}/Dockerfile.dockerignore`).trim().split("\n");
    const needed = ["main.ts", "commands", "lib", "deno.json", "deno.lock", "docs", "packaging"];
    assertEquals(needed.filter((path) => ignored.includes(path)), []);
    for (const path of needed) assert(Deno.statSync(new URL(path, ROOT)).ctime !== undefined, path);
  },
});

Deno.test({
  name: "docker: entry point, command and health check are commands of the program, with one data folder",
  permissions,
  fn() {
    assertEquals(JSON.parse(instruction("ENTRYPOINT")), ["/usr/bin/chatterbox"]);
    const [command, ...flags]: string[] = JSON.parse(instruction("CMD"));
    const parsed = parseFlags(SERVE_FLAGS, flags);
    assert(command === "serve" && parsed.kind === "ok", "the command is serve");
    const folder = parsed.flags["data-dir"]!;
    const [, health = ""] = instruction("HEALTHCHECK").split(" CMD ");
    assertEquals(JSON.parse(health), ["/usr/bin/chatterbox", "admin", "--data-dir", folder, "stats"]);
    assert(folder.startsWith(`${instruction("VOLUME")}/`), "what is written is in the volume");
  },
});

Deno.test({
  name: "docker: the configuration is valid, and compose publishes ports that it listens on",
  permissions,
  fn() {
    const parsed = parseConfig(read(`${FOLDER}/serve.json`));
    assert(parsed.kind === "ok", "no fault");
    const settings = resolveFlags(parsed.flags, () => "/");
    assert(!("why" in settings), "settings that fit together");
    const ports = [...settings.addresses, ...settings.web.addresses].flatMap((address) =>
      address.kind !== "unix" && address.host === "0.0.0.0" ? [String(address.port)] : []
    );
    assertEquals(instruction("EXPOSE").split(" "), ports);
    const { services: { chatterbox }, volumes } = parseYaml(read(`${FOLDER}/compose.yaml`)) as {
      services: {
        chatterbox: Record<string, string[]> & { build: Record<string, string>; read_only: boolean };
      };
      volumes: Record<string, unknown>;
    };
    assertEquals(chatterbox["ports"]!.map((port) => port.split(":").at(-1)), ports);
    assertEquals(chatterbox.build, { context: "../..", dockerfile: `${FOLDER}/Dockerfile` });
    assertEquals([chatterbox.read_only, chatterbox["cap_drop"]], [true, ["ALL"]]);
    const mounts = chatterbox["volumes"]!.map((mount) => mount.split(":"));
    assertEquals(mounts[0], ["data", instruction("VOLUME")]);
    assert("data" in volumes, "the volume is declared");
    assert(Deno.statSync(new URL(`${FOLDER}/${mounts[1]![0]}`, ROOT)).isFile, "the mounted file is there");
    assert(instruction("CMD").includes(mounts[1]![1]!), "and it is the configuration");
  },
});
