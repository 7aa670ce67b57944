/** Pages at the hub while the disk fails: they ring and end all the same, and all are told what is not saved. */
import { assertEquals, assertMatch } from "@std/assert";
import { MINUTE_MS } from "../../../lib/base/values/time_unit.ts";
import type { Session } from "../../../lib/hub/model/state/entities.ts";
import type { SavedFact } from "../../../lib/log/fact.ts";
import { TestHub } from "../../support/hub.ts";
import { account, login } from "../../support/hub_accounts.ts";
import { asks, codes, makeList, ONCALL_CAPS, recorded, said, told, wait } from "../../support/hub_oncall.ts";
import { pureTest } from "../../support/test.ts";

const WITH_CAPS = { caps: ONCALL_CAPS };
const FULL = "no space left on device";
const LOST = "if the server restarts now, it is lost";
const NOT_SAVED = "not saved yet: after a restart it may ring again";

interface Failing {
  readonly chat: TestHub;
  /** What the disk has. */
  readonly saved: readonly SavedFact[];
  readonly root: Session;
  readonly ci: Session;
  readonly alice: Session;
  readonly bob: Session;
}

/** A hub with a list ops of alice and bob, and carol, who is offline; from now on its disk fails. */
async function prepare(): Promise<Failing> {
  const chat = new TestHub();
  const [alice, bob, ci] = [
    login(chat, "alice", undefined, WITH_CAPS),
    login(chat, "bob"),
    login(chat, "ci", undefined, WITH_CAPS),
  ];
  account(chat, "carol");
  const root = await makeList(chat, "ops", "alice,bob,carol 60");
  const saved = chat.takeFacts();
  chat.trouble = FULL;
  return { chat, saved, root, ci, alice, bob };
}

/** The standard replies in `lines`, from the kind on. */
function replies(lines: readonly string[]): string[] {
  return lines.flatMap((line) => /irc\.test ((?:FAIL|WARN|NOTE) .*)/.exec(line)?.[1] ?? []);
}

pureTest("unsaved page: it rings, its pager is warned, and told when it is saved", async () => {
  const { chat, saved, ci, alice } = await prepare();
  chat.heard(alice);
  const lines = await asks(chat, ci, "@label=a PAGE OPEN p1 ops :db down");
  assertEquals(lines.slice(0, 4).map((line) => line.replace(/=[0-9a-z]+ /, "=x ")), [
    "@label=x :irc.test BATCH +" + lines[0]!.split("+")[1],
    `@batch=x :irc.test WARN PAGE NOT_SAVED p1 :page 1 (ops: db down) is not saved: ${LOST}`,
    "@batch=x :irc.test PAGE OPEN p1 1 ringing *",
    lines[3]!,
  ]);
  assertMatch(lines[3]!, /^:irc\.test BATCH -/);
  assertEquals(told(lines, "RUNG").length, 3);
  assertEquals(told(chat.heard(alice)), ["RINGING 1 ops ci 1 :db down"]);
  wait(chat, MINUTE_MS);
  assertEquals(told(chat.heard(alice)), ["RINGING 1 ops ci 2 :db down"], "it rings on");
  chat.advance(5000);
  assertEquals(replies(chat.heard(ci)), [], "nothing has changed");
  assertEquals(replies(await asks(chat, ci, "PAGE OPEN p1 ops :db down")), [
    `WARN PAGE NOT_SAVED p1 :page 1 (ops: db down) is not saved: ${LOST}`,
  ]);
  const lost = new TestHub({}, undefined, saved, chat.now);
  assertEquals(lost.hub.services.pages.get(1), undefined, "as was told");
  chat.trouble = undefined;
  chat.advance(5000);
  assertEquals(replies(chat.heard(ci)), ["NOTE PAGE SAVED p1 :page 1 (ops: db down) is saved now"]);
  chat.advance(5000);
  assertEquals(replies(chat.heard(ci)), [], "once");
  assertEquals(replies(await asks(chat, ci, "PAGE OPEN p1 ops :db down")), []);
  const next = new TestHub({}, chat.log, [...saved, ...chat.takeFacts()], chat.now);
  assertEquals(next.hub.services.pages.get(1)?.people.length, 3);
});

pureTest("unsaved page: an acknowledgement stops it, all are told, and the first one counts", async () => {
  const { chat, saved, ci, alice, bob } = await prepare();
  chat.trouble = undefined;
  await asks(chat, ci, "PAGE OPEN p1 ops :db down");
  const opened = [...saved, ...chat.takeFacts()];
  chat.trouble = FULL;
  chat.heard(alice);
  const acknowledged = "page 1 (ops: db down) is acknowledged by bob";
  assertEquals(said(await asks(chat, bob, "PRIVMSG OnCall :ack 1")), [
    `You have acknowledged page 1 (ops: db down); ${NOT_SAVED}`,
  ]);
  const heard = chat.heard(alice);
  assertEquals(told(heard), [`STOPPED 1 acknowledged bob :${acknowledged}; ${NOT_SAVED}`]);
  assertEquals(said(heard), [`${acknowledged}; ${NOT_SAVED}`]);
  const lines = chat.heard(ci);
  assertEquals(replies(lines), [`WARN PAGE NOT_SAVED p1 :The end of page 1 (ops: db down) is ${NOT_SAVED}`]);
  assertMatch(told(lines).join(), /^END p1 1 acknowledged bob bob \S+ :.*; not saved yet: /);
  assertEquals(codes(await asks(chat, alice, "PAGE ACK 1")), ["ALREADY_ENDED"]);
  const warned = (await asks(chat, ci, "PAGE OPEN p1 ops :db down")).map((line) =>
    line.split(" ").slice(1, 4)
  );
  assertEquals(warned.map((words) => words.join(" ")).filter((words) => !words.includes("RUNG")), [
    "WARN PAGE NOT_SAVED",
    "PAGE OPEN p1",
    "WARN PAGE NOT_SAVED",
    "PAGE END p1",
  ]);
  wait(chat, 2 * MINUTE_MS);
  assertEquals([...chat.heard(alice), ...told(chat.heard(ci))], [], "it does not ring, and has ended once");
  // Restarted without the end, with the records: it rings again, and another end is told to all.
  const again = new TestHub({}, chat.log, opened, chat.now);
  const [ann, pager] = ["alice", "ci"].map((name) => login(again, name, undefined, WITH_CAPS));
  wait(again, MINUTE_MS);
  assertEquals(told(again.heard(ann!), "RINGING").length, 1);
  assertEquals(told(await asks(again, ann!, "PAGE ACK 1"), "ACK").length, 1);
  assertMatch(told(again.heard(pager!)).join(), / acknowledged alice alice /);
  const ends = recorded(again).filter((line) => line.endsWith("is acknowledged by alice"));
  assertEquals(ends.map((line) => line.split(" ")[0]), ["bob", "carol", "ci"]);
});

pureTest("unsaved page: when the disk works before a restart, the end is the one that was told", async () => {
  const { chat, saved, ci, alice, bob } = await prepare();
  await asks(chat, ci, "PAGE OPEN p1 ops :db down");
  const lines = await asks(chat, alice, "@label=a PAGE ACK 1");
  assertEquals(replies(lines), [`WARN PAGE NOT_SAVED 1 :The end of page 1 (ops: db down) is ${NOT_SAVED}`]);
  assertMatch(
    told(lines, "ACK").join(),
    /^ACK 1 \S+ :page 1 \(ops: db down\) is acknowledged by alice; not /,
  );
  chat.heard(ci);
  chat.trouble = undefined;
  chat.advance(5000);
  assertEquals(replies(chat.heard(ci)), ["NOTE PAGE SAVED p1 :page 1 (ops: db down) is saved now"]);
  assertEquals(replies(await asks(chat, alice, "PAGE ACK 1")), []);
  const messages = recorded(chat);
  const next = new TestHub({}, chat.log, [...saved, ...chat.takeFacts()], chat.now);
  next.deliver();
  assertEquals(recorded(next), messages, "nothing is told again");
  assertEquals(codes(await asks(next, login(next, "bob", undefined, WITH_CAPS), "PAGE ACK 1")), [
    "ALREADY_ENDED",
  ]);
  assertEquals(said(chat.heard(bob)).at(-1), messages.find((line) => line.startsWith("bob page"))!.slice(4));
});

pureTest("unsaved page: it can be withdrawn, and its end may be saved together with it", async () => {
  const { chat, ci } = await prepare();
  await asks(chat, ci, "PAGE OPEN p1 ops :db down", "PAGE OPEN p2 ops :web down");
  const other = login(chat, "ci", undefined, WITH_CAPS);
  const lines = await asks(chat, ci, "@label=w PAGE WITHDRAW p1");
  const warning = `WARN PAGE NOT_SAVED p1 :The end of page 1 (ops: db down) is ${NOT_SAVED}`;
  assertEquals(replies(lines), [warning], "as the response");
  assertEquals(told(lines, "END p1 1 withdrawn ci ci ").length, 1);
  const elsewhere = chat.heard(other);
  assertEquals([replies(elsewhere), told(elsewhere, "END p1 1 withdrawn ci ").length], [[warning], 1]);
  chat.trouble = undefined;
  const saved = "NOTE PAGE SAVED p2 :page 2 (ops: web down) is saved now";
  assertEquals(replies(await asks(chat, ci, "PAGE WITHDRAW p2")), [saved]);
  chat.advance(5000);
  assertEquals(replies(chat.heard(ci)), ["NOTE PAGE SAVED p1 :page 1 (ops: db down) is saved now"]);
});

pureTest("unsaved page: what is saved already is not called unsaved while the disk fails", async () => {
  const { chat, ci, alice } = await prepare();
  chat.trouble = undefined;
  await asks(chat, ci, "PAGE OPEN p1 ops :db down", "PAGE OPEN p2 ops :web down");
  await asks(chat, alice, "PAGE ACK 1");
  chat.trouble = FULL;
  const lines = await asks(chat, ci, "PAGE OPEN p1 ops :db down", "PAGE OPEN p2 ops :web down");
  assertEquals(replies([...lines, ...await asks(chat, alice, "PAGE ACK 1")]), []);
  assertEquals(told(lines, "OPEN"), ["OPEN p1 1 acknowledged *", "OPEN p2 2 ringing *"]);
});

pureTest(
  "unsaved page: one that is lost leaves its number to no other, as long as its messages are there",
  async () => {
    const { chat, saved, ci } = await prepare();
    await asks(chat, ci, "PAGE OPEN p1 ops :db down");
    const next = new TestHub({}, chat.log, saved, chat.now);
    const again = login(next, "ci", undefined, WITH_CAPS);
    assertEquals(told(await asks(next, again, "PAGE OPEN p2 ops :web down"), "OPEN"), [
      "OPEN p2 2 ringing *",
    ]);
    assertEquals(recorded(next).filter((line) => line.includes("web down")).length, 3);
  },
);

pureTest("unsaved page: one of a silenced list is kept, and rings when the silence ends", async () => {
  const { chat, ci, root, alice } = await prepare();
  await asks(chat, root, "ONCALL SILENCE ops 60 :new disks");
  const lines = await asks(chat, ci, "PAGE OPEN p1 ops :db down");
  assertEquals(replies(lines).length, 1);
  assertMatch(told(lines).join(), /^OPEN p1 1 silenced /);
  chat.heard(alice);
  wait(chat, MINUTE_MS);
  assertEquals(told(chat.heard(alice)), ["RINGING 1 ops ci 1 :db down"]);
});

pureTest("unsaved page: a look at the disk that began before its end says nothing of the end", async () => {
  const { chat, ci, alice } = await prepare();
  await asks(chat, ci, "PAGE OPEN p1 ops :db down");
  const { durableActions } = chat.hub.services;
  chat.holdsDurable = true;
  chat.advance(5000);
  const before = durableActions.nextTicket;
  chat.say(alice, "PAGE ACK 1");
  durableActions.run(before, undefined);
  durableActions.run(durableActions.nextTicket, FULL);
  chat.deliver();
  assertEquals(replies(chat.heard(alice)).length, 1);
  assertMatch(told(chat.heard(ci), "END").join(), /; not saved yet: /);
});
