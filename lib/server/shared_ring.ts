/**
 * `serve --shm`: puts the ring into a segment (lib/shm/shared_segment.ts), where processes of the same user read it.
 * Loaded with the flag only.
 */
import { Ring } from "../log/ring.ts";
import { Libc } from "../shm/libc.ts";
import { createSegment, segmentName, segmentPath } from "../shm/shared_segment.ts";

/** A ring that other processes read, and how to end that. */
export interface SharedRing {
  readonly ring: Ring;
  /** For messages. */
  readonly path: string;
  /** Tells the readers that it has ended, and removes its file. */
  close(): void;
}

/** Moves the ring of the log `logId`; the caller holds the lock of its data folder `dir`. `why`: it cannot be moved. */
export type ShareRing = (dir: string, ring: Ring, logId: string) => SharedRing | { readonly why: string };

/** Undefined: this platform cannot share a ring, or FFI is not permitted. `lobby`: for readers that name no room. */
export function loadRingSharing(lobby: string): ShareRing | undefined {
  const libc = Libc.load();
  if (libc === undefined) return undefined;
  return (dir, ring, logId) => {
    const name = segmentName(Deno.realPathSync(dir));
    const bytes = ring.buffer.byteLength;
    const outcome = createSegment(libc, name, { pid: Deno.pid, ringBytes: bytes, logId, lobby });
    if (outcome.kind !== "ok") return { why: outcome.why };
    const { segment } = outcome;
    new Uint8Array(segment.buffer).set(new Uint8Array(ring.buffer));
    segment.publish();
    return { ring: Ring.attach(segment.buffer), path: segmentPath(name), close: () => segment.close() };
  };
}
