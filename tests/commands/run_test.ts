/** `chatterbox run` as a process: the program's streams, terminal, signals and exit code, and what is told of it. */
import { assertEquals, assertMatch } from "@std/assert";
import { endOf, inTime } from "../support/guard.ts";
import { POSIX } from "../support/test.ts";
import { program, programTest, Server, start } from "./program.ts";
import type { Run, RunOptions } from "./program.ts";
import { Pty } from "./pty.ts";

const NOWHERE = "127.0.0.1:1";

async function runProgram(server: Server, words: readonly string[], options?: RunOptions): Promise<Run> {
  return await program(
    ["run", "--to", "#lobby", "--from", "ci", "--server", server.url, ...words],
    server.home,
    options,
  );
}

/** The texts of #lobby. */
async function told(server: Server): Promise<string[]> {
  const { out } = await program(["logs", "#lobby", "--json", "--server", server.url], server.home);
  return out.trim().split("\n").filter((row) => row !== "").map((row) => JSON.parse(row).text);
}

function serverTest(name: string, fn: (server: Server) => Promise<void>): void {
  programTest(name, POSIX, async () => {
    await using server = await Server.start();
    await fn(server);
  });
}

serverTest("run: the exit code is the program's, and its end and last lines are told", async (server) => {
  const failed = await runProgram(server, [
    "-n",
    "2",
    "--",
    "sh",
    "-c",
    "echo a; echo b; echo c; echo d >&2; exit 3",
  ]);
  assertEquals([failed.code, failed.out, failed.err], [3, "a\nb\nc\n", "d\n"]);
  const [text = "", ...others] = await told(server);
  assertMatch(
    text,
    /^sh -c 'echo a; echo b; echo c; echo d >&2; exit 3': failed with exit code 3 after \d+s\n```\n.\n.\n```$/,
  );
  assertEquals(others, []);
  assertEquals((await runProgram(server, ["--title", "the build", "--", "true"])).code, 0);
  assertMatch((await told(server)).at(-1)!, /^the build: succeeded in \d+s$/);
});

serverTest("run: signals, and what cannot be started: 128 + n, 126, 127", async (server) => {
  assertEquals((await runProgram(server, ["--", "sh", "-c", "kill -KILL $$"])).code, 137);
  const missing = await runProgram(server, ["--", "no-such-program"]);
  assertEquals([missing.code, missing.err], [127, "chatterbox run: no-such-program: command not found\n"]);
  const data = `${server.home}/data`;
  assertEquals((await runProgram(server, ["--", data])).code, 126);
  assertEquals((await told(server)).map((text) => text.replace(/ after \d+s$/, "")), [
    "sh -c 'kill -KILL $$': ended by SIGKILL",
    "no-such-program: command not found",
    `${data}: cannot be executed`,
  ]);
});

serverTest("run: --only failed and --min tell of some programs only", async (server) => {
  assertEquals((await runProgram(server, ["--only", "failed", "--", "true"])).code, 0);
  assertEquals((await runProgram(server, ["--min", "1h", "--", "false"])).code, 1);
  assertEquals(await told(server), []);
  assertEquals((await runProgram(server, ["--only", "failed", "--", "false"])).code, 1);
  assertEquals((await told(server)).length, 1);
});

serverTest("run: standard input and output are passed through, byte for byte", async (server) => {
  const bytes = crypto.getRandomValues(new Uint8Array(50_000));
  await Deno.writeFile(`${server.home}/bytes`, bytes);
  const args = [
    "run",
    "--to",
    "#lobby",
    "-n",
    "0",
    "--server",
    server.url,
    "--",
    "cat",
    `${server.home}/bytes`,
  ];
  const child = start(args, server.home);
  const [out] = await inTime(
    "the output",
    Promise.all([new Response(child.stdout).bytes(), new Response(child.stderr).text()]),
  );
  assertEquals(out, bytes);
  assertEquals((await endOf(child)).code, 0);
  const piped = await runProgram(server, ["--", "cat"], { stdin: "one\ntwo" });
  assertEquals([piped.code, piped.out], [0, "one\ntwo"]);
});

programTest(
  "run: where the chat cannot be reached, a line says so, and the code is the program's",
  POSIX,
  async (home) => {
    const lost = await program(
      ["run", "--to", "#lobby", "--server", NOWHERE, "--", "sh", "-c", "exit 5"],
      home,
    );
    assertEquals([lost.code, lost.out], [5, ""]);
    assertMatch(lost.err, /^chatterbox run: #lobby was not told: cannot reach /);
    // A server that takes the connection and says nothing.
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = silent.addr as Deno.NetAddr;
    const args = [
      "run",
      "--to",
      "#lobby",
      "--timeout",
      "300ms",
      "--progress",
      "--server",
      `127.0.0.1:${port}`,
      "--",
      "false",
    ];
    const slow = await program(args, home);
    assertEquals(slow.code, 1);
    assertMatch(slow.err, /^chatterbox run: #lobby was not told: /);
  },
);

programTest(
  "run: --outbox keeps what could not be told, in one message, and the next one sends it",
  POSIX,
  async (home) => {
    const url = `unix:${home}/socket`;
    const runKept = async (...words: string[]) =>
      await program(
        ["run", "--to", "#lobby", "--from", "ci", "--server", url, "--outbox", ...words],
        home,
      );
    const lost = await runKept("--title", "backup", "--", "sh", "-c", "echo a; echo b; exit 4");
    assertEquals(lost.code, 4);
    assertMatch(
      lost.err,
      /^chatterbox run: #lobby was not told: cannot reach .*; kept in the outbox; the next send, join or run --outbox as ci to this server sends it\n$/,
    );
    const server = await Server.start(home, "--unix", `${home}/socket`);
    try {
      for (const _ of ["sends what was kept, and nothing of its own", "does not send it twice"]) {
        assertEquals(await runKept("--only", "failed", "--", "true"), { code: 0, out: "", err: "" });
        const texts = (await told(server)).map((text) => text.replace(/\d+s/, "0s"));
        assertEquals(texts, ["backup: failed with exit code 4 after 0s\n```\na\nb\n```"]);
      }
    } finally {
      await server.stop();
    }
  },
);

serverTest(
  "run: a room that is not there is told on standard error, and a login that fails",
  async (server) => {
    const missing = await program(
      ["run", "--to", "#none", "--server", server.url, "--", "true"],
      server.home,
    );
    assertEquals([missing.code, missing.err], [
      0,
      "chatterbox run: #none was not told: no such room: #none\n",
    ]);
    const keyless = await runProgram(server, ["--key-file", "/no/such/file", "--", "echo", "ran"]);
    assertEquals([keyless.code, keyless.out], [0, "ran\n"]);
    assertMatch(keyless.err, /\/no\/such\/file/);
  },
);

programTest("run: wrong usage, and the program is not started: 64", POSIX, async (home) => {
  for (
    const [args, words] of [
      [["--", "touch", "started"], /give --to/],
      [["--to", "#lobby"], /no command given/],
      [["--to", "a b", "--", "touch", "started"], /not a valid user or room name/],
      [["--to", "#lobby", "--only", "sometimes", "--", "touch", "started"], /--only sometimes/],
    ] as const
  ) {
    const { code, err } = await program(["run", ...args], home);
    assertEquals(code, 64, err);
    assertMatch(err, words);
  }
});

serverTest("run: a signal to it alone is passed on", async (server) => {
  const line = "trap 'echo term; exit 9' TERM; echo ready; while :; do sleep 0.05; done";
  const child = start(["run", "--to", "#lobby", "--server", server.url, "--", "sh", "-c", line], server.home);
  void child.stderr.cancel();
  let out = "";
  const decoder = new TextDecoder();
  await inTime(
    "the output",
    (async () => {
      for await (const chunk of child.stdout) {
        if (out === "") child.kill("SIGTERM");
        out += decoder.decode(chunk);
      }
    })(),
  );
  assertEquals([out, (await endOf(child)).code], ["ready\nterm\n", 9]);
});

serverTest("run: at a terminal the program has one, and Ctrl-C goes to it", async (server) => {
  const env = { XDG_CONFIG_HOME: server.home, XDG_STATE_HOME: server.home };
  const line =
    "trap 'echo caught; exit 7' INT; test -t 0 && test -t 1 && stty size; while :; do sleep 0.05; done";
  await using pty = new Pty([
    "run",
    "--to",
    "#lobby",
    "--from",
    "ci",
    "--server",
    server.url,
    "--",
    "sh",
    "-c",
    line,
  ], env);
  await pty.line("20 60");
  pty.press("\x03");
  assertEquals(await pty.end(), { code: 7, restored: true });
  const [text = ""] = await told(server);
  assertMatch(text, /failed with exit code 7 after \d+s\n```\n20 60\n\^?C?caught\n```$/);
});
