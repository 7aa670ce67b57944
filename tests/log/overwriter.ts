/** A worker that fills a ring with sample records as fast as it can, until it is terminated. */
import { LogLock } from "../../lib/log/log_lock.ts";
import { Ring } from "../../lib/log/ring.ts";
import { lengthOf, payloadOf, timeOf } from "./samples.ts";

const scope = globalThis as unknown as { onmessage: (event: MessageEvent<SharedArrayBuffer>) => void };

scope.onmessage = async ({ data }) => {
  const ring = Ring.attach(data);
  const lock = new LogLock(ring, "overwriter");
  for (;;) {
    await lock.runExclusive(() => {
      for (let i = 0; i < 200; i++) {
        const seq = ring.nextSeq;
        ring.append(timeOf(seq), payloadOf(seq, lengthOf(seq)));
      }
    });
    ring.wakeReaders();
  }
};
