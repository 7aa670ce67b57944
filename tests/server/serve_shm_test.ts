/**
 * `serve --shm`: what is refused, and how the data folder is left then. tests/commands/logs_local_test.ts shows the
 * rest.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { segmentName, segmentPath } from "../../lib/shm/shared_segment.ts";
import { linesOf, programTest } from "../commands/program.ts";
import { shell } from "../shm/segments.ts";
import { endOf, outputOf } from "../support/guard.ts";
import { modulesOf } from "../support/loaded_modules.ts";
import { Serve } from "./serve_process.ts";

const LINUX = { ignore: Deno.build.os !== "linux" };
const ROOT = `${import.meta.dirname}/../../`;

programTest(
  "serve --shm: what lies under the name of its segment is refused with 73, and stays",
  LINUX,
  async (home) => {
    await Deno.mkdir(`${home}/data`);
    const path = segmentPath(segmentName(Deno.realPathSync(`${home}/data`)));
    try {
      for (
        const [script, why] of [[`echo mine >"$1"`, "not a segment of ChatterBox"], [
          `ln -s x "$1"`,
          "symbolic link",
        ]]
      ) {
        await shell(`umask 077; rm -f "$1"; ${script}`, path);
        const before = await shell(`ls -l --time-style=full-iso "$1"`, path);
        const { code, words } = await Serve.refused(home, ["--shm"]);
        assertEquals(code, 73);
        assertMatch(
          words,
          new RegExp(
            `^chatterbox: --shm: ${path}: it is (a )?${why}; remove it \\(or start without --shm\\)\\n$`,
          ),
        );
        assertEquals(await shell(`ls -l --time-style=full-iso "$1"`, path), before);
      }
      const serve = await Serve.start(home);
      assertEquals(serve.saidOf("log"), ["info: history in " + `${home}/data/log.ring`]); // it was closed in order
      assertEquals(await serve.end(), 0);
    } finally {
      await shell(`rm -f "$1"`, path);
    }
  },
);

programTest(
  "serve --shm: a limit for files below the size of the segment is 73, and says so",
  LINUX,
  async (home) => {
    await Deno.mkdir(`${home}/data`);
    const path = segmentPath(segmentName(Deno.realPathSync(`${home}/data`)));
    const { code, words } = await Serve.refused(home, ["--shm", "--buffer", "64MiB"], "ulimit -f 135168;"); // 66 MiB
    assertEquals(code, 73);
    assertMatch(
      words,
      new RegExp(`^chatterbox: --shm: ${path}: this process may not make a file of that size`),
    );
    assertEquals(await shell(`ls "$1" 2>/dev/null`, path), "");
  },
);

programTest(
  "serve --shm: without the permission for FFI 78, before the data folder is touched",
  LINUX,
  async (home) => {
    const permissions = ["--allow-read", "--allow-write", "--allow-net", "--allow-env", "--allow-sys"];
    const serve = ["serve", "--shm", "--listen", "127.0.0.1:0", "--no-web", "--data-dir", `${home}/data`];
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-q",
        "--no-prompt",
        ...permissions,
        `--config=${ROOT}deno.json`,
        `${ROOT}main.ts`,
        ...serve,
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { code, err } = await outputOf("serve", child);
    assertEquals(code, 78);
    assertMatch(err, /^chatterbox: --shm needs Linux, glibc 2\.34 or newer, .*start without --shm\n$/);
    assertEquals(Array.from(Deno.readDirSync(home)), []);
  },
);

programTest(
  "serve --shm: the configuration file may say it; after kill -9 the next server takes over",
  LINUX,
  async (home) => {
    await Deno.writeTextFile(`${home}/config.json`, `{ "shm": true, "buffer": "64KiB" }`);
    const flags = ["--config", `${home}/config.json`];
    const first = await Serve.start(home, flags);
    const path = segmentPath(segmentName(Deno.realPathSync(`${home}/data`)));
    assertEquals(first.saidOf("shm"), [`info: the ring is in ${path}`]);
    const inode = await shell(`stat -c %i "$1"`, path);
    await first.kill();
    assertEquals(await shell(`stat -c %i "$1"`, path), inode);
    const second = await Serve.start(home, [...flags, "--buffer", "128KiB"]);
    assertEquals(await shell(`stat -c %i "$1"`, path) === inode, false);
    assertEquals(await second.end(), 0);
    assertEquals(await shell(`ls "$1" 2>/dev/null`, path), "");
  },
);

programTest(
  "serve --shm: a ring that another process damages ends the server with 74, says so, and is not written to the file",
  LINUX,
  async (home) => {
    await Deno.mkdir(`${home}/data`);
    const path = segmentPath(segmentName(Deno.realPathSync(`${home}/data`)));
    const flags = ["--shm", "--buffer", "64KiB"];
    for (
      const [word, bytes] of [[6, "\\377\\372\\0\\0"], [4, "\\0\\377"], [10, "\\001\\001\\001\\001"]] as const
    ) { // ring_header.ts
      const serve = await Serve.start(home, flags);
      const client = await serve.enter("alice");
      await client.send("PRIVMSG #lobby :before");
      await client.barrier();
      await shell(`printf '${bytes}' | dd of="$1" bs=1 seek=${65536 + 4 * word} conv=notrunc`, path);
      await client.send("PRIVMSG #lobby :after");
      assertEquals(await serve.ended(), 74);
      const text = `^chatterbox: another process has damaged the shared memory ${path}: .*Start it again: `;
      assertMatch(await serve.stderr, new RegExp(text, "m"));
      client.close();
    }
    const last = await Serve.start(home, flags);
    const [report] = last.said.filter(({ event }) => event === "log");
    assertMatch(report!.text, /log\.ring: \d+ records recovered; unclean shutdown: [^;]*$/);
    assertEquals(await last.end(), 0);
  },
);

programTest("serve --shm: the next steps say how to read its memory", LINUX, async (home) => {
  for (const [flags, lines] of [[["--shm"], 1], [[], 0]] as const) {
    const server = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-q", "-P", `--config=${ROOT}deno.json`, `${ROOT}main.ts`],
        ...["serve", "--listen", "127.0.0.1:0", "--no-web", "--data-dir", `${home}/the data`, ...flags],
      ],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const shown: string[] = [];
    for await (const line of linesOf(server.stdout)) {
      if (line.startsWith("  ") && line.includes(" task ")) shown.push(line);
      if (shown.length === 3 + lines) server.kill("SIGTERM");
    }
    await endOf(server);
    const local = `task logs --tail --local --data-dir '${home}/the data'`;
    assertEquals(shown.filter((line) => line.endsWith(local)).length, lines);
  }
});

programTest("serve: without --shm nothing of shared memory is loaded", LINUX, async () => {
  for (const path of ["commands/serve/run_server.ts", "commands/logs.ts", "commands/send.ts"]) {
    const { loaded, known } = await modulesOf(path);
    assertEquals(loaded.filter((each) => each.startsWith("lib/shm/")), [], path);
    assertEquals(known.some((each) => each.startsWith("lib/shm/")), true, "with the flag it is");
  }
});
