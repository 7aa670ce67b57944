/** packaging/release.sh, with binaries that a test has made: what a release consists of, and that it can be made again. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import facts from "../../deno.json" with { type: "json" };
import { ROOT } from "../docs/pages.ts";
import { outputOf } from "../support/guard.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { needs } from "../tools.ts";

const VERSION = facts.version;
/** 2026-11-30 12:00 UTC. */
const EPOCH = "1796040000";
const UNIX_TARGETS = [
  "aarch64-apple-darwin",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "x86_64-unknown-linux-gnu",
];

/** What `script` writes; an error if it fails. */
async function shell(script: string, env: Record<string, string> = {}): Promise<string> {
  const child = new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", script],
    cwd: ROOT,
    env,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, out, err } = await outputOf(script, child);
  if (code !== 0) throw new Error(`${script}: ${code}\n${out}${err}`);
  return out;
}

/** Makes a release of the stand-in in `folder`. */
async function release(dir: string, folder: string): Promise<void> {
  const fake = new URL("fake_program.sh", import.meta.url).pathname;
  for (const target of [...UNIX_TARGETS, "x86_64-pc-windows-msvc"]) {
    const program = `${dir}/compiled/${target}/chatterbox${target.includes("windows") ? ".exe" : ""}`;
    await Deno.mkdir(`${dir}/compiled/${target}`, { recursive: true });
    await Deno.writeTextFile(program, `${Deno.readTextFileSync(fake)}# ${target}\n`, { mode: 0o755 });
  }
  await shell(`packaging/release.sh ${folder}`, {
    COMPILED: `${dir}/compiled`,
    NATIVE: `${dir}/compiled/x86_64-unknown-linux-gnu/chatterbox`,
    DENO: Deno.execPath(),
    SOURCE_DATE_EPOCH: EPOCH,
    GITHUB_REPOSITORY: "someone/chat",
  });
}

Deno.test({
  name: "release: archives, packages, bill of materials, formula and checksums; the same bytes a second time",
  ...needs("bash", "dpkg-deb", "zip"),
  fn: () =>
    withTempDir(async (dir) => {
      const [first, second] = [`${dir}/first`, `${dir}/second`];
      await release(dir, first);
      await release(dir, second);
      assertEquals(
        await shell(`diff -r ${first} ${second} && ls ${first}`),
        [
          "SHA256SUMS",
          ...UNIX_TARGETS.map((target) => `chatterbox-v${VERSION}-${target}.tar.gz`).toSpliced(
            3,
            0,
            `chatterbox-v${VERSION}-x86_64-pc-windows-msvc.zip`,
          ),
          `chatterbox-v${VERSION}.cdx.json`,
          "chatterbox.rb",
          `chatterbox_${VERSION}_amd64.deb`,
          `chatterbox_${VERSION}_arm64.deb`,
          "",
        ].join("\n"),
      );
      await checkDebianPackage(first);
      const sums = await shell(
        `cd ${first} && sha256sum --check --strict --quiet SHA256SUMS && cat SHA256SUMS`,
      );
      assertEquals(sums.trim().split("\n").length, 8);
      const formula = await Deno.readTextFile(`${first}/chatterbox.rb`);
      for (const target of UNIX_TARGETS) {
        const name = `chatterbox-v${VERSION}-${target}.tar.gz`;
        const [, sum] = new RegExp(`^(\\w+)  ${name}$`, "m").exec(sums)!;
        assertStringIncludes(
          formula,
          `someone/chat/releases/download/v${VERSION}/${name}"\n      sha256 "${sum}"`,
        );
        assertEquals(
          (await shell(`tar -tzf ${first}/${name}`)).split("\n").map((path) => path.split("/")[1] ?? "")
            .sort(),
          ["", "", "CHANGELOG.md", "LICENSE", "README.md", "chatterbox"],
        );
      }
    }),
});

async function checkDebianPackage(folder: string): Promise<void> {
  const path = `${folder}/chatterbox_${VERSION}_arm64.deb`;
  const listed = await shell(`dpkg-deb -c ${path} | awk '{ print $1, $2, $6 }' | grep -v /$`);
  assertEquals(listed.trim().split("\n").map((line) => line.replace(" ./", " /")), [
    "-rw-r--r-- root/root /etc/chatterbox/serve.json",
    "-rwxr-xr-x root/root /usr/bin/chatterbox",
    "-rw-r--r-- root/root /usr/lib/systemd/system/chatterbox.service",
    "-rw-r--r-- root/root /usr/lib/systemd/system/chatterbox.socket",
    "-rw-r--r-- root/root /usr/lib/sysusers.d/chatterbox.conf",
    "-rw-r--r-- root/root /usr/share/bash-completion/completions/chatterbox",
    "-rwxr-xr-x root/root /usr/share/chatterbox/certbot-hook",
    "-rw-r--r-- root/root /usr/share/chatterbox/serve.schema.json",
    "-rw-r--r-- root/root /usr/share/doc/chatterbox/CHANGELOG.md",
    "-rw-r--r-- root/root /usr/share/doc/chatterbox/README.md",
    "-rw-r--r-- root/root /usr/share/doc/chatterbox/changelog.gz",
    "-rw-r--r-- root/root /usr/share/doc/chatterbox/copyright",
    "-rw-r--r-- root/root /usr/share/fish/vendor_completions.d/chatterbox.fish",
    "-rw-r--r-- root/root /usr/share/lintian/overrides/chatterbox",
    "-rw-r--r-- root/root /usr/share/man/man1/chatterbox.1.gz",
    "-rw-r--r-- root/root /usr/share/zsh/vendor-completions/_chatterbox",
  ]);
  assertStringIncludes(await shell(`dpkg-deb -f ${path}`), `Version: ${VERSION}\nArchitecture: arm64\n`);
  assertStringIncludes(
    await shell(`dpkg-deb --fsys-tarfile ${path} | tar -xO ./usr/bin/chatterbox`),
    "# aarch64-",
  );
  const control = await shell(`dpkg-deb -e ${path} ${folder}/../control && ls ${folder}/../control`);
  assertEquals(control, "conffiles\ncontrol\nmd5sums\npostinst\npostrm\nprerm\n");
}
