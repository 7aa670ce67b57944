/** Connections that are not let in: each is told why in a few words, and closed. That costs no session, and little memory. */
import { encodeUtf8 } from "../base/bytes.ts";
import { closeQuietly, type Conn } from "./conn.ts";

/** So long a refused peer has to read why: a connection closed at once would take the line with it when the peer has written. */
const LINGER_MS = 500;
/** So many have that time at once; what comes beyond is closed without a word. */
const MAX_LINGERING = 256;
/** How often is told that connections are refused. */
const REPORT_INTERVAL_MS = 60_000;
/** What it says meanwhile is read and dropped, up to so many reads: then it is closed, whether it has read why or not. */
const READ_BYTES = 512;
const MAX_READS = 16;

export class RefusedConnections {
  readonly #lingering = new Set<Conn>();
  #unreported = 0;
  #reportedAt = -Infinity;

  /** `onRefused` is told in words, once a minute at most, how many were refused and why the last one was. */
  constructor(readonly onRefused?: (text: string) => void) {}

  /**
   * `now` is in milliseconds. `words` is what the peer is told, where not by a line of IRC; "": it could not read it, and is
   * closed without a word.
   */
  refuse(conn: Conn, why: string, now: number, words = errorLine(why)): void {
    this.countRefusal(why, now);
    if (words === "" || this.#lingering.size >= MAX_LINGERING) return closeQuietly(conn);
    this.#lingering.add(conn);
    const late = setTimeout(() => closeQuietly(conn), LINGER_MS);
    void sendLastLine(conn, encodeUtf8(words)).finally(() => {
      clearTimeout(late);
      closeQuietly(conn);
      this.#lingering.delete(conn);
    });
  }

  /** Closes what is still open. */
  close(): void {
    for (const conn of this.#lingering) closeQuietly(conn);
  }

  /** A connection is refused that is not closed here. */
  countRefusal(why: string, now: number): void {
    this.#unreported++;
    if (now - this.#reportedAt < REPORT_INTERVAL_MS) return;
    const many = this.#unreported === 1 ? "a connection was" : `${this.#unreported} connections were`;
    this.onRefused?.(`${many} refused: ${why}`);
    this.#unreported = 0;
    this.#reportedAt = now;
  }
}

/** The last line before a connection is closed. */
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
    // gone, or closed by us
  }
}
