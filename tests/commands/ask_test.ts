/** `chatterbox ask` against a server of ours, with people at IRC clients that know nothing of questions. */
import { assertEquals, assertMatch } from "@std/assert";
import type { Message } from "../../lib/irc/message.ts";
import { formatMessage } from "../../lib/irc/message.ts";
import { comesTrue, inEnoughTime, inTime } from "../support/guard.ts";
import { LineClient } from "../support/line_client.ts";
import { OUR_CAPS } from "../client/fake_server.ts";
import { command } from "../../commands/ask/ask.ts";
import { linesOf, program, programTest, Server, start } from "./program.ts";
import type { Run } from "./program.ts";
import { commandTest, run } from "./run_command.ts";

/** One person at a client that only knows IRC. */
class Person {
  readonly lines: string[] = [];
  #client!: LineClient;

  constructor(readonly nick: string) {}

  async enter(url: string): Promise<this> {
    const { hostname, port } = new URL(url);
    const address = { kind: "tcp", host: hostname, port: Number(port) } as const;
    const onMessage = (message: Message) => this.lines.push(formatMessage(message));
    this.#client = await LineClient.enter({ address, nick: this.nick, onMessage, caps: ["message-tags"] });
    return this;
  }

  say(line: string): void {
    this.#client.send(line);
  }

  /** The first line that `pattern` matches, from now on or before; it is taken out. */
  async hears(pattern: RegExp): Promise<string> {
    const find = () => this.lines.findIndex((line) => pattern.test(line));
    await comesTrue(`${this.nick} hears ${pattern}`, () => find() >= 0, { heard: () => this.lines });
    return this.lines.splice(find(), 1)[0]!;
  }

  close(): void {
    this.#client.close();
  }
}

/** A server, and people of these names on it. */
async function withPeople<Names extends string>(
  home: string,
  names: readonly Names[],
  fn: (place: Place, people: Record<Names, Person>) => Promise<void>,
): Promise<void> {
  await using server = await Server.start(home);
  const people = await Promise.all(names.map((name) => new Person(name).enter(server.url)));
  try {
    await fn(
      new Place(server, home),
      Object.fromEntries(people.map((each) => [each.nick, each])) as Record<Names, Person>,
    );
  } finally {
    for (const person of people) person.close();
  }
}

class Place {
  constructor(readonly server: Server, readonly home: string) {}

  args(words: readonly string[]): string[] {
    return ["ask", ...words, "--from", "asker", "--server", this.server.url];
  }

  ask(...words: string[]): Promise<Run> {
    return program(this.args(words), this.home);
  }
}

programTest(
  "ask: the exit code is that of the option, and the answer is printed",
  {},
  (home) =>
    withPeople(home, ["bob", "carol"], async (place, { bob, carol }) => {
      for (const [word, code] of [["yes", 0], ["NO", 1], ["later", 2]] as const) {
        const asked = place.ask("bob", "deploy 4711?", "--options", "yes,no,later");
        await bob.hears(/PRIVMSG bob :deploy 4711\? \(question \d: answer yes, no or later\)$/);
        bob.say(`PRIVMSG asker :${word}`);
        const { code: exit, out } = await asked;
        assertEquals([exit, out], [code, `${word.toLowerCase()}\n`]);
        await bob.hears(/NOTICE bob :Your answer to question \d \(deploy 4711\?\) of asker counts: /);
      }
      const free = place.ask("bob", "carol", "which version?", "-q");
      await bob.hears(/question 4: answer 4 and your text/);
      await carol.hears(/question 4: answer 4 and your text/);
      bob.say("PRIVMSG asker :4 1.4.2, I think");
      assertEquals(await free, { code: 0, out: "1.4.2, I think\n", err: "" });
      await carol.hears(/NOTICE carol :question 4 \(which version\?\) is answered: 1\.4\.2, I think \(bob\)/);
      carol.say("PRIVMSG asker :4 1.5");
      await carol.hears(/NOTICE carol :Too late: question 4 /);
    }),
);

programTest(
  "ask: --all, --quorum and --json",
  {},
  (home) =>
    withPeople(home, ["bob", "carol"], async (place, { bob, carol }) => {
      const all = place.ask("bob", "carol", "ready?", "--options", "yes,no", "--all");
      await bob.hears(/ready\?/);
      bob.say("PRIVMSG asker :no");
      await bob.hears(/counts: no/);
      await carol.hears(/ready\?/);
      carol.say("PRIVMSG asker :yes");
      const { code, out } = await all;
      assertEquals([code, out], [1, "bob no\ncarol yes\n"], "the highest that was given");

      for (const person of [bob, carol]) person.say("JOIN #ops");
      await carol.hears(/JOIN #ops/);
      const room = place.ask(
        "#ops",
        "restart?",
        "--options",
        "yes,no",
        "--quorum",
        "2",
        "--json",
        "--id",
        "r1",
      );
      const question = await bob.hears(/PRIVMSG #ops :restart\? \(question 2: answer 2 yes or 2 no\)$/);
      const msgid = /msgid=([^; ]+)/.exec(question)![1]!;
      bob.say(`@+draft/reply=${msgid} PRIVMSG #ops :yes`);
      await bob.hears(/counts: yes/);
      carol.say("PRIVMSG #ops :2 yes");
      const quorum = await room;
      const lines = quorum.out.trimEnd().split("\n").map((line) => JSON.parse(line));
      assertEquals(quorum.code, 0);
      assertEquals(lines.map(({ time: _, msgid: __, ...rest }) => rest), [
        { kind: "answer", id: "r1", from: "bob", account: null, answer: "yes", option: 0 },
        { kind: "answer", id: "r1", from: "carol", account: null, answer: "yes", option: 0 },
        { kind: "outcome", id: "r1", outcome: "answered", option: 0 },
      ]);
      assertMatch(lines[0].time, /^\d{4}-.*Z$/);
      assertEquals(typeof lines[0].msgid, "string");

      const undecided = place.ask("bob", "carol", "sure?", "--options", "yes,no", "--quorum", "2", "-q");
      await carol.hears(/sure\?/);
      bob.say("PRIVMSG asker :yes");
      await bob.hears(/counts: yes/);
      carol.say("PRIVMSG asker :no");
      assertEquals((await undecided).code, 75);
    }),
);

programTest(
  "ask: interrupted, it is withdrawn, and those who were asked are told",
  {},
  (home) =>
    withPeople(home, ["bob"], async (place, { bob }) => {
      for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
        const child = start(place.args(["bob", "deploy?", "--options", "yes,no"]), home);
        const output = new Response(child.stdout).text();
        const errors = linesOf(child.stderr);
        for (let line = ""; !line.includes("is open for");) line = (await errors.next()).value!;
        child.kill(signal);
        const last = (await Array.fromAsync(errors)).at(-1);
        const { code: exit } = await inTime("the end of ask", child.status);
        assertEquals([exit, await output, last], [code, "", "chatterbox: the question is withdrawn"]);
        await bob.hears(/NOTICE bob :question \d \(deploy\?\) is withdrawn/);
        bob.say("PRIVMSG asker :yes");
        await bob.hears(/NOTICE bob :Too late: question \d \(deploy\?\) of asker is withdrawn/);
      }
    }),
);

programTest(
  "ask: killed, the same call takes the question up; also after a restart of the server",
  {},
  (home) =>
    withPeople(home, ["bob"], async (place, { bob }) => {
      const words = ["bob", "deploy?", "--options", "yes,no", "--id", "d1"];
      const child = start(place.args(words), home);
      await bob.hears(/PRIVMSG bob :deploy\?/);
      const errors = linesOf(child.stderr);
      for (let line = ""; !line.includes("is open for");) line = (await errors.next()).value!;
      child.kill("SIGKILL");
      await child.status;
      bob.say("PRIVMSG asker :no");
      await bob.hears(/counts: no/);
      const { code, out } = await place.ask(...words);
      assertEquals([code, out], [1, "no\n"]);
      assertEquals((await place.ask(...words)).code, 1, "for a day");
      const other = await place.ask("bob", "deploy it?", "--options", "yes,no", "--id", "d1");
      assertEquals([other.code, other.out], [65, ""]);
      assertMatch(other.err, /The id is already used for another question/);
      assertEquals(bob.lines.filter((line) => line.includes("deploy?")), []);
    }),
);

programTest(
  "ask: 75 when its time is over, and all are told; 67, 65 and 77 for what cannot be asked",
  {},
  (home) =>
    withPeople(home, ["bob"], async (place, { bob }) => {
      const late = await inEnoughTime("the question to be opened", async (seconds) => {
        const words = ["deploy?", "--options", "yes,no", "--timeout", `${seconds}s`];
        const { code, out, err } = await place.ask("bob", ...words);
        assertEquals([code, out], [75, ""]);
        return err.includes(" is open for ") ? err : undefined;
      });
      const open = /^chatterbox: question (\d+) is open for \d+s; --id [0-9a-f]{16} takes it up again$/m;
      assertMatch(late, open);
      assertMatch(late, /chatterbox: the question has timed out\n$/);
      await bob.hears(
        new RegExp(`NOTICE bob :question ${open.exec(late)![1]} \\(deploy\\?\\) has timed out`),
      );
      const unknown = await place.ask("nosuch", "deploy?");
      assertEquals([unknown.code, unknown.out], [67, ""]);
      assertMatch(unknown.err, /no user called nosuch is online/);
      assertEquals((await place.ask("#nosuch", "deploy?")).code, 67);
      bob.say("JOIN #closed");
      bob.say("MODE #closed +n");
      await bob.hears(/MODE #closed \+n/);
      const refused = await place.ask("#closed", "deploy?");
      assertEquals(refused.code, 77);
      assertMatch(refused.err, /you may not speak in #closed/);
      assertEquals((await place.ask("#lobby", "all here?", "--all")).code, 67, "there are no people in it");
      assertEquals((await place.ask("bob", "x".repeat(300))).code, 65);
      assertEquals((await place.ask("bob", "x".repeat(600))).code, 65, "longer than a line");
    }),
);

Deno.test("ask: wrong usage is 64, before anything is sent", async () => {
  for (
    const [words, text] of [
      [[], /give TARGET… and the question/],
      [["bob"], /give TARGET… and the question/],
      [["b,b", "?"], /"b,b" is not a valid user or room name/],
      [["bob", "?", "--options", "yes"], /--options: there are 1; a question has 2 to 16/],
      [["bob", "?", "--options", "yes,Yes"], /--options: Yes is there twice/],
      [["bob", "?", "--options", "yes,not now"], /--options: "not now" is not a word/],
      [["bob", "?", "--all", "--quorum", "2"], /--all and --quorum exclude each other/],
      [["bob", "?", "--quorum", "1"], /--quorum/],
      [["bob", "?", "--timeout", "8d"], /--timeout/],
      [["bob", "?", "--id", "a b"], /--id "a b": it is not 1 to 48 printable/],
      [[...Array.from({ length: 21 }, (_, nth) => `p${nth}`), "?"], /at most 20 users and rooms/],
    ] satisfies [string[], RegExp][]
  ) {
    const { code, out, err } = await run(command, words);
    assertEquals([code, out], [64, ""], words.join(" "));
    assertMatch(err, text);
  }
});

commandTest("ask: a server without questions: 69, and nothing is asked", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.gone();
  assertEquals(peer.heard.some((line) => line.includes("ASK")), false);
}, async (server) => {
  const { code, err } = await run(command, ["bob", "deploy?", "--server", server]);
  assertEquals(code, 69);
  assertMatch(err, /does not keep questions; nothing was asked/);
});

const TOO_MANY = "FAIL ASK TOO_MANY d1 :You have 20 open questions; withdraw one";

commandTest("ask: too many open questions: 75, with the server's words", async (peer) => {
  await peer.welcome([...OUR_CAPS, "chatterbox.chat/ask"]);
  const [, label] = await peer.until(/^@label=(\S+) ASK OPEN/);
  await peer.send(`@label=${label} :fake ${TOO_MANY}`);
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["bob", "deploy?", "--id", "d1", "--server", server]);
  assertEquals(code, 75);
  assertMatch(err, /You have 20 open questions; withdraw one/);
});

commandTest("ask: a server that does not say how it ended: 75", async (peer) => {
  await peer.welcome([...OUR_CAPS, "chatterbox.chat/ask"]);
  const [, label] = await peer.until(/^@label=(\S+) ASK OPEN/);
  await peer.send(`@label=${label} :fake ASK OPEN d1 1 100`);
  const [, late] = await peer.until(/^@label=(\S+) ASK WITHDRAW d1/);
  await peer.send(`@label=${late} :fake FAIL ASK NO_SUCH_QUESTION d1 :You have no question with this id`);
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["bob", "deploy?", "--id", "d1", "--server", server]);
  assertEquals(code, 75);
  assertMatch(err, /the time is over, and the server has not confirmed that/);
});

commandTest("ask: an end that comes without all answers: it asks for the rest", async (peer) => {
  await peer.welcome([...OUR_CAPS, "chatterbox.chat/ask"]);
  const [, label] = await peer.until(/^@label=(\S+) ASK OPEN/);
  const answer = (nth: number, nick: string) =>
    `:fake ASK ANSWER d1 ${nth} ${nick} * 2026-01-31T10:00:00.000Z m${nth} 2 :no`;
  const end = ":fake ASK END d1 answered 2 2 :is answered: no (bob, carol)";
  await peer.send(`@label=${label} :fake ASK OPEN d1 1 60000`, answer(1, "bob"), end);
  const [, again] = await peer.until(/^@label=(\S+) ASK OPEN/);
  await peer.send(`@label=${again} :fake ASK OPEN d1 1 0`, answer(1, "bob"), answer(2, "carol"), end);
  const [, known] = await peer.until(/^@label=(\S+) ASK ACK d1/);
  await peer.send(`@label=${known} :fake ASK ACK d1`);
  await peer.gone();
}, async (server) => {
  const words = ["bob", "carol", "deploy?", "--options", "yes,no", "--all", "--id", "d1", "-q"];
  assertEquals(await run(command, [...words, "--server", server]), {
    code: 1,
    out: "bob no\ncarol no\n",
    err: "",
  });
});
