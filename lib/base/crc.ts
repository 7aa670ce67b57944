/**
 * CRC-32 (ISO 3309, the polynomial of zlib and PNG), computed by the platform: about 0.03 µs for a 120-byte record. A
 * table in JavaScript takes 0.24 µs.
 */
import { crc32 as zlibCrc32 } from "node:zlib";

/** CRC-32 of `bytes` as an unsigned 32-bit integer; `seed` continues an earlier checksum. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return zlibCrc32(bytes, seed);
}
