/**
 * Lines that clients on this machine put into the inbox (`lib/shm/inbox.ts`) instead of sending them over their
 * connection. A record is a token and bytes:
 *
 *     byte 0            16
 *          ┌────────────┬───────────────────────────────────────┐
 *          │ token      │ bytes, as they would be sent          │
 *          └────────────┴───────────────────────────────────────┘
 *
 * A session gets its token over its connection (INBOX), so what it puts is its own: the bytes count as part of the next
 * read of the connection, which the client causes by an empty line. All that holds for lines of a connection holds
 * for them: login, bans, flood rate, order. A token ends with its session.
 */
import { MAX_CLIENT_TAGS_BYTES, MAX_LINE_BYTES } from "../irc/limits.ts";
import { type LineFault, LineSplitter } from "../irc/line_splitter.ts";
import type { InboxGrants } from "../hub/model/config.ts";
import type { LineHandler } from "../net/line_conn.ts";
import type { Inbox } from "../shm/inbox.ts";

const TOKEN_BYTES = 16;
/** Bytes that a session may put without causing a read of its connection; beyond them its token ends. */
export const UNREAD_MAX_BYTES = 256 * 1024;

/** What a session has put since the last read of its connection. */
class SessionInput {
  readonly #splitter = new LineSplitter({ tagsBytes: MAX_CLIENT_TAGS_BYTES, restBytes: MAX_LINE_BYTES });
  lines: (string | LineFault)[] = [];
  bytes = 0;

  constructor(readonly token: string) {}

  push(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    this.#splitter.push(chunk, this.lines);
  }
}

export interface InboxReaderOptions {
  readonly inbox: Pick<Inbox, "end" | "take">;
  readonly random: (bytes: number) => Uint8Array;
  /** Something else has written to the memory of the inbox: `bytes` are dropped. */
  readonly onDamage: (bytes: number) => void;
}

export class InboxReader implements InboxGrants {
  readonly #options: InboxReaderOptions;
  readonly #inputs = new Map<number, SessionInput>();
  /** Session ids by token. */
  readonly #sessions = new Map<string, number>();

  constructor(options: InboxReaderOptions) {
    this.#options = options;
  }

  grant(sessionId: number): string {
    const known = this.#inputs.get(sessionId);
    if (known !== undefined) return known.token;
    const token = this.#options.random(TOKEN_BYTES).toHex();
    this.#inputs.set(sessionId, new SessionInput(token));
    this.#sessions.set(token, sessionId);
    return token;
  }

  /** `handler`, which gets with each read of the connection what its session has put. */
  attach(sessionId: number, handler: LineHandler): LineHandler {
    return {
      handleLines: (lines, bytes, frames) => {
        const input = this.#inputs.get(sessionId);
        if (input === undefined) return handler.handleLines(lines, bytes, frames);
        this.#takeAll();
        const all = [...input.lines, ...lines];
        const allBytes = input.bytes + bytes;
        input.lines = [];
        input.bytes = 0;
        return handler.handleLines(all, allBytes, frames);
      },
      handleClosed: (reason) => {
        this.#revoke(sessionId);
        this.#takeAll(); // records of the session leave room for those of others
        handler.handleClosed(reason);
      },
    };
  }

  /**
   * Hands out what is in the inbox. Records of sessions that have ended are dropped. What is put meanwhile waits for the
   * next read, so that writers cannot keep the server here.
   */
  #takeAll(): void {
    const { inbox, onDamage } = this.#options;
    const { end } = inbox;
    for (let outcome = inbox.take(end); outcome.kind !== "empty"; outcome = inbox.take(end)) {
      if (outcome.kind === "damaged") onDamage(outcome.bytes);
      else this.#handOut(outcome.payload);
    }
  }

  #handOut(record: Uint8Array): void {
    const sessionId = this.#sessions.get(record.subarray(0, TOKEN_BYTES).toHex());
    if (sessionId === undefined) return;
    const input = this.#inputs.get(sessionId)!;
    input.push(record.subarray(TOKEN_BYTES));
    if (input.bytes > UNREAD_MAX_BYTES) this.#revoke(sessionId);
  }

  #revoke(sessionId: number): void {
    const input = this.#inputs.get(sessionId);
    if (input === undefined) return;
    this.#inputs.delete(sessionId);
    this.#sessions.delete(input.token);
  }
}
