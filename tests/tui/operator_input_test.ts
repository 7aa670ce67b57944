import { assertEquals, assertMatch } from "@std/assert";
import { formatMessage, parseMessage } from "../../lib/irc/message.ts";
import type { Message } from "../../lib/irc/message.ts";
import { Chat } from "../../lib/client/conversation/chat.ts";
import { executeInput } from "../../lib/tui/commands/input_executor.ts";

/** A person in #lobby with bob, and a server that says what it is told to. */
class Channel {
  readonly chat = new Chat({
    nick: "alice",
    home: "#lobby",
    clock: String,
    newId: () => "id",
    ignored: ["eve"],
  });
  /** Answers by the beginning of the line that is answered. */
  readonly answers: Record<string, string[]> = {
    JOIN: [":alice!a@h JOIN #lobby", ":s 353 alice = #lobby :@alice Bob", ":s 366 alice #lobby :End"],
  };
  sent: string[] = [];
  shown: string[] = [];
  kept: readonly string[] | undefined;

  constructor() {
    this.chat.handleConnected({ nick: "alice", caps: new Set(), isClaimed: false }, false, 0);
    this.#carryOut();
    this.sent = [];
    this.shown = [];
  }

  type(line: string): this {
    executeInput(this.chat, line, 0);
    return this.#carryOut();
  }

  hear(line: string): this {
    this.chat.handleLine(parseMessage(line)!, 0);
    return this.#carryOut();
  }

  #carryOut(): this {
    for (let effects = this.chat.takeEffects(); effects.length > 0; effects = this.chat.takeEffects()) {
      for (const effect of effects) {
        if (effect.kind === "show") {
          this.shown.push("text" in effect.entry ? effect.entry.text : effect.entry.kind);
        } else if (effect.kind === "ignored") this.kept = effect.names;
        else if (effect.kind === "ask") {
          const line = formatMessage(effect.message);
          this.sent.push(line);
          const key = Object.keys(this.answers).find((start) => line.startsWith(start));
          const lines: Message[] = (this.answers[key ?? ""] ?? []).map((text) => parseMessage(text)!);
          this.chat.handleResult(effect.id, { kind: "answered", lines }, 0);
        }
      }
    }
    return this;
  }
}

Deno.test({
  name: "ruling: what each command sends",
  permissions: "none",
  fn() {
    const expected: [string, string[]][] = [
      ["/kick bob", ["KICK #lobby bob"]],
      ["/kick #dev bob too loud", ["KICK #dev bob :too loud"]],
      ["/kick bob two\nlines", ["KICK #lobby bob :two lines"]],
      ["/invite carol", ["INVITE carol #lobby"]],
      ["/op a b c d", ["MODE #lobby +ooo a b c", "MODE #lobby +o d"]],
      ["/devoice #dev bob", ["MODE #dev -v bob"]],
      ["/mode", ["MODE #lobby"]],
      ["/mode +il 5", ["MODE #lobby +il 5"]],
      ["/mode #dev b", ["MODE #dev b"]],
      ["/ban carol", ["MODE #lobby +b carol!*@*"]],
      ["/ban BOB spam", ["MODE #lobby +b BOB!*@*", "KICK #lobby Bob spam"]],
      ["/ban *!*@192.0.2.7", ["MODE #lobby +b *!*@192.0.2.7"]],
      ["/ban account:bob", ["MODE #lobby +b ~account:bob"]],
      ["/ban bob 2h", []],
      ["/unban bob", ["MODE #lobby -b bob!*@*"]],
      ["/bans", ["MODE #lobby b"]],
      ["/rename ops", ["RENAME #lobby #ops"]],
      ["/rename #dev #ops no more dev", ["RENAME #dev #ops :no more dev"]],
      ["/rename a,b", []],
      ["/gban bob 2h no spam", ["BAN bob 2h :no spam"]],
      ["/ungban bob", ["UNBAN bob"]],
      ["/gbans", ["BANS"]],
      ["/mute account:bob", ["MUTE account:bob"]],
      ["/unmute bob", ["UNMUTE bob"]],
      ["/kill bob", ["KILL bob :No reason given"]],
      ["/oper", ["OPER alice"]],
      ["/oper root secret", ["OPER root secret"]],
      ["/kick :bob", []],
      ["/op a,b", []],
      ["/join #dev a,b", []],
    ];
    for (const [line, sent] of expected) assertEquals(new Channel().type(line).sent, sent, line);
  },
});

Deno.test({
  name: "chat: a server that does not know our account any more is told as such when we come back, once",
  permissions: "none",
  fn() {
    const channel = new Channel();
    const connection = { nick: "alice", caps: new Set<string>(), isClaimed: false };
    const gone = "the account Alice is not there any more; if the server was set up anew, " +
      "chatterbox register Alice makes it yours again";
    const back = (account: string | undefined) => {
      channel.chat.handleDisconnected("cut", 1000, 0);
      channel.shown = [];
      channel.chat.handleConnected({ ...connection, account }, true, 0);
      channel.type("");
      return channel.shown.filter((text) => text === gone).length;
    };
    const accounts = [undefined, "Alice", "Alice", undefined, undefined, "Alice", undefined];
    assertEquals(accounts.map(back), [0, 0, 0, 1, 0, 0, 1]);
  },
});

Deno.test({
  name: "ruling: a room's key is said again when one comes back",
  permissions: "none",
  fn() {
    const channel = new Channel();
    channel.answers["JOIN #dev"] = [":alice!a@h JOIN #dev"];
    const answers = channel.answers;
    delete answers["JOIN"];
    channel.type("/join dev sesame");
    assertEquals(channel.sent, ["JOIN #dev sesame"]);
    channel.chat.handleDisconnected("cut", 1000, 0);
    channel.chat.handleConnected({ nick: "alice", caps: new Set(), isClaimed: false }, true, 0);
    channel.sent = [];
    channel.type("");
    assertEquals(channel.sent.includes("JOIN #dev sesame"), true);
  },
});

Deno.test({
  name: "ruling: a room that leads to another one is followed there, once, with the key that was given",
  permissions: "none",
  fn() {
    const channel = new Channel();
    delete channel.answers["JOIN"];
    channel.answers["JOIN #old"] = [":s FAIL JOIN CHANNEL_RENAMED #old #new :The channel has been renamed"];
    channel.answers["JOIN #new"] = [":alice!a@h JOIN #new"];
    channel.type("/join old sesame");
    assertEquals(channel.sent, ["JOIN #old sesame", "JOIN #new sesame"]);
    assertEquals(channel.chat.channel, "#new");
    assertEquals(channel.shown.some((text) => text === "#old leads to #new now"), true);
    assertEquals(channel.chat.undelivered.refused, 0);

    channel.answers["JOIN #a"] = [":s 470 alice #a #b :Forwarding to another channel"];
    channel.answers["JOIN #b"] = [":s 470 alice #b #a :Forwarding to another channel"];
    channel.sent = [];
    channel.type("/join a");
    assertEquals([channel.sent, channel.chat.channel], [["JOIN #a", "JOIN #b"], "#new"]);
    assertEquals(channel.shown.at(-1), "#b #a: Forwarding to another channel");
  },
});

Deno.test({
  name: "ruling: a room that was renamed while the connection was away is the same room",
  permissions: "none",
  fn() {
    const channel = new Channel();
    channel.chat.handleDisconnected("cut", 1000, 0);
    delete channel.answers["JOIN"];
    channel.answers["JOIN #lobby"] = [
      ":s FAIL JOIN CHANNEL_RENAMED #lobby #hall :The channel has been renamed",
    ];
    channel.answers["JOIN #hall"] = [":alice!a@h JOIN #hall"];
    channel.chat.handleConnected({ nick: "alice", caps: new Set(), isClaimed: false }, true, 0);
    channel.type("").type("here");
    assertEquals(channel.sent, ["JOIN #lobby", "JOIN #hall", "PRIVMSG #hall here"]);
    assertEquals([...channel.chat.completionWords.channels], ["#hall"]);
  },
});

Deno.test({
  name: "ruling: a second word of /join is told to be the key",
  permissions: "none",
  fn() {
    const channel = new Channel();
    delete channel.answers["JOIN"];
    channel.type("/join bad room");
    assertEquals(channel.sent, ["JOIN #bad room"]);
    assertEquals(channel.shown[0], "what follows #bad is taken for its key; a room's name is one word");
    assertEquals(new Channel().type("/join bad").shown[0], "#bad is closed to us");
  },
});

Deno.test({
  name: "ruling: what became of it is said, by the server or by us",
  permissions: "none",
  fn() {
    const channel = new Channel();
    assertEquals(channel.type("/gban bob 2h").shown.splice(0), ["bob is banned from this server for 2h"]);
    channel.answers["MUTE"] = [":s NOTICE alice :bob is muted"];
    assertEquals(channel.type("/mute bob").shown.splice(0), ["bob is muted"]);
    channel.answers["UNBAN"] = [":s 481 alice :Permission Denied"];
    assertEquals(channel.type("/ungban bob").shown.splice(0), ["only operators of this server may do that"]);
    channel.answers["MODE"] = [":s 482 alice #lobby :You're not channel operator"];
    channel.sent = [];
    assertEquals(channel.type("/ban bob").shown.splice(0), ["only operators of #lobby may do that"]);
    assertEquals(channel.sent, ["MODE #lobby +b bob!*@*"]); // and nobody is kicked
    channel.answers["MODE"] = [":s 324 alice #lobby +nt"];
    assertEquals(channel.type("/mode").shown.splice(0), [
      "#lobby: no messages from outside, only operators set the topic",
    ]);
  },
});

Deno.test({
  name: "ruling: who is removed from a room is out of it, and does not go back by itself",
  permissions: "none",
  fn() {
    const channel = new Channel();
    channel.hear(":bob!b@h KICK #lobby alice :too loud");
    assertEquals(channel.chat.channel, undefined);
    assertEquals(channel.sent, []);
    channel.chat.handleDisconnected("cut", 1000, 0);
    channel.chat.handleConnected({ nick: "alice", caps: new Set(), isClaimed: false }, true, 0);
    assertEquals(channel.type("").sent, []);
  },
});

Deno.test({
  name: "ignore: what somebody says and asks is not shown; where they are is",
  permissions: "none",
  fn() {
    const channel = new Channel();
    const noise = [
      ":bob!b@h PRIVMSG #lobby :noise",
      ":bob!b@h NOTICE alice :noise",
      ":bob!b@h INVITE alice #noise",
      ":rob!b@h PRIVMSG alice :noise",
    ];
    channel.hear(":eve!e@h PRIVMSG #lobby :since the last time");
    assertEquals(channel.shown.splice(0), []);
    channel.type("/ignore BOB").hear(":bob!b@h NICK rob").hear(":rob!b@h NICK bob");
    assertEquals(channel.kept, ["eve", "BOB"]);
    assertEquals(channel.shown.splice(0), [
      "you see nothing more of what BOB says (/unignore BOB)",
      "renamed",
      "renamed",
    ]);
    for (const line of noise) channel.hear(line);
    assertEquals(channel.shown.splice(0), []);
    channel.hear(":bob!b@h PART #lobby").type("/msg bob hi").type("/ignore");
    assertEquals(channel.shown.splice(0), ["left", "hi", "you ignore eve, BOB"]);
    channel.type("/unignore bob").hear(":bob!b@h PRIVMSG alice :sorry").hear(
      ":rob!b@h PRIVMSG alice :it was me",
    );
    assertEquals(channel.shown.splice(0), ["you hear bob again", "sorry", "it was me"]);
    assertEquals(channel.kept, ["eve"]);
    channel.type("/unignore bob").type("/ignore ALICE").type("/ignore #lobby");
    assertEquals(channel.shown, ["you did not ignore bob", "that is you", "#lobby is no name"]);
  },
});

Deno.test({
  name: "help: what is everybody's first; the rest is told apart",
  permissions: "none",
  fn() {
    const channel = new Channel();
    const first = channel.type("/help").shown.splice(0);
    assertEquals(first.length < 24, true);
    assertEquals(first.some((line) => line.startsWith("/kick")), false);
    assertEquals(first.at(-1)?.endsWith("/help room, /help server"), true);
    assertMatch(
      channel.type("/help room").shown.splice(0)[0]!,
      /^\/kick \[ROOM\] NAME \[REASON\] +remove somebody/,
    );
    assertEquals(channel.type("/help server").shown.some((line) => line.startsWith("/gban ")), true);
  },
});
