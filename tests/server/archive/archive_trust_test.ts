/** What is renamed or redacted takes effect in the archive although its record is lost; else the archive is set aside. */
import { assertEquals } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import type { ArchiveOrder } from "../../../lib/log/archive.ts";
import { RING_MIN_BYTES } from "../../../lib/log/ring.ts";
import type { RecordedEvent } from "../../../lib/hub/model/state/event.ts";
import { MAX_WAITING_ORDERS } from "../../../lib/server/archive/waiting_orders.ts";
import { comesTrue } from "../../support/guard.ts";
import { tempDirTest } from "../../support/test.ts";
import { ArchivedLog, messageTo } from "./archived_log.ts";

const MILK = { kind: "channel", name: "#milk" } as const;
const target = { kind: "channel", name: "#tea" } as const;
const RENAME: RecordedEvent = {
  kind: "rename",
  source: "al!a@h",
  channel: "#tea",
  to: "#milk",
  reason: "",
};

/** Has the ring overwrite all that it holds. */
function overwrite(log: ArchivedLog): void {
  log.append(...Array.from({ length: 2000 }, () => messageTo("#lobby", "x".repeat(50))));
}

async function archive(log: ArchivedLog, orders: readonly ArchiveOrder[] = []): Promise<void> {
  log.sync();
  log.start("testlog", orders);
  await log.caughtUp();
  await comesTrue(
    "they are carried out",
    () => log.kinds().filter((kind) => kind === "ordered").length === orders.length,
  );
  await log.stop();
}

/** #tea with two messages, of which the archive has not got that it was renamed, and that the first was deleted. */
async function loseRenameAndRedaction(dir: string): Promise<{ log: ArchivedLog; orders: ArchiveOrder[] }> {
  const log = new ArchivedLog(dir, RING_MIN_BYTES);
  const last = log.say("a secret", "b");
  await archive(log);
  const msgid = `${(last - 1).toString(36)}-testlog`;
  const redact: RecordedEvent = { kind: "redact", source: "al!a@h", target, from: "A", msgid, reason: "" };
  const seq = log.append(redact, RENAME);
  overwrite(log);
  return {
    log,
    orders: [
      { kind: "redact", redacted: last - 1, seq },
      { kind: "rename", from: "#tea", to: "#milk", name: "#milk", seq: seq + 1 },
    ],
  };
}

tempDirTest("a rename and a redaction take effect although their records are lost", async (dir) => {
  const { log, orders } = await loseRenameAndRedaction(dir);
  await archive(log, orders);
  assertEquals([log.texts(), log.texts(MILK)], [[], ["b"]]);
});

tempDirTest("they take effect, too, when they are ordered after the loss", async (dir) => {
  const { log, orders } = await loseRenameAndRedaction(dir);
  log.sync();
  log.start();
  await log.caughtUp();
  assertEquals([log.texts(), log.texts(MILK)], [["a secret", "b"], []]);
  for (const order of orders) log.archiver!.handleRequest({ kind: "order", order });
  await comesTrue(
    "they are carried out",
    () => log.kinds().filter((kind) => kind === "ordered").length === 2,
  );
  await log.stop();
  assertEquals([log.texts(), log.texts(MILK)], [[], ["b"]]);
});

tempDirTest("an order of which the archive has got the record changes nothing", async (dir) => {
  const log = new ArchivedLog(dir);
  log.say("a");
  const order = {
    kind: "rename",
    from: "#tea",
    to: "#milk",
    name: "#milk",
    seq: log.append(RENAME) + 1,
  } as const;
  log.say("of the next room of that name");
  await archive(log);
  await archive(log, [order]);
  assertEquals([log.texts(), log.texts(MILK)], [["of the next room of that name"], ["a"]]);
});

tempDirTest(
  "an archive that loses what too many orders should have repeated is set aside",
  async (dir) => {
    const { log, orders } = await loseRenameAndRedaction(dir);
    const [redact] = orders;
    assert(redact?.kind === "redact", "the first");
    log.start();
    log.sync();
    log.archiver!.handleRequest({ kind: "order", order: redact });
    // As many redactions, which happen later, take its place.
    const seq = log.ring.nextSeq + 1;
    for (let count = 0; count < MAX_WAITING_ORDERS; count++) {
      const order = { kind: "redact", redacted: 1_000_000 + count, seq } as const;
      log.archiver!.handleRequest({ kind: "order", order });
    }
    await log.caughtUp();
    await log.stop();
    const opened = log.reports.filter((report) => report.kind === "opened").at(-1);
    assertEquals(opened?.setAside?.why, "incomplete");
    assertEquals(log.texts(), [], "nothing of it is read");
  },
);

tempDirTest(
  "an archive that has lost what is not ordered any more is set aside, and so is one without rights",
  async (dir) => {
    const { log, orders } = await loseRenameAndRedaction(dir);
    const trusting = (completeFrom: number, knownFrom = 0): ArchiveOrder => ({
      kind: "trust",
      trust: { completeFrom, knownFrom },
      seq: 0,
    });
    const setAside = async (trust: ArchiveOrder) => {
      log.sync();
      log.start("testlog", [trust]);
      await log.caughtUp();
      await comesTrue("it is open", () => log.kinds().includes("progress"));
      await log.stop();
      const opened = log.reports.findLast((report) => report.kind === "opened");
      assert(opened?.kind === "opened", "it was opened");
      return opened.setAside && { ...opened.setAside, path: opened.setAside.path.slice(dir.length) };
    };
    const { seq } = orders[1]!;
    assertEquals(await setAside(trusting(seq)), {
      path: "/archive-testlog-incomplete.sqlite",
      why: "incomplete",
    });
    assertEquals([log.texts(), log.texts(MILK)], [[], []]);
    assertEquals(await setAside(trusting(seq)), undefined, "the new one");
    const next = log.say("a room that is closed");
    await archive(log);
    assertEquals(await setAside(trusting(next + 100)), undefined, "the ring has what it lacks");
    assertEquals(await setAside(trusting(0, next + 100)), {
      path: "/archive-testlog-older.sqlite",
      why: "older",
    });
  },
);

const renameOf = (channel: string, to: string): RecordedEvent => ({
  kind: "rename",
  source: "al!a@h",
  channel,
  to,
  reason: "",
});
const channelOf = (name: string) => ({ kind: "channel", name } as const);

tempDirTest(
  "where all of it is lost, a channel is retired before a later one of its name is renamed",
  async (dir) => {
    const log = new ArchivedLog(dir, RING_MIN_BYTES);
    log.say("a secret");
    await archive(log);
    overwrite(log);
    const retired = log.ring.nextSeq;
    log.say("of the next room of that name");
    const renamed = log.append(RENAME) + 1;
    overwrite(log);
    await archive(log, [
      { kind: "retire", name: "#tea", seq: retired },
      { kind: "rename", from: "#tea", to: "#milk", name: "#milk", seq: renamed },
    ]);
    assertEquals([log.texts(), log.texts(MILK)], [[], []]);
    assertEquals(log.cursor, log.ring.nextSeq);
    const lost = log.reports.flatMap((report) => report.kind === "lost" ? [report] : []);
    assertEquals(lost.length, 2, "it stops between the two");
    const counted = lost.reduce((sum, { count }) => sum + count, 0);
    assertEquals(counted, lost[1]!.loss.until - lost[0]!.loss.from, "each record once");
  },
);

tempDirTest(
  "an order that was carried out with a loss is not carried out again, at another channel of that name",
  async (dir) => {
    const log = new ArchivedLog(dir, RING_MIN_BYTES);
    log.append(messageTo("#tea", "tea"), messageTo("#den", "den"));
    await archive(log);
    const first = log.append(renameOf("#tea", "#milk"));
    const second = log.append(renameOf("#den", "#tea"));
    overwrite(log);
    const orders: ArchiveOrder[] = [
      { kind: "rename", from: "#tea", to: "#milk", name: "#milk", seq: first + 1 },
      { kind: "rename", from: "#den", to: "#tea", name: "#tea", seq: second + 1 },
    ];
    for (const when of ["with the loss", "again, because the server ended before they were confirmed"]) {
      log.reports.length = 0;
      await archive(log, orders);
      assertEquals([MILK, channelOf("#tea"), channelOf("#den")].map((name) => log.texts(name)), [
        ["tea"],
        ["den"],
        [],
      ], when);
    }
  },
);

tempDirTest(
  "an archive that has not retired a channel is set aside, whatever was begun meanwhile; one that has, or was begun later, is used",
  async (dir) => {
    const log = new ArchivedLog(dir, RING_MIN_BYTES);
    const copy = `${dir}/copy.sqlite`;
    log.append(messageTo("#lobby", "begun"));
    await archive(log);
    log.say("a secret");
    await archive(log);
    Deno.copyFileSync(log.path, copy);
    const retired = log.ring.nextSeq;
    await archive(log, [{ kind: "retire", name: "#tea", seq: retired }]);
    const trust: ArchiveOrder = {
      kind: "trust",
      trust: { completeFrom: 0, knownFrom: retired },
      seq: 0,
    };
    const opened = async () => {
      log.reports.length = 0;
      log.start("testlog", [trust]);
      await comesTrue("it is open", () => log.kinds().includes("progress"));
      await log.stop();
      const report = log.reports.find((each) => each.kind === "opened");
      return report?.kind === "opened" ? report.setAside?.why : "closed";
    };
    assertEquals(await opened(), undefined, "it has retired the channel, and nothing came after that");
    Deno.removeSync(log.path);
    assertEquals(await opened(), undefined, "a new one begins");
    assertEquals(await opened(), undefined, "and is used from then on");
    Deno.copyFileSync(copy, log.path);
    assertEquals(await opened(), "older");
    assertEquals(log.texts(), ["a secret"], "that the ring still holds");
    log.start("testlog", [trust]);
    await comesTrue("it is open", () => log.kinds().includes("progress"));
    log.reports.length = 0;
    Deno.renameSync(log.path, `${dir}/moved.sqlite`);
    Deno.copyFileSync(copy, log.path);
    await comesTrue("another file is found in its place", () => log.kinds().includes("opened"));
    await log.stop();
    const report = log.reports.find((each) => each.kind === "opened");
    assertEquals(report?.kind === "opened" && report.setAside?.why, "older", "also while the server runs");
  },
);
