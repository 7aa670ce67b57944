import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { HELP_WORDS } from "../../lib/client/commands/help_pages.ts";
import { executeInput } from "../../lib/client/commands/input_executor.ts";
import { SLASH_COMMANDS, SLASH_WORDS } from "../../lib/client/commands/slash_commands.ts";
import { countColumns } from "../../lib/base/text_width.ts";
import { ScriptedChat } from "../support/chat/scripted_chat.ts";
import { pureTest } from "../support/test.ts";

const HISTORY = ["draft/chathistory", "batch", "server-time", "message-tags", "soju.im/search"];

const SENT: readonly [line: string, sent: string[]][] = [
  ["", []],
  ["   ", []],
  ["hello /me", ["PRIVMSG #lobby :hello /me"]],
  ["  spaces stay ", ["PRIVMSG #lobby :  spaces stay "]],
  [" /msg bob psst", []],
  [" /etc/hosts", ["PRIVMSG #lobby : /etc/hosts"]],
  ["//etc", ["PRIVMSG #lobby /etc"]],
  ["/msg bob  hi there ", ["PRIVMSG bob :hi there"]],
  ["/chat bob hi", ["PRIVMSG bob hi"]],
  ["/query bob", []],
  ["/q bob hi", ["PRIVMSG bob hi"]],
  ["/MSG bob one\n two", ["PRIVMSG bob one", "PRIVMSG bob : two"]],
  ["/me waves", ["PRIVMSG #lobby :\x01ACTION waves\x01"]],
  ["/join #dev", ["JOIN #dev"]],
  ["/join dev", ["JOIN #dev"]],
  ["/join dev sesame", ["JOIN #dev sesame"]],
  ["/join #lobby", []],
  ["/join #dev a,b", []],
  ["/part", ["PART #lobby"]],
  ["/part see you", ["PART #lobby :see you"]],
  ["/part #dev see you", ["PART #dev :see you"]],
  ["/topic", ["TOPIC #lobby"]],
  ["/topic -delete", ["TOPIC #lobby :"]],
  ["/topic #dev -delete", ["TOPIC #dev :"]],
  ["/topic all welcome", ["TOPIC #lobby :all welcome"]],
  ["/topic #dev all\nwelcome", ["TOPIC #dev :all welcome"]],
  ["/invite carol", ["INVITE carol #lobby"]],
  ["/invite bob #dev", ["INVITE bob #dev"]],
  ["/invite #dev bob", ["INVITE bob #dev"]],
  ["/invite bob dev", ["INVITE bob #dev"]],
  ["/nick carol", ["NICK carol"]],
  ["/list", ["WHO *"]],
  ["/list people", ["WHO *"]],
  ["/list rooms", ["LIST"]],
  ["/who", ["WHO #lobby"]],
  ["/who bob", ["WHOIS bob"]],
  ["/away", ["AWAY"]],
  ["/away at lunch", ["AWAY :at lunch"]],
  ["/logs", ["CHATHISTORY LATEST #lobby * 20"]],
  ["/logs 5", ["CHATHISTORY LATEST #lobby * 5"]],
  ["/logs bob 5", ["CHATHISTORY LATEST bob * 5"]],
  ["/logs #dev", ["CHATHISTORY LATEST #dev * 20"]],
  ["/logs 999999", ["CHATHISTORY LATEST #lobby * 1000"]],
  ["/older", []],
  ["/reply yes", []],
  ["/unreact", []],
  ["/edit yes", []],
  ["/redact", []],
  ["/whois bob", ["WHOIS bob"]],
  ["/wi a,b", []],
  ["/names", ["WHO #lobby"]],
  ["/n dev", ["WHO #dev"]],
  ["/w", ["WHO #lobby"]],
  ["/j #dev", ["JOIN #dev"]],
  ["/t", ["TOPIC #lobby"]],
  ["/clear", []],
  ["/search deploy* -x from:bob", ["SEARCH from=bob;text=deploy*\\s-x;limit=10"]],
  ["/search", []],
  ["/search from:", []],
  ["/kick bob", ["KICK #lobby bob"]],
  ["/kick bob too  loud", ["KICK #lobby bob :too  loud"]],
  ["/kick #dev bob too loud", ["KICK #dev bob :too loud"]],
  ["/kick bob two\nlines", ["KICK #lobby bob :two lines"]],
  ["/ban carol", ["MODE #lobby +b carol!*@*"]],
  ["/ban BOB spam", ["MODE #lobby +b BOB!*@*", "KICK #lobby Bob spam"]],
  ["/ban *!*@192.0.2.7", ["MODE #lobby +b *!*@192.0.2.7"]],
  ["/ban #dev account:bob no spam", ["MODE #dev +b ~account:bob"]],
  ["/ban bob 2h", []],
  ["/unban bob", ["MODE #lobby -b bob!*@*"]],
  ["/bans", ["MODE #lobby b"]],
  ["/bans #dev", ["MODE #dev b"]],
  ["/bans dev", ["MODE #dev b"]],
  ["/op a b c d", ["MODE #lobby +ooo a b c", "MODE #lobby +o d"]],
  ["/deop #dev bob", ["MODE #dev -o bob"]],
  ["/voice bob", ["MODE #lobby +v bob"]],
  ["/devoice #dev bob", ["MODE #dev -v bob"]],
  ["/keep", ["HISTSERV :SET #lobby KEEP"]],
  ["/keep 30d", ["HISTSERV :SET #lobby KEEP 30d"]],
  ["/keep #dev default", ["HISTSERV :SET #dev KEEP default"]],
  ["/keep soon", []],
  ["/mode", ["MODE #lobby"]],
  ["/mode #dev", ["MODE #dev"]],
  ["/mode +il  5", ["MODE #lobby +il 5"]],
  ["/mode +k", []],
  ["/mode -o", []],
  ["/mode -l -k", ["MODE #lobby -l-k"]],
  ["/mode #dev +k -x +i", ["MODE #dev +k+i -x"]],
  ["/mode #dev +b", ["MODE #dev b"]],
  ["/rename ops", ["RENAME #lobby #ops"]],
  ["/rename #ops", ["RENAME #lobby #ops"]],
  ["/rename #dev #ops no more dev", ["RENAME #dev #ops :no more dev"]],
  ["/rename a,b", []],
  ["/oper", ["OPER alice"]],
  ["/oper root", ["OPER root"]],
  ["/oper root secret", ["OPER root secret"]],
  ["/kill bob", ["KILL bob :No reason given"]],
  ["/gban bob 2h no spam", ["BAN bob 2h :no spam"]],
  ["/gban bob 2x no spam", []],
  ["/gban account:bob no spam", ["BAN account:bob :no spam"]],
  ["/ungban 192.0.2.0/24", ["UNBAN 192.0.2.0/24"]],
  ["/gbans", ["BANS"]],
  ["/mute bob 10m", ["MUTE bob 10m"]],
  ["/unmute bob", ["UNMUTE bob"]],
  ["/kick :bob", []],
  ["/op a,b", []],
  ["/who a,b", []],
  ["/react 👍", []],
  ["/delete", []],
  ["/ignore bob", []],
  ["/unignore eve", []],
  ["/ack", []],
  ["/ack 12", ["PAGE ACK 12"]],
  ["/page ops", []],
  ["/page #ops db down", []],
  ["/pages", ["PAGE LIST"]],
  ["/answer", []],
  ["/answer yes", []],
  ["/set presence off", []],
  ["/go #dev", []],
  ["/close", ["PART #lobby"]],
  ["/r hi", []],
  ["/msg bob", []],
  ["/msg #lobby", []],
  ["/help", []],
  ["/quit", []],
];

pureTest("slash commands: what each line sends", () => {
  for (const [line, sent] of SENT) assertEquals(new ScriptedChat(HISTORY).type(line).sent, sent, line);
});

pureTest("slash commands: each of them is among those lines", () => {
  const lines = new Set(SENT.map(([line]) => line.split(" ")[0]));
  assertEquals(SLASH_COMMANDS.filter(({ names: [name] }) => !lines.has(`/${name}`)), []);
});

pureTest("slash commands: arguments that do not fit are answered with the usage, and nothing is sent", () => {
  const wrong = [
    "/msg",
    "/go two words",
    "/close two words",
    "/r",
    "/me",
    "/react",
    "/react 👍 bob carol",
    "/react 2",
    "/reply",
    "/reply 2",
    "/unreact 👍 bob",
    "/whois",
    "/names two words",
    "/join",
    "/join a b c",
    "/invite #dev bob #ops",
    "/nick",
    "/nick two words",
    "/list x",
    "/who two words",
    "/unignore",
    "/logs 0",
    "/logs -3",
    "/logs #dev -3",
    "/older 0",
    "/older 1 2",
    "/logs two words",
    "/kick",
    "/kick #dev",
    "/unban bob carol",
    "/bans bob carol",
    "/devoice",
    "/rename",
    "/rename #dev ops",
    "/rename our room",
    "/oper a b c",
    "/kill",
    "/gban",
    "/gbans x",
    "/unmute",
  ];
  for (const line of wrong) {
    const { sent, shown } = new ScriptedChat(HISTORY).type(line);
    assertEquals(sent, [], line);
    assertEquals(shown.length, 1, line);
    assertEquals(shown[0]!.startsWith(`!!! usage: ${line.split(" ")[0]}`), true, shown[0]);
  }
  assertEquals(new ScriptedChat().type("/msg").shown, ["!!! usage: /msg NAME|ROOM [TEXT]"]);
});

pureTest("slash commands: an unknown one is said, with the nearest that exists", () => {
  const expected: [line: string, shown: string][] = [
    ["/jion #dev", "!!! unknown command /jion; did you mean /join? (//jion sends it as text)"],
    [
      "/xyzzyplugh",
      "!!! unknown command /xyzzyplugh; /help lists the commands (//xyzzyplugh sends it as text)",
    ],
    ["/", "!!! unknown command /; /help lists the commands (// sends it as text)"],
    [
      "/constructor",
      "!!! unknown command /constructor; /help lists the commands (//constructor sends it as text)",
    ],
  ];
  for (const [line, shown] of expected) assertEquals(new ScriptedChat().type(line).shown, [shown], line);
});

pureTest("slash commands: without a connection, those that need none work and the others say so", () => {
  const offline = new ScriptedChat().disconnect();
  offline.takeSent();
  const answer = (line: string) => {
    offline.takeShown();
    return offline.type(line).shown.at(-1);
  };
  assertEquals(answer("/msg bob later"), "--- queued for bob until connected: later");
  assertEquals(answer("/me waves"), "--- queued for #lobby until connected: waves");
  assertEquals(answer("/ignore bob"), "--- messages from bob are hidden (/unignore bob shows them again)");
  assertEquals(answer("/help help"), "--- /help [COMMAND|TOPIC]  list the commands and keys, or explain one");
  assertEquals(answer("/help topic")?.split("\n").at(-1), "      /topic -delete clears it");
  assertEquals(answer("/kick"), "!!! usage: /kick [ROOM] NAME [REASON]");
  for (const line of ["/join #dev", "/who", "/kick bob", "/gbans"]) {
    const name = line.split(" ")[0];
    assertEquals(answer(line), `!!! not connected: ${name} needs the server; only messages are queued`);
  }
  assertEquals(offline.sent, []);
});

pureTest("slash commands: /quit ends the chat with a reason in one line", () => {
  assertEquals(new ScriptedChat().type("/quit").quitReason, "");
  assertEquals(new ScriptedChat().type("/bye so\nlong").quitReason, "so long");
});

pureTest("slash commands: no name or alias is given twice", () => {
  const words = SLASH_COMMANDS.flatMap(({ names }) => names);
  assertEquals([...new Set(words)], words);
  assertEquals(words.filter((word) => word !== word.toLowerCase()), []);
  assertEquals(words.filter((word) => !SLASH_WORDS.includes(word)), ["q", "j", "t", "w", "wi", "n", "c"]);
});

pureTest("slash commands: a room that is named without its # is not taken for text or for a name", () => {
  const inTwo = () => {
    const chat = new ScriptedChat();
    chat.answers["JOIN #ops"] = [":alice!a@h JOIN #ops"];
    chat.receive(":alice!a@h JOIN #ops").type("/join #lobby").takeShown();
    return chat;
  };
  const expected: [line: string, shown: string][] = [
    ["/topic ops", "rooms begin with #: /topic #ops; if ops is text: /topic #lobby ops"],
    ["/part OPS see you", "rooms begin with #: /part #ops; if OPS is text: /part #lobby OPS"],
    ["/kick ops bob", "rooms begin with #: /kick #ops"],
    ["/mode ops", "rooms begin with #: /mode #ops"],
  ];
  for (const [line, shown] of expected) {
    const chat = inTwo().type(line);
    assertEquals([chat.sent, chat.shown], [[], [`!!! ${shown}`]], line);
  }
  const sent: [line: string, sent: string][] = [
    ["/topic lobby rules", "TOPIC #lobby :lobby rules"],
    ["/part ops", "PART #ops"],
    ["/part OPS ", "PART #ops"],
    ["/part bye", "PART #lobby bye"],
    ["/topic #lobby ops", "TOPIC #lobby ops"],
    ["/topic bob", "TOPIC #lobby bob"],
    ["/kick bob", "KICK #lobby bob"],
  ];
  for (const [line, expected] of sent) assertEquals(inTwo().type(line).sent, [expected], line);
});

pureTest(
  "help: the commands of everyone and the keys on one screen, those of operators on pages of their own",
  () => {
    const chat = new ScriptedChat();
    const page = (line: string) => chat.type(line).takeShown().join("\n").split("\n");
    const first = page("/help");
    assertEquals(first.length < 23, true); // with the prompt and the line that was typed
    assertMatch(first[0]!, /^--- talk +rooms +people +keys$/);
    assertMatch(first[1]!, /^ +\/msg NAME\|ROOM +\/go +\/nick NAME +Tab complete$/);
    for (const text of ["/react EMOJI", "/set", "/quit", "Ctrl-D leave", "/help COMMAND", "/help server"]) {
      assertEquals(first.some((line) => line.includes(text)), true, text);
    }
    assertEquals(first.some((line) => line.includes("/kick")), false);
    assertMatch(page("/help room")[0]!, /^--- \/kick \[ROOM\] NAME \[REASON\] +remove a person/);
    assertEquals(page("/help server").some((line) => line.startsWith("      /gban ")), true);
    assertEquals(page("/help ROOM"), page("/help room"));
    assertMatch(page("/help talk")[0]!, /^--- \/msg NAME\|ROOM \[TEXT\] +send to a person or a room/);
    assertMatch(page("/help keys")[0]!, /^--- Tab +complete a command, a name, a room$/);
    assertMatch(page("/help keys").join("\n"), /^ +Ctrl-_ +undo the last change of the line$/m);
    assertEquals(page("/help bogus"), ["!!! there is no command or topic bogus; /help lists them"]);
    assertEquals(page("/help /BYE"), ["--- /quit [REASON]  leave the chat (also /bye, /exit)"]);
    assertEquals(page("/help logs")[1], "      Without COUNT: the last 20. At most 1000 at a time.");
  },
);

pureTest(
  "help: every command is on a page, and no line of one is wider than 80 columns at a terminal",
  () => {
    const chat = new ScriptedChat();
    for (const word of ["", ...HELP_WORDS]) chat.type(`/help ${word}`);
    const pages = chat.takeShown().join("\n");
    for (const line of pages.split("\n")) {
      const text = line.replace(/^(?:--- | {6})/, "");
      assertEquals(countColumns(text) <= 80 - "12:34  ··· ".length, true, line);
    }
    for (const { names: [name], usage } of SLASH_COMMANDS) {
      assertEquals(pages.includes(usage), true, name);
      chat.type(`/help ${name}`);
    }
    for (const line of chat.shown.join("\n").split("\n")) assertEquals(countColumns(line) <= 80, true, line);
  },
);

pureTest(
  "help: on a screen of 40 columns every line is short enough as it is, and nothing is left out",
  () => {
    const chat = new ScriptedChat();
    const narrow = (command: string) => {
      executeInput(chat.chat, command, 0);
      const effect = chat.chat.takeEffects().find(({ kind }) => kind === "show");
      const entry = effect?.kind === "show" ? effect.entry : undefined;
      return entry?.kind === "note" && entry.narrowText || "";
    };
    const first = narrow("/help");
    for (const line of first.split("\n\n")[0]!.split("\n")) assert(countColumns(line) <= 36, line);
    for (
      const word of ["rooms\n  /go  /close", "Ctrl-X Ctrl-E: editor", "/help COMMAND"]
    ) assertStringIncludes(first, word);
    assertStringIncludes(narrow("/help rooms"), "/join ROOM [KEY]\n  enter a room");
    assertStringIncludes(narrow("/help keys"), "PgUp\n  show older messages\n");
  },
);
