/**
 * `serve --shm`: puts the ring into a segment (lib/shm/shared_segment.ts), where processes of the same user read it,
 * and makes an inbox in another one, into which they write. Loaded with the flag only.
 */
import { Ring } from "../log/ring.ts";
import { Inbox, inboxBytes } from "../shm/inbox.ts";
import { Libc } from "../shm/libc.ts";
import { createSegment, inboxSegmentName, segmentName, segmentPath } from "../shm/shared_segment.ts";
import type { ServerSegment } from "../shm/shared_segment.ts";
import type { SegmentInfo } from "../shm/segment_header.ts";

/** Size of the inbox: lines that wait for the server's next turn. */
const INBOX_CAPACITY_BYTES = 256 * 1024;

/** A ring that other processes read, and how to end that. */
export interface SharedRing {
  readonly ring: Ring;
  readonly inbox: Inbox;
  /** For messages. */
  readonly path: string;
  /** Tells the other processes that it has ended, and removes its files. */
  close(): void;
}

/** Moves the ring of the log `logId`; the caller holds the lock of its data folder `dir`. `why`: it cannot be moved. */
export type ShareRing = (dir: string, ring: Ring, logId: string) => SharedRing | { readonly why: string };

/** Undefined: this platform cannot share a ring, or FFI is not permitted. `lobby`: for readers that name no room. */
export function loadRingSharing(lobby: string): ShareRing | undefined {
  const libc = Libc.load();
  if (libc === undefined) return undefined;
  return (dir, ring, logId) => {
    const path = Deno.realPathSync(dir);
    const info = { pid: Deno.pid, logId, lobby };
    const name = segmentName(path);
    const outcome = createSegment(libc, name, { ...info, ringBytes: ring.buffer.byteLength });
    if (outcome.kind !== "ok") return { why: outcome.why };
    const { segment } = outcome;
    const second = makeInbox(libc, inboxSegmentName(path), info);
    if ("why" in second) {
      segment.close();
      return second;
    }
    new Uint8Array(segment.buffer).set(new Uint8Array(ring.buffer));
    segment.publish();
    const close = () => {
      segment.close();
      second.segment.close();
    };
    return { ring: Ring.attach(segment.buffer), inbox: second.inbox, path: segmentPath(name), close };
  };
}

/** Makes and publishes the segment of the inbox. */
function makeInbox(
  libc: Libc,
  name: string,
  info: Omit<SegmentInfo, "ringBytes">,
): { readonly segment: ServerSegment; readonly inbox: Inbox } | { readonly why: string } {
  const outcome = createSegment(libc, name, { ...info, ringBytes: inboxBytes(INBOX_CAPACITY_BYTES) });
  if (outcome.kind !== "ok") return { why: outcome.why };
  const { segment } = outcome;
  const inbox = Inbox.create(segment.buffer, INBOX_CAPACITY_BYTES);
  if (typeof inbox === "string") {
    segment.close();
    return { why: `${segmentPath(name)}: ${inbox}` };
  }
  segment.publish();
  return { segment, inbox };
}
