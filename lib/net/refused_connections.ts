/**
 * Refused connections: each gets the reason as its last line and is closed. They cost no session and little memory.
 */
import { encodeUtf8 } from "../base/bytes.ts";
import { closeQuietly, type Conn } from "./conn.ts";

/**
 * Time that a refused peer has to read the reason: closing at once would discard the line if the peer has sent
 * something.
 */
const LINGER_MS = 500;
/** Largest number of peers that have this time at once; others are closed without a line. */
const MAX_LINGERING = 256;
/** Least time between two reports of refusals. */
const REPORT_INTERVAL_MS = 60_000;
/** Input of a refused peer is dropped; after so many reads it is closed in any case. */
const READ_BYTES = 512;
const MAX_READS = 16;

/**
 * Why a connection is refused: its address is banned, or has too many connections; the server has as many as it may,
 * or has stopped; a trusted proxy has not named the client.
 */
export const REFUSAL_KINDS = ["banned", "address", "full", "stopped", "proxy"] as const;
export type RefusalKind = typeof REFUSAL_KINDS[number];

export class RefusedConnections {
  /** Refusals since the start. */
  readonly counts: Record<RefusalKind, number> = { banned: 0, address: 0, full: 0, stopped: 0, proxy: 0 };
  readonly #lingering = new Set<Conn>();
  #unreported = 0;
  #reportedAt = -Infinity;

  /** `onRefused` gets a text with the number of refusals and the last reason, at most once a minute. */
  constructor(readonly onRefused?: (text: string) => void) {}

  /**
   * `now`: milliseconds. `words`: the text sent to the peer if it is not a line of IRC; "": none, because the peer
   * could not read it.
   */
  refuse(conn: Conn, why: string, now: number, kind: RefusalKind, words = errorLine(why)): void {
    this.countRefusal(why, now, kind);
    if (words === "" || this.#lingering.size >= MAX_LINGERING) return closeQuietly(conn);
    this.#lingering.add(conn);
    const late = setTimeout(() => closeQuietly(conn), LINGER_MS);
    void sendLastLine(conn, encodeUtf8(words)).finally(() => {
      clearTimeout(late);
      closeQuietly(conn);
      this.#lingering.delete(conn);
    });
  }

  /** Closes the connections that are still open. */
  close(): void {
    for (const conn of this.#lingering) closeQuietly(conn);
  }

  /** Counts a refused connection that is closed elsewhere. */
  countRefusal(why: string, now: number, kind: RefusalKind): void {
    this.counts[kind]++;
    this.#unreported++;
    if (now - this.#reportedAt < REPORT_INTERVAL_MS) return;
    const many = this.#unreported === 1 ? "a connection was" : `${this.#unreported} connections were`;
    this.onRefused?.(`${many} refused: ${why}`);
    this.#unreported = 0;
    this.#reportedAt = now;
  }
}

/** The ERROR line sent before a connection is closed. */
export function errorLine(why: string): string {
  return `ERROR :Closing Link: ${why}\r\n`;
}

/** Writes `line`, then waits for the peer to close. */
async function sendLastLine(conn: Conn, line: Uint8Array): Promise<void> {
  const buffer = new Uint8Array(READ_BYTES);
  try {
    for (let sent = 0; sent < line.length;) sent += await conn.write(line.subarray(sent));
    await conn.closeWrite();
    for (let reads = 0; reads < MAX_READS && await conn.read(buffer) !== null; reads++);
  } catch {
    // closed by either side
  }
}
