import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { parseChatEntry, parseMessageEntry } from "../../lib/client/conversation/model/entry_parser.ts";
import { makeTextMessage } from "../../lib/client/conversation/model/ctcp.ts";
import type { ChatEntry, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { pureTest } from "../support/test.ts";

const NOW = 1000;

function entry(line: string): ChatEntry | undefined {
  return parseChatEntry(parseMessage(line)!, NOW);
}

pureTest("entries: of lines", () => {
  const time = NOW;
  const said: MessageEntry = {
    kind: "message",
    seq: undefined,
    id: undefined,
    time,
    channel: "#lobby",
    from: "bob",
    to: "#lobby",
    manner: "said",
    text: "hi",
  };
  const expected: [string, ChatEntry | undefined][] = [
    [":bob!b@h PRIVMSG #lobby :hi", said],
    [":bob!b@h PRIVMSG @#lobby :hi", { ...said, to: "@#lobby" }],
    [":bob!b@h NOTICE alice :hi", { ...said, manner: "notice", channel: undefined, to: "alice" }],
    [":bob!b@h PRIVMSG #lobby :\x01ACTION waves\x01", { ...said, manner: "did", text: "waves" }],
    [":bob!b@h NOTICE alice :\x01ACTION waves\x01", undefined],
    [":bob!b@h PRIVMSG alice :\x01VERSION\x01", undefined],
    [":irc.test NOTICE alice :be quick", { kind: "server", time, from: "irc.test", text: "be quick" }],
    [":bob!b@h JOIN #lobby", { kind: "joined", time, channel: "#lobby", nick: "bob" }],
    [":bob!b@h PART #lobby :bye", { kind: "left", time, channel: "#lobby", nick: "bob", reason: "bye" }],
    [":op!o@h KICK #lobby bob :noise", {
      kind: "kicked",
      time,
      channel: "#lobby",
      nick: "bob",
      by: "op",
      reason: "noise",
    }],
    [":op!o@h KICK #lobby bob :bob", {
      kind: "kicked",
      time,
      channel: "#lobby",
      nick: "bob",
      by: "op",
      reason: "",
    }],
    [":bob!b@h QUIT :Leaving", { kind: "quit", time, nick: "bob", reason: "Leaving" }],
    [":bob!b@h NICK rob", { kind: "renamed", time, from: "bob", to: "rob" }],
    [":bob!b@h TOPIC #lobby :new", { kind: "topic", time, channel: "#lobby", by: "bob", text: "new" }],
    [":irc.test 301 alice bob :at lunch", { kind: "note", time, text: "bob is away: at lunch" }],
    [":irc.test 372 alice :- Welcome", { kind: "note", time, text: "Welcome" }],
    [":irc.test 422 alice :No MOTD", undefined],
    [":irc.test 401 alice bob :No such nick", {
      kind: "alarm",
      time,
      text: "no user called bob is online",
    }],
    [":bob!b@h INVITE alice #dev", { kind: "invited", time, channel: "#dev", by: "bob" }],
    [":bob!b@h MODE #dev +o-v alice carol", {
      kind: "mode",
      time,
      channel: "#dev",
      by: "bob",
      text: "made alice an operator, removed voice from carol",
    }],
    [":alice!b@h MODE alice +i", undefined],
    [":op!o@h KILL alice :too loud", { kind: "alarm", time, text: "op closed your connection: too loud" }],
    [":op!o@h WALLOPS :restart at ten", {
      kind: "server",
      time,
      from: "op to all operators",
      text: "restart at ten",
    }],
    [":irc.test 381 alice :You are an operator", {
      kind: "note",
      time,
      text: "you are now an operator of this server",
    }],
    ["NOTE PRIVMSG QUEUED bob :bob is not here; it waits", {
      kind: "note",
      time,
      text: "bob is not here; it waits",
    }],
    ["NOTE CHATHISTORY GAP #x * restart :lost", undefined],
    ["FAIL JOIN BANNED #x :You are banned", { kind: "alarm", time, text: "#x: You are banned" }],
    [":irc.test 004 alice irc.test v 1 2", undefined],
    ["PONG", undefined],
  ];
  for (const [line, shown] of expected) assertEquals(entry(line), shown, line);
});

pureTest("entries: the server's time is used if it is valid", () => {
  const at = (time: string) => entry(`@time=${time} :bob!b@h PRIVMSG #lobby :hi`)?.time;
  assertEquals(at("2026-01-02T03:04:05.678Z"), Date.UTC(2026, 0, 2, 3, 4, 5, 678));
  assertEquals(at("yesterday"), NOW);
});

pureTest("entries: a written message is read back", () => {
  for (const manner of ["said", "did", "notice"] as const) {
    const message = { target: "#lobby", text: "some text", manner };
    const read = parseMessageEntry({ ...parseMessage(":bob!b@h X")!, ...makeTextMessage(message) }, NOW)!;
    assertEquals({ target: read.to, text: read.text, manner: read.manner }, message);
  }
});
