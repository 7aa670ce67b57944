/** A session as its connection sees it. */
import type { Clock } from "../base/clock.ts";
import { TokenBucket } from "../base/token_bucket.ts";
import type { Rate } from "../base/token_bucket.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import type { Session } from "../hub/state.ts";
import type { LineHandler } from "../net/line_conn.ts";
import type { Turn } from "./turn.ts";

/** While somebody sends faster than is allowed, what has come is looked at so often. */
const PAUSE_MS = 100;

/** What a guest needs of its server. */
export interface Host {
  readonly turn: Turn;
  /** The connection of `session` has ended. */
  closed(session: Session, reason: string): void;
}

export class Guest implements LineHandler {
  constructor(readonly host: Host, readonly session: Session) {}

  lines(lines: (string | LineFault)[]): Promise<void> {
    return this.host.turn.lines(this.session, lines);
  }

  closed(reason: string): void {
    this.host.closed(this.session, reason);
  }
}

/**
 * One whose lines are worked on at a bounded speed. What comes faster is not lost: the next read waits until there are
 * tokens for what the last one brought, and the network holds the sender back.
 */
export class LimitedGuest extends Guest {
  readonly #bucket: TokenBucket;

  /** `onClosed` is called once the connection has ended. */
  constructor(
    host: Host,
    session: Session,
    lineRate: Rate,
    readonly clock: Clock,
    readonly onClosed: () => void,
  ) {
    super(host, session);
    this.#bucket = new TokenBucket(lineRate, clock.now());
  }

  override lines(lines: (string | LineFault)[]): Promise<void> {
    const ready = this.#ready(lines.length);
    return ready === lines.length ? super.lines(lines) : this.#slowly(lines, ready);
  }

  override closed(reason: string): void {
    this.onClosed();
    super.closed(reason);
  }

  /** How many of so many lines may be worked on now. */
  #ready(count: number): number {
    return this.session.user?.oper ? count : this.#bucket.take(count, this.clock.now());
  }

  /** Hands `lines` over in parts; `ready` of them may go at once. What is left when the session is let go is dropped. */
  async #slowly(lines: (string | LineFault)[], ready: number): Promise<void> {
    for (let from = 0;;) {
      if (ready > 0) await super.lines(lines.slice(from, from += ready));
      if (from === lines.length || this.session.closing !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      ready = this.#ready(lines.length - from);
    }
  }
}
