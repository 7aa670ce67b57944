/** Channels so large that comings and goings are not announced one by one. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

/** alice (the operator) and bob, then carol, whom nobody was told of. */
function large(): { chat: TestHub; alice: Session; bob: Session; carol: Session } {
  const chat = new TestHub({ largeChannel: 2 });
  const [alice, bob, carol] = ["alice", "bob", "carol"].map((nick) => chat.enter(nick)) as [
    Session,
    Session,
    Session,
  ];
  for (const session of [alice, bob, carol]) chat.say(session, "JOIN #tea");
  return { chat, alice, bob, carol };
}

pureTest("large room: who enters sees those who are known and oneself; the others are not told", () => {
  const { chat, alice, bob, carol } = large();
  assertEquals(chat.heard(carol), [
    ":carol!~carol@127.0.0.1 JOIN #tea",
    ":irc.test 353 carol = #tea :@alice bob",
    ":irc.test 353 carol = #tea :carol",
    ":irc.test 366 carol #tea :End of /NAMES list.",
  ]);
  assertEquals(chat.heard(bob).filter((line) => line.includes("carol")), []);
  chat.heard(alice);
  chat.say(alice, "NAMES #tea");
  assertEquals(chat.heard(alice)[0], ":irc.test 353 alice = #tea :@alice bob");
  chat.say(alice, "WHO #tea");
  assertEquals(chat.heard(alice).length, 4, "WHO shows everybody");
});

pureTest("large room: who speaks is announced first, once", () => {
  const { chat, bob, carol } = large();
  chat.heard(bob);
  chat.heard(carol);
  chat.say(carol, "PRIVMSG #tea :hi", "PRIVMSG #tea :again");
  assertEquals(chat.heard(bob), [
    ":carol!~carol@127.0.0.1 JOIN #tea",
    ":carol!~carol@127.0.0.1 PRIVMSG #tea :hi",
    ":carol!~carol@127.0.0.1 PRIVMSG #tea :again",
  ]);
  assertEquals(chat.heard(carol), [], "who sees no second JOIN of one's own");
  chat.say(carol, "PART #tea");
  assertEquals(chat.heard(bob), [":carol!~carol@127.0.0.1 PART #tea"]);
});

pureTest(
  "large room: who is made operator or kicked is announced first, to the one who does it too, label or not",
  () => {
    for (const change of ["MODE #tea +o carol", "KICK #tea carol :out"]) {
      const chat = new TestHub({ largeChannel: 2 });
      const alice = chat.enter("alice", "labeled-response", "batch");
      const [bob, carol] = [chat.enter("bob"), chat.enter("carol")];
      for (const session of [alice, bob, carol]) chat.say(session, "JOIN #tea");
      for (const session of [alice, bob, carol]) chat.heard(session);
      chat.say(alice, `@label=1 ${change}`);
      const joined = ":carol!~carol@127.0.0.1 JOIN #tea";
      assertEquals(chat.heard(bob)[0], joined);
      assertEquals(chat.heard(alice)[1], `@batch=1 ${joined}`);
      assert(!chat.heard(carol).includes(joined), "not to carol");
    }
  },
);

pureTest("large room: who leaves unannounced is not announced as leaving either, but sees it", () => {
  for (const leave of ["PART #tea", "QUIT", "NICK cara", "AWAY :lunch"]) {
    const { chat, bob, carol } = large();
    chat.heard(bob);
    chat.heard(carol);
    chat.say(carol, leave);
    assertEquals(chat.heard(bob), [], leave);
    assertEquals(chat.heard(carol).length, 1, leave);
  }
});

/** A client's list of a room's members, kept as clients keep it. */
class NickList {
  readonly names = new Set<string>();

  hear(line: string, own: string, present: readonly string[]): void {
    const [source = "", command, ...params] = line.replace(/^:/, "").split(" ");
    const nick = source.split("!")[0]!;
    switch (command) {
      case "353":
        for (const name of line.slice(line.indexOf(" :") + 2).split(" ")) {
          this.names.add(name.replace(/^[@+]/, ""));
        }
        break;
      case "JOIN":
        if (nick === own) this.names.clear();
        assert(!this.names.has(nick), `${nick} comes in twice: ${line}`);
        this.names.add(nick);
        break;
      case "PART":
      case "QUIT":
        assert(this.names.delete(nick), `${nick} leaves who was not there: ${line}`);
        if (nick === own) this.names.clear();
        break;
      case "KICK":
        assert(this.names.delete(params[1]!), `${params[1]} is thrown out who was not there: ${line}`);
        if (params[1] === own) this.names.clear();
        break;
      case "NICK":
        if (params[0] === own && !this.names.has(nick)) break; // outside of the channel
        assert(this.names.delete(nick), `${nick} is renamed who was not there: ${line}`);
        this.names.add(params[0]!);
        break;
      case "PRIVMSG":
      case "TOPIC":
      case "MODE":
        // One may speak to a channel from outside.
        assert(this.names.has(nick) || !present.includes(nick), `${nick} acts unannounced: ${line}`);
    }
  }
}

pureTest(
  "large room: no client's list of names ever has a ghost in it, or lacks who acts",
  () =>
    forAll(30, (random) => {
      const chat = new TestHub({ largeChannel: 1 + random.below(4) });
      const people = Array.from({ length: 8 }, (_, id) => ({
        session: chat.enter(`p${id}`),
        nick: `p${id}`,
        list: new NickList(),
      }));
      for (let step = 0; step < 300; step++) {
        const one = random.pick(people);
        const renamed = `q${step}`;
        const line = act(random, random.pick(people).nick, renamed);
        chat.say(one.session, line);
        if (line === `NICK ${renamed}`) one.nick = renamed;
        const members = chat.hub.context.state.channel("#tea")?.members ?? new Map();
        const present = [...members.keys()].map((user) => user.nick);
        for (const { session, nick, list } of people) {
          for (const heard of chat.heard(session)) list.hear(heard, nick, present);
          if (!present.includes(nick)) {
            list.names.clear(); // it asked from outside
            continue;
          }
          for (const name of list.names) assert(present.includes(name), `${name} is a ghost to ${nick}`);
        }
      }
    }),
);

function act(random: Random, nick: string, renamed: string): string {
  return random.pick([
    "JOIN #tea",
    "JOIN #tea",
    "PART #tea",
    "PRIVMSG #tea :hello",
    "TOPIC #tea :hello",
    `MODE #tea +o ${nick}`,
    `KICK #tea ${nick}`,
    `NICK ${renamed}`,
    "NAMES #tea",
  ]);
}
