/**
 * Takes the mutex of the inbox in the file NAME of /dev/shm, half writes a record, prints "inside" and holds the mutex
 * until it is killed: while it writes or, where the holder before has died, while it repairs.
 */
import { MUTEX_BYTES, RobustMutex } from "../../lib/shm/robust_mutex.ts";
import { DATA_OFFSET, HEAD_WORD, HOLDER_WORD, sharedMemory } from "./inboxes.ts";

const [name, bytes] = Deno.args;
const buffer = sharedMemory(name!, Number(bytes), false);
const mutex = RobustMutex.open(new Uint8Array(buffer, 0, MUTEX_BYTES));
if (typeof mutex === "string") throw new Error(mutex);
const words = new Int32Array(buffer);

function hold(): never {
  words[HOLDER_WORD] = Deno.pid;
  new Uint8Array(buffer).fill(0xff, DATA_OFFSET + words[HEAD_WORD]!, DATA_OFFSET + words[HEAD_WORD]! + 20);
  Deno.stdout.writeSync(new TextEncoder().encode("inside\n"));
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

mutex.tryRun(hold, hold);
