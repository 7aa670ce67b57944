/** `logs --file` beyond the ring: a small ring file with an archive gives what a large ring file gives. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { command } from "../../commands/logs.ts";
import { encodeEvent } from "../../lib/hub/log/event_codec.ts";
import type { RecordedEvent, RecordedTarget } from "../../lib/hub/model/state/event.ts";
import { formatMsgid } from "../../lib/hub/output/render.ts";
import { RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { ArchiveFollower } from "../../lib/server/archive/archive_follower.ts";
import type { OpenLog } from "../../lib/store/ring_file/open_log.ts";
import { openLog } from "../../lib/store/ring_file/open_log.ts";
import { startSync } from "../../lib/store/sync/sync_task.ts";
import { Random } from "../irc/property.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { run } from "./run_command.ts";

const START = 1_700_000_000_000;
const PADDING = "x".repeat(300);

function open(dir: string, capacityBytes: number): OpenLog {
  Deno.mkdirSync(dir);
  const log = openLog({ dir, capacityBytes, now: START });
  assert(log.kind === "ok", "it opens");
  return log;
}

async function save({ ring, path }: OpenLog): Promise<void> {
  await startSync({ ring, path, intervalMs: 1000, lockName: path, onError: () => {} }).stop();
}

/** The messages that are shown, without ids, which have that of the log. */
async function show(path: string, flags: readonly string[]): Promise<unknown[]> {
  const { code, out, err } = await run(command, ["--json", "--file", path, ...flags]);
  assertEquals([code, err], [0, ""]);
  return out.split("\n").filter((line) => line !== "").map((line) => ({ ...JSON.parse(line), id: "" }));
}

Deno.test("file archive: what a ring file shows that holds everything, rooms and direct messages", () =>
  withTempDir(async (dir) => {
    const random = new Random(5);
    const logs = [open(`${dir}/whole`, 64 * RING_MIN_BYTES), open(`${dir}/small`, RING_MIN_BYTES)] as const;
    const [{ ring: whole }, { ring: small, logId }] = logs;
    const bounds = { maxBytes: Infinity, maxAgeMs: Infinity };
    const follower = new ArchiveFollower(small, { path: `${dir}/small/archive.sqlite`, logId, bounds });
    const archive = () => {
      while (follower.cursor < small.nextSeq) follower.archiveBatch(small.nextSeq);
    };
    const scratch = new Uint8Array(8192);
    let [room, time] = ["#tea", START];
    for (let step = 1; step <= 800; step++) {
      time += random.below(3) * 1000;
      const source = random.pick(["al!a@h", "bob!b@h"]);
      const target: RecordedTarget = random.chance(5)
        ? { kind: "direct", name: "carol", owner: "c" }
        : { kind: "channel", name: random.pick([room, "#ops"]) };
      const to = `#tea${step}`;
      const event = (logId: string): RecordedEvent => {
        if (step % 60 === 0) return { kind: "rename", source, channel: room, to, reason: "" };
        const base = { source, target, from: "o" };
        if (step % 20 === 0) {
          return { kind: "redact", ...base, msgid: formatMsgid(step - 9, logId), reason: "" };
        }
        return {
          kind: "message",
          verb: "PRIVMSG",
          ...base,
          text: `${step} ${PADDING}`,
          tags: "",
          id: undefined,
        };
      };
      for (const log of logs) log.ring.append(time, scratch, encodeEvent(event(log.logId), scratch));
      if (step % 60 === 0) room = to;
      if (step < 770 && random.chance(15)) archive();
    }
    assert(small.oldestSeq > 500 && whole.oldestSeq === 1, "most of it is in the archive alone");
    for (const log of logs) await save(log);
    follower.close();
    const at = () => `@${Math.floor((START + random.below(time - START)) / 1000)}`;
    const queries = [
      ...[["-n", "5"], ["-n", "2000"], ["-n", "300", "--from", "al"], ["-n", "0"]],
      ...[["--room", room, "-n", "2000"], ["--room", "#OPS", "-n", "200"], ["--room", "none", "-n", "9"]],
      ...[["--with", "carol", "-n", "2000"], ["--with", "bob", "-n", "20"]],
      ...Array.from({ length: 6 }, () => ["--since", at()]),
      ...Array.from({ length: 4 }, () => ["--since", at(), "-n", "100", "--room", room]),
      ...Array.from({ length: 4 }, () => ["--until", at(), "-n", "50"]),
    ];
    for (const flags of queries) {
      const [expected, shown] = await Promise.all(logs.map(({ path }) => show(path, flags)));
      assertEquals(shown, expected, flags.join(" "));
    }
    const withCarol = ["--with", "carol", "-n", "2000"];
    const direct = await show(logs[1].path, withCarol) as { from: string }[];
    const als = direct.filter(({ from }) => from === "al");
    assert(als.length > 0 && als.length < direct.length, "carol has messages of both");
    assertEquals(
      await show(logs[1].path, [...withCarol, "--name", "AL"]),
      als.map((one) => ({ ...one, with: "carol" })),
    );
    await damageIsTold(logs[1].path, `${dir}/small/archive.sqlite`);
  }));

/** Damages the archive in each place in turn. */
async function damageIsTold(ring: string, archive: string): Promise<void> {
  const whole = await Deno.readFile(archive);
  const [pageBytes, count] = [4096, 40];
  let told = 0;
  for (let page = 1; page < whole.length / pageBytes; page += 8) {
    const damaged = whole.slice().fill(0xa5, page * pageBytes, (page + count) * pageBytes);
    await Deno.writeFile(archive, damaged);
    for (const flags of [["-n", "1000"], ["--since", `@${START / 1000}`], ["--room", "#ops", "-n", "1000"]]) {
      const { code, out, err } = await run(command, ["--file", ring, ...flags]);
      assertEquals(code, 0, `page ${page}`);
      assertMatch(out, / 79[0-9] xxx/);
      assertMatch(err, /^(chatterbox: the archive cannot be read, so older messages are missing: .*\n)?$/);
      if (err !== "") told++;
    }
  }
  assert(told > 0, "damage was met");
}

Deno.test("file archive: one that cannot be read is told, and the ring file is shown; that of another log is none", () =>
  withTempDir(async (dir) => {
    const log = open(`${dir}/data`, RING_MIN_BYTES);
    const scratch = new Uint8Array(8192);
    const target = { kind: "channel", name: "#tea" } as const;
    const message = {
      kind: "message",
      verb: "PRIVMSG",
      source: "al!a@h",
      target,
      tags: "",
      from: "o",
    } as const;
    for (let nth = 0; nth < 300; nth++) {
      const length = encodeEvent({ ...message, text: `${nth} ${PADDING}`, id: undefined }, scratch);
      log.ring.append(START, scratch, length);
    }
    await save(log);
    const path = `${dir}/data/archive.sqlite`;
    const bounds = { maxBytes: Infinity, maxAgeMs: Infinity };
    new ArchiveFollower(log.ring, { path, logId: "other", bounds }).close();
    assertEquals((await show(log.path, ["-n", "1"])).length, 1);
    await Deno.writeFile(path, new Uint8Array(8192).fill(7));
    const { code, out, err } = await run(command, ["--file", log.path, "-n", "1"]);
    assertEquals(code, 0);
    assertMatch(out, /299 xxx/);
    assertMatch(err, /the archive cannot be read, so older messages are missing: .*archive\.sqlite: /);
  }));
