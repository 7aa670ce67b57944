/** Appends in batches as a server does, synced `always`; says its first number, its next, and up to where it is durable. */
import { LogLock } from "../../lib/log/log_lock.ts";
import { openLog } from "../../lib/store/ring_file/open_log.ts";
import { startSync } from "../../lib/store/sync/sync_task.ts";
import { lengthOf, payloadOf, timeOf } from "../log/samples.ts";

const log = openLog({ dir: Deno.args[0]!, capacityBytes: 256 * 1024, now: 0 });
if (log.kind !== "ok") throw new Error(log.why);
const { ring, path } = log;
const lock = new LogLock(ring);
const task = startSync({
  ring,
  path,
  intervalMs: "always",
  onError: ({ why }) => console.log(`error ${why}`),
});
console.log(`first ${ring.nextSeq}`);
for (let batch = 0;; batch++) {
  await lock.runKeepingLock(() => {
    for (let i = 0; i < 1 + batch % 700; i++) {
      const seq = ring.nextSeq;
      ring.append(timeOf(seq), payloadOf(seq, lengthOf(seq)));
    }
  });
  ring.wakeReaders();
  console.log(`next ${ring.nextSeq}`);
  if (batch % 3 === 0) console.log(`durable ${(await task.syncNow()).durableSeq}`);
}
