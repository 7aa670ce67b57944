/** Each subcommand runs with its set of permissions, keeps no more than it needs, and gives up what it needs no longer. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { userInfo } from "node:os";
import { endOf } from "../support/guard.ts";
import { POSIX } from "../support/test.ts";
import { linesOf, programTest } from "./program.ts";

const ROOT = new URL("../../", import.meta.url);
const PROBE = new URL("./permissions_probe.ts", import.meta.url);

function command(set: string, args: readonly string[], home: string, user = "tester"): Deno.Command {
  const run = [
    "run",
    "-q",
    "--no-prompt",
    `-P=${set}`,
    `--preload=${PROBE.pathname}`,
    `${ROOT.pathname}main.ts`,
  ];
  const env = {
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_STATE_HOME: home,
    USER: user,
    LOGNAME: user,
    USERNAME: user,
    NO_COLOR: "1",
  };
  const streams = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command(Deno.execPath(), { args: [...run, ...args], cwd: ROOT, env, ...streams });
}

/** Exit code, and the permissions that the process has at its end. */
async function outcome(set: string, args: readonly string[], home: string): Promise<[number, string]> {
  const { code, stderr } = await command(set, args, home).output();
  return [code, permissionsIn(new TextDecoder().decode(stderr))];
}

function permissionsIn(stderr: string): string {
  return /^permissions: (.*)$/m.exec(stderr)?.[1] ?? stderr;
}

/** Left of the permission to call the C library, on platforms where it is looked for (permissions_probe.ts). */
const FFI = Deno.build.os === "linux" ? " ffi" : "";

/** Flags of `serve`, and what it keeps beside files and the network. */
const LINUX_MODES = [[[], " ca"], [["--shm"], " ca"], [["--fronts", "1"], " run"]] as const;

/** Nothing listens there. */
const SERVER = ["--server", "irc://127.0.0.1:1"];

programTest(
  "permissions: of all that the binary is given, each subcommand keeps what it needs",
  POSIX,
  async (home) => {
    await Deno.writeTextFile(`${home}/key`, "k".repeat(43), { mode: 0o600 });
    const cases: (readonly [string[], number, string])[] = [
      [["key", "list"], 0, "read write uid gid userInfo osRelease"],
      [["key", "show", "alice", ...SERVER], 67, "read write uid gid userInfo osRelease"],
      [
        ["key", "share", "alice", "--key-file", `${home}/key`, ...SERVER],
        69,
        "read write net ca uid gid userInfo osRelease",
      ],
      [["logs", "--file", `${home}/none`], 74, "read"],
      [["logs", "--verify"], 74, "read"],
      [["logs", "--local", "--data-dir", `${home}/none`], 69, `read${FFI}`],
      [["logs", ...SERVER], 69, "read write net ca uid gid userInfo osRelease"],
      [["logs", "--exec", "true", ...SERVER], 69, "read write net run ca uid gid userInfo osRelease"],
      [["list", ...SERVER], 69, "read write net ca uid gid userInfo osRelease"],
      [["send", "bob", "hi", ...SERVER], 69, "read write net ca uid gid userInfo osRelease"],
      [
        ["send", "--local", "--data-dir", `${home}/none`, "bob", "hi"],
        69,
        `read write net${FFI} ca uid gid userInfo osRelease`,
      ],
      [["join", ...SERVER], 69, "read write net ca uid gid userInfo osRelease"],
      [["join", "--notify", "true", ...SERVER], 69, "read write net run ca uid gid userInfo osRelease"],
      [["doctor", ...SERVER], 69, "read write net ca uid gid userInfo osRelease"],
      [["register", "alice", ...SERVER], 69, "read write net ca uid gid userInfo osRelease"],
      [
        ["unregister", "alice", "--yes", "--key-file", `${home}/key`, ...SERVER],
        69,
        "read write net ca uid gid userInfo osRelease",
      ],
      [
        ["token", "list", "--name", "alice", "--key-file", `${home}/key`, ...SERVER],
        69,
        "read write net ca uid gid userInfo osRelease",
      ],
      [["admin", "--data-dir", home, "stats"], 69, "read write net"],
      [["archive", "--data-dir", home, "check"], 74, "read write"],
      [["backup", "--data-dir", home, `${home}/b`], 74, "read write"],
      [["restore", "--verify", home], 65, "read write"],
      [["bench"], 64, ""],
      [["bench", "ipc", "--only", "none"], 64, "read write net run ffi"],
      [["bench", "load", ...SERVER], 69, "read write net ca uid gid userInfo osRelease"],
      [["bench", "ipc-peer", "none"], 64, "read write net ffi"],
      [["serve", "--sync", "soon"], 64, "read write net hostname umask ca"],
    ];
    for (const [args, code, kept] of cases) {
      assertEquals(await outcome("default", args, home), [code, kept], args.join(" "));
    }
  },
);

programTest("permissions: the sets of the tasks are enough, and no wider", POSIX, async (home) => {
  const cases: (readonly [set: string, string[], number, string])[] = [
    ["client", ["list", ...SERVER], 69, "read write net ca uid gid userInfo osRelease"],
    ["client", ["send", "bob", "hi", ...SERVER], 69, "read write net ca uid gid userInfo osRelease"],
    ["logs", ["logs", ...SERVER], 69, "read write net ca uid gid userInfo osRelease"],
    ["logs", ["logs", "--exec", "true", ...SERVER], 69, "read write net run ca uid gid userInfo osRelease"],
    ["client", ["logs", ...SERVER], 69, "read write net ca uid gid userInfo osRelease"],
    ["client", ["join", ...SERVER], 69, "read write net ca uid gid userInfo osRelease"],
    ["client", ["admin", "--data-dir", home, "stats"], 69, "read write net"],
    ["files", ["key", "list"], 0, "read write uid gid userInfo osRelease"],
    ["files", ["archive", "--data-dir", home, "check"], 74, "read write"],
    ["files", ["backup", "--data-dir", home, `${home}/b`], 74, "read write"],
    ["files", ["restore", "--verify", home], 65, "read write"],
    ["reader", ["key", "list"], 0, "read"],
    ["reader", ["logs", "--file", `${home}/none`], 74, "read"],
    ["reader", ["logs", "--local", "--data-dir", `${home}/none`], 69, "read"],
  ];
  for (const [set, args, code, kept] of cases) {
    assertEquals(await outcome(set, args, home), [code, kept], `${set}: ${args.join(" ")}`);
  }
});

programTest(
  "permissions: where the environment names no user, each set is enough to ask the system",
  POSIX,
  async (home) => {
    const named = userInfo().username.replace(/[^A-Za-z0-9_-]/g, "");
    for (const set of ["default", "client", "files"]) {
      const { code, stderr } = await command(set, ["key", "show", ...SERVER], home, "").output();
      assertEquals(code, 67, set);
      assertStringIncludes(new TextDecoder().decode(stderr), `there is no key of ${named} for `, set);
    }
  },
);

programTest(
  "permissions: each task of deno.json that runs the program runs it with the set that it is for",
  POSIX,
  async () => {
    const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
    const setOf = (task: string) => / -P(?:=(\w+))? main\.ts /.exec(tasks[task])?.[1] ?? "default";
    const sets = {
      start: "default",
      join: "client",
      send: "client",
      logs: "logs",
      list: "client",
      admin: "client",
      key: "client",
      archive: "files",
      backup: "files",
      restore: "files",
      "bench:ipc": "default",
    };
    for (const [task, set] of Object.entries(sets)) {
      assertEquals(setOf(task), set, task);
      assertMatch(tasks[task], / --no-prompt /);
    }
  },
);

programTest(
  "permissions: serve listens on all doors and gives up the machine's name then, and FFI with --shm; a certificate is made and read again",
  POSIX,
  async (home) => {
    const doors = [
      "--listen",
      "127.0.0.1:0",
      "--tls",
      "127.0.0.1:0",
      "--tls-self-signed",
      "--web",
      "127.0.0.1:0",
    ];
    for (const [more, kept] of Deno.build.os === "linux" ? LINUX_MODES : [[[], " ca"]] as const) {
      const flags = [...doors, ...more, "--log-format", "json", "--data-dir", home];
      const child = command("default", ["serve", ...flags], home).spawn();
      const stderr = new Response(child.stderr).text();
      let listening = 0;
      for await (const line of linesOf(child.stdout)) {
        const { event } = JSON.parse(line);
        if (event === "listening" && ++listening === 3) child.kill("SIGHUP");
        if (event === "reread") child.kill("SIGTERM");
      }
      assertEquals([(await endOf(child)).code, permissionsIn(await stderr)], [0, `read write net${kept}`]);
    }
  },
);
