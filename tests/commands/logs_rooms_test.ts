/** `logs` of several rooms and users: in the order of time, of all rooms, and on with live messages. */
import { assertEquals } from "@std/assert";
import { command } from "../../commands/logs.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { OUR_CAPS } from "../client/fake_server.ts";
import type { Peer } from "../client/fake_server.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { commandTest, run } from "./run_command.ts";

const START = Date.UTC(2026, 0, 31, 10);
const permissions = { net: true, read: true, write: true } as const;

function message(n: number, target: string, from = "bob", text = `message ${n}`): string {
  const time = new Date(START + n * 1000).toISOString();
  return `time=${time};msgid=m${n};chatterbox.chat/seq=${n} :${from}!u@h PRIVMSG ${target} :${text}`;
}

/** Messages by room or user. */
type History = Readonly<Record<string, readonly string[]>>;

/** Answers requests up to `last`, which gets no response. Returns the requests. */
async function answer(peer: Peer, history: History, last: RegExp): Promise<string[]> {
  const asked: string[] = [];
  for (;;) {
    const line = await peer.next();
    if (line === undefined) return asked;
    const [, label, request = line] = /^@label=(\S+) (.*)$/.exec(line) ?? [];
    asked.push(request);
    if (last.test(request)) return asked;
    if (label === undefined) continue;
    const batch = (...lines: string[]) =>
      peer.send(`@label=${label} :fake BATCH +x y`, ...lines, ":fake BATCH -x");
    const [verb, which = "", target = "", from = ""] = request.split(" ");
    if (verb === "FOLLOW" || verb === "JOIN") await peer.send(`@label=${label} :fake ACK`);
    else if (verb === "LIST") {
      const rows = Object.keys(history).filter((name) => name.startsWith("#"));
      await batch(
        ...rows.map((name, n) => `@batch=x :fake 322 me ${name} ${9 - n} :topic`),
        "@batch=x :fake 323 me :End",
      );
    } else if (history[target] === undefined) {
      await peer.send(`@label=${label} :fake FAIL CHATHISTORY INVALID_TARGET ${which} ${target} :no`);
    } else {
      const seq = Number(/msgid=m(\d+)/.exec(from)?.[1] ?? (which === "AFTER" ? 0 : Infinity));
      const rows = history[target].filter((row) => {
        const own = Number(/seq=(\d+)/.exec(row)![1]);
        return which === "AFTER" ? own > seq : own < seq;
      });
      await batch(...rows.map((row) => `@batch=x;${row}`));
    }
  }
}

const HISTORY: History = {
  "#dev": [message(1, "#dev"), message(4, "#dev", "al", "deploy"), message(5, "#dev")],
  "#ops": [message(2, "#ops", "al", "Deploy"), message(6, "#ops")],
  "#lobby": [message(3, "#lobby")],
  "bob": [message(7, "alice", "bob", "psst")],
};

/** Serves {@link HISTORY} to a client that reads it once. */
async function serve(peer: Peer): Promise<void> {
  await peer.welcome(OUR_CAPS);
  await answer(peer, HISTORY, /^QUIT/);
}

/** The lines without their dates. */
function rows(out: string): string[] {
  return out.trimEnd().split("\n").map((line) => line.replace(/^2026-01-31 10:00:/, ""));
}

commandTest(
  "several rooms are words, and shown in the order of time with their names",
  serve,
  async (server) => {
    const args = ["#dev", "#ops", "--utc", "--server", server];
    const all = ["01Z #dev bob: message 1", "02Z #ops al: Deploy", "04Z #dev al: deploy"];
    const found = await run(command, ["--since", "2026-01-01", ...args]);
    assertEquals([found.code, rows(found.out)], [0, [
      ...all,
      "05Z #dev bob: message 5",
      "06Z #ops bob: message 6",
    ]]);
  },
);

commandTest("several rooms: the newest N of all together", serve, async (server) => {
  const { out } = await run(command, ["-n", "3", "#dev", "--room", "ops", "--utc", "--server", server]);
  assertEquals(rows(out), ["04Z #dev al: deploy", "05Z #dev bob: message 5", "06Z #ops bob: message 6"]);
});

commandTest("a word is a room, or a user", serve, async (server) => {
  const args = ["bob", "#lobby", "--name", "alice", "--utc", "--server", server];
  const { out } = await run(command, args, { env: { CHATTERBOX_KEY: "k".repeat(43) } });
  assertEquals(rows(out), ["03Z #lobby bob: message 3", "07Z →alice bob: psst"]);
});

commandTest("--all-rooms: those that the server lists, filtered, the newest first", serve, async (server) => {
  const args = ["--all-rooms", "-g", "deploy", "--reverse", "--utc", "--server", server];
  const { code, out, err } = await run(command, args);
  assertEquals([code, rows(out), err], [0, ["04Z #dev al: deploy", "02Z #ops al: Deploy"], ""]);
});

commandTest("a room that is not there is told, the others are shown, and it is 67", serve, async (server) => {
  const { code, out, err } = await run(command, ["#none", "#lobby", "--utc", "--server", server]);
  assertEquals([code, rows(out), err], [
    67,
    ["03Z #lobby bob: message 3"],
    "chatterbox: no such room: #none\n",
  ]);
});

commandTest("--all-rooms: a server that does not list in time is 75", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await answer(peer, HISTORY, /^LIST/);
  peer.close();
}, async (server) => {
  const { code, err } = await run(command, ["--all-rooms", "--server", server]);
  assertEquals([code, /connection was lost/.test(err)], [75, true]);
});

commandTest("several rooms with -f --no-retry: a lost connection is 75", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await answer(peer, HISTORY, /^FOLLOW #ops/);
  peer.close();
}, async (server) => {
  const { code, err } = await run(command, ["-f", "--no-retry", "#dev", "#ops", "--server", server]);
  assertEquals([code, /--no-retry/.test(err)], [75, true]);
});

const shown = Promise.withResolvers<void>();

commandTest(
  "-f of all rooms: no gap and no repetition across a reconnect, and later rooms",
  async (peer, nth) => {
    await peer.welcome(OUR_CAPS);
    if (nth === 1) {
      const later = [...HISTORY["#dev"]!, message(12, "#dev")];
      return void await answer(peer, { ...HISTORY, "#dev": later }, /never/);
    }
    assertEquals((await answer(peer, HISTORY, /^CHATHISTORY BEFORE #ops/))[0], "FOLLOW *");
    await peer.send(
      `@${message(8, "#ops")}`,
      `@${message(9, "#lobby", "bob", "live while history is read")}`,
    );
    const label = /^@label=(\S+) /.exec(peer.heard.at(-1)!)![1];
    await peer.send(`@label=${label} :fake BATCH +z y`, ":fake BATCH -z");
    await peer.send(
      `@${message(10, "#new", "bob", "a later room")}`,
      `@${message(11, "alice", "eve", "not a room")}`,
    );
    await shown.promise;
    peer.close();
  },
  (server) =>
    withTempDir(async (home) => {
      const io: FakeIo = new FakeIo({
        env: { XDG_CONFIG_HOME: home },
        onStdout: (text) => {
          if (text.includes("a later room")) shown.resolve();
          if (text.includes("message 12")) io.interrupt();
        },
      });
      assertEquals(await command.run(["-f", "-a", "-n", "3", "--utc", "--server", server], io), 130);
      await io.flush();
      assertEquals(rows(io.out), [
        "04Z #dev al: deploy",
        "05Z #dev bob: message 5",
        "06Z #ops bob: message 6",
        "08Z #ops bob: message 8",
        "09Z #lobby bob: live while history is read",
        "10Z #new bob: a later room",
        "12Z #dev bob: message 12",
      ]);
    }),
);

commandTest("a word without # is a user, and without a key it says how a room is named", async (peer) => {
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["lobby", "--server", server]);
  assertEquals([code, err.split("\n")[1]], [
    77,
    "chatterbox: lobby is taken for a user; the room is '#lobby'",
  ]);
});

Deno.test({
  name: "several rooms: what is for one is refused, with 64",
  permissions,
  async fn() {
    for (
      const args of [
        ["#a", "b", "--local"],
        ["-a", "--local"],
        ["#a", "#b", "--cursor-file", "c"],
        ["#a", "#b", "-g", "x", "-C", "1"],
        ["-a", "--search", "x"],
        Array.from({ length: 101 }, (_, n) => `#room${n}`),
      ]
    ) {
      const { code, err } = await run(command, args);
      assertEquals(code, 64, err);
    }
  },
});
