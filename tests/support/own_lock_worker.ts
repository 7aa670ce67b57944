/** A file of tests beside another one: it takes a lock of its own, keeps it, and says so. */
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { ownLock } from "./own_lock.ts";

const scope = globalThis as unknown as { postMessage(message: string): void };

await ownLock(Ring.create(RING_MIN_BYTES)).runKeepingLock(() => {});
scope.postMessage("kept");
