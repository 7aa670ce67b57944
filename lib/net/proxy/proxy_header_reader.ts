/** Reads the PROXY header at the start of connections from trusted proxies, and no byte beyond it. */
import { closeQuietly, type Conn } from "../conn.ts";
import { PendingConns } from "../pending_conns.ts";
import { MAX_PROXY_HEADER_BYTES, parseProxyHeader } from "./proxy_header.ts";
import type { ProxyHeader } from "./proxy_header.ts";

/** The specification demands "at least 3 seconds to cover a TCP retransmit". */
const HEADER_MS = 5_000;
const MAX_PENDING = 1024;
/** Enough for a header without TLVs; a longer one gets a buffer of the largest size. */
const START_BYTES = 128;

export class ProxyHeaderReader {
  readonly #headerMs: number;
  readonly #pending = new PendingConns(MAX_PENDING);

  constructor(headerMs = HEADER_MS) {
    this.#headerMs = headerMs;
  }

  /** Undefined if the connection ends before its header. A connection that takes too long is closed. */
  async read(conn: Conn): Promise<Exclude<ProxyHeader, { kind: "unfinished" }> | undefined> {
    this.#pending.add(conn);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      closeQuietly(conn);
    }, this.#headerMs);
    try {
      return await readHeaderFrom(conn);
    } catch { // broken, or closed by the timer or by close()
      return isLate ? { kind: "bad", why: `no PROXY header within ${this.#headerMs / 1000} s` } : undefined;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(conn);
    }
  }

  /** Closes connections with an incomplete header. */
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
