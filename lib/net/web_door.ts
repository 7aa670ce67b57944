/**
 * Where browsers come in: a connection begins with an HTTP request. One that asks for WebSocket becomes a connection like any other;
 * all else is answered in words. Until then it has no session, little time and little memory.
 */
import { utf8 } from "../base/bytes.ts";
import type { Conn } from "./conn.ts";
import { closeQuietly, PendingConns } from "./pending_conns.ts";
import { Framer, WebConn, writeAll } from "./web_conn.ts";
import { answerText, HeadReader, PROXY_HEADER_ANSWER } from "./web_request.ts";
import type { WebAnswer, WebRequest } from "./web_request.ts";
import { accepted, judge } from "./web_upgrade.ts";
import type { WebPolicy } from "./web_upgrade.ts";

/** From the connection (and TLS) to the end of the request. */
const REQUEST_MS = 10_000;
/** So many requests may be under way at once; when one more comes, the oldest is let go. */
const MAX_REQUESTS = 1024;
const READ_BYTES = 2048;
/** After an answer the peer has this long to read it, and this many reads are dropped. */
const LINGER_MS = 500;
const MAX_LINGER_READS = 16;

const TOO_SLOW: WebAnswer = { status: 408, text: "The request took too long." };

/** What the server says of a request before it is granted. */
export interface WebAdmission {
  /** A request for WebSocket that is right so far: what refuses it; undefined: nothing. */
  admit(request: WebRequest): WebAnswer | undefined;
  /** A PROXY header came in place of a request. */
  proxyHeader(): void;
}

const ADMIT_ALL: WebAdmission = { admit: () => undefined, proxyHeader() {} };

export class WebDoor {
  readonly #policy: WebPolicy;
  readonly #requestMs: number;
  readonly #asking = new PendingConns(MAX_REQUESTS);
  readonly #framers = { text: new Framer("text"), binary: new Framer("binary") };

  constructor(policy: WebPolicy, requestMs = REQUEST_MS) {
    this.#policy = policy;
    this.#requestMs = requestMs;
  }

  /** Requests under way. */
  get requests(): number {
    return this.#asking.size;
  }

  /** Hears what whoever has connected wants: a WebSocket connection, or undefined when all is said. */
  async greet(conn: Conn, admission: WebAdmission = ADMIT_ALL): Promise<WebConn | undefined> {
    this.#asking.add(conn);
    const late = setTimeout(() => giveUp(conn), this.#requestMs);
    try {
      const asked = await hear(conn);
      if (asked === undefined) return closeQuietly(conn);
      clearTimeout(late);
      if (asked === PROXY_HEADER_ANSWER) admission.proxyHeader();
      if ("status" in asked) return await dismiss(conn, answerText(asked));
      const verdict = judge(asked.request, this.#policy);
      const answer = verdict.kind === "answer" ? verdict.answer : admission.admit(asked.request);
      if (verdict.kind === "answer" || answer !== undefined) {
        return await dismiss(conn, answerText(answer!, asked.request.method));
      }
      await writeAll(conn, utf8(await accepted(verdict.key, verdict.protocol)));
      return new WebConn(conn, this.#framers[verdict.form], asked.rest);
    } catch {
      return closeQuietly(conn); // gone, or let go
    } finally {
      clearTimeout(late);
      this.#asking.delete(conn);
    }
  }

  /** What somebody is told who is not even asked what it wants. */
  refusal(status: 403 | 429, text: string): string {
    return answerText({ status, text });
  }

  /** Nobody is heard any more. */
  close(): void {
    this.#asking.close();
  }
}

/** The request, and what came behind it; or what is wrong with it; undefined: it ended before. */
async function hear(
  conn: Conn,
): Promise<{ readonly request: WebRequest; readonly rest: Uint8Array } | WebAnswer | undefined> {
  const reader = new HeadReader();
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const length = await conn.read(buffer.subarray(0, Math.min(READ_BYTES, reader.space)));
    if (length === null) return undefined;
    const head = reader.push(buffer.subarray(0, length));
    if (head.kind === "bad") return head.answer;
    if (head.kind === "ok") return { request: head.request, rest: reader.rest(head.length) };
  }
}

/** Its request does not come to an end. */
function giveUp(conn: Conn): void {
  writeAll(conn, utf8(answerText(TOO_SLOW))).catch(() => {}); // gone
  setTimeout(() => closeQuietly(conn), LINGER_MS);
}

/** Says `words`, the last there is to say, and closes once they can have been read. */
async function dismiss(conn: Conn, words: string): Promise<undefined> {
  const late = setTimeout(() => closeQuietly(conn), LINGER_MS);
  const buffer = new Uint8Array(READ_BYTES);
  try {
    await writeAll(conn, utf8(words));
    await conn.closeWrite();
    for (let reads = 0; reads < MAX_LINGER_READS && await conn.read(buffer) !== null; reads++);
  } catch {
    // gone
  } finally {
    clearTimeout(late);
  }
  return closeQuietly(conn);
}
