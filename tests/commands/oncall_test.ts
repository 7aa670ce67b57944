/** `page`, `ack` and `oncall` as processes, against a server of ours; and a page that rings in `join` at a terminal. */
import { assertEquals, assertMatch } from "@std/assert";
import type { Message } from "../../lib/irc/message.ts";
import { formatMessage } from "../../lib/irc/message.ts";
import { comesTrue, endOf, inTime } from "../support/guard.ts";
import { LineClient } from "../support/line_client.ts";
import { needs } from "../tools.ts";
import { linesOf, program, programTest, Server, start } from "./program.ts";
import type { Run } from "./program.ts";
import { Pty } from "./pty.ts";

/** A server with the accounts alice, who owns the room #ops, bob and carol, and the list ops. */
class Place {
  private constructor(readonly server: Server, readonly home: string) {}

  static async make(home: string, server: Server, ...steps: string[]): Promise<Place> {
    const place = new Place(server, home);
    for (const name of ["alice", "bob", "carol"]) {
      assertEquals((await place.run(["register", name])).code, 0, name);
    }
    assertEquals((await place.run(["join", "alice", "#ops"], { stdin: "" })).code, 0);
    const { code, out, err } = await place.run(["oncall", "set", "ops", ...steps, "--name", "alice"]);
    assertEquals([code, err], [0, ""], out);
    return place;
  }

  args(words: readonly string[]): string[] {
    return [...words, "--server", this.server.url];
  }

  run(words: readonly string[], options: { readonly stdin?: string } = {}): Promise<Run> {
    return program(this.args(words), this.home, { ...options, env: { TZ: "UTC" } });
  }

  /** Starts `page ops TEXT`, and waits until the page is on disk. */
  async page(
    text: string,
    ...flags: string[]
  ): Promise<{ child: Deno.ChildProcess; errors: AsyncGenerator<string> }> {
    const child = start(this.args(["page", "ops", text, "--from", "ci", ...flags]), this.home);
    const errors = linesOf(child.stderr);
    for (let line = ""; !/ \(ops\) (?:rings|is kept)/.test(line);) line = (await errors.next()).value!;
    return { child, errors };
  }

  /** The open pages, as alice sees them. */
  async open(): Promise<Record<string, unknown>[]> {
    const { out } = await this.run(["page", "--list", "--json", "--from", "alice"]);
    return out.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }
}

programTest(
  "page --wait ack: who acknowledged, and when; a second acknowledgement is told who was first",
  {},
  async (home) => {
    await using server = await Server.start(home);
    const place = await Place.make(home, server, "alice,bob");
    const { child, errors } = await place.page("db down", "--wait", "ack");
    const out = new Response(child.stdout).text();
    const acknowledged = await place.run(["ack", "--name", "bob"]);
    assertEquals([acknowledged.code, acknowledged.err], [0, ""]);
    assertMatch(acknowledged.out, /page 1 \(ops: db down\) is acknowledged by bob\n$/);
    assertEquals((await inTime("the end of page", child.status)).code, 0);
    assertMatch(await out, /^page 1 acknowledged by bob at \d{4}-\d\d-\d\d \d\d:\d\d \S+\n$/);
    const rung = (await Array.fromAsync(errors)).filter((line) => line.includes("step 1: "));
    assertEquals(rung.map((line) => /step 1: (\w+)/.exec(line)![1]), ["alice", "bob"]);
    const again = await place.run(["ack", "1", "--name", "bob"]);
    assertEquals(again.code, 0, "the same person: it is confirmed again");
    const late = await place.run(["ack", "1", "--name", "alice"]);
    assertEquals([late.code, late.out], [67, ""]);
    assertMatch(late.err, /page 1 .*was acknowledged by bob/);
    const foreign = await place.run(["ack", "1", "--name", "carol"]);
    assertEquals(foreign.code, 77);
    const nothing = await place.run(["ack", "--name", "bob"]);
    assertEquals(nothing.code, 67);
    const listed = await place.run(["page", "--list", "--all", "--json", "--from", "ci"]);
    const [{ number, state, who, text }] = listed.out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals([number, state, who, text], [1, "acknowledged", "bob", "db down"]);
  },
);

programTest(
  "page: interrupted, it goes on ringing, and is withdrawn by the call that was shown",
  {},
  async (home) => {
    await using server = await Server.start(home);
    const place = await Place.make(home, server, "alice");
    for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
      const id = signal.toLowerCase();
      const { child, errors } = await place.page(`stop ${id}`, "--wait", "ack", "--id", id);
      child.kill(signal);
      const last = (await Array.fromAsync(errors)).at(-1)!;
      const { code: exit } = await inTime("the end of page", child.status);
      assertEquals([exit, await new Response(child.stdout).text()], [code, ""]);
      const [, number, call = ""] =
        /page (\d+) goes on ringing; chatterbox (.*) withdraws it, --id /.exec(last) ?? [];
      assertEquals((await place.open()).map(({ text }) => text), [`stop ${id}`]);
      const withdrawn = await place.run(call.split(" "));
      assertEquals([withdrawn.code, withdrawn.err], [0, ""], call);
      assertMatch(withdrawn.out, new RegExp(`^page ${number} \\(ops: stop ${id}\\) is withdrawn`));
      assertEquals(await place.open(), []);
    }
    assertEquals((await place.run(["page", "--withdraw", "nosuch", "--from", "ci"])).code, 67);
  },
);

programTest("page --withdraw: it rings no more, and all are told", {}, async (home) => {
  await using server = await Server.start(home);
  const place = await Place.make(home, server, "alice");
  const waiting = place.run(["page", "ops", "db down", "--from", "ci", "--id", "d1", "--wait", "ack"]);
  await comesTrue("the page is open", async () => (await place.open()).length === 1);
  assertEquals((await place.run(["page", "--withdraw", "d1", "--from", "ci"])).code, 0);
  const { code, out, err } = await waiting;
  assertEquals([code, out], [75, ""]);
  assertMatch(err, /page 1 \(ops: db down\) is withdrawn/);
  const history = await place.run(["logs", "OnCall", "--name", "alice", "-n", "5"]);
  assertMatch(history.out, /ops: db down \(page 1 from ci[^]*page 1 \(ops: db down\) is withdrawn/);
});

programTest(
  "page: killed, the same call takes it up; another text under its id is refused",
  {},
  async (home) => {
    await using server = await Server.start(home);
    const place = await Place.make(home, server, "alice");
    const words = ["page", "ops", "db down", "--from", "ci", "--id", "d1"];
    const { child } = await place.page("db down", "--id", "d1", "--wait", "ack");
    child.kill("SIGKILL");
    await endOf(child);
    const other = await place.run(["page", "ops", "db up", "--from", "ci", "--id", "d1"]);
    assertEquals([other.code, other.out], [65, ""]);
    assertEquals((await place.run(["ack", "--name", "alice"])).code, 0);
    const { code, out } = await place.run([...words, "--wait", "ack"]);
    assertEquals(code, 0);
    assertMatch(out, /^page 1 acknowledged by alice at /);
    assertEquals((await place.run(words)).code, 0, "an id stands for its page");
    assertEquals(await place.open(), []);
  },
);

programTest(
  "oncall: a list belongs to those who own its room; a silence keeps pages",
  {},
  async (home) => {
    await using server = await Server.start(home);
    const place = await Place.make(home, server, "alice", "5m", "bob,carol", "1h");
    const listed = await place.run(["oncall", "--name", "bob"]);
    assertMatch(
      listed.out,
      /^LIST +PEOPLE +FOR +ON DUTY NOW\nops +alice +5m +alice\n +bob,carol +1h +bob,carol\n/m,
    );
    const refused = await place.run(["oncall", "set", "ops", "bob", "--name", "bob"]);
    assertEquals([refused.code, refused.out], [77, ""]);
    assertEquals((await place.run(["oncall", "set", "ops", "nosuch", "--name", "alice"])).code, 65);
    assertEquals((await place.run(["oncall", "delete", "nosuch", "--name", "alice"])).code, 67);
    assertEquals((await place.run(["page", "nosuch", "x", "--from", "ci"])).code, 67);

    const silenced = await place.run(["oncall", "silence", "ops", "1h", "new", "disks", "--name", "alice"]);
    assertMatch(silenced.out, /^ops is silenced until \S+ \S+ UTC by alice: new disks\n$/);
    const kept = await place.run(["page", "ops", "db down", "--from", "ci", "--id", "d1"]);
    assertEquals([kept.code, kept.out], [0, ""]);
    assertMatch(
      kept.err,
      /page 1 \(ops\) is kept: ops is silenced until .* rings then; chatterbox page --withdraw d1 /,
    );
    assertEquals((await place.open()).map(({ state }) => state), ["silenced"]);
    const off = await place.run(["oncall", "silence", "ops", "off", "--name", "alice"]);
    assertEquals(off.out, "ops is not silenced\n");
    await comesTrue("it rings", async () => (await place.open())[0]?.["state"] === "ringing");
    const later = await place.run(["ack", "1", "--name", "carol"]);
    assertEquals(later.code, 0, "she may, though alice is rung first");
    assertEquals(
      (await place.run(["oncall", "delete", "ops", "--name", "alice"])).out,
      "the list ops is deleted\n",
    );
  },
);

programTest("oncall calendar: a file is checked, and its people are on duty", {}, async (home) => {
  await using server = await Server.start(home);
  const place = await Place.make(home, server, "alice");
  const at = (days: number) =>
    new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:]|\.\d+/g, "");
  const event = (uid: number, who: string, from: number, to: number) =>
    `BEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:${at(0)}\r\nDTSTART:${at(from)}\r\nDTEND:${
      at(to)
    }\r\nSUMMARY:${who}\r\nEND:VEVENT\r\n`;
  const file = (events: string) =>
    `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n${events}END:VCALENDAR\r\n`;
  await Deno.writeTextFile(`${home}/rota.ics`, file(event(1, "bob", -1, 1) + event(2, "carol", 1, 2)));
  await Deno.writeTextFile(`${home}/bad.ics`, file(event(1, "bob", 1, -1)));
  const calendar = (...words: string[]) => place.run(["oncall", "calendar", ...words, "--name", "alice"]);
  const bad = await calendar("ops", `${home}/bad.ics`);
  assertEquals([bad.code, bad.out], [65, ""]);
  assertMatch(bad.err, /bad\.ics: line \d+: /);
  const saved = await calendar("ops", `${home}/rota.ics`);
  assertEquals([saved.code, saved.err], [0, ""]);
  assertMatch(
    saved.out,
    /^calendar ops: 2 events, first duty .* \(bob\), last duty ends .*\non duty: bob until .* UTC, then carol\n$/,
  );
  assertMatch((await calendar()).out, /^CALENDAR +ON DUTY NOW +UNTIL +FROM\nops +bob +\d{4}.* alice\n$/);
  assertEquals(
    (await place.run(["oncall", "set", "ops", "@ops", "--name", "alice"])).out,
    "ops: @ops 5m\n",
  );
  assertMatch(
    (await place.run(["oncall", "--name", "carol"])).out,
    /\nops +@ops +5m +bob until \d\d-\d\d \d\d:\d\d\n/,
  );
  await place.page("db down");
  assertEquals((await place.run(["ack", "--name", "bob"])).code, 0, "who is on duty is rung");
  assertEquals((await calendar("nosuch", "--delete")).code, 77);
  assertEquals((await calendar("ops", "--delete")).out, "the calendar ops is deleted\n");
});

programTest(
  "page: a person at an IRC client that knows nothing of pages is rung, and acknowledges by a message",
  {},
  async (home) => {
    await using server = await Server.start(home);
    const place = await Place.make(home, server, "alice,bob");
    const lines: string[] = [];
    const { hostname, port } = new URL(server.url);
    const client = await LineClient.enter({
      address: { kind: "tcp", host: hostname, port: Number(port) },
      nick: "dave",
      onMessage: (message: Message) => lines.push(formatMessage(message)),
    });
    const hears = (pattern: RegExp) =>
      comesTrue(`dave hears ${pattern}`, () => lines.some((line) => pattern.test(line)), {
        heard: () => lines,
      });
    try {
      client.send("PRIVMSG NickServ :REGISTER correct-horse-battery");
      await hears(/^:\S+ 900 dave /);
      await place.run(["oncall", "set", "ops", "dave", "--name", "alice"]);
      const waiting = place.run(["page", "ops", "db down", "--from", "ci", "--wait", "ack", "-q"]);
      await hears(/^:OnCall!\S+ PRIVMSG dave :ops: db down \(page 1 from ci; answer: ack 1\)$/);
      client.send("PRIVMSG OnCall :ack");
      await hears(/^:OnCall!\S+ NOTICE dave :You have acknowledged page 1/);
      const { code, out, err } = await waiting;
      assertEquals([code, err], [0, ""]);
      assertMatch(out, /^page 1 acknowledged by dave at /);
    } finally {
      client.close();
    }
  },
);

programTest(
  "join at a terminal: a page is a line and a bell, also without --bell, and /ack stops it for all",
  needs("script"),
  async (home) => {
    await using server = await Server.start(home);
    const place = await Place.make(home, server, "alice,bob");
    const enter = (name: string) =>
      new Pty(
        ["join", name, "--server", server.url],
        { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home },
        undefined,
        {
          columns: 80,
          rows: 30,
        },
      );
    await using alice = enter("alice");
    await alice.line(/#lobby: alice$/);
    await using bob = enter("bob");
    await bob.line(/#lobby: alice, bob$/);
    bob.press("/set bell off\r");
    await bob.line(/bell/);
    const waiting = place.run(["page", "ops", "db down", "--from", "ci", "--wait", "ack"]);
    await alice.line(/page 1 rings: ops: db down \(from ci; \/ack 1\)$/);
    await bob.line(/page 1 rings: ops: db down \(from ci; \/ack 1\)$/);
    alice.press("/pages\r");
    await alice.line(/page 1 \(ops: db down\) rings alice, bob since \d\d:\d\d /);
    alice.press("/ack\r");
    await alice.line(/page 1 \(ops: db down\) is acknowledged by alice$/);
    await bob.line(/page 1 \(ops: db down\) is acknowledged by alice$/);
    const { code, out } = await waiting;
    assertEquals(code, 0);
    assertMatch(out, /^page 1 acknowledged by alice at /);
    bob.press("/ack\r");
    await bob.line(/no page rings for you$/);
    bob.press("/page ops disk full\r");
    await bob.line(/page 2 to ops rings$/);
    await alice.line(/page 2 rings: ops: disk full \(from bob; \/ack 2\)$/);
    for (const each of [alice, bob]) each.press("/quit\r");
    for (const each of [alice, bob]) assertEquals(await each.end(), { code: 0, restored: true });
    assertEquals(
      [alice.raw.includes("\x07"), bob.raw.includes("\x07")],
      [true, false],
      "/set bell off holds",
    );
  },
);
