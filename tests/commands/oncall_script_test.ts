/** `page`, `ack` and `oncall` against a server that does as a script says: what a server of ours does rarely, or never. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as ack } from "../../commands/ack/command.ts";
import { command as oncall } from "../../commands/oncall/command.ts";
import { command as page } from "../../commands/page/command.ts";
import type { Command } from "../../lib/cli/command.ts";
import { OUR_CAPS } from "../client/fake_server.ts";
import type { Peer } from "../client/fake_server.ts";
import { inEnoughTime } from "../support/guard.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { commandTest, run } from "./run_command.ts";

const ONCALL_CAPS = [...OUR_CAPS, "chatterbox.chat/oncall"];

/** Waits for the request that `pattern` matches, and answers it with `lines`. */
async function answer(peer: Peer, pattern: RegExp, ...lines: string[]): Promise<void> {
  const [, label] = await peer.until(new RegExp(`^@label=(\\S+) ${pattern.source}`));
  if (lines.length === 1) return await peer.send(`@label=${label} :fake ${lines[0]}`);
  const inBatch = lines.map((line) => `@batch=b :fake ${line}`);
  await peer.send(`@label=${label} :fake BATCH +b labeled-response`, ...inBatch, ":fake BATCH -b");
}

const END = "PAGE END d1 12 acknowledged bob bob 2026-01-31T10:00:00.000Z :page 12 is acknowledged by bob";

commandTest(
  "page: a connection that is lost comes back, and takes the page up by its id",
  async (peer, nth) => {
    await peer.welcome(ONCALL_CAPS);
    if (nth === 0) {
      await answer(peer, /PAGE OPEN d1 ops :db down$/, "PAGE OPEN d1 12 ringing *");
      await peer.send(":fake PAGE RUNG d1 1 bob session :bob is rung in 1 session");
      return peer.close();
    }
    const rung = "PAGE RUNG d1 1 bob session :bob is rung in 1 session";
    await answer(peer, /PAGE OPEN d1 ops :db down$/, "PAGE OPEN d1 12 ringing *", rung, END);
    await peer.gone();
  },
  async (server) => {
    const words = ["ops", "db", "down", "--id", "d1", "--wait", "ack", "--server", server];
    const { code, out, err } = await run(page, words, { env: { TZ: "UTC" } });
    assertEquals(code, 0);
    assertMatch(out, /^page 12 acknowledged by bob at 2026-01-31 1\d:00 \S+\n$/);
    const [opened, rung, lost, ...rest] = err.trimEnd().split("\n");
    assertEquals(
      [opened, rung, rest],
      [
        "chatterbox: page 12 (ops) rings; chatterbox page --withdraw d1 withdraws it, --id d1 takes it up",
        "chatterbox: step 1: bob is rung in 1 session",
        [],
      ],
      "each is told once",
    );
    assertMatch(lost!, /; connecting again$/);
  },
);

const NOW = Date.UTC(2026, 0, 31, 10, 8, 5);
const PAGES = [
  "PAGE ITEM 12 ops ringing 2026-01-31T10:00:00.000Z ci * * :db1 is down: 日本",
  "PAGE ITEM 13 web silenced 2026-01-31T10:00:00.000Z ci * 2026-01-31T12:00:00.000Z :slow",
  "PAGE ITEM 9 ops acknowledged 2026-01-31T09:00:00.000Z ci bob 2026-01-31T09:01:00.000Z :old",
  "PAGE LIST *",
];

for (
  const [columns, shown, hint] of [
    [40, [
      "12 ops: ringing",
      "  db1 is down: 日本",
      "  01-31 10:00 (8m 5s ago) from ci",
      "  chatterbox ack 12 --name ci",
      "13 web: silenced until 01-31 12:00",
      "  slow",
      "  01-31 10:00 (8m 5s ago) from ci",
      "  chatterbox ack 13 --name ci",
      "9 ops: bob has it, 01-31 09:01",
      "  old",
      "  01-31 09:00 (1h 8m ago) from ci",
    ], ""],
    [200, [
      "PAGE  LIST  STATE                       TEXT               OPENED                   FROM",
      "12    ops   ringing                     db1 is down: 日本  01-31 10:00 (8m 5s ago)  ci",
      "13    web   silenced until 01-31 12:00  slow               01-31 10:00 (8m 5s ago)  ci",
      "9     ops   bob has it                  old                01-31 09:00 (1h 8m ago)  ci",
    ], "chatterbox: chatterbox ack 12 --name ci acknowledges page 12\n"],
  ] as const
) {
  commandTest(
    `page --list: on ${columns} columns the whole text, since when, and how to acknowledge`,
    async (peer) => {
      await peer.welcome(ONCALL_CAPS);
      await answer(peer, /PAGE LIST ALL$/, ...PAGES);
      await peer.gone();
    },
    async (server) => {
      const options = { env: { TZ: "UTC" }, now: NOW, terminal: true, size: () => ({ columns, rows: 24 }) };
      const words = ["--list", "--all", "--from", "ci", "--server", server, "--no-color"];
      const { code, out, err } = await run(page, words, options);
      assertEquals([code, out.trimEnd().split("\n"), err], [0, [...shown], hint]);
    },
  );
}

const PROGRESS = [
  "PAGE ITEM 12 ops ringing 2026-01-31T10:00:00.000Z ci * * :db1 is down",
  "PAGE STEP 12 2 3 carol,daniela,@secondary 2026-01-31T10:12:05.000Z",
  "PAGE PEOPLE 12 session alice,bob",
  "PAGE PEOPLE 12 offline christopher",
  "PAGE LIST *",
];

for (
  const [columns, shown] of [
    [40, [
      "12 ops: ringing",
      "  db1 is down",
      "  rings alice, bob, christopher",
      "    (offline)",
      "  step 2 of 3; next carol, daniela,",
      "    @secondary in 4m",
      "  01-31 10:00 (8m 5s ago) from ci",
      "  chatterbox ack 12 --name ci",
    ]],
    [200, [
      "PAGE  LIST  STATE    TEXT         OPENED                   FROM  PEOPLE                                   STEP",
      "12    ops   ringing  db1 is down  01-31 10:00 (8m 5s ago)  ci    rings alice, bob, christopher (offline)  " +
      "step 2 of 3; next carol, daniela, @secondary in 4m",
    ]],
  ] as const
) {
  commandTest(
    `page --list: on ${columns} columns the people that it rings, and the step`,
    async (peer) => {
      await peer.welcome(ONCALL_CAPS);
      await answer(peer, /PAGE LIST$/, ...PROGRESS);
      await peer.gone();
    },
    async (server) => {
      const options = { env: { TZ: "UTC" }, now: NOW, terminal: true, size: () => ({ columns, rows: 24 }) };
      const words = ["--list", "--from", "ci", "--server", server, "--no-color"];
      const { code, out } = await run(page, words, options);
      assertEquals([code, out.trimEnd().split("\n")], [0, [...shown]]);
      assertEquals(out.split("\n").every((line) => line.length <= columns), true);
    },
  );
}

commandTest("page --list --json: the people that it rings, and the step", async (peer) => {
  await peer.welcome(ONCALL_CAPS);
  await answer(peer, /PAGE LIST$/, ...PROGRESS);
  await peer.gone();
}, async (server) => {
  const { out } = await run(page, ["--list", "--json", "--server", server], { now: NOW });
  const { rung, step, steps, next, next_at: nextAt } = JSON.parse(out);
  assertEquals({ rung, step, steps, next, nextAt }, {
    rung: [
      { who: "alice", how: "session" },
      { who: "bob", how: "session" },
      { who: "christopher", how: "offline" },
    ],
    step: 2,
    steps: 3,
    next: ["carol", "daniela", "@secondary"],
    nextAt: "2026-01-31T10:12:05.000Z",
  });
});

commandTest("page --json: an object a line, with who, when, number and state", async (peer) => {
  await peer.welcome(ONCALL_CAPS);
  const opened = "PAGE OPEN d1 12 silenced 2026-01-31T09:00:00.000Z";
  await answer(
    peer,
    /PAGE OPEN d1 ops :db down$/,
    opened,
    "PAGE RUNG d1 2 carol offline :carol is offline",
    END,
  );
  await peer.gone();
}, async (server) => {
  const words = ["ops", "db down", "--id", "d1", "--wait", "ack", "--json", "-q", "--server", server];
  const { code, out, err } = await run(page, words);
  assertEquals([code, err], [0, ""]);
  assertEquals(out.trimEnd().split("\n").map((line) => JSON.parse(line)), [
    {
      kind: "opened",
      id: "d1",
      number: 12,
      list: "ops",
      state: "silenced",
      silenced_until: "2026-01-31T09:00:00.000Z",
      saved: true,
    },
    { kind: "rung", id: "d1", step: 2, who: "carol", how: "offline", text: "carol is offline" },
    {
      kind: "ended",
      id: "d1",
      number: 12,
      list: "ops",
      state: "acknowledged",
      who: "bob",
      time: "2026-01-31T10:00:00.000Z",
      text: "page 12 is acknowledged by bob",
      saved: true,
    },
  ]);
});

for (
  const [what, reply, code, text] of [
    [
      "a list that is not there",
      "NO_SUCH_LIST d1 :There is no list ops",
      67,
      /no list ops: .*oncall set ops NAME… makes it/,
    ],
    ["too many", "TOO_MANY d1 :You have 20 open pages", 75, /20 open pages/],
    ["an id in use", "ID_IN_USE d1 :The id stands for another page", 65, /another page/],
    ["a mute", "NOT_PERMITTED d1 :You are muted", 77, /muted/],
    ["no account", "ACCOUNT_REQUIRED d1 :You have no account", 77, /no account; chatterbox register tester /],
  ] as const
) {
  commandTest(`page: refused for ${what}: ${code}`, async (peer) => {
    await peer.welcome(ONCALL_CAPS);
    await answer(peer, /PAGE OPEN d1 ops :db down$/, `FAIL PAGE ${reply}`);
    await peer.gone();
  }, async (server) => {
    const { code: exit, out, err } = await run(page, ["ops", "db down", "--id", "d1", "--server", server]);
    assertEquals([exit, out], [code, ""]);
    assertMatch(err, text);
  });
}

/** Hears what `wanted` matches, and does not answer it. A slow client may be gone before. */
async function hear(peer: Peer, wanted: RegExp): Promise<void> {
  await peer.welcome(ONCALL_CAPS).then(() => peer.until(wanted)).catch(() => {});
}

commandTest(
  "page: a server that does not answer: 75, and the page may ring",
  (peer) => hear(peer, /PAGE OPEN/).then(() => peer.gone()),
  async (server) => {
    const words = ["ops", "db down", "--id", "d1", "--server", server];
    const err = await inEnoughTime("the page to be sent", async (seconds) => {
      const { code, err } = await run(page, [...words, "--timeout", `${seconds}s`]);
      assertEquals(code, 75);
      return err.includes("may ring") ? err : undefined;
    });
    assertMatch(
      err,
      /not confirmed within \d+s; the page may ring; chatterbox page --withdraw d1 withdraws it/,
    );
  },
);

for (const [how, text] of [["withdrawn", "is withdrawn"], ["expired", "has rung for 24 hours"]] as const) {
  commandTest(`page --wait ack: ${how} is no acknowledgement: 75`, async (peer) => {
    await peer.welcome(ONCALL_CAPS);
    const end = `PAGE END d1 12 ${how} * * 2026-01-31T10:00:00.000Z :page 12 ${text}`;
    await answer(peer, /PAGE OPEN d1 ops :db down$/, "PAGE OPEN d1 12 ringing *", end);
    await peer.gone();
  }, async (server) => {
    const words = ["ops", "db down", "--id", "d1", "--wait", "ack", "--server", server];
    const { code, out, err } = await run(page, words);
    assertEquals([code, out], [75, ""]);
    assertMatch(err, new RegExp(`page 12 ${text}\n$`));
  });
}

for (
  const [name, command, args] of [["page", page, ["ops", "x"]], ["ack", ack, ["1"]], [
    "oncall",
    oncall,
    [],
  ]] as const
) {
  commandTest(`${name}: a server without on-call: 69, and nothing is asked`, async (peer) => {
    await peer.welcome(OUR_CAPS);
    await peer.gone();
    assertEquals(peer.heard.some((line) => /ONCALL|PAGE/.test(line)), false);
  }, async (server) => {
    const { code, err } = await run(command, [...args, "--server", server]);
    assertEquals(code, 69);
    assertMatch(err, /has no on-call: it is another kind of server, or an older one/);
  });
}

commandTest(
  "ack: a connection that is lost comes back, and the same page is acknowledged",
  async (peer, nth) => {
    await peer.welcome(ONCALL_CAPS);
    if (nth === 0) {
      const item = "PAGE ITEM 12 ops ringing 2026-01-31T10:00:00.000Z ci * * :db down";
      await answer(peer, /PAGE LIST RINGING$/, item, "PAGE LIST *");
      await peer.until(/PAGE ACK 12$/);
      return peer.close(); // it is acknowledged, and rings no more
    }
    await answer(peer, /PAGE ACK 12$/, "PAGE ACK 12 2026-01-31T10:00:01.000Z :You have acknowledged page 12");
    await peer.gone();
  },
  async (server) => {
    const { code, out } = await run(ack, ["--server", server]);
    assertEquals([code, out], [0, "You have acknowledged page 12\n"]);
  },
);

commandTest(
  "ack: several pages ring: they are listed, 64; with 67, none rings, or it has ended",
  async (peer, nth) => {
    await peer.welcome(ONCALL_CAPS);
    const items = [12, 13].map((number) =>
      `PAGE ITEM ${number} ops ringing 2026-01-31T10:00:00.000Z ci * * :db${number}`
    );
    if (nth === 0) await answer(peer, /PAGE LIST RINGING$/, ...items, "PAGE LIST *");
    if (nth === 1) await answer(peer, /PAGE LIST RINGING$/, "PAGE LIST *");
    if (nth === 2) {
      await answer(
        peer,
        /PAGE ACK 9$/,
        "FAIL PAGE ALREADY_ENDED 9 :page 9 was acknowledged by carol",
      );
    }
    await peer.gone();
    assertEquals(peer.heard.filter((line) => /PAGE ACK/.test(line)).length, nth === 2 ? 1 : 0);
  },
  async (server) => {
    const several = await run(ack, ["--server", server]);
    assertEquals([several.code, several.out], [64, ""]);
    assertEquals(
      several.err,
      "chatterbox: 2 pages ring for you; give the number of one:\n  12  ops: db12 (from ci)\n  13  ops: db13 (from ci)\n",
    );
    const none = await run(ack, ["--server", server]);
    assertEquals([none.code, none.out], [67, ""]);
    assertMatch(none.err, /no page rings for tester on /);
    const ended = await run(ack, ["9", "--server", server]);
    assertEquals([ended.code, ended.out], [67, ""]);
    assertMatch(ended.err, /page 9 was acknowledged by carol/);
  },
);

commandTest(
  "ack: not confirmed in time: 75, with the call to repeat",
  (peer) => hear(peer, /PAGE ACK 12$/),
  async (server) => {
    const err = await inEnoughTime("the acknowledgement to be sent", async (seconds) => {
      const { code, err } = await run(ack, ["12", "--timeout", `${seconds}s`, "--server", server]);
      assertEquals(code, 75);
      return err.includes("confirmed") ? err : undefined;
    });
    assertMatch(err, /has not confirmed it in time; repeat: chatterbox ack 12\n$/);
  },
);

commandTest("oncall: lists as a table and as JSON; a calendar goes up in chunks", async (peer, nth) => {
  await peer.welcome(ONCALL_CAPS);
  if (nth < 2) {
    await answer(
      peer,
      /ONCALL LISTS$/,
      "ONCALL LIST ops alice,bob 300 @primary 600",
      "ONCALL SILENCED ops 2026-01-31T10:00:00.000Z alice :new disks",
      "ONCALL DUTY ops 1 alice,bob *",
      "ONCALL DUTY ops 2 * 2026-01-31T09:00:00.000Z",
      "ONCALL LIST web carol 300",
      "ONCALL DUTY web 1 carol *",
      "ONCALL LISTS *",
    );
  } else {
    let text = "";
    for (let size = 400; size === 400;) {
      const [, label, chunk = ""] = await peer.until(/^@label=(\S+) ONCALL CALENDAR PUT primary (\S+)$/);
      await peer.send(`@label=${label} :fake ACK`);
      size = chunk.length;
      text += chunk;
    }
    assertEquals(new TextDecoder().decode(Uint8Array.fromBase64(text)), CALENDAR);
    await answer(peer, /ONCALL CALENDAR SAVE primary$/, "ONCALL CALENDAR SAVE primary 1 :the server's words");
  }
  await peer.gone();
}, async (server) => {
  const table = await run(oncall, ["--server", server]);
  assertEquals(table.code, 0);
  assertMatch(
    table.out,
    /^LIST +PEOPLE +FOR +ON DUTY NOW\nops +alice,bob +5m +alice,bob\n +@primary +10m +none\nweb +carol +5m +carol\nops is silenced until 2026-01-31 .* by alice: new disks\n$/,
  );
  const json = await run(oncall, ["list", "--json", "--server", server]);
  assertEquals(json.out.trimEnd().split("\n").map((line) => JSON.parse(line))[0], {
    list: "ops",
    steps: [
      { people: "alice,bob", seconds: 300, on_duty: ["alice", "bob"], until: null },
      { people: "@primary", seconds: 600, on_duty: [], until: "2026-01-31T09:00:00.000Z" },
    ],
    silenced: { until: "2026-01-31T10:00:00.000Z", by: "alice", reason: "new disks" },
  });
  await withTempDir(async (dir) => {
    const file = `${dir}/rota.ics`;
    await Deno.writeTextFile(file, CALENDAR);
    const { code, out } = await run(oncall, ["calendar", "primary", file, "--server", server]);
    assertEquals(code, 0);
    assertMatch(
      out,
      /^calendar primary: 1 event, the server's words\non duty: .* without a change within a year\n$/,
    );
  });
});

const CALENDAR = [
  "BEGIN:VCALENDAR",
  "VERSION:2.0",
  "PRODID:-//example//rota//EN",
  "BEGIN:VEVENT",
  "UID:1",
  "DTSTAMP:20260101T000000Z",
  "DTSTART:20260101T000000Z",
  "DTEND:20260108T000000Z",
  "SUMMARY:alice",
  `DESCRIPTION:${"x".repeat(500)}`,
  "END:VEVENT",
  "END:VCALENDAR",
  "",
].join("\r\n");

Deno.test("page, ack, oncall: wrong usage is 64, and what is too long 65, before anything is sent", async () => {
  const cases: [Command, string[], number, RegExp][] = [
    [page, [], 64, /give the list and the text/],
    [page, ["#ops", "x"], 64, /"#ops" is not the name of a list/],
    [page, ["ops", "x", "--id", "a b"], 64, /--id "a b": it is not 1 to 48 printable/],
    [page, ["ops", "x", "--wait", "read"], 64, /--wait/],
    [page, ["ops", "x", "--timeout", "8d"], 64, /--timeout/],
    [page, ["--list", "--withdraw"], 64, /--list and --withdraw exclude each other/],
    [page, ["ops", "--all"], 64, /--all is for --list/],
    [page, ["--list", "ops"], 64, /unexpected argument ops/],
    [page, ["--list", "--wait", "ack"], 64, /--id, --wait and --timeout are not for --list/],
    [page, ["--withdraw"], 64, /give the id of the page/],
    [page, ["--withdraw", "d1", "--json"], 64, /--json is not for --withdraw/],
    [page, ["ops", "x".repeat(201)], 65, /the text has 201 bytes; a page has up to 200/],
    [page, ["ops", "é".repeat(101)], 65, /the text has 202 bytes/],
    [page, ["ops", "one\ntwo"], 65, /the text has 2 lines; a page has one/],
    [page, ["ops", "  "], 65, /the text is empty/],
    [page, ["ops", "a\x1b[31mb"], 65, /the text has a control character/],
    [ack, ["x"], 64, /x is not the number of a page/],
    [ack, ["0"], 64, /0 is not the number of a page/],
    [ack, ["1", "2"], 64, /give the number of one page/],
    [
      oncall,
      ["nosuch"],
      64,
      /unknown action nosuch; the actions are list, set, delete, silence, calendar, notify/,
    ],
    [oncall, ["list", "ops"], 64, /unexpected argument ops/],
    [oncall, ["set"], 64, /give the name of the list/],
    [oncall, ["set", "a b", "x"], 64, /"a b" is not the name of a list/],
    [oncall, ["set", "ops"], 64, /give the people: oncall set ops alice 5m bob/],
    [oncall, ["set", "ops", "alice", "bob"], 64, /bob is not a duration such as 5m/],
    [oncall, ["set", "ops", "alice", "29s", "bob"], 64, /step 1: 29s is not a duration of 30s to 1d/],
    [oncall, ["set", "ops", "alice", "2d"], 64, /step 1: 2d is not a duration of 30s to 1d/],
    [oncall, ["set", "ops", "alice,", "1m"], 64, /step 1: a name is empty/],
    [
      oncall,
      ["set", "ops", ...Array.from({ length: 11 }, () => ["bob", "1m"]).flat()],
      64,
      /there are 11 steps/,
    ],
    [
      oncall,
      ["set", "ops", Array.from({ length: 10 }, () => "b".repeat(50)).join()],
      64,
      /the list is too long/,
    ],
    [oncall, ["delete", "ops", "web"], 64, /unexpected argument web/],
    [oncall, ["silence", "ops"], 64, /give the time/],
    [oncall, ["silence", "ops", "0"], 64, /0 is not a duration up to 30d/],
    [oncall, ["silence", "ops", "31d"], 64, /31d is not a duration up to 30d/],
    [oncall, ["silence", "ops", "1h", "x".repeat(201)], 64, /the reason has 201 bytes/],
    [oncall, ["calendar", "primary"], 64, /give the iCalendar file/],
    [oncall, ["calendar", "primary", "f", "--delete"], 64, /--delete takes the name of the calendar alone/],
    [oncall, ["list", "--delete"], 64, /--delete is for calendar/],
    [oncall, ["notify", "--off", "--test"], 64, /give a URL, --off or --test/],
    [oncall, ["notify", "ftp x"], 65, /the URL has a space or a control character/],
    [oncall, ["notify", "ftp://example.com/"], 65, /the URL does not begin with https:/],
    [oncall, ["notify", "ntfy+https://ntfy.sh/"], 65, /topic/],
    [
      oncall,
      ["notify", `https://example.com/${"x".repeat(400)}`],
      65,
      /the URL is longer than 400 bytes/,
    ],
    [oncall, ["set", "ops", "alice", "--json"], 64, /--json is for list/],
    [oncall, ["calendar", "primary", "/nosuch.ics"], 74, /\/nosuch\.ics: /],
    [oncall, ["calendar", "primary", import.meta.filename!], 65, /oncall_script_test\.ts: line 1: /],
    [oncall, ["calendar", "primary", "/dev/zero"], 65, /\/dev\/zero: larger than 65536 bytes/],
  ];
  for (const [command, words, code, text] of cases) {
    const { code: exit, out, err } = await run(command, words);
    assertEquals([exit, out], [code, ""], words.join(" "));
    assertMatch(err, text);
  }
});

Deno.test("page: what is empty, long or several lines on standard input is 65", async () => {
  for (const stdin of ["", "\n", "one\ntwo\n", "x".repeat(201), "x".repeat(70_000)]) {
    assertEquals((await run(page, ["ops", "-"], { stdin })).code, 65, stdin.slice(0, 10));
  }
  assertEquals((await run(oncall, ["notify", "-"], { stdin: "x".repeat(2000) })).code, 65);
});

Deno.test("page: standard input that cannot be read: 74", async () => {
  const broken = () =>
    ReadableStream.from((async function* () {
      yield* [];
      throw new Error("broken");
    })());
  for (const [command, words] of [[page, ["ops", "-"]], [oncall, ["notify", "-"]]] as const) {
    const { code, err } = await run(command, words, { input: broken() });
    assertEquals([code, err], [74, "chatterbox: cannot read standard input: broken\n"]);
  }
});

commandTest("oncall: a server that does not answer: 75", async (peer) => {
  await peer.welcome(ONCALL_CAPS);
  await peer.until(/ONCALL DELETE ops$/);
  peer.close();
}, async (server) => {
  const { code, out, err } = await run(oncall, ["delete", "ops", "--server", server]);
  assertEquals([code, out], [75, ""]);
  assertMatch(err, /did not answer; it may have done what was asked/);
});

commandTest("page: one line of standard input is the text, with or without -", async (peer) => {
  await peer.welcome(ONCALL_CAPS);
  await answer(peer, /PAGE OPEN d1 ops :disk is 91% full$/, "PAGE OPEN d1 12 ringing *");
  await peer.gone();
}, async (server) => {
  for (const words of [["ops", "-"], ["ops"]]) {
    const { code } = await run(page, [...words, "--id", "d1", "--server", server], {
      stdin: "disk is 91% full\n",
    });
    assertEquals(code, 0);
  }
});

commandTest("oncall notify: shown, set, deleted, tested", async (peer, nth) => {
  await peer.welcome(ONCALL_CAPS);
  if (nth === 0) await answer(peer, /ONCALL NOTIFY$/, "ONCALL NOTIFY *");
  if (nth === 1) {
    await answer(peer, /ONCALL NOTIFY https:\/\/example\.com\/x$/, "ONCALL NOTIFY https://example.com/x");
  }
  if (nth === 2) await answer(peer, /ONCALL NOTIFY$/, "ONCALL NOTIFY https://example.com/x");
  if (nth === 3) await answer(peer, /ONCALL TEST$/, "ONCALL TEST *");
  if (nth === 4) await answer(peer, /ONCALL TEST$/, "FAIL ONCALL NOT_DELIVERED * :example.com answered 500");
  if (nth === 5) await answer(peer, /ONCALL NOTIFY \*$/, "ONCALL NOTIFY *");
  if (nth === 6) {
    await answer(
      peer,
      /ONCALL NOTIFY https:\/\/example\.com\/y$/,
      "FAIL ONCALL INVALID_URL * :the server has no such form",
    );
  }
  await peer.gone();
}, async (server) => {
  const notify = (words: string[], stdin = "") =>
    run(oncall, ["notify", ...words, "--server", server], { stdin });
  assertMatch((await notify([])).err, /tester has no notify URL/);
  assertEquals((await notify(["-"], "https://example.com/x\n")).code, 0);
  assertEquals((await notify([])).out, "https://example.com/x\n");
  assertEquals((await notify(["--test"])).out, "the notification was taken\n");
  const failed = await notify(["--test"]);
  assertEquals([failed.code, failed.err], [72, "chatterbox: example.com answered 500\n"]);
  assertMatch((await notify(["--off"])).err, /tester has no notify URL/);
  assertEquals((await notify(["https://example.com/y"])).code, 65);
});
