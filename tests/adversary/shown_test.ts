/** Whatever others type, and whatever a server makes of it: where it is shown, it acts on nothing. */
import { assertEquals } from "@std/assert";
import { command as list } from "../../commands/list.ts";
import { command as logs } from "../../commands/logs.ts";
import { command as join } from "../../commands/join.ts";
import { command as send } from "../../commands/send.ts";
import type { Command } from "../../lib/cli/command.ts";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import * as numerics from "../../lib/irc/numerics.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import type { Message } from "../../lib/irc/message.ts";
import { runConsoleLine } from "../../lib/server/console/command_table.ts";
import { ServerLog } from "../../lib/server/server_log.ts";
import { readEarlierPage } from "../../lib/client/conversation/earlier_messages.ts";
import { makeResponseEntries } from "../../lib/client/commands/response_text.ts";
import { Chat } from "../../lib/client/conversation/chat.ts";
import type { InfoRequest } from "../../lib/client/commands/response_text.ts";
import { formatAnsi } from "../../lib/tui/view/styled_line.ts";
import { renderEntry } from "../../lib/tui/view/entry_view.ts";
import type { LocalTime } from "../../lib/client/conversation/model/local_time.ts";
import { Screen } from "../../lib/tui/terminal/screen.ts";
import { formatPrompt } from "../../lib/tui/view/view_prompt.ts";
import { executeInput } from "../../lib/client/commands/input_executor.ts";
import { run } from "../commands/run_command.ts";
import { runServer } from "../support/chat_server.ts";
import { START, TestHub } from "../support/hub.ts";
import { LineClient } from "../support/line_client.ts";
import { pureTest } from "../support/test.ts";
import { assertHarmless, EVIL } from "./evil.ts";
import { EvilProxy, WORD } from "./evil_proxy.ts";

const local: LocalTime = { clock: () => "12:34", day: () => "today", date: () => "1 Jan" };
const plain = loadPalette(false);

const COMMANDS = [
  ...Object.values(numerics),
  ..."PRIVMSG NOTICE JOIN PART KICK QUIT NICK TOPIC MODE INVITE ERROR FAIL WARN NOTE BANS AWAY CAP FOO".split(
    " ",
  ),
];

/** Lines of a server that keeps no rules, with the evil in every place. */
function* evilLines(command: string): Iterable<Message> {
  for (const source of ["", `:${EVIL}!${EVIL}@${EVIL} `, `:${EVIL} `]) {
    for (const target of ["alice", "#lobby", `#${EVIL}`, EVIL]) {
      for (
        const rest of [
          `:${EVIL}`,
          `${EVIL} :${EVIL} ${EVIL}`,
          `${EVIL} ${EVIL} ${EVIL} ${EVIL} 1 :${EVIL} ${EVIL}`,
        ]
      ) {
        yield parseMessage(`${source}${command} ${target} ${rest}`)!;
      }
    }
  }
}

pureTest("shown: in the chat no line of a server acts", () => {
  const chat = new Chat({ nick: "alice", home: "#lobby", clock: () => EVIL, newId: () => "id" });
  chat.handleConnected({ nick: "alice", caps: new Set(["draft/chathistory"]), isClaimed: false }, false, 0);
  let shown = 0;
  const look = (where: string) => {
    for (const effect of chat.takeEffects()) {
      if (effect.kind !== "show") continue;
      shown++;
      const line = formatAnsi(
        renderEntry(effect.entry, { nick: chat.nick, channel: chat.channel }, local),
        plain,
      );
      assertHarmless(line, where);
      assertEquals(line.includes("\n"), false);
    }
  };
  for (const command of COMMANDS) {
    for (const line of evilLines(command)) {
      chat.handleLine(line, 0);
      look(command);
      chat.nick = "alice";
    }
  }
  chat.handleDisconnected(EVIL, 1000, 0);
  chat.handleConnectFailure(EVIL, 1000, 0);
  look("a loss");
  assertEquals(shown > COMMANDS.length, true);
});

pureTest("shown: in the chat no answer of a server acts, whatever was asked", () => {
  const questions: InfoRequest[] = [
    { for: "who", where: EVIL },
    { for: "whois" },
    { for: "rooms" },
    { for: "topic", channel: EVIL },
    { for: "modes", channel: EVIL },
    { for: "masks", channel: EVIL, list: "b" },
    { for: "server_bans" },
  ];
  const lines = COMMANDS.flatMap((command) => [...evilLines(command)]);
  for (const question of questions) {
    for (const entry of makeResponseEntries(question, lines, () => "12:34", 0)) {
      assertHarmless(
        formatAnsi(renderEntry(entry, { nick: "alice", channel: undefined }, local), plain),
        question.for,
      );
    }
  }
  for (const entry of readEarlierPage({ target: EVIL, count: 1000 }, lines, 0, []).entries) {
    assertHarmless(
      formatAnsi(renderEntry(entry, { nick: "alice", channel: undefined }, local), plain),
      "logs",
    );
  }
});

pureTest("shown: what one types oneself, and the room that stands before it, act on nothing", () => {
  const chat = new Chat({ nick: "alice", home: `#${EVIL}`, clock: String, newId: () => "id" });
  for (
    const line of [
      `/${EVIL}`,
      `/nick ${EVIL}`,
      `/msg a,${EVIL} x`,
      `/join ${EVIL}`,
      `/ignore ${EVIL}`,
      EVIL,
    ]
  ) {
    executeInput(chat, line, 0);
  }
  for (const effect of chat.takeEffects()) {
    if (effect.kind !== "show") continue;
    assertHarmless(
      formatAnsi(renderEntry(effect.entry, { nick: chat.nick, channel: chat.channel }, local), plain),
      "typed",
    );
  }
  let drawn = "";
  const screen = new Screen((text) => drawn += text, () => ({ columns: 80, rows: 24 }));
  const view = { name: `#${EVIL}`, state: "left" } as const;
  const prompt = formatPrompt({ view, unread: [], status: { kind: "live" }, unsentCount: 0 }, 0, 80);
  screen.open({ prompt, line: { text: EVIL, cursor: 3 } });
  assertHarmless(drawn.replace(/\x1b\[\??\d*[A-Za-z]|\r/g, ""), "the line that is typed");
  assertEquals(drawn.includes("\x1b[31m"), false);
});

Deno.test({
  name: "shown: the commands, with a server that passes everything on",
  permissions: { net: true, read: true, write: true },
  async fn() {
    const server = await runServer();
    if (server.address.kind !== "tcp") throw new Error("no port");
    const name = `${WORD}bob`;
    const bob = await LineClient.enter({ address: server.address, nick: name });
    bob.send(
      `JOIN #lobby`,
      `JOIN #${WORD}`,
      `TOPIC #${WORD} :${WORD} topic`,
      `PRIVMSG #${WORD} :${WORD} text`,
      `PRIVMSG #lobby :\x01ACTION ${WORD}\x01`,
      `NOTICE #lobby :${WORD}`,
      `AWAY :${WORD} away`,
    );
    await bob.barrier();
    {
      await using proxy = new EvilProxy(server.address.port);
      let visits = 0;
      const newName = () => `visitor${++visits}`; // each has a configuration of its own, and so a key
      const shows = async (command: Command, args: string[], stdin?: string) => {
        const where = `${command.name} ${args.join(" ")}`;
        const columns = args.includes("--rooms") ? 3 : 6;
        const { out, err } = await run(
          command,
          [...args, "--server", proxy.url],
          stdin === undefined ? {} : { stdin },
        );
        // Tabs are between the columns of `list`, and their number tells that none is a person's.
        const isTable = command === list && !args.includes("--json");
        if (isTable) {
          for (const line of out.split("\n").slice(0, -1)) {
            assertEquals(line.split("\t").length, columns, line);
          }
        }
        assertHarmless(isTable ? out.replaceAll("\t", " ") : out, where);
        assertHarmless(err, where);
        assertEquals(
          /<U\\?\+202E|\\u202e/.test(out + err),
          true,
          `${where} shows nothing of it: ${out}${err}`,
        );
        for (const line of args.includes("--json") ? out.trim().split("\n") : []) JSON.parse(line);
      };
      await shows(list, []);
      await shows(list, ["--json"]);
      await shows(list, ["--rooms"]);
      await shows(list, ["--rooms", "--json"]);
      await shows(logs, []);
      for (const layout of ["short", "iso", "cat", "md"]) await shows(logs, ["-o", layout]);
      await shows(logs, ["--all-rooms"]);
      await shows(logs, ["--json"]);
      await shows(logs, ["--room", `#${WORD}`]);
      await shows(send, [name, "--from", newName(), "--json", `${EVIL}`]);
      await shows(send, [`#nowhere${EVIL}`, "--from", newName(), "hi"]);
      const typed = [
        "hello",
        "/who",
        "/list",
        "/list rooms",
        `/who ${name}`,
        `/join #${WORD}`,
        "/topic",
        "/logs",
        "/mode",
        EVIL,
      ];
      await shows(join, [newName()], typed.join("\n") + "\n");
    }
    bob.close();
    await bob.ended;
    await server.stop();
  },
});

Deno.test({
  name: "shown: wrong arguments",
  permissions: { read: true, write: true },
  async fn() {
    const wrong: [Command, string[]][] = [
      [send, [`a ${EVIL}`, "hi"]],
      [send, ["bob", "--id", EVIL, "hi"]],
      [send, ["bob", "--server", EVIL, "hi"]],
      [send, ["bob", "--from", EVIL, "hi"]],
      [send, ["bob", `--${EVIL}`]],
      [send, ["bob", "--timeout", EVIL, "hi"]],
      [send, ["bob", "--password-file", EVIL, "hi"]],
      [logs, ["--with", `#${EVIL}`]],
      [logs, ["--since", EVIL]],
      [logs, ["--cursor-file", `/nowhere/${EVIL}`]],
      [logs, ["--file", EVIL]],
      [list, [EVIL]],
      [join, [EVIL]],
    ];
    for (const [command, args] of wrong) {
      const { code, out, err } = await run(command, args, { stdin: "" });
      assertHarmless(out + err, `${command.name} ${JSON.stringify(args)}`);
      assertEquals(
        code === 0 || code === 70,
        false,
        `${command.name} ${JSON.stringify(args)}: ${code} ${err}`,
      );
    }
  },
});

pureTest("shown: the server's log and its prompt", () => {
  for (const format of ["text", "json"] as const) {
    const lines: string[] = [];
    const log = new ServerLog(format, { now: () => START }, (line) => lines.push(line));
    const evil = `${EVIL}\nforged\r`;
    log.serverEvent({ kind: "came", nick: evil, host: evil, sessions: 1 });
    log.serverEvent({ kind: "left", nick: evil, host: evil, reason: evil, sessions: 0 });
    log.serverEvent({ kind: "renamed", nick: evil, to: evil });
    log.serverEvent({ kind: "turned_away", nick: evil, host: evil, reason: evil });
    log.warning("trouble", evil, { path: evil });
    for (const line of lines) {
      assertHarmless(line, format);
      assertEquals(line.indexOf("\n"), line.length - 1);
    }
  }
  const test = new TestHub();
  const bob = test.enter("bob");
  test.say(bob, "JOIN #lobby", `PRIVMSG #lobby :${EVIL}`, `AWAY :${EVIL}`);
  for (const typed of ["list", "logs", `kick ${EVIL}`, EVIL, `kick bob ${EVIL}`]) {
    const outcome = runConsoleLine(test.hub, typed, test.now);
    for (const line of outcome.kind === "lines" ? outcome.lines : []) assertHarmless(line, typed);
  }
});
