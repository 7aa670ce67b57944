import { assertEquals, assertMatch } from "@std/assert";
import { command } from "../../commands/completion.ts";
import { parseServerUrl } from "../../lib/net/address.ts";
import { OUR_CAPS } from "../client/fake_server.ts";
import type { Script } from "../client/fake_server.ts";
import { endOf, inTime } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";
import { tempDirTest } from "../support/test.ts";
import { needs } from "../tools.ts";
import { linesOf, program, Server, start } from "./program.ts";
import { Pty } from "./pty.ts";
import { commandTest, run } from "./run_command.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const SIZE = { columns: 110, rows: 20 };

/** Names that a shell would run, if a script let it: words of a user are nothing to evaluate. */
const EVIL_ROOM = "#$(touch${IFS}pwned);x";
const EVIL_NICK = "`pwned`";

/** Shells at a terminal, which have read the script. Their prompt is `ready> `. */
const SHELLS = {
  bash: {
    file: "rc",
    lines: ['PS1="ready> "', 'eval "$(chatterbox completion bash)"'],
    words: (home: string) => ["bash", "--noprofile", "--rcfile", `${home}/rc`, "-i"],
  },
  "bash with bash-completion": {
    file: "rc",
    lines: [
      'PS1="ready> "',
      ". /usr/share/bash-completion/bash_completion",
      'eval "$(chatterbox completion bash)"',
    ],
    words: (home: string) => ["bash", "--noprofile", "--rcfile", `${home}/rc`, "-i"],
  },
  zsh: {
    file: ".zshrc",
    lines: [
      "autoload -U compinit",
      "compinit -u -D",
      'eval "$(chatterbox completion zsh)"',
      'PS1="ready> "',
    ],
    words: () => ["zsh", "-i"],
  },
  fish: {
    file: "fish/config.fish",
    lines: [
      "set -g fish_greeting",
      "set -g fish_autosuggestion_enabled 0", // what the shell suggests unasked would pass for an answer to Tab
      "chatterbox completion fish | source",
      "function fish_prompt; echo 'ready> '; end",
    ],
    words: () => ["fish", "-i"],
  },
} as const;

/** What is typed, and the line that Tab makes of it. */
const BOTH = [
  ["chatterbox unre", "chatterbox unregister"],
  ["chatterbox bench lo", "chatterbox bench load"],
  ["chatterbox man arc", "chatterbox man archive"],
  ["chatterbox send --onl", "chatterbox send --online"],
  ["chatterbox send --wait du", "chatterbox send --wait durable"],
  ["chatterbox send --wait=du", "chatterbox send --wait=durable"],
  ["chatterbox serve --sync al", "chatterbox serve --sync always"],
  ["chatterbox logs --file note", "chatterbox logs --file notes.txt"],
  ["chatterbox backup fol", "chatterbox backup folder/"],
  ["chatterbox send al", "chatterbox send alice"],
  ["chatterbox logs -n 3 --with al", "chatterbox logs -n 3 --with alice"],
  ["chatterbox send '#op", "chatterbox send '#ops'"],
  ["chatterbox logs '#lobby' '#op", "chatterbox logs '#lobby' '#ops'"],
  ["chatterbox send '#$(t", `chatterbox send '${EVIL_ROOM}'`],
] as const;

const OWN: Readonly<Record<keyof typeof SHELLS, readonly (readonly [typed: string, line: string])[]>> = {
  bash: [
    ["chatterbox send #op", "chatterbox send '#ops'"],
    ["chatterbox send \\#op", "chatterbox send '#ops'"],
    ['chatterbox send "#$(t', `chatterbox send "#\\$(touch\\\${IFS}pwned);x"`],
    ["chatterbox send \\`", `chatterbox send '${EVIL_NICK}'`],
    ["true; chatterbox send al", "true; chatterbox send alice"],
  ],
  "bash with bash-completion": [["chatterbox send #op", "chatterbox send '#ops'"]],
  zsh: [
    ["chatterbox send #op", "chatterbox send \\#ops"],
    ['chatterbox send "#op', 'chatterbox send "#ops"'],
    ["chatterbox send '`", `chatterbox send '${EVIL_NICK}'`],
  ],
  fish: [
    ["chatterbox send \\#op", "chatterbox send \\#ops"],
    ['chatterbox send "#op', 'chatterbox send "#ops"'],
    ["chatterbox send '`", `chatterbox send '${EVIL_NICK}'`],
  ],
};

for (const [shell, { file, lines, words }] of Object.entries(SHELLS)) {
  const tool = shell.split(" ")[0]!;
  Deno.test({
    name: `completion: Tab in ${shell}`,
    ...needs(tool, "script"),
    async fn() {
      await using server = await Server.start();
      const { home } = server;
      await using _alice = await person(server, "alice", "#ops");
      await using _evil = await person(server, EVIL_NICK, EVIL_ROOM);
      await makeProgram(`${home}/bin`);
      await Deno.mkdir(`${home}/fish`, { recursive: true });
      await Deno.mkdir(`${home}/work/folder`, { recursive: true });
      await Deno.writeTextFile(`${home}/work/notes.txt`, "");
      await Deno.writeTextFile(`${home}/${file}`, `${lines.join("\n")}\n`);
      const env = {
        PATH: `${home}/bin:${Deno.env.get("PATH")}`,
        XDG_CONFIG_HOME: home,
        XDG_DATA_HOME: `${home}/data-home`,
        XDG_STATE_HOME: home,
        ZDOTDIR: home,
        CHATTERBOX_SERVER: server.url,
      };
      await using pty = new Pty(
        [],
        env,
        ["sh", "-c", 'cd "$1"; shift; exec "$@"', "sh", `${home}/work`, ...words(home)],
        SIZE,
      );
      await pty.line("ready>");
      for (const [typed, line] of [...BOTH, ...OWN[shell as keyof typeof SHELLS]]) {
        pty.press(`${typed}\t`);
        await pty.line(`ready> ${line}`);
        pty.press("\x15"); // Ctrl-U: the line is empty again
        await pty.line("ready>");
      }
      const left = Array.from(Deno.readDirSync(`${home}/work`), ({ name }) => name).sort();
      assertEquals(left, ["folder", "notes.txt"]);
    },
  });
}

/** `chatterbox` in `folder`: from source, with the permissions of deno.json. */
async function makeProgram(folder: string): Promise<void> {
  await Deno.mkdir(folder);
  const words = [Deno.execPath(), "run", "-q", "-P", `--config=${ROOT}deno.json`, `${ROOT}main.ts`];
  const script = `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"\n`;
  await Deno.writeTextFile(`${folder}/chatterbox`, script, { mode: 0o755 });
}

async function person(server: Server, nick: string, room: string): Promise<SocketClient & AsyncDisposable> {
  const address = parseServerUrl(server.url);
  if (address.kind === "bad") throw new Error(address.why);
  const client = await SocketClient.connect(address);
  await client.send(`NICK ${nick}`);
  await client.send(`USER u 0 * :u`);
  await client.barrier();
  await client.send(`JOIN ${room}`);
  await client.barrier();
  client.take();
  return Object.assign(client, { [Symbol.asyncDispose]: () => Promise.resolve(client.close()) });
}

/** All files below `folder`, with their sizes. */
function filesOf(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? [path, ...filesOf(path)] : [`${path} ${Deno.statSync(path).size}`];
  }).sort();
}

const LOOK_UP = ["completion", "candidates"];

Deno.test("completion: a lookup leaves no trace: no key, no name, nothing that a user sees", async () => {
  await using server = await Server.start();
  await using alice = await person(server, "alice", "#ops");
  await alice.send("MONITOR + tester,bob");
  await alice.barrier();
  alice.take();
  const home = await Deno.makeTempDir();
  const lookUp = async (sources: string, ...line: string[]) =>
    await program([...LOOK_UP, sources, "chatterbox", ...line], home);
  const flags = ["--server", server.url, "--name=bob"];
  assertEquals(await lookUp("people,rooms", "send", ...flags, ""), {
    code: 0,
    out: "alice\n#ops\n#lobby\n",
    err: "",
  });
  assertEquals((await lookUp("people,rooms", "send", ...flags, "#L")).out, "#lobby\n");
  assertEquals((await lookUp("people", "logs", ...flags, "--with=AL")).out, "alice\n");
  assertEquals((await lookUp("rooms", "logs", ...flags, "x")).out, "");
  assertEquals(filesOf(home), []);
  await alice.barrier();
  assertEquals(alice.take().filter((line) => !/ PONG /.test(line)), []);
  assertEquals((await program(["send", "bob", "hi", "--online", ...flags.slice(0, 2)], home)).code, 67);
  await Deno.remove(home, { recursive: true });
});

tempDirTest("completion: what a lookup cannot do is silent", { permissions: "inherit" }, async (home) => {
  const lookUp = async (...line: string[]) =>
    await program([...LOOK_UP, "people,rooms", "chatterbox", "send", ...line], home);
  const nothing = { code: 0, out: "", err: "" };
  assertEquals(await lookUp("--server", "irc://127.0.0.1:1", ""), nothing);
  assertEquals(await lookUp("--server", "me@host", ""), nothing);
  assertEquals(await lookUp("--password-file", `${home}/missing`, ""), nothing);
  assertEquals(await program([...LOOK_UP], home), nothing);
  await Deno.mkdir(`${home}/chatterbox`);
  await Deno.writeTextFile(`${home}/chatterbox/config.json`, "{");
  assertEquals(await lookUp(""), nothing);
});

tempDirTest(
  "completion: a server by TLS is asked once this machine knows its certificate",
  { permissions: "inherit" },
  async (home) => {
    const flags = ["--tls", "127.0.0.1:0", "--tls-self-signed", "--data-dir", `${home}/data`];
    const serve = start(["serve", ...flags], home);
    serve.stderr.pipeTo(new WritableStream());
    const lines = linesOf(serve.stdout);
    let url: string | undefined;
    while (url === undefined) {
      const { value, done } = await lines.next();
      if (done) throw new Error("serve ended");
      url = /listening on (ircs:\/\/127\.0\.0\.1:\d+)$/.exec(value)?.[1];
    }
    const config = `${home}/config`;
    await Deno.mkdir(config);
    const lookUp = async () =>
      (await program([...LOOK_UP, "rooms", "chatterbox", "send", "--server", url, ""], config)).out;
    assertEquals(await lookUp(), "");
    assertEquals(filesOf(config), []);
    const [, print = ""] = await fingerprintOf(url, config);
    assertEquals(
      (await program(["list", "--rooms", "--server", url, "--fingerprint", print], config)).code,
      0,
    );
    const known = filesOf(config);
    assertEquals(await lookUp(), "#lobby\n");
    assertEquals(filesOf(config), known);
    serve.kill("SIGTERM");
    for await (const _ of lines);
    await endOf(serve);
  },
);

/** The fingerprint that the error for a wrong one names. */
async function fingerprintOf(url: string, config: string): Promise<RegExpExecArray> {
  const wrong = `SHA256:${"0".repeat(64)}`;
  const { err } = await program(["list", "--server", url, "--fingerprint", wrong], config);
  return /presents the certificate (SHA256:[\w:]+)/.exec(err)!;
}

tempDirTest("completion: names with a key on this machine", { permissions: "inherit" }, async (home) => {
  await Deno.mkdir(`${home}/chatterbox/keys/127.0.0.1_6667`, { recursive: true });
  await Deno.mkdir(`${home}/chatterbox/keys/chat.example_6697`);
  const key = "A".repeat(43);
  for (const path of ["127.0.0.1_6667/alice", "chat.example_6697/alice", "chat.example_6697/bob"]) {
    await Deno.writeTextFile(`${home}/chatterbox/keys/${path}`, `${key}\n`, { mode: 0o600 });
  }
  assertEquals((await program([...LOOK_UP, "names", "chatterbox", "join", ""], home)).out, "alice\nbob\n");
});

/** Answers WHO with 1,100 users. */
const crowd: Script = async (peer) => {
  const me = await peer.welcome(OUR_CAPS);
  const [, label] = await peer.until(/^@label=(\S+) WHO /);
  const rows = Array.from({ length: 1100 }, (_, nth) => `@batch=x :fake 352 ${me} * u h fake u${nth} H :0 U`);
  await peer.send(`@label=${label} :fake BATCH +x labeled-response`, ...rows);
  await peer.send(`@batch=x :fake 315 ${me} * :End`, ":fake BATCH -x");
  await peer.gone();
};

commandTest("completion: of many names the first 1,000 are offered", crowd, async (url) => {
  const { code, out } = await run(command, [
    "candidates",
    "people",
    "chatterbox",
    "send",
    "--server",
    url,
    "",
  ]);
  assertEquals([code, out.split("\n").length - 1], [0, 1000]);
});

/** Longest time that the test allows for a lookup of a second: half of what a client waits otherwise. */
const TEST_LIMIT_MS = 5000;

commandTest(
  "completion: a server that does not answer is not waited for",
  (peer) => peer.gone(),
  async (url) => {
    const lookup = run(command, ["candidates", "people", "chatterbox", "send", "--server", url, ""]);
    const { code, out } = await inTime("the end of the lookup", lookup, { guardMs: TEST_LIMIT_MS });
    assertEquals([code, out], [0, ""]);
  },
);

tempDirTest("completion: usage", { permissions: "inherit" }, async (home) => {
  const usage = async (...args: string[]) => {
    const { code, out, err } = await program(["completion", ...args], home);
    return [code, out, err.split("\n")[0]];
  };
  assertEquals(await usage(), [64, "", "chatterbox completion: name the shell: bash, zsh, fish"]);
  assertEquals(await usage("ksh"), [
    64,
    "",
    "chatterbox completion: there is no completion for ksh; there is for bash, zsh, fish",
  ]);
  assertEquals((await usage("bash", "zsh"))[2], "chatterbox completion: unexpected argument zsh");
  const { code, out } = await program(["completion", "bash"], home);
  assertEquals(code, 0);
  assertMatch(out, /^# Completion of chatterbox for bash/);
});
