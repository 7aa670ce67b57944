/** A CR or LF never makes a line of its own, whatever door it comes in by. */
import { assertEquals } from "@std/assert";
import { command as join } from "../../commands/join.ts";
import { command as send } from "../../commands/send.ts";
import type { Command } from "../../lib/cli/command.ts";
import { readOrCreateKey } from "../../lib/client/identity/key_file.ts";
import { restoreAll } from "../../lib/hub/apply/fact_restore.ts";
import { formatMessage } from "../../lib/irc/message.ts";
import { parseAddress } from "../../lib/net/address.ts";
import { runConsoleLine } from "../../lib/server/console/command_table.ts";
import { readReloadableFiles } from "../../lib/server/settings/reloadable_files.ts";
import { Chat } from "../../lib/client/conversation/chat.ts";
import { SLASH_WORDS } from "../../lib/client/commands/slash_commands.ts";
import { executeInput } from "../../lib/client/commands/input_executor.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { FakeServer } from "../client/fake_server.ts";
import { TestHub } from "../support/hub.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { pureTest } from "../support/test.ts";

/** What somebody would like to be a line of its own. */
const FORGED = "FORGED line";
const ENDS = ["\n", "\r", "\r\n", "\0"];

pureTest("forged: by nothing that is typed in the chat", () => {
  for (const end of ENDS) {
    const inserted = `x${end}${FORGED}`;
    const chat = new Chat({ nick: "alice", home: "#lobby", clock: String, newId: () => "id" });
    chat.handleConnected({ nick: "alice", caps: new Set(), isClaimed: false }, false, 0);
    chat.takeEffects();
    const typed = [
      inserted,
      ...SLASH_WORDS.flatMap((name) => [
        `/${name} ${inserted}`,
        `/${name} bob ${inserted}`,
        `/${name} #lobby bob ${inserted}`,
        `/${name} ${end}${FORGED}`,
      ]),
    ];
    for (const line of typed) {
      executeInput(chat, line, 0);
      for (const effect of chat.takeEffects()) {
        if (effect.kind === "ask") {
          assertEquals(/[\r\n\0]/.test(formatMessage(effect.message)), false, line);
        }
        if (effect.kind === "quit") assertEquals(/[\r\n\0]/.test(effect.reason), false, line);
        if (effect.kind === "ignored") {
          assertEquals(effect.names.some((name) => /[\r\n\0]/.test(name)), false, line);
        }
      }
    }
  }
});

/** Runs `command` against a server that lets everybody in; every line that it was sent. */
async function heardFrom(command: Command, args: readonly string[], files: Record<string, string>, options: {
  stdin?: string;
  env?: Record<string, string>;
}): Promise<{ heard: string[]; code: number; err: string }> {
  const home = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(`${home}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${home}/${name}`, text, { mode: 0o600 });
  }
  const heard: string[] = [];
  try {
    await using server = new FakeServer(async (peer) => {
      for (let line = await peer.next(); line !== undefined; line = await peer.next()) {
        heard.push(line);
        const nick = heard.find((line) => line.startsWith("NICK "))?.slice(5) ?? "*";
        const [, tag = "", word = "", rest = ""] = /^(@\S+ )?(\S+) ?(.*)$/.exec(line) ?? [];
        if (line === "CAP LS 302") await peer.send(`:fake CAP * LS :`);
        else if (word === "CAP") await peer.send(`:fake 001 ${nick} :Welcome`);
        else if (word === "JOIN") await peer.send(`${tag}:${nick}!a@h JOIN ${rest}`);
        else if (word === "PING") await peer.send(`:fake PONG fake :${rest.replace(/^:/, "")}`);
        else if (word === "QUIT") return;
      }
    });
    const io = new FakeIo({ ...options, env: { XDG_CONFIG_HOME: home, USER: "tester", ...options.env } });
    const given = args.map((arg) => arg.replace("HOME", home));
    const code = await server.run(command.run([...given, "--server", server.url], io));
    await io.flush();
    return { heard, code, err: io.err };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test({
  name: "forged: by no argument, variable, file or input of the commands",
  permissions: { net: true, read: true, write: true },
  async fn() {
    const key = "k".repeat(43);
    for (const end of ENDS) {
      const inserted = `x${end}${FORGED}`;
      const visits: Parameters<typeof heardFrom>[] = [
        [send, ["bob", "--from", "alice", inserted], {}, {}],
        [send, ["bob", "--from", "alice"], {}, { stdin: inserted }],
        [send, [`bob${end}${FORGED}`, "--from", "alice", "hi"], {}, {}],
        [send, ["bob", "--from", inserted, "hi"], {}, {}],
        [send, ["bob", "hi"], {}, { env: { CHATTERBOX_NAME: inserted } }],
        [send, ["bob", "--from", "alice", "hi"], {}, { env: { CHATTERBOX_PASSWORD: inserted } }],
        [send, ["bob", "--from", "alice", "--id", inserted, "hi"], {}, {}],
        [
          send,
          ["bob", "--from", "alice", "--password-file", "HOME/pass", "hi"],
          { pass: `${inserted}\n` },
          {},
        ],
        [join, ["alice"], {}, {
          stdin: `hello\n${inserted}\n/topic ${inserted}\n/away ${inserted}\n/quit ${inserted}\n`,
        }],
      ];
      for (const visit of visits) {
        const { heard, code, err } = await heardFrom(...visit);
        const where = JSON.stringify([visit[0].name, ...visit.slice(1)]);
        assertEquals(heard.filter((line) => line.startsWith("FORGED") || /[\r\n\0]/.test(line)), [], where);
        assertEquals(code === 70, false, `${where}: ${err}`); // no bug
      }
    }
    await withTempDir(async (dir) => {
      const address = parseAddress("127.0.0.1:6667");
      if (address.kind === "bad") throw new Error(address.why);
      const { path } = await readOrCreateKey(dir, address, "alice", true) as { path: string };
      for (const end of ENDS) {
        await Deno.writeTextFile(path, `${key}${end}${FORGED}`);
        assertEquals((await readOrCreateKey(dir, address, "alice", true)).kind, "bad");
      }
    });
  },
});

Deno.test({
  name: "forged: by no file of the server, not at its prompt, and by nothing that was saved",
  permissions: { read: true, write: true },
  async fn() {
    const path = await Deno.makeTempFile();
    try {
      for (const end of ENDS) {
        const inserted = `x${end}${FORGED}`;
        await Deno.writeTextFile(path, inserted);
        const texts = await readReloadableFiles(undefined, path);
        if (texts.kind !== "ok") throw new Error(texts.why);
        const test = new TestHub({ motd: texts.files.motd });
        const bob = test.open();
        test.say(bob, "NICK bob", "USER bob 0 * :bob", "JOIN #lobby");
        const carol = test.enter("carol");
        test.say(carol, "JOIN #lobby");
        runConsoleLine(test.hub, `say ${inserted}`, test.now);
        runConsoleLine(test.hub, `kick carol ${inserted}`, test.now);
        for (const saved of ["topic", "account", "room", "ban", "marker"]) {
          const value = JSON.stringify({
            name: "#lobby",
            topic: inserted,
            source: inserted,
            by: inserted,
            time: 1,
          });
          restoreAll(test.hub.context, test.hub.services, [{ kind: saved, key: "#lobby", value, seq: 0 }]);
        }
        test.deliver();
        test.say(bob, "TOPIC #lobby");
        for (const line of test.heard(bob)) {
          assertEquals(line.startsWith("FORGED") || /[\r\n\0]/.test(line), false, line);
        }
      }
    } finally {
      await Deno.remove(path);
    }
  },
});
