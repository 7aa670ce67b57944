/**
 * The Debian package: installed, upgraded, removed and purged by dpkg below a folder of its own, and what its scripts do
 * to a systemd that runs.
 */
import { assertEquals, assertMatch } from "@std/assert";
import facts from "../../deno.json" with { type: "json" };
import { ROOT } from "../docs/pages.ts";
import { outputOf } from "../support/guard.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { needs } from "../tools.ts";

const TOOLS = needs("bash", "dpkg", "dpkg-deb", "deb-systemd-helper", "systemd-sysusers", "systemctl");
const SCRIPTS = ["postinst", "prerm", "postrm"] as const;
const FOLDER = "packaging/debian";
/** Dpkg as any user, for a system without other packages; its scripts run outside, and are told the folder. */
const DPKG = "dpkg --force-script-chrootless --force-depends --force-not-root";

/** What `script` writes to both streams; an error if it fails. `$dir` is `dir`. */
async function shell(dir: string, script: string, env: Record<string, string> = {}): Promise<string> {
  const child = new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", `exec 2>&1; ${script}`],
    cwd: ROOT,
    env: { dir, ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, out } = await outputOf(script, child);
  if (code !== 0) throw new Error(`${script}: ${code}\n${out}`);
  return out;
}

/** A system with this package alone. */
class System {
  private constructor(readonly dir: string) {}

  static async make(dir: string): Promise<System> {
    const system = new System(dir);
    await system.sh(`
      mkdir -p $dir/root/var/lib/dpkg/{info,updates,triggers} $dir/root/etc
      touch $dir/root/var/lib/dpkg/{status,available}
      install -m 755 tests/packaging/fake_program.sh $dir/chatterbox
      ${FOLDER}/build.sh $dir/chatterbox amd64 $dir
      mv $dir/chatterbox_*.deb $dir/1.deb
      dpkg-deb -R $dir/1.deb $dir/next
      sed -i 's/^Version: .*/&+next/' $dir/next/DEBIAN/control
      dpkg-deb --root-owner-group -b $dir/next $dir/2.deb`);
    return system;
  }

  sh(script: string): Promise<string> {
    return shell(this.dir, script);
  }

  dpkg(args: string): Promise<string> {
    return this.sh(`${DPKG} --root=$dir/root ${args}`);
  }

  /** The links by which units start, masks, and what the package's scripts note of both. */
  async units(): Promise<string[]> {
    const found = await this.sh(
      `cd $dir/root && find etc/systemd var/lib/systemd -not -type d | LC_ALL=C sort`,
    );
    return found.split("\n").filter((line) => line !== "").map((line) =>
      line.replace("etc/systemd/system/", "").replace("var/lib/systemd/deb-systemd-helper-", "~")
    );
  }
}

const SERVICE = "multi-user.target.wants/chatterbox.service";
const SOCKET = "sockets.target.wants/chatterbox.socket";
const NOTES = ["~enabled/chatterbox.service.dsh-also", "~enabled/chatterbox.socket.dsh-also"];

Deno.test({
  name:
    "debian package: dpkg enables the service and not the socket, keeps what was changed, and leaves nothing at a purge",
  ...TOOLS,
  fn: () =>
    withTempDir(async (dir) => {
      const system = await System.make(dir);
      const say = await system.dpkg("-i $dir/1.deb");
      assertMatch(say, /Setting up chatterbox/);
      const installed = [SERVICE, NOTES[0]!, NOTES[1]!, `~enabled/${SERVICE}`].toSorted();
      assertEquals((await system.units()).toSorted(), installed);
      assertMatch(await system.sh("cat $dir/root/etc/passwd"), /^chatterbox:/m);
      // A script that runs twice has nothing to do.
      await system.sh(`DPKG_ROOT=$dir/root ${FOLDER}/postinst configure ''`);
      assertEquals((await system.units()).toSorted(), installed);

      await system.sh("systemctl --root=$dir/root --quiet disable chatterbox.service");
      await system.sh("systemctl --root=$dir/root --quiet enable chatterbox.socket");
      await system.sh(`echo '{ "replay": 7 }' >$dir/root/etc/chatterbox/serve.json`);
      await system.dpkg("--force-confold -i $dir/2.deb");
      assertMatch(await system.dpkg("-s chatterbox"), new RegExp(`^Version: ${facts.version}\\+next$`, "m"));
      const links = async () => (await system.units()).filter((path) => !path.startsWith("~"));
      assertEquals(await links(), [SOCKET]);
      assertMatch(await system.sh("cat $dir/root/etc/chatterbox/serve.json"), /"replay": 7/);

      await system.dpkg("-r chatterbox");
      const removed = await links();
      assertEquals(removed, ["chatterbox.service", "chatterbox.socket", SOCKET]); // masked
      await system.sh("mkdir -p $dir/root/var/lib/chatterbox && touch $dir/root/var/lib/chatterbox/log.ring");
      await system.dpkg("-i $dir/2.deb");
      assertEquals(await links(), [SOCKET]);
      await system.dpkg("-r chatterbox");
      for (let n = 0; n < 2; n++) {
        await system.dpkg("-P chatterbox");
        assertEquals(await system.units(), []);
      }
      await system.sh("ls $dir/root/var/lib/chatterbox/log.ring && [ ! -e $dir/root/etc/chatterbox ]");
    }),
});

/**
 * What `script` asks of systemd and of the program, where systemd runs; then what it says. `active`, `enabled`: the units
 * that are so; `fronts`: the server has some.
 */
async function callsOf(
  script: string,
  { active = "", enabled = "", fronts = false }: { active?: string; enabled?: string; fronts?: boolean } = {},
): Promise<string[]> {
  return await withTempDir(async (dir) => {
    const log = `echo "\${0##*/} $*" >>"${dir}/calls"`;
    const asks = (list: string) => `case " ${list} " in *" \${3:-} "*) exit 0 ;; *) exit 1 ;; esac`;
    const programs = {
      "systemctl": `case "$2" in is-active) ${asks(active)} ;; is-enabled) ${asks(enabled)} ;; esac; ${log}`,
      "deb-systemd-invoke": log,
      "deb-systemd-helper": "exit 1",
      "systemd-sysusers": "exit 0",
      "sleep": "exit 0",
      "chatterbox": `${log}; ${fronts ? "exit 0" : "exit 77"}`,
    };
    await Deno.mkdir(`${dir}/systemd`);
    for (const [name, text] of Object.entries(programs)) {
      await Deno.writeTextFile(`${dir}/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    const [name, ...args] = script.split(" ");
    const text = (await Deno.readTextFile(new URL(`${FOLDER}/${name}`, ROOT)))
      .replaceAll("/run/systemd/system", `${dir}/systemd`)
      .replaceAll("/usr/sbin/policy-rc.d", `${dir}/policy`);
    await Deno.writeTextFile(`${dir}/script`, text);
    const said = await shell(
      dir,
      `PATH="$dir:$PATH" sh $dir/script ${args.join(" ")}; touch $dir/calls; cat $dir/calls`,
    );
    return said.trim().split("\n").filter((line) =>
      line !== "" && line !== "systemctl --system daemon-reload"
    );
  });
}

Deno.test({
  name: "debian package: a first installation starts the service; an upgrade restarts it, or its hub alone",
  ...needs("bash"),
  async fn() {
    assertEquals(await callsOf("postinst configure ''"), ["deb-systemd-invoke start chatterbox.service"]);

    const upgrade = "postinst configure 0.1.0";
    const admin = "chatterbox admin --data-dir /var/lib/chatterbox";
    const restarted = "deb-systemd-invoke restart chatterbox.service";
    const active = "chatterbox.service";
    const [words, ...calls] = await callsOf(upgrade, { active });
    assertMatch(words!, /^chatterbox: the server is restarted; its clients lose their connections/);
    assertEquals(calls, [`${admin} upgrade`, restarted]);
    // The port of systemd is not touched, so that connections wait.
    const withSocket = await callsOf(upgrade, {
      active: `${active} chatterbox.socket`,
      enabled: "chatterbox.socket",
    });
    assertEquals(withSocket.slice(1), [`${admin} upgrade`, restarted]);
    const [kept, ...handedOver] = await callsOf(upgrade, { active, fronts: true });
    assertMatch(kept!, /^chatterbox: only the hub was restarted, .*until: systemctl restart chatterbox$/);
    assertEquals(handedOver, [`${admin} upgrade`, `${admin} stats`]);
    // After a removal that failed, and at an installation after one that did not.
    assertEquals(await callsOf("postinst abort-remove in-favour", { enabled: "chatterbox.socket" }), [
      "deb-systemd-invoke start chatterbox.socket",
      restarted,
    ]);
    assertEquals(await callsOf(upgrade), [restarted]);
  },
});

Deno.test({
  name: "debian package: a removal stops service and socket; an upgrade stops neither",
  ...needs("bash"),
  async fn() {
    assertEquals(await callsOf("prerm remove"), [
      "deb-systemd-invoke stop chatterbox.socket chatterbox.service",
    ]);
    assertEquals(await callsOf("prerm upgrade 0.2.0"), []);
    assertEquals(await callsOf("postrm upgrade 0.2.0"), []);
  },
});

Deno.test({
  name: "debian package: its scripts are scripts of a POSIX shell",
  ...needs("bash"),
  fn: () =>
    withTempDir(async (dir) => {
      for (const name of SCRIPTS) assertEquals(await shell(dir, `sh -n ${FOLDER}/${name}`), "");
    }),
});
