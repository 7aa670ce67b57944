/**
 * The ring file: a header page, then the ring's data area, byte for byte at the same offsets (see log/record.ts).
 *
 *     byte 0            2048           4096                                  4096 + capacity
 *          ┌──────────────┬──────────────┬─────────────────────────────────────────────────┐
 *          │ header slot 0│ header slot 1│ data area: `capacity` bytes of records          │
 *          └──────────────┴──────────────┴─────────────────────────────────────────────────┘
 *
 * A header slot, little-endian; the rest of its 2048 bytes is zero:
 *
 *      0  8 bytes  magic "CHATRING"
 *      8  u32      version of this layout: 2
 *     12  u32      flags: bit 0 clean (closed after a final sync; nothing was appended since), bit 1 syncsFirst
 *                  (nothing was shown that no sync had covered)
 *     16  u64      generation: the slot written is `generation mod 2`; the higher valid one counts
 *     24  u64      capacity in bytes
 *     32  u64      log id, random; its base-36 text is part of every message id
 *     40  u64      created, ms since the Unix epoch
 *     48  u64      synced: every record below this number was on disk when the slot was written
 *     56  u64      boot: first sequence number assigned since the file was last opened
 *     64  u64      missing: number of records known to be missing when the file was last opened
 *     72  u64      oldest: records below this number may be overwritten by newer ones; their absence is no damage
 *     80  16 bytes id of the state database that belongs to this log (in hexadecimal there); zero: none is known
 *     96  u64      saves: number of transactions which that database is known to have committed
 *    104  u32      CRC-32 of bytes 0..103
 *
 * Version 1 ends at byte 80, where its CRC-32 is; it is read but never written.
 *
 * A torn header write leaves the other slot intact. Records do not need the header: if both slots are lost, recovery
 * finds them by their own checksums.
 */
import { MAX_TIME_MS } from "../../base/clock.ts";
import { crc32 } from "../../base/crc.ts";
import type { DatabaseMark } from "../../log/fact_store.ts";

export const HEADER_PAGE_BYTES = 4096;
export const HEADER_SLOT_BYTES = 2048;
export const FORMAT_VERSION = 2;

export interface FileHeader {
  readonly clean: boolean;
  /** The server shows a record only when a sync has covered it (`--sync always`), and no sync has failed. */
  readonly syncsFirst: boolean;
  readonly generation: number;
  readonly capacity: number;
  readonly logId: bigint;
  /** Milliseconds since the Unix epoch. */
  readonly created: number;
  readonly synced: number;
  readonly boot: number;
  readonly missing: number;
  readonly oldest: number;
  /** The state database that belongs to this log; undefined: none is known. */
  readonly database: DatabaseMark | undefined;
}

export type HeaderOutcome =
  | { readonly kind: "ok"; readonly header: FileHeader }
  /** A ring file of ChatterBox in which neither slot is whole. */
  | { readonly kind: "damaged" }
  | { readonly kind: "wrong_version"; readonly version: number }
  | { readonly kind: "foreign" };

const MAGIC = 0x474e495254414843n; // "CHATRING", little-endian
/** Offset of the checksum in a slot, by version. */
const CRC_AT: Readonly<Record<number, number>> = { 1: 80, [FORMAT_VERSION]: 104 };
const DATABASE_AT = 80;
const DATABASE_BYTES = 16;
const CLEAN = 1;
const SYNCS_FIRST = 2;

/** Offset in the file of the slot for `header`. */
export function slotOffset(header: FileHeader): number {
  return header.generation % 2 * HEADER_SLOT_BYTES;
}

export function encodeHeaderSlot(header: FileHeader): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_SLOT_BYTES);
  const view = new DataView(bytes.buffer);
  const u64 = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true);
  view.setBigUint64(0, MAGIC, true);
  view.setUint32(8, FORMAT_VERSION, true);
  view.setUint32(12, (header.clean ? CLEAN : 0) | (header.syncsFirst ? SYNCS_FIRST : 0), true);
  u64(16, header.generation);
  u64(24, header.capacity);
  view.setBigUint64(32, header.logId, true);
  u64(40, header.created);
  u64(48, header.synced);
  u64(56, header.boot);
  u64(64, header.missing);
  u64(72, header.oldest);
  if (header.database !== undefined) {
    bytes.set(Uint8Array.fromHex(header.database.id), DATABASE_AT);
    u64(96, header.database.saves);
  }
  const crcAt = CRC_AT[FORMAT_VERSION]!;
  view.setUint32(crcAt, crc32(bytes.subarray(0, crcAt)), true);
  return bytes;
}

/** Decodes the header page; bytes missing from a short file are zero. */
export function decodeHeaderPage(page: Uint8Array): HeaderOutcome {
  const slots = [0, HEADER_SLOT_BYTES].map((at) =>
    new DataView(page.buffer, page.byteOffset + at, HEADER_SLOT_BYTES)
  );
  let newest: FileHeader | undefined;
  for (const slot of slots) {
    const header = decodeHeaderSlot(slot);
    if (header !== undefined && header.generation > (newest?.generation ?? -1)) newest = header;
  }
  if (newest !== undefined) return { kind: "ok", header: newest };
  const ours = slots.filter((slot) => slot.getBigUint64(0, true) === MAGIC);
  if (ours.length === 0) return { kind: "foreign" };
  const versions = new Set(ours.map((slot) => slot.getUint32(8, true)));
  const [version] = versions;
  if (versions.size === 1 && version !== undefined && CRC_AT[version] === undefined) {
    return { kind: "wrong_version", version };
  }
  return { kind: "damaged" };
}

function decodeHeaderSlot(slot: DataView): FileHeader | undefined {
  const version = slot.getUint32(8, true);
  const crcAt = CRC_AT[version];
  if (slot.getBigUint64(0, true) !== MAGIC || crcAt === undefined) return undefined;
  const covered = new Uint8Array(slot.buffer, slot.byteOffset, crcAt);
  if (crc32(covered) !== slot.getUint32(crcAt, true)) return undefined;
  const id = new Uint8Array(slot.buffer, slot.byteOffset + DATABASE_AT, DATABASE_BYTES);
  const u64 = (at: number) => Number(slot.getBigUint64(at, true));
  if (u64(40) > MAX_TIME_MS) return undefined;
  return {
    clean: (slot.getUint32(12, true) & CLEAN) !== 0,
    syncsFirst: (slot.getUint32(12, true) & SYNCS_FIRST) !== 0,
    generation: u64(16),
    capacity: u64(24),
    logId: slot.getBigUint64(32, true),
    created: u64(40),
    synced: u64(48),
    boot: u64(56),
    missing: u64(64),
    oldest: u64(72),
    database: version === 1 || id.every((byte) => byte === 0)
      ? undefined
      : { id: id.toHex(), saves: u64(96) },
  };
}

/** The id of a new log. */
export function randomLogId(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0]!;
}

/** The id of which {@link logIdText} gives `text`; undefined: there is none. */
export function parseLogId(text: string): bigint | undefined {
  if (!/^[0-9a-z]{1,13}$/.test(text)) return undefined;
  const id = Array.from(text).reduce((sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)), 0n);
  return id < 1n << 64n ? id : undefined;
}

/** The id in the form used in message ids: at most 13 characters of 0–9 and a–z. */
export function logIdText(logId: bigint): string {
  return logId.toString(36);
}
