/** Reads the PROXY header with which connections of trusted proxies begin, and not a byte of what follows it. */
import { closeQuietly, type Conn } from "../conn.ts";
import { PendingConns } from "../pending_conns.ts";
import { MAX_PROXY_HEADER_BYTES, parseProxyHeader } from "./proxy_header.ts";
import type { ProxyHeader } from "./proxy_header.ts";

/** The specification wants "at least 3 seconds to cover a TCP retransmit". */
const HEADER_MS = 5_000;
const MAX_PENDING = 1024;
/** Holds a header without TLVs; one that is longer gets the space it may have. */
const START_BYTES = 128;

export class ProxyHeaderReader {
  readonly #headerMs: number;
  readonly #pending = new PendingConns(MAX_PENDING);

  constructor(headerMs = HEADER_MS) {
    this.#headerMs = headerMs;
  }

  /** Undefined: the connection ended before its header did. One that takes too long is closed. */
  async read(conn: Conn): Promise<Exclude<ProxyHeader, { kind: "unfinished" }> | undefined> {
    this.#pending.add(conn);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      closeQuietly(conn);
    }, this.#headerMs);
    try {
      return await readHeaderFrom(conn);
    } catch { // broken, or closed by us
      return isLate ? { kind: "bad", why: `no PROXY header within ${this.#headerMs / 1000} s` } : undefined;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(conn);
    }
  }

  /** Closes what has not ended its header. */
  close(): void {
    this.#pending.close();
  }
}

async function readHeaderFrom(conn: Conn): Promise<Exclude<ProxyHeader, { kind: "unfinished" }> | undefined> {
  let bytes = new Uint8Array(START_BYTES);
  for (let length = 0;;) {
    const header = parseProxyHeader(bytes.subarray(0, length));
    if (header.kind !== "unfinished") return header;
    const end = length + header.needed;
    if (end > bytes.length) {
      const grown = new Uint8Array(MAX_PROXY_HEADER_BYTES);
      grown.set(bytes);
      bytes = grown;
    }
    const count = await conn.read(bytes.subarray(length, end));
    if (count === null) return undefined;
    length += count;
  }
}
