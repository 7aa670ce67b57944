/**
 * Bounds of docs/limits.md that the hub enforces: each takes what is within it, and refuses, cuts or forgets what is beyond it, which
 * is told where the table says so. Pure: a hub, its own clock, and the constants as they are.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8, utf8Length } from "../../lib/base/bytes.ts";
import * as bounds from "../../lib/hub/model/config.ts";
import { FormerNames } from "../../lib/hub/history/former_names.ts";
import { findSurplusChannels } from "../../lib/hub/services/idle_channels.ts";
import {
  MAX_SESSION_MEMORY_BYTES_PER_ADDRESS,
  SessionMemory,
} from "../../lib/hub/services/limits/session_memory.ts";
import {
  ListMemory,
  MAX_LIST_BYTES,
  MAX_LIST_BYTES_PER_ADDRESS,
} from "../../lib/hub/services/limits/list_memory.ts";
import { MAX_MARKERS_PER_ACCOUNT, MAX_MARKERS_PER_USER } from "../../lib/hub/services/read_markers.ts";
import {
  MAX_METADATA_KEY_BYTES,
  MAX_METADATA_KEYS,
  MAX_METADATA_LINES,
  MAX_METADATA_SUBS,
  MAX_METADATA_VALUE_BYTES,
} from "../../lib/hub/services/metadata.ts";
import { MAX_MONITORED } from "../../lib/hub/services/monitors.ts";
import { KEYLEN, MAX_LIST_MASKS } from "../../lib/hub/model/channel_modes.ts";
import { MAX_CHANNEL_OPERATORS } from "../../lib/hub/model/channel_settings.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { Timeline } from "../../lib/hub/model/timeline.ts";
import { MULTILINE_MAX_BYTES, MULTILINE_MAX_LINES } from "../../lib/irc/multiline.ts";
import { PASSPHRASE_MAX_BYTES, PASSPHRASE_MIN_BYTES } from "../../lib/irc/sasl/passphrase.ts";
import { MAX_SENDER_ID_BYTES } from "../../lib/irc/sender_id.ts";
import { Ring } from "../../lib/log/ring.ts";
import { account, login, makeOperator } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

/** What `session` is answered to `lines`. */
function ask(chat: TestHub, session: Session, ...lines: string[]): string[] {
  chat.heard(session);
  chat.say(session, ...lines);
  return chat.heard(session);
}

function last(chat: TestHub, session: Session, ...lines: string[]): string {
  return ask(chat, session, ...lines).at(-1) ?? "";
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

const HISTORY_CAPS = ["message-tags", "server-time", "batch", "draft/chathistory"];

pureTest("limits: one CHATHISTORY answer has so many messages", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice", "draft/chathistory");
  chat.say(alice, "JOIN #tea");
  const count = bounds.CHATHISTORY_MAX_MESSAGES;
  for (const n of range(count + 1)) chat.say(alice, `PRIVMSG #tea :${n}`);
  assertEquals(ask(chat, alice, `CHATHISTORY LATEST #tea * ${count}`).length, count);
  assertEquals(ask(chat, alice, `CHATHISTORY LATEST #tea * ${count + 1}`).length, count);
});

/** #tea holds a thousand long messages, `ms` after each other; the newest of them. */
function longPage(ms: number): { chat: TestHub; alice: Session; page: string[]; bytes: number } {
  const chat = new TestHub({}, Ring.create(1 << 22));
  const alice = chat.enter("alice", ...HISTORY_CAPS);
  chat.say(alice, "JOIN #tea");
  for (const n of range(1000)) {
    chat.now += ms;
    chat.say(alice, `@+x=${"t".repeat(480)} PRIVMSG #tea :${n} ${"x".repeat(400)}`);
  }
  const page = ask(chat, alice, "CHATHISTORY LATEST #tea * 1000");
  return { chat, alice, page, bytes: page.reduce((sum, line) => sum + utf8Length(line) + 2, 0) };
}

pureTest(
  "limits: one CHATHISTORY answer has so many bytes, twice as many where all are of one millisecond",
  () => {
    const { bytes } = longPage(0);
    const most = 2 * bounds.CHATHISTORY_MAX_BYTES;
    assert(bytes > most * 0.75 && bytes < most + 3000, `${bytes} bytes`);
  },
);

pureTest("limits: one CHATHISTORY answer has so many bytes, and goes on where it was cut", () => {
  const { chat, alice, page, bytes } = longPage(1);
  const most = bounds.CHATHISTORY_MAX_BYTES;
  assert(bytes > most * 0.75 && bytes < most + 3000, `${bytes} bytes of ${page.length} lines`);
  const oldest = /msgid=([^; ]+)/.exec(page[1]!)![1];
  const [first] = / :(\d+) /.exec(page[1]!)!.slice(1).map(Number);
  const before = ask(chat, alice, `CHATHISTORY BEFORE #tea msgid=${oldest} 1`);
  assertMatch(before[1]!, new RegExp(` :${first! - 1} `));
});

for (const verb of ["LIST", "WHO"]) {
  pureTest(`limits: one ${verb} answer has so many rows, and says that it was cut`, async () => {
    const rows = bounds.QUERY_MAX_ROWS;
    const chat = new TestHub({
      maxClients: rows + 10,
      limits: { channelsPerUser: Infinity, channels: rows + 10 },
    });
    const alice = chat.enter("alice");
    const answer = async (): Promise<[number, string]> => {
      chat.heard(alice);
      chat.say(alice, verb === "LIST" ? "LIST" : "WHO *");
      await chat.errands();
      const lines = chat.heard(alice);
      return [lines.filter((line) => / (322|352) /.test(line)).length, lines.at(-2) ?? ""];
    };
    const more = (n: number) => {
      if (verb === "WHO") chat.enter(`n${n}`);
      else chat.say(alice, `JOIN #r${n}`);
    };
    while ((verb === "LIST" ? chat.hub.context.state.channels : chat.hub.context.state.users).size < rows) {
      more(chat.hub.context.state.channels.size + chat.hub.context.state.users.size);
    }
    const [whole, before] = await answer();
    assertEquals([whole, / 263 /.test(before)], [rows, false]);
    more(-1);
    const [cut, said] = await answer();
    assertEquals(cut, rows);
    assertMatch(said, new RegExp(` 263 alice ${verb} :Truncated after ${rows} rows`));
  });
}

pureTest("limits: former names of rooms: so many in all, and of one room; the oldest is forgotten", () => {
  const names = new FormerNames();
  const target = (name: string) => ({ name }) as Parameters<FormerNames["add"]>[1];
  const one = target("#one");
  for (const n of range(bounds.MAX_FORMER_NAMES_OF_CHANNEL + 1)) names.add(`#old${n}`, one, 0);
  assertEquals([names.size, names.find("#old0", 0), names.find("#old1", 0)], [3, undefined, one]);
  for (const n of range(bounds.MAX_FORMER_NAMES - 3)) names.add(`#was${n}`, target(`#is${n}`), 0);
  assertEquals([names.size, names.find("#old1", 0)], [1000, one]);
  names.add("#last", target("#newest"), 0);
  assertEquals([names.size, names.find("#old1", 0), names.find("#old2", 0)], [1000, undefined, one]);
  assertEquals(names.find("#old2", bounds.FORMER_NAME_MS), one);
  assertEquals(names.find("#old2", bounds.FORMER_NAME_MS + 1), undefined);
});

pureTest(
  "limits: topics, settings and plain rooms of one account without members: so many each, the oldest go",
  () => {
    const chat = new TestHub();
    const { owner } = account(chat, "alice");
    type Idle = Parameters<typeof findSurplusChannels>[1] extends Iterable<infer Each> ? Each : never;
    const idle = (prefix: string, count: number, of: (n: number) => object) =>
      range(count).map((n) => [`${prefix}${n}`, { topic: "", ...of(n) }] as unknown as Idle);
    const settings = (more: object) => ({ operators: new Set(), isPlain: true, hasModes: false, ...more });
    const kinds = {
      "#t": (n: number) => ({ topic: "tea", topicBy: "a!a@192.0.2.1", topicAt: n }),
      "#s": (n: number) => ({
        settings: settings({ hasModes: true, isPlain: false, setFrom: "x", changedAt: n }),
      }),
      "#p": (n: number) => ({ settings: settings({ operators: new Set([owner]), changedAt: n }) }),
    };
    const most = {
      "#t": bounds.MAX_IDLE_TOPICS,
      "#s": bounds.MAX_IDLE_SETTINGS,
      "#p": bounds.MAX_PLAIN_CHANNELS_OF_ACCOUNT,
    };
    for (const [prefix, of] of Object.entries(kinds) as [keyof typeof kinds, (n: number) => object][]) {
      assertEquals(
        findSurplusChannels(chat.hub.services, idle(prefix, most[prefix], of)),
        new Set(),
      );
      const surplus = findSurplusChannels(chat.hub.services, idle(prefix, most[prefix] + 2, of));
      assertEquals(surplus, new Set([`${prefix}0`, `${prefix}1`]));
    }
  },
);

pureTest("limits: operators that a room remembers: so many, and the next is told", () => {
  const chat = new TestHub();
  const founder = login(chat, "founder");
  chat.say(founder, "JOIN #tea");
  const told = range(MAX_CHANNEL_OPERATORS).map((n) => {
    const session = login(chat, `op${n}`);
    chat.say(session, "JOIN #tea");
    chat.heard(session);
    chat.say(founder, `MODE #tea +o op${n}`);
    return chat.heard(session).filter((line) => line.includes(" OPERATOR_NOT_REMEMBERED #tea ")).length;
  });
  assertEquals(told, [...new Array<number>(MAX_CHANNEL_OPERATORS - 1).fill(0), 1]);
  assertEquals(
    chat.hub.services.history.channels.get("#tea")?.settings?.operators.size,
    MAX_CHANNEL_OPERATORS,
  );
});

for (const [what, most] of [["user", MAX_MARKERS_PER_USER], ["account", MAX_MARKERS_PER_ACCOUNT]] as const) {
  pureTest(`limits: read markers of one ${what}: so many, the oldest goes`, () => {
    const chat = new TestHub();
    const caps = ["draft/read-marker"];
    const alice = what === "user" ? chat.enter("alice", ...caps) : login(chat, "alice", undefined, { caps });
    const at = (n: number) => new Date(chat.now - 1e7 + n * 1000).toISOString();
    const names = range(most + 1).map((n) => `b${n}`);
    for (const [n, name] of names.entries()) {
      chat.say(chat.enter(name), "PRIVMSG alice :x", "QUIT");
      chat.say(alice, `MARKREAD ${name} timestamp=${at(n)}`);
    }
    const known = names.filter((name) => !last(chat, alice, `MARKREAD ${name}`).endsWith(" *"));
    assertEquals([known.length, known[0]], [most, "b1"]);
  });
}

pureTest("limits: metadata: so many keys, of so many bytes, and values of so many", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice", undefined, { caps: ["draft/metadata-2", "batch"] });
  const set = (key: string, value: string) => last(chat, alice, `METADATA * SET ${key} :${value}`);
  const longest = "k".repeat(MAX_METADATA_KEY_BYTES);
  assertMatch(set(longest, "v".repeat(MAX_METADATA_VALUE_BYTES)), / 761 /);
  assertMatch(set(`${longest}k`, "v"), / FAIL METADATA KEY_INVALID /);
  assertMatch(set("key", "v".repeat(MAX_METADATA_VALUE_BYTES + 1)), / FAIL METADATA VALUE_INVALID /);
  for (const n of range(MAX_METADATA_KEYS - 1)) assertMatch(set(`key${n}`, "v"), / 761 /);
  assertMatch(set("one-more", "v"), / FAIL METADATA LIMIT_REACHED /);
});

pureTest("limits: metadata: so many subscriptions of one session", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice", "draft/metadata-2", "batch");
  const subscribe = (n: number) => ask(chat, alice, `METADATA * SUB key${n}`).join(" | ");
  for (const n of range(MAX_METADATA_SUBS)) assertMatch(subscribe(n), / 770 /);
  assertMatch(subscribe(-1), / FAIL METADATA TOO_MANY_SUBS /);
});

pureTest("limits: a room is announced in below so many members, and from there on not", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice");
  chat.say(alice, "JOIN #tea");
  const joins = (nick: string): number => {
    const session = chat.enter(nick);
    chat.heard(alice);
    chat.say(session, "JOIN #tea");
    return chat.heard(alice).filter((line) => line.includes(" JOIN ")).length;
  };
  const heard = range(bounds.LARGE_CHANNEL_MEMBERS).map((n) => joins(`n${n}`));
  assertEquals(heard, [...new Array<number>(bounds.LARGE_CHANNEL_MEMBERS - 1).fill(1), 0]);
});

pureTest("limits: an observer follows so many rooms and people", () => {
  const chat = new TestHub();
  const eye = chat.open();
  chat.say(eye, "CAP REQ :chatterbox.chat/observer", "NICK eye", "USER eye 0 * :eye", "CAP END");
  for (const n of range(bounds.MAX_FOLLOWED)) {
    assertEquals(last(chat, eye, `FOLLOW #r${n}`), `:irc.test FOLLOW #r${n}`);
  }
  assertMatch(last(chat, eye, "FOLLOW #more"), / FAIL FOLLOW TOO_MANY /);
});

pureTest(
  "limits: client-only tags of a recorded message: so many bytes; with more they are delivered and not recorded",
  () => {
    const chat = new TestHub();
    const [alice, bob] = ["alice", "bob"].map((nick) => chat.enter(nick, ...HISTORY_CAPS)) as [
      Session,
      Session,
    ];
    for (const session of [alice, bob]) chat.say(session, "JOIN #tea");
    const tags = (bytes: number) => `+x=${"t".repeat(bytes - 3)}`;
    const say = (bytes: number) => {
      chat.heard(bob);
      chat.say(alice, `@${tags(bytes)} PRIVMSG #tea :x`);
      const live = chat.heard(bob)[0]!.includes(tags(bytes));
      const recorded = ask(chat, bob, "CHATHISTORY LATEST #tea * 1")[1]!.includes(tags(bytes));
      return [live, recorded];
    };
    assertEquals(say(bounds.MAX_RECORDED_TAGS_BYTES), [true, true]);
    assertEquals(say(bounds.MAX_RECORDED_TAGS_BYTES + 1), [true, false]);
  },
);

pureTest("limits: what one has said one can take back for so long", () => {
  const chat = new TestHub();
  const bob = chat.enter("bob");
  chat.say(bob, "JOIN #tea");
  const alice = chat.enter("alice", "message-tags", "echo-message", "draft/message-redaction");
  chat.say(alice, "JOIN #tea");
  const redacted = (ms: number) => {
    const [line] = ask(chat, alice, "PRIVMSG #tea :x");
    chat.now += ms;
    return last(chat, alice, `REDACT #tea ${/msgid=([^; ]+)/.exec(line!)![1]}`);
  };
  assertMatch(redacted(bounds.REDACT_WINDOW_MS - 1000), /^\S+ REDACT |REDACT #tea/);
  assertMatch(redacted(bounds.REDACT_WINDOW_MS + 1000), / FAIL REDACT REDACT_WINDOW_EXPIRED /);
});

pureTest("limits: a room is renamed once in so long", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice");
  chat.say(alice, "JOIN #a");
  chat.now += 60_000;
  chat.say(alice, "RENAME #a #b");
  chat.now += bounds.RENAME_INTERVAL_MS - 1;
  assertMatch(last(chat, alice, "RENAME #b #c"), / FAIL RENAME CANNOT_RENAME .*recently/);
  chat.now += 2;
  assert(!last(chat, alice, "RENAME #b #c").includes("FAIL"), "it is renamed");
});

pureTest("limits: invitations of one user: so many, the oldest is forgotten", () => {
  const chat = new TestHub({ limits: { channelsPerUser: Infinity } });
  const [alice, bob] = [chat.enter("alice"), chat.enter("bob")];
  const channels = range(bounds.MAX_INVITES + 1).map((n) => `#r${n}`);
  for (const channel of channels) {
    chat.say(alice, `JOIN ${channel}`, `MODE ${channel} +i`, `INVITE bob ${channel}`);
  }
  chat.heard(bob);
  assertMatch(last(chat, bob, "JOIN #r0"), / 473 /);
  assert(!ask(chat, bob, "JOIN #r1").some((line) => / 473 /.test(line)), "bob is in #r1");
});

pureTest("limits: bans and mutes: so many together", () => {
  const chat = new TestHub();
  login(chat, "root");
  makeOperator(chat, "root");
  const root = chat.hub.context.state.user("root")!.sessions[0]!;
  for (const n of range(bounds.MAX_BANS / 2)) chat.say(root, `BAN name:b${n}`, `MUTE name:m${n}`);
  assertEquals(chat.heard(root).filter((line) => line.includes(" DONE ")).length, bounds.MAX_BANS);
  assertMatch(last(chat, root, "BAN name:more"), / FAIL BAN TOO_MANY /);
});

pureTest("limits: names watched by one session: so many", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice");
  for (const n of range(MAX_MONITORED)) assertMatch(last(chat, alice, `MONITOR + n${n}`), / 731 /);
  assertMatch(last(chat, alice, "MONITOR + more"), / 734 alice 100 more /);
});

pureTest("limits: answers awaited by one session: so many", () => {
  const chat = new TestHub({ storage: { sync: 1000, trouble: undefined } });
  const caps = ["chatterbox.chat/receipts", "message-tags", "echo-message"];
  const alice = chat.enter("alice", ...caps);
  chat.say(alice, "JOIN #tea");
  const msgid = /msgid=([^; ]+)/.exec(ask(chat, alice, "PRIVMSG #tea :x")[0]!)![1];
  const awaits = range(bounds.MAX_RECEIPTS).map(() => `AWAIT durable ${msgid}`);
  assertEquals(ask(chat, alice, ...awaits).filter((line) => line.includes("FAIL")), []);
  assertMatch(last(chat, alice, `AWAIT durable ${msgid}`), / FAIL AWAIT TOO_MANY /);
});

pureTest("limits: masks of one list of a room: so many, of so many bytes; a key of so many", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice");
  chat.say(alice, "JOIN #tea");
  const listed = () => ask(chat, alice, "MODE #tea b").filter((line) => / 367 /.test(line)).length;
  const long = (bytes: number) => `n!u@${"h".repeat(bytes - 4)}`;
  chat.say(alice, `MODE #tea +b ${long(120)}`, `MODE #tea +b ${long(121)}`);
  assertEquals(listed(), 1);
  for (const n of range(MAX_LIST_MASKS - 1)) chat.say(alice, `MODE #tea +b m${n}!*@*`);
  assertEquals(listed(), MAX_LIST_MASKS);
  assertMatch(last(chat, alice, "MODE #tea +b more!*@*"), / 478 /);
  assertMatch(last(chat, alice, `MODE #tea +k ${"k".repeat(KEYLEN + 1)}`), / 696 | 525 /);
  assertMatch(last(chat, alice, `MODE #tea +k ${"k".repeat(KEYLEN)}`), / MODE #tea \+k /);
});

pureTest(
  "limits: a message of several lines: so many bytes, lines, bytes of tags, and one batch at a time",
  () => {
    const chat = new TestHub();
    const alice = chat.enter("alice", ...HISTORY_CAPS, "draft/multiline");
    chat.say(alice, "JOIN #tea");
    const fails = (tags: string, ...texts: string[]): string[] => {
      const batch = texts.map((text) => `@batch=1 PRIVMSG #tea :${text}`);
      const lines = ask(chat, alice, `${tags}BATCH +1 draft/multiline #tea`, ...batch, "BATCH -1");
      return lines.filter((line) => line.includes(" FAIL ")).map((line) => line.split(" ")[3]!);
    };
    const full = [
      ...new Array<string>(10).fill("x".repeat(400)),
      "x".repeat(MULTILINE_MAX_BYTES - 10 * 400 - 10),
    ];
    assertEquals(fails("", ...full), []);
    assertEquals(fails("", ...full.slice(0, -1), `${full.at(-1)}x`)[0], "MULTILINE_MAX_BYTES");
    assertEquals(fails("", ...new Array<string>(MULTILINE_MAX_LINES).fill("x")), []);
    assertEquals(
      fails("", ...new Array<string>(MULTILINE_MAX_LINES + 1).fill("x"))[0],
      "MULTILINE_MAX_LINES",
    );
    assertEquals(fails(`@+x=${"t".repeat(2048 - 3)} `, "x"), []);
    assertEquals(fails(`@+x=${"t".repeat(2048 - 2)} `, "x")[0], "MULTILINE_INVALID");
    assertEquals(fails("", "x"), []);
    assertMatch(
      ask(chat, alice, "BATCH +1 draft/multiline #tea", "BATCH +2 draft/multiline #tea").join(" "),
      / FAIL BATCH /,
    );
  },
);

pureTest("limits: a password: at least so many bytes, and at most", async () => {
  const chat = new TestHub();
  const alice = chat.enter("alice", "draft/account-registration");
  const code = (bytes: number) => last(chat, alice, `REGISTER * * ${"p".repeat(bytes)}`).split(" ")[3];
  assertEquals(code(PASSPHRASE_MIN_BYTES - 1), "WEAK_PASSWORD");
  assertEquals(code(PASSPHRASE_MAX_BYTES + 1), "UNACCEPTABLE_PASSWORD");
  assertEquals(code(PASSPHRASE_MAX_BYTES), undefined);
  await chat.errands();
  assertMatch(chat.heard(alice).at(-1)!, / REGISTER SUCCESS alice /);
});

pureTest("limits: one SASL message: so many characters", () => {
  const chat = new TestHub();
  const alice = chat.open();
  chat.say(alice, "CAP REQ :sasl", "NICK alice", "USER a 0 * :a");
  const piece = encodeUtf8("x".repeat(300)).toBase64(); // 400 characters: more follow
  assertEquals(
    ask(chat, alice, "AUTHENTICATE PLAIN", ...new Array<string>(4).fill(`AUTHENTICATE ${piece}`)),
    [
      "AUTHENTICATE +",
    ],
  );
  assertMatch(last(chat, alice, "AUTHENTICATE eA=="), / 905 /);
});

pureTest("limits: metadata of a room's members: so many lines an answer", () => {
  const chat = new TestHub({ maxClients: MAX_METADATA_LINES + 10 });
  const caps = ["draft/metadata-2", "batch"];
  const alice = chat.enter("alice", ...caps);
  chat.say(alice, "METADATA * SUB colour", "JOIN #tea");
  const each = 200; // members with 11 values: more than the bound
  const keys = range(11).map((n) => `k${n}`);
  chat.say(alice, `METADATA * SUB ${keys.join(" ")}`);
  for (const n of range(each)) {
    const session = chat.enter(`n${n}`, ...caps);
    chat.say(session, ...keys.map((key) => `METADATA * SET ${key} :v`), "JOIN #tea");
  }
  const lines = ask(chat, alice, "METADATA #tea SYNC").filter((line) => /METADATA n\d+ | 761 /.test(line));
  assertEquals(lines.length, MAX_METADATA_LINES);
});

pureTest("limits: rooms of which it is remembered whether a user is banned there: so many", () => {
  const chat = new TestHub({ limits: { channelsPerUser: Infinity } });
  const [alice, bob] = [chat.enter("alice"), chat.enter("bob")];
  for (const n of range(130)) {
    chat.say(alice, `JOIN #r${n}`, `MODE #r${n} +b x!*@*`);
    chat.say(bob, `PRIVMSG #r${n} :x`, `JOIN #r${n}`);
    assert((bob.user!.banVerdicts?.size ?? 0) <= 128, "the bound holds");
  }
  assertEquals(bob.user!.banVerdicts?.size, 2);
});

pureTest("limits: the reason of a QUIT: so many bytes, then it is cut", () => {
  const chat = new TestHub();
  const [alice, bob] = [chat.enter("alice"), chat.enter("bob")];
  chat.say(alice, "JOIN #tea");
  chat.say(bob, "JOIN #tea");
  chat.heard(bob);
  chat.say(alice, `QUIT :${"r".repeat(bounds.QUIT_REASON_MAX_BYTES + 1)}`);
  const [quit = ""] = chat.heard(bob).filter((line) => line.includes(" QUIT "));
  assertEquals(/ QUIT :(.*)$/.exec(quit)?.[1]?.length, bounds.QUIT_REASON_MAX_BYTES);
});

pureTest("limits: changes of a nick: so many in a while", () => {
  const chat = new TestHub();
  const alice = chat.open("203.0.113.1");
  chat.say(alice, "NICK alice", "USER a 0 * :a");
  const { count, ms } = bounds.DEFAULT_LIMITS.nickChanges;
  for (const n of range(count)) assertMatch(last(chat, alice, `NICK a${n}`), new RegExp(` NICK :?a${n}$`));
  assert(!/ NICK :?more$/.test(last(chat, alice, "NICK more")), "it is refused");
  chat.now += ms;
  assertMatch(last(chat, alice, "NICK more"), / NICK :?more$/);
});

pureTest("limits: overwritten messages that are counted: the newest so many", () => {
  const timeline = new Timeline(1);
  for (const n of range(5000)) timeline.add(n + 1, n + 1, true, 1);
  const oldest = 4001;
  assertEquals(timeline.countGone(oldest - 1 - 1024, oldest), 1024);
  assertEquals(timeline.countGone(oldest - 2 - 1024, oldest), undefined);
});

pureTest("limits: a sender's id: so many bytes", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice", "chatterbox.chat/receipts", "message-tags", "echo-message");
  chat.say(alice, "JOIN #tea");
  const say = (bytes: number) =>
    last(chat, alice, `@chatterbox.chat/id=${"i".repeat(bytes)} PRIVMSG #tea :x`);
  assertMatch(say(MAX_SENDER_ID_BYTES), / PRIVMSG #tea :x$/);
  assertMatch(say(MAX_SENDER_ID_BYTES + 1), / FAIL PRIVMSG INVALID_ID /);
});

pureTest("limits: answers awaited by all sessions: so many", () => {
  const chat = new TestHub({ storage: { sync: 1000, trouble: undefined } });
  const alice = chat.enter("alice", "chatterbox.chat/receipts", "message-tags", "echo-message");
  chat.say(alice, "JOIN #tea");
  const msgid = /msgid=([^; ]+)/.exec(ask(chat, alice, "PRIVMSG #tea :x")[0]!)![1];
  const { receipts } = chat.hub.services;
  Object.defineProperty(receipts, "total", { value: bounds.MAX_RECEIPTS_TOTAL - 1, configurable: true });
  assertEquals(ask(chat, alice, `AWAIT durable ${msgid}`), []);
  Object.defineProperty(receipts, "total", { value: bounds.MAX_RECEIPTS_TOTAL, configurable: true });
  assertMatch(last(chat, alice, `AWAIT durable ${msgid}`), / FAIL AWAIT TOO_MANY .*The server's limit/);
});

pureTest("limits: memory held for sessions: so much of one address, so much in all", () => {
  const held = new SessionMemory((host) => host === "exempt");
  const session = (host: string) => ({ host }) as Session;
  const share = MAX_SESSION_MEMORY_BYTES_PER_ADDRESS;
  assertEquals([held.charge(session("192.0.2.1"), share), held.charge(session("192.0.2.1"), 1)], [
    true,
    false,
  ]);
  for (const n of range(7)) assertEquals(held.charge(session(`192.0.3.${n}`), share), true);
  assertEquals(held.charge(session("exempt"), 1), false);
});

pureTest("limits: gone before others hear of it: so long, who has a key", () => {
  const chat = new TestHub();
  const bob = chat.enter("bob");
  const alice = login(chat, "alice");
  for (const session of [alice, bob]) chat.say(session, "JOIN #tea");
  chat.heard(bob);
  chat.hub.close(alice, "cut", chat.now, true);
  chat.advance(bounds.GRACE_PERIOD_MS - 1);
  assertEquals(chat.heard(bob), []);
  chat.advance(1);
  assertEquals(chat.heard(bob), [":alice!~alice@127.0.0.1 QUIT :cut"]);
});

pureTest("limits: rooms: so many in all, so many of one user, and so many members of one", () => {
  const chat = new TestHub({ limits: { channels: 5, channelsPerUser: 3, channelMembers: 2 } });
  const [alice, bob, carol] = ["alice", "bob", "carol"].map((nick) => chat.enter(nick)) as Session[];
  for (const channel of ["#a", "#b", "#c"]) assertMatch(ask(chat, alice!, `JOIN ${channel}`)[0]!, / JOIN /);
  assertMatch(last(chat, alice!, "JOIN #d"), / 405 /);
  assertMatch(ask(chat, bob!, "JOIN #d")[0]!, / JOIN /); // the fifth, with the lobby
  assertMatch(last(chat, bob!, "JOIN #e"), / (437|405|403|FAIL JOIN) /);
  assertMatch(ask(chat, bob!, "JOIN #a")[0]!, / JOIN /);
  assertMatch(last(chat, carol!, "JOIN #a"), / 471 /);
});

pureTest(
  "limits: mask lists of all rooms: so much of one address, so much in all, which an exempt address has no part of",
  () => {
    const lists = new ListMemory();
    const entry = (host: string) => ({ mask: "m".repeat(100), by: `n!u@${host}` });
    const fill = (host: string, exempt = false) => {
      for (let n = 0; n < 100_000 && lists.add(entry(host), exempt); n++);
      return lists.total;
    };
    const share = fill("192.0.2.1");
    assert(
      share <= MAX_LIST_BYTES_PER_ADDRESS && share > MAX_LIST_BYTES_PER_ADDRESS - 1000,
      `${share} bytes`,
    );
    assertEquals(fill("192.0.2.1"), share);
    assertEquals(fill("192.0.2.2"), 2 * share);
    const all = fill("203.0.113.1", true);
    assert(all <= MAX_LIST_BYTES && all > MAX_LIST_BYTES - 1000, `${all} bytes`);
    assertEquals(lists.add(entry("192.0.2.3"), false), false);
  },
);

pureTest("limits: one CHATHISTORY TARGETS answer has so many rows", async () => {
  const count = bounds.CHATHISTORY_MAX_MESSAGES;
  const chat = new TestHub({}, Ring.create(1 << 21));
  const alice = login(chat, "alice", undefined, { caps: HISTORY_CAPS });
  for (const n of range(2 * count + 1)) {
    chat.now += 1;
    chat.say(chat.enter(`n${n}`), "PRIVMSG alice :x", "QUIT");
  }
  chat.heard(alice);
  const [since, until] = ["2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"];
  chat.say(alice, `CHATHISTORY TARGETS timestamp=${since} timestamp=${until} ${3 * count}`);
  await chat.errands();
  const rows = chat.heard(alice).filter((line) => line.includes(" CHATHISTORY TARGETS "));
  assertEquals(rows.length, count);
});
