import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { MAX_RECEIPTS } from "../../lib/hub/model/config.ts";
import { MAX_MARKERS, MAX_MARKERS_PER_ACCOUNT } from "../../lib/hub/services/read_markers.ts";
import type { Account, Session } from "../../lib/hub/model/state/entities.ts";
import { runConsoleLine } from "../../lib/server/console/command_table.ts";
import { Ring } from "../../lib/log/ring.ts";
import { login } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const KEY = "k".repeat(43);

async function register(test: TestHub, session: Session): Promise<Session> {
  test.say(session, `REGISTER * * ${KEY}`);
  await test.errands();
  test.heard(session);
  return session;
}

async function come(test: TestHub, nick: string): Promise<Session> {
  const session = test.open();
  test.say(session, "CAP REQ :sasl draft/read-marker", `NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
  test.say(session, "AUTHENTICATE PLAIN", `AUTHENTICATE ${encodeUtf8(`\0${nick}\0${KEY}`).toBase64()}`);
  await test.errands();
  test.say(session, "CAP END");
  test.heard(session);
  return session;
}

function marker(test: TestHub, session: Session, target: string): string {
  test.heard(session);
  test.say(session, `MARKREAD ${target}`);
  return test.heard(session)[0]?.split(" ").at(-1) ?? "";
}

const AT = "timestamp=2020-01-01T00:00:00.000Z";

pureTest(
  "markers: those of an account are there after a start; those of a guest last as long as he is here",
  async () => {
    const ring = Ring.create(1 << 16);
    const before = new TestHub({}, ring);
    const [alice, guest] = [await register(before, before.enter("alice")), before.enter("guest")];
    for (const session of [alice, guest]) before.say(session, `MARKREAD #tea ${AT}`, `MARKREAD Bob ${AT}`);
    assertEquals([marker(before, guest, "#TEA"), marker(before, guest, "bob")], [AT, AT]);
    before.say(guest, "QUIT");
    assertEquals(marker(before, before.enter("guest"), "bob"), "*");
    const after = new TestHub({}, ring, before.takeFacts());
    const again = await come(after, "alice");
    assertEquals(["#tea", "BOB", "carol"].map((name) => marker(after, again, name)), [AT, AT, "*"]);
  },
);

pureTest("markers: all users of an account share them, whatever they are called", async () => {
  const test = new TestHub();
  const first = await register(test, test.enter("alice", "draft/read-marker"));
  const second = await come(test, "alice");
  test.say(first, "NICK ally");
  const third = await come(test, "alice");
  for (const session of [first, second, third]) test.heard(session);
  test.say(second, `MARKREAD bob ${AT}`);
  for (const session of [first, second, third]) {
    assertEquals(test.heard(session), [`:irc.test MARKREAD bob ${AT}`]);
  }
});

pureTest("markers: of too many the one that is oldest goes, and its fact with it", async () => {
  const test = new TestHub();
  const alice = await register(test, test.enter("alice"));
  const at = (n: number) => `timestamp=${new Date(Date.UTC(2020, 0, 1) + n).toISOString()}`;
  for (let n = MAX_MARKERS_PER_ACCOUNT; n >= 0; n--) test.say(alice, `MARKREAD #room${n} ${at(n)}`);
  assertEquals(marker(test, alice, "#room0"), at(0));
  assertEquals(marker(test, alice, "#room1"), "*");
  const facts = test.takeFacts().filter(({ kind }) => kind === "marker");
  assertEquals(facts.filter(({ value }) => value === undefined).map(({ key }) => key), ["alice #room1"]);
  assertEquals(facts.length, MAX_MARKERS_PER_ACCOUNT + 1);
});

/** Of each of many accounts as many conversations are known as may be, and of all together; the last account has one more. */
function fill({ hub }: TestHub): void {
  const marker = { seq: 0, told: 0, toldSeq: 0, lost: 0, lostSeq: 0 };
  const accounts = MAX_MARKERS / MAX_MARKERS_PER_ACCOUNT;
  for (let nth = 0; nth < MAX_MARKERS; nth++) {
    const time = 1000 + (nth * 7919) % MAX_MARKERS_PER_ACCOUNT;
    const key = `a${nth % accounts} #r${Math.floor(nth / accounts)}`;
    hub.services.readMarkers.restore(key, { ...marker, time }, 0);
  }
}

/** Keys of the markers that are gone since the last call. */
function gone(test: TestHub): string[] {
  return test.takeFacts().flatMap(({ kind, key, value }) =>
    kind === "marker" && value === undefined ? key : []
  );
}

pureTest("markers: beyond the bound of all accounts the one that has most gives up its oldest", () => {
  const test = new TestHub();
  fill(test);
  const alice = login(test, "alice");
  test.say(alice, `MARKREAD #tea ${AT}`);
  const [key = "", ...more] = gone(test);
  const [account = "", channel = ""] = key.split(" ");
  assertEquals([account, more], ["a0", []]);
  assertEquals(test.hub.services.readMarkers.of({ folded: account } as Account, channel), undefined);
  test.say(alice, `MARKREAD #tea timestamp=2021-01-01T00:00:00.000Z`);
  assertEquals(gone(test), [], "one that moves is none more");
  test.say(alice, `MARKREAD bob ${AT}`);
  assertEquals(gone(test).map((each) => each.split(" ")[0]), ["a1"]);
});

for (
  const [what, end] of [
    [
      "of an account that has ended",
      ({ hub }: TestHub) => hub.services.readMarkers.dropAccount({ folded: "a5" } as Account),
    ],
    ["of a room that has another one's name now", ({ hub, now }: TestHub) => {
      hub.services.readMarkers.rename("#r0", "#r1", {
        seq: hub.context.log.nextSeq,
        time: now,
        account: "",
        bot: false,
      });
    }],
  ] as const
) {
  pureTest(`markers: those ${what} count no more`, () => {
    const test = new TestHub();
    fill(test);
    end(test);
    test.takeFacts();
    test.say(login(test, "alice"), `MARKREAD #tea ${AT}`);
    assertEquals(gone(test), []);
  });
}

pureTest(
  "markers: they end with their account, and who takes the name after that has none of them",
  async () => {
    const test = new TestHub();
    const alice = await register(test, test.enter("alice"));
    test.say(alice, `MARKREAD bob ${AT}`);
    test.takeFacts();
    test.say(alice, "UNREGISTER alice");
    await test.errands();
    const gone = test.takeFacts().map(({ kind, key, value }) => [kind, key, value]);
    assertEquals(gone.toSorted(), [["account", "alice", undefined], ["marker", "alice bob", undefined]]);
    test.say(alice, "QUIT");
    const other = await register(test, test.enter("alice"));
    assertEquals(marker(test, other, "bob"), "*");
  },
);

pureTest("markers: what was saved and makes no sense is passed over", async () => {
  const fact = (key: string, value: string) => ({ kind: "marker", key, value, seq: 0 });
  const good = `{"time":${Date.UTC(2020, 0, 1)},"told":0,"lost":0}`;
  const test = new TestHub({}, undefined, [
    fact("alice bob", good),
    fact("alice", good),
    fact("", good),
    fact("alice carol", `{"time":"now","told":0,"lost":0}`),
    fact("alice dave", `{"time":1e300,"told":0,"lost":0}`),
    fact("alice eve", "null"),
  ]);
  const alice = await register(test, test.enter("alice"));
  assertEquals(["bob", "carol", "dave", "eve"].map((name) => marker(test, alice, name)), [
    AT,
    "*",
    "*",
    "*",
  ]);
});

pureTest("await read: what is read of one conversation tells nothing of another", () => {
  const test = new TestHub();
  const bob = login(test, "bob", undefined, { caps: ["chatterbox.chat/receipts", "draft/read-marker"] });
  const caps = ["message-tags", "echo-message", "chatterbox.chat/receipts"];
  const [alice, carol] = [test.enter("alice", ...caps), test.enter("carol", ...caps)];
  for (const each of [alice, carol]) {
    test.say(each, "PRIVMSG bob :hello");
    const [, id = ""] = /msgid=([^ ;]+)/.exec(test.heard(each).join()) ?? [];
    test.say(each, `AWAIT read ${id}`);
  }
  test.say(bob, `MARKREAD carol timestamp=2100-01-01T00:00:00.000Z`);
  assertEquals(test.heard(alice), []);
  assertMatch(test.heard(carol).join(), / AWAIT read /);
  test.say(bob, `MARKREAD alice timestamp=2100-01-01T00:00:00.000Z`);
  assertMatch(test.heard(alice).join(), / AWAIT read /);
});

pureTest(
  "await read: when the receiver's account ends, its senders are told that nobody may read it any more",
  () => {
    const test = new TestHub();
    login(test, "bob");
    const alice = test.enter(
      "alice",
      "message-tags",
      "echo-message",
      "labeled-response",
      "batch",
      "chatterbox.chat/receipts",
    );
    test.say(alice, "PRIVMSG bob :one");
    const [, id = ""] = /msgid=([^ ;]+)/.exec(test.heard(alice).join()) ?? [];
    test.hub.close([...test.hub.context.state.sessions.values()][0]!, "gone", test.now);
    test.say(alice, `@label=1 AWAIT read ${id}`);
    assertEquals([test.heard(alice), test.hub.services.receipts.total], [[], 1]);
    runConsoleLine(test.hub, "unregister bob", test.now);
    test.deliver();
    assertMatch(test.heard(alice).join(), /^@label=1 :irc\.test FAIL AWAIT NOT_READ /);
    assertEquals(test.hub.services.receipts.total, 0);
  },
);

pureTest("await read: who awaits too much is told, and leaves nothing behind", async () => {
  const test = new TestHub();
  const bob = await register(test, test.enter("bob", "chatterbox.chat/receipts"));
  const alice = test.enter("alice", "chatterbox.chat/receipts", "message-tags", "echo-message");
  test.say(alice, "PRIVMSG bob :hello");
  const id = /msgid=(\S+)/.exec(test.heard(alice)[0]!)![1];
  for (let n = 0; n < MAX_RECEIPTS; n++) test.say(alice, `AWAIT read ${id}`);
  assertEquals(test.heard(alice), []);
  assertMatch(ask(`AWAIT read ${id}`), /FAIL AWAIT TOO_MANY/);
  const { owner } = bob.user!;
  assert(test.hub.services.receipts.isReadAwaited(owner), "they wait");
  test.say(alice, "QUIT");
  assert(!test.hub.services.receipts.isReadAwaited(owner), "nobody does any more");
  assertEquals(test.hub.services.receipts.total, 0);

  function ask(line: string): string {
    test.say(alice, line);
    return test.heard(alice).join("\n");
  }
});
