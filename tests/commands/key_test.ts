import { assertEquals, assertMatch } from "@std/assert";
import { command } from "../../commands/key.ts";
import { lockKey } from "../../lib/client/identity/next_key.ts";
import { FakeIo } from "../cli/fake_io.ts";
import type { FakeIoOptions } from "../cli/fake_io.ts";
import { run } from "./run_command.ts";

const permissions = { read: true, write: true, env: "inherit" } as const;
const KEY = "k".repeat(43);
const OTHER = "o".repeat(43);

/** `chatterbox key …` as somebody whose files are in one folder for the whole test. */
class Machine {
  private constructor(readonly home: string) {}

  static async start(): Promise<Machine> {
    return new Machine(await Deno.makeTempDir());
  }

  async key(line: string, options: FakeIoOptions = {}) {
    const env = { XDG_CONFIG_HOME: `${this.home}/config`, ...options.env };
    const { code, out, err } = await run(command, line.split(" "), { ...options, env });
    return { code, out: out.replaceAll(this.home, "~"), err: err.replaceAll(this.home, "~") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.home, { recursive: true });
  }
}

function machineTest(name: string, body: (machine: Machine) => Promise<void>) {
  Deno.test({
    name: `key: ${name}`,
    permissions,
    async fn() {
      await using machine = await Machine.start();
      await body(machine);
    },
  });
}

const PATH = "~/config/chatterbox/keys/localhost_6667/alice";

machineTest("imported, shown, listed, exported, forgotten", async (machine) => {
  assertEquals(await machine.key("import alice", { stdin: `${KEY}\n` }), {
    code: 0,
    out: `saved the key of alice on 127.0.0.1:6667: ${PATH}\n`,
    err: "",
  });
  const file = `${machine.home}/config/chatterbox/keys/localhost_6667/alice`;
  assertEquals(await Deno.readTextFile(file), `${KEY}\n`);
  if (Deno.build.os !== "windows") assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);

  const shown = await machine.key("show alice");
  const print = /^alice on 127\.0\.0\.1:6667\nfingerprint (SHA256:\S{43})\nin (\S+)\n$/.exec(shown.out);
  assertEquals([shown.code, shown.err, print?.[2]], [0, "", PATH]);
  assertEquals((await machine.key("list")).out, `localhost:6667  alice  ${print?.[1]}\n`);
  assertEquals((await machine.key("show alice --secret")).out.includes(`key ${KEY}\n`), true);
  assertEquals(await machine.key("export alice"), { code: 0, out: `${KEY}\n`, err: "" });
  assertEquals(await machine.key("export", { env: { CHATTERBOX_NAME: "alice" } }), {
    code: 0,
    out: `${KEY}\n`,
    err: "",
  });
  assertEquals(await machine.key("forget alice --yes"), {
    code: 0,
    out: "the key of alice on 127.0.0.1:6667 is removed\n",
    err: "",
  });
  assertEquals((await machine.key("show alice")).code, 67);
  assertEquals((await machine.key("forget alice --yes")).code, 67);
  const none = await machine.key("list");
  assertEquals([none.code, none.out], [0, ""]);
});

machineTest("a key that another process is changing just now is not forgotten", async (machine) => {
  await machine.key("import alice", { stdin: `${KEY}\n` });
  const address = { kind: "tcp", host: "127.0.0.1", port: 6667 } as const;
  {
    using _changing = await lockKey(`${machine.home}/config/chatterbox`, address, "alice");
    const { code, err } = await machine.key("forget alice --yes");
    assertEquals(code, 75);
    assertMatch(err, /is not removed: another process is changing it/);
  }
  assertEquals((await machine.key("export alice")).out, `${KEY}\n`);
  assertEquals((await machine.key("forget alice --yes")).code, 0);
});

machineTest("to a file that only its owner reads, and over no other", async (machine) => {
  await machine.key("import alice", { stdin: KEY });
  const file = `${machine.home}/copy`;
  assertEquals((await machine.key(`export alice ${file}`)).code, 0);
  assertEquals(await Deno.readTextFile(file), `${KEY}\n`);
  if (Deno.build.os !== "windows") assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
  const again = await machine.key(`export alice ${file}`);
  assertEquals(again, { code: 73, out: "", err: "chatterbox: ~/copy: the file exists already\n" });
  assertEquals((await machine.key(`export alice ${machine.home}/no/such/folder`)).code, 74);
  assertEquals((await machine.key(`import bob ${file}`)).code, 0);
  assertEquals((await machine.key("export bob")).out, `${KEY}\n`);
});

machineTest("another key is replaced only by force; the same one is no other", async (machine) => {
  await machine.key("import alice", { stdin: KEY });
  assertMatch((await machine.key("import alice", { stdin: KEY })).out, / is saved already: /);
  const refused = await machine.key("import alice", { stdin: OTHER });
  assertEquals(refused.code, 73);
  assertMatch(refused.err, /--force overwrites it/);
  assertEquals((await machine.key("export alice")).out, `${KEY}\n`);
  assertMatch(
    (await machine.key("import alice --force", { stdin: OTHER })).out,
    /, which replaces another one: /,
  );
  assertEquals((await machine.key("export alice")).out, `${OTHER}\n`);
  const folder = `${machine.home}/config/chatterbox/keys/localhost_6667`;
  const files = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  assertEquals(files.sort(), ["alice", "alice+registered"], "a key that is brought may be an account's");
});

machineTest("one for each server and name", async (machine) => {
  await machine.key("import alice", { stdin: KEY });
  await machine.key("import alice --server irc://chat.example:7000", { stdin: OTHER });
  assertEquals((await machine.key("export ALICE --server localhost")).out, `${KEY}\n`);
  assertEquals((await machine.key("export alice --server irc://chat.example:7000")).out, `${OTHER}\n`);
  assertEquals((await machine.key("list")).out.split("\n").map((line) => line.split("  ")[0]), [
    "chat.example:7000",
    "localhost:6667",
    "",
  ]);
});

machineTest("what is no key is neither taken nor told", async (machine) => {
  const wrong = ["", "short", `${KEY}\n${KEY}\n`, `${KEY}=`, "x".repeat(5000), "\xff".repeat(43)];
  for (const stdin of wrong) {
    const { code, out, err } = await machine.key("import alice", { stdin });
    assertEquals([code === 65 || code === 74, out], [true, ""], stdin);
    assertMatch(err, /^chatterbox: standard input: [a-zA-Z0-9 ()-]+\n$/);
  }
  assertEquals((await machine.key("import alice /no/such/file")).code, 74);
  assertEquals((await machine.key("show alice")).code, 67);
});

machineTest("a key is not shown on a terminal unless that is asked for", async (machine) => {
  await machine.key("import alice", { stdin: KEY });
  const refused = await machine.key("export alice", { terminal: true });
  assertEquals([refused.code, refused.out], [64, ""]);
  assertEquals((await machine.key("export alice --secret", { terminal: true })).out, `${KEY}\n`);
});

machineTest("wrong usage", async (machine) => {
  const lines = ["", "grow", "show a b", "import", "forget", "forget a b", "list a", "export a b c"];
  for (const line of lines) {
    const { code, err } = await machine.key(line);
    assertEquals(code, 64, line);
    assertMatch(err, /^chatterbox key: /);
  }
  await machine.key("import alice", { stdin: KEY });
  assertEquals((await machine.key("forget alice", { stdin: "yes\n" })).code, 64, "nobody can be asked");
  assertEquals((await machine.key("show alice")).code, 0);
});

machineTest("without a home there is nowhere to look", async (machine) => {
  assertEquals((await machine.key("list", { env: { XDG_CONFIG_HOME: "" } })).code, 78);
});

machineTest("a signal where it is asked whether to forget: 143, and the key is there", async (machine) => {
  await machine.key("import alice", { stdin: KEY });
  const io = new FakeIo({
    env: { XDG_CONFIG_HOME: `${machine.home}/config` },
    terminal: true,
    typed: "yes\r",
  });
  io.interrupt("SIGTERM");
  assertEquals(await command.run(["forget", "alice"], io), 143);
  assertEquals((await machine.key("export alice")).out, `${KEY}\n`);
});
