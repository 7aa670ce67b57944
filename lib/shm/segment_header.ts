/**
 * The header page of a segment, before the ring. Little-endian:
 *
 *     byte 0       4         8       12    16       24         32             64                320     65536
 *          ┌───────┬─────────┬───────┬─────┬────────┬──────────┬──────────────┬─────────────────┬───────┬──────────
 *          │ magic │ version │ state │ pid │ ring   │ reserved │ log id       │ lobby           │ 0 …   │ the ring
 *          │  u32  │   u32   │  u32  │ u32 │ bytes  │          │ ASCII, NULs  │ UTF-8, NULs     │       │ (ring.ts)
 *          │       │         │       │     │  u64   │          │              │                 │       │
 *          └───────┴─────────┴───────┴─────┴────────┴──────────┴──────────────┴─────────────────┴───────┴──────────
 *
 * - magic, version and state have these places in every version. The magic is written last but the state, so that a
 *   segment in the making has none.
 * - state: 0 in the making, 1 running, 2 ended: by the server itself, or by the next one in its place. Whether a
 *   server that runs is alive is told by its lock on the file, which the system gives back in a crash.
 */
import { PAGE_BYTES } from "./libc.ts";

export const SEGMENT_VERSION = 1;
/** The whole page, so that the ring begins at a page of every platform. */
export const SEGMENT_HEADER_BYTES = PAGE_BYTES;
/** The part of the page that is in use. */
export const SEGMENT_HEADER_USED_BYTES = 320;
export const STATE_OFFSET = 8;
export const RUNNING = 1;
export const ENDED = 2;

const MAGIC = 0x4d534243; // "CBSM"
const VERSION_OFFSET = 4, PID_OFFSET = 12, RING_BYTES_OFFSET = 16, LOG_ID_OFFSET = 32, LOBBY_OFFSET = 64;

/** Facts about the server and its log that do not change. */
export interface SegmentInfo {
  /** Process id, for messages. */
  readonly pid: number;
  /** Size of the buffer of the ring, or of the inbox. */
  readonly ringBytes: number;
  readonly logId: string;
  /** Name of the server's lobby; "": it has none. */
  readonly lobby: string;
}

export type SegmentHeaderOutcome =
  | { readonly kind: "ok"; readonly info: SegmentInfo }
  /** In the making; or its maker ended before it was made. */
  | { readonly kind: "unmade" }
  | { readonly kind: "foreign" }
  | { readonly kind: "wrong_version"; readonly version: number };

/** Fills the header page of a new segment; its state stays 0. */
export function writeSegmentHeader(page: SharedArrayBuffer, info: SegmentInfo): void {
  const view = new DataView(page);
  const bytes = new Uint8Array(page);
  view.setUint32(VERSION_OFFSET, SEGMENT_VERSION, true);
  view.setUint32(PID_OFFSET, info.pid, true);
  view.setBigUint64(RING_BYTES_OFFSET, BigInt(info.ringBytes), true);
  bytes.set(encodeText(info.logId, LOBBY_OFFSET - LOG_ID_OFFSET), LOG_ID_OFFSET);
  bytes.set(encodeText(info.lobby, SEGMENT_HEADER_USED_BYTES - LOBBY_OFFSET), LOBBY_OFFSET);
  Atomics.store(new Int32Array(page), 0, MAGIC);
}

/** Reads the first {@link SEGMENT_HEADER_USED_BYTES} of a segment, or what is there of them. */
export function readSegmentHeader(bytes: Uint8Array<ArrayBuffer>): SegmentHeaderOutcome {
  if (bytes.every((byte) => byte === 0)) return { kind: "unmade" };
  const page = new Uint8Array(SEGMENT_HEADER_USED_BYTES);
  page.set(bytes.subarray(0, page.length));
  const view = new DataView(page.buffer);
  const magic = view.getUint32(0, true);
  const version = view.getUint32(VERSION_OFFSET, true);
  if (magic === 0 && version === SEGMENT_VERSION) return { kind: "unmade" };
  if (magic !== MAGIC) return { kind: "foreign" };
  if (version !== SEGMENT_VERSION) return { kind: "wrong_version", version };
  if (view.getUint32(STATE_OFFSET, true) === 0) return { kind: "unmade" };
  const info: SegmentInfo = {
    pid: view.getUint32(PID_OFFSET, true),
    ringBytes: Number(view.getBigUint64(RING_BYTES_OFFSET, true)),
    logId: decodeText(page.subarray(LOG_ID_OFFSET, LOBBY_OFFSET)),
    lobby: decodeText(page.subarray(LOBBY_OFFSET)),
  };
  return { kind: "ok", info };
}

/** `text` in UTF-8, as far as it fits. */
function encodeText(text: string, maxBytes: number): Uint8Array {
  const bytes = new Uint8Array(maxBytes);
  new TextEncoder().encodeInto(text, bytes);
  return bytes;
}

function decodeText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
