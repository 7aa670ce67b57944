/** The log: what an append costs in batches of several sizes, and how long a start on a full 64 MiB ring file takes. */
import { LogLock } from "../../lib/log/log_lock.ts";
import { LogReader } from "../../lib/log/log_reader.ts";
import { Ring } from "../../lib/log/ring.ts";
import { type OpenLog, openLog, readLogFile } from "../../lib/store/ring_file/open_log.ts";
import { startSync } from "../../lib/store/sync/sync_task.ts";

const MIB = 1024 * 1024;
const PAYLOAD = new Uint8Array(150).fill(0x61);
const NOW = 1_700_000_000_000;

const ring = Ring.create(MIB);
const lock = new LogLock(ring);

function appendBatch(size: number): void {
  for (let i = 0; i < size; i++) ring.append(NOW, PAYLOAD);
  ring.wakeReaders();
}

Deno.bench({ name: "1000 appends, no lock", group: "append" }, () => appendBatch(1000));
for (const size of [1, 10, 100, 1000]) {
  Deno.bench({
    name: `a batch of ${size} under the lock`,
    group: "append",
    baseline: size === 1,
    async fn() {
      await lock.runKeepingLock(() => appendBatch(size));
    },
  });
}

Deno.bench({ name: "read 1000 records", group: "read" }, () => {
  const reader = new LogReader(ring, ring.oldestSeq);
  for (let i = 0; i < 1000; i++) reader.next();
});

/** A new file with a full ring of 64 MiB, its server ended in order. */
async function fullLog(): Promise<OpenLog> {
  const dir = await Deno.makeTempDir({ prefix: "chatterbox-bench-" });
  addEventListener("unload", () => Deno.removeSync(dir, { recursive: true }));
  const log = openLog({ dir, capacityBytes: 64 * MIB, now: NOW });
  if (log.kind !== "ok") throw new Error(log.why);
  for (let bytes = 0; bytes < 80 * MIB; bytes += 176) log.ring.append(NOW, PAYLOAD);
  const task = startSync({ ring: log.ring, path: log.path, intervalMs: 1e9, onError: console.error });
  await task.stop();
  return log;
}

const full = await fullLog();

Deno.bench({ name: "open a full 64 MiB ring file", group: "recovery", n: 10 }, () => {
  if (readLogFile(full.path).kind !== "ok") throw new Error("does not open");
});
