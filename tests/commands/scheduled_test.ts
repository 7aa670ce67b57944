/** `send --at`, `--in` and `--every`, and `chatterbox scheduled`: on a server of ours, and what becomes of it on others. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as register } from "../../commands/register.ts";
import { command as scheduled } from "../../commands/scheduled/command.ts";
import { command as send } from "../../commands/send.ts";
import { FakeServer } from "../client/fake_server.ts";
import type { Script } from "../client/fake_server.ts";
import { START } from "../support/hub.ts";
import { inPlace, placeTest } from "./machines.ts";
import type { Place } from "./machines.ts";
import { run } from "./run_command.ts";

const permissions = { net: true, read: true, write: true } as const;

/** Runs `send` with `flags`, which may have spaces, at the server's time. */
async function sendLater({ url, home }: Place, flags: readonly string[], name = "alice", now = START) {
  const env = { XDG_CONFIG_HOME: `${home}/a`, XDG_STATE_HOME: `${home}/a` };
  return await run(send, ["--from", name, "#lobby", "hello", ...flags, "--server", url], { env, now });
}

placeTest("send --at, --in, --every: scheduled on disk, listed in order, and canceled", async (place) => {
  const { on } = place;
  const later = await sendLater(place, ["--in", "2h", "--json"]);
  assertEquals(later.code, 0, later.err);
  const { scheduled: id, ...others } = JSON.parse(later.out);
  assertEquals(others, { time: others.time, zone: others.zone, every: null, target: "#lobby" });
  assertMatch(
    later.err,
    new RegExp(
      `scheduled as ${id}: to #lobby, at 2026-01-02 .* \\(in (?:2h|1h 59m)\\); chatterbox scheduled cancel ${id} --name alice withdraws it`,
    ),
  );
  const at = await sendLater(place, ["--at", "tomorrow 9:00", "--zone", "Europe/Berlin"]);
  assertMatch(at.err, /, at 2026-01-03 09:00 Europe\/Berlin /);
  const every = await sendLater(place, [
    "--every",
    "0 9 * * 1-5",
    "--zone",
    "Europe/Berlin",
    "--wait",
    "durable",
  ]);
  assertMatch(every.err, /, first at 2026-01-02 09:00 Europe\/Berlin /);
  const list = await on("a", scheduled, "--name alice");
  assertEquals(list.err, "");
  const rows = list.out.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
  assertEquals(rows[0], ["ID", "NEXT", "EVERY", "TO", "TEXT"]);
  assertEquals(rows.length, 4);
  assertEquals(rows[3]?.slice(1), ["2026-01-03 09:00 Europe/Berlin", "#lobby", "hello"]);
  const json = (await on("a", scheduled, "list --name alice --json")).out.trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assertEquals(json.map(({ every }) => every).sort(), [null, null, "0 9 * * 1-5"].sort());
  const canceled = await on("a", scheduled, `cancel ${id} --name alice`);
  assertEquals(canceled, { code: 0, out: `message ${id} is canceled\n`, err: "" });
  const again = await on("a", scheduled, `cancel ${id} --name alice`);
  assertEquals(again.code, 67);
  assertMatch(again.err, new RegExp(`${id}: You have no scheduled message with this id`));
});

placeTest(
  "send --in: sent again under its id it is scheduled once, also when it has been said",
  async (place) => {
    const first = await sendLater(place, ["--in", "1h", "--id", "k1"]);
    assertEquals(first.code, 0, first.err);
    const again = await sendLater(place, ["--in", "1h", "--id", "k1"]);
    assertEquals([again.code, again.err], [0, first.err]);
    const said = await sendLater(place, ["--id", "k2"]);
    assertEquals(said.code, 0);
    const known = await sendLater(place, ["--in", "1h", "--id", "k2"]);
    assertEquals(known.code, 0);
    assertMatch(known.err, /was scheduled before, and has been said/);
  },
);

placeTest(
  "send --in, --every with --reply-to: a message that is not there is 67, and nothing is scheduled",
  async (place) => {
    const { on } = place;
    for (const when of [["--in", "1h"], ["--every", "0 9 * * *"]]) {
      const { code, err } = await sendLater(place, [...when, "--reply-to", "nonsense"]);
      assertEquals(code, 67, err);
      assertMatch(err, /the server has no message nonsense in #lobby, so there is nothing to reply to/);
    }
    assertEquals((await on("a", scheduled, "--name alice")).code, 77, "the name is not registered for it");
    const asked = await sendLater(place, ["--template", "{{id}}"]);
    const answer = await sendLater(place, ["--in", "1h", "--reply-to", asked.out.trim()]);
    assertEquals(answer.code, 0, answer.err);
    assertMatch((await on("a", scheduled, "--name alice")).out, /hello/);
  },
);

placeTest("send --at: what the server refuses: 65, 67, 77", async (place) => {
  const { on, url, home } = place;
  const bad = await sendLater(place, ["--every", "hourly"]);
  assertEquals(bad.code, 65);
  assertMatch(bad.err, /Expected a cron expression/);
  assertEquals((await on("a", send, "--from alice --in 1h stranger hello")).code, 67);
  const env = { XDG_CONFIG_HOME: `${home}/b`, XDG_STATE_HOME: `${home}/b`, USER: "guest" };
  const guest = await run(send, ["#lobby", "hello", "--in", "1h", "--server", url], { env });
  assertEquals(guest.code, 77);
  assertMatch(guest.err, /Only a registered name can schedule messages; give --from NAME/);
  const long = await run(
    send,
    ["--from", "bea", "#lobby", "--in", "1h", "x".repeat(5000), "--server", url],
    { env },
  );
  assertEquals(long.code, 65);
  assertMatch(long.err, /a scheduled text is one message, and this one makes 2/);
});

placeTest("send --at: wrong usage is told before anything is sent: 64", async (place) => {
  const cases: readonly (readonly [flags: readonly string[], words: RegExp])[] = [
    [["--at", "yesterday 9:00"], /--at yesterday 9:00: not a time such as 18:00/],
    [["--at", "today 0:01"], /--at today 0:01: .* has passed/],
    [["--at", "9:00", "--in", "1h"], /--at and --in exclude each other/],
    [["--at", "9:00", "--zone", "Nowhere"], /--zone Nowhere: not the name of a time zone/],
    [["--zone", "UTC"], /--zone needs --at or --every/],
    [["--in", "1h", "--outbox"], /--outbox cannot be used with --in/],
    [["--in", "1h", "--local"], /--local cannot be used with --in/],
  ];
  for (const [flags, words] of cases) {
    const { code, err } = await sendLater(place, flags);
    assertEquals(code, 64, flags.join(" "));
    assertMatch(err, words);
  }
  const env = { XDG_CONFIG_HOME: `${place.home}/a` };
  const read = await run(send, ["bob", "x", "--in", "1h", "--wait", "read", "--server", place.url], { env });
  assertMatch(read.err, /--wait read cannot be used with --in/);
  for (
    const [line, words] of [
      ["later", /unknown action later; the actions are list, cancel/],
      ["list all", /unexpected argument all/],
      ["cancel", /give the id of the message/],
      ["cancel 1 --json", /--json is for list/],
    ] as const
  ) {
    const { code, err } = await place.on("a", scheduled, `${line} --name alice`);
    assertEquals(code, 64, line);
    assertMatch(err, words);
  }
});

placeTest(
  "scheduled: nothing there: 0; without the key of the name, or with a wrong one: 77",
  async ({ on, file }) => {
    assertEquals((await on("a", register, "alice")).code, 0);
    const none = await on("a", scheduled, "--name alice");
    assertEquals([none.code, none.out], [0, ""]);
    assertMatch(none.err, /^chatterbox: alice has no scheduled messages on /);
    const keyless = await on("b", scheduled, "--name alice");
    assertEquals(keyless.code, 77);
    assertMatch(keyless.err, /there is no key of alice for \S+ here/);
    const wrong = await on("b", scheduled, `--name alice --passphrase-file ${await file("battery staple")}`);
    assertEquals(wrong.code, 77);
    assertMatch(wrong.err, /wrong key or passphrase for alice on /);
    await on("b", send, "#lobby hello --from bob2");
  },
);

placeTest("scheduled: a name that is not registered has none: 77", async ({ on }) => {
  await on("a", send, "#lobby hello"); // under the login name, which gets a key and no account
  const { code, err } = await on("a", scheduled, "list");
  assertEquals(code, 77);
  assertMatch(err, /is not registered on \S+, and so has no scheduled messages|there is no key of /);
});

/** A server on which every passphrase is that of alice, and which answers SCHEDULED and PRIVMSG by `answer`, or goes. */
function serverWith(answer: string | undefined, isupport: string): Script {
  return async (peer) => {
    for (let line = await peer.next(); line !== undefined; line = await peer.next()) {
      const [, tags = "", text = ""] = /^(?:@(\S+) )?(.*)$/.exec(line) ?? [];
      const label = /\blabel=([^;]+)/.exec(tags)?.[1];
      const [command, first = ""] = text.split(" ");
      if ((command === "SCHEDULED" || command === "PRIVMSG") && answer === undefined) return peer.close();
      if (command === "SCHEDULED" || command === "PRIVMSG") {
        await peer.send(`@label=${label} :fake ${answer}`);
      }
      if (line === "CAP LS 302") {
        await peer.send(
          ":fake CAP * LS :labeled-response batch message-tags echo-message chatterbox.chat/receipts sasl=PLAIN",
        );
      }
      if (command === "CAP" && first === "REQ") {
        await peer.send(`:fake CAP * ACK ${text.slice("CAP REQ ".length)}`);
      }
      if (command === "CAP" && first === "END") {
        await peer.send(
          ":fake 001 alice :Welcome",
          `:fake 005 alice ${isupport} :are supported by this server`,
          ":fake 422 alice :No MOTD",
        );
      }
      if (text === "AUTHENTICATE PLAIN") await peer.send("AUTHENTICATE +");
      else if (command === "AUTHENTICATE") {
        await peer.send(":fake 900 x x!x@x alice :You are logged in", ":fake 903 x :SASL");
      }
      if (command === "PING") await peer.send(`:fake PONG fake :${first}`);
      if (command === "QUIT") return;
    }
  };
}

for (
  const [what, why, answer, code, words] of [
    [
      "scheduled",
      "a server that knows none",
      "421 x SCHEDULED :Unknown command",
      69,
      /has no scheduled messages: it is another kind/,
    ],
    [
      "scheduled",
      "a server that cannot at present",
      "FAIL SCHEDULED TEMPORARILY_UNAVAILABLE :Not saved",
      75,
      /: Not saved\n$/,
    ],
    ["scheduled", "a server that refuses", "FAIL SCHEDULED ACCOUNT_REQUIRED :No", 77, /refuses: No\n$/],
    [
      "scheduled",
      "a server that is lost before the answer",
      undefined,
      75,
      /did not answer; chatterbox scheduled shows/,
    ],
    [
      "send",
      "a server that cannot at present",
      "FAIL PRIVMSG TEMPORARILY_UNAVAILABLE :Not saved",
      75,
      /: Not saved\n$/,
    ],
    ["send", "a server that refuses", "FAIL PRIVMSG TOO_MANY :Enough", 77, /Enough\n$/],
    ["send", "a server that is lost before the answer", undefined, 75, /the connection was lost .* --id /],
  ] as const
) {
  Deno.test({
    name: `${what}, later: ${why}: ${code}`,
    permissions,
    async fn() {
      await using server = new FakeServer(serverWith(answer, "chatterbox.chat/SCHEDULE=50"));
      await server.run(inPlace(server.url, async ({ on, file }: Place) => {
        const path = await file("correct horse");
        const { code: found, err } = what === "scheduled"
          ? await on("a", scheduled, `--name alice --passphrase-file ${path}`)
          : await on("a", send, `#lobby hello --in 1h --from alice --passphrase-file ${path}`);
        assertEquals(found, code, err);
        assertMatch(err, words);
      }));
    },
  });
}

Deno.test({
  name: "send, later: a server that says nothing later is sent nothing: 69",
  permissions,
  async fn() {
    const heard: string[] = [];
    await using server = new FakeServer(async (peer, nth) => {
      await serverWith("PRIVMSG #lobby :hello", "NICKLEN=30")(peer, nth);
      heard.push(...peer.heard);
    });
    await server.run(inPlace(server.url, async ({ on, file }: Place) => {
      const path = await file("correct horse");
      const { code, err } = await on(
        "a",
        send,
        `#lobby hello --in 1h --from alice --passphrase-file ${path}`,
      );
      assertEquals(code, 69);
      assertMatch(err, /says no messages later/);
    }));
    assertEquals(heard.filter((line) => line.includes("PRIVMSG")), []);
  },
});

Deno.test({
  name: "send --in --reply-to: where the server cannot say whether the message is there, it is scheduled",
  permissions,
  async fn() {
    const answer = "NOTE PRIVMSG SCHEDULED 1a2b3c4d 2099-01-02T04:04:05.000Z #lobby :Later";
    await using server = new FakeServer(serverWith(answer, "chatterbox.chat/SCHEDULE=50"));
    await server.run(inPlace(server.url, async ({ on, file }: Place) => {
      const path = await file("correct horse");
      const words = `#lobby hello --in 1h --reply-to m1 --from alice --passphrase-file ${path}`;
      const { code, err } = await on("a", send, words);
      assertEquals(code, 0, err);
      assertMatch(
        err,
        /--reply-to: the server cannot say whether that message is one of #lobby; scheduled anyway/,
      );
    }));
  },
});
