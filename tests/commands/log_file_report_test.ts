import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { command } from "../../commands/logs.ts";
import { formatReport, makeJsonReport } from "../../commands/logs/log_file_report.ts";
import type { Verification } from "../../lib/store/ring_file/verification.ts";
import { openLog } from "../../lib/store/ring_file/open_log.ts";
import { RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { pureTest } from "../support/test.ts";
import { run } from "./run_command.ts";

const TIME = Date.UTC(2026, 0, 31, 10);

const SOUND: Verification = {
  size: 69_632,
  capacity: 65_536,
  header: {
    clean: true,
    syncsFirst: false,
    generation: 4,
    capacity: 65_536,
    logId: "k3x",
    created: TIME,
    synced: 21,
    boot: 1,
    missing: 0,
    oldest: 1,
    database: undefined,
  },
  slots: ["whole", "empty"],
  records: 20,
  oldest: { seq: 1, time: TIME },
  newest: { seq: 20, time: TIME + 60_000 },
  cutOffs: 0,
  damaged: 0,
  isEndUncounted: false,
  damagedBefore: 0,
  unfinished: 0,
  torn: false,
  cut: 0,
  holes: [],
  changing: false,
};

pureTest("what a check has found, for people", () => {
  assertEquals(
    formatReport("log.ring", SOUND, true),
    "log.ring: sound\n" +
      "  file      room for 64 KiB of records, log k3x, created 2026-01-31 10:00:00Z\n" +
      "  header    slot 0 whole, slot 1 empty\n" +
      "  records   20 whole and in order: 1 to 20, 2026-01-31 10:00:00Z to 2026-01-31 10:01:00Z\n" +
      "  end       closed normally; everything was saved\n",
  );
  const damaged = formatReport("log.ring", {
    ...SOUND,
    damaged: 3,
    damagedBefore: 1,
    unfinished: 1,
    torn: true,
    cutOffs: 2,
    holes: [{ firstSeq: 5, count: 2 }, { firstSeq: 9, count: 1 }],
  }, true);
  assertStringIncludes(damaged, "log.ring: NOT SOUND\n");
  assertStringIncludes(
    damaged,
    "3 records missing that had been saved, 1 of them already when the file was last opened",
  );
  assertStringIncludes(damaged, "1 record of an incomplete sync; a torn record at the end\n");
  assertStringIncludes(damaged, "  missing   5 to 6, 9\n");
  assertStringIncludes(damaged, "a server crashed or was restored 2 times");
  assertStringIncludes(formatReport("x", { ...SOUND, header: undefined }, true), "both slots are lost");
  const busy = { ...SOUND, changing: true, unfinished: 2 };
  assertMatch(formatReport("x", busy, true), /^x: sound\n(?:.*\n)*.*a server is using the file/);
});

pureTest("what a check has found, for programs", () => {
  const record = makeJsonReport("log.ring", SOUND);
  assertEquals([record.sound, record.log, record.closed, record.newest], [true, "k3x", true, {
    seq: 20,
    time: "2026-01-31T10:01:00.000Z",
  }]);
  const empty = { seq: 0, time: 0 };
  const lost = makeJsonReport("x", { ...SOUND, header: undefined, oldest: empty, newest: empty });
  assertEquals([lost.sound, lost.log, lost.closed, lost.oldest], [false, null, null, null]);
});

Deno.test({
  name:
    "logs --verify: 0 sound, 65 not sound or no ring file, 74 not there; by default the server's own file",
  permissions: { read: true, write: true },
  fn: () =>
    withTempDir(async (home) => {
      const dir = `${home}/chatterbox`;
      const verify = async (...args: string[]) =>
        (await run(command, ["--verify", ...args], { env: { XDG_STATE_HOME: home } })).code;
      assertEquals(await verify(), 74);
      await Deno.mkdir(dir);
      const log = openLog({ dir, capacityBytes: RING_MIN_BYTES, now: TIME });
      assertEquals(log.kind, "ok");
      assertEquals(await verify(), 0);
      await Deno.truncate(`${dir}/log.ring`, 60_000);
      assertEquals(await verify("--file", `${dir}/log.ring`), 65);
      await Deno.writeTextFile(`${home}/x`, "x".repeat(100_000));
      assertEquals(await verify("--file", `${home}/x`), 65);
    }),
});
