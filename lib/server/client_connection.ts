/** A session as its connection sees it. */
import type { Clock } from "../base/clock.ts";
import { TokenBucket } from "../base/token_bucket.ts";
import type { Rate } from "../base/token_bucket.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import type { Session } from "../hub/model/state/entities.ts";
import type { LineHandler } from "../net/line_conn.ts";
import type { CostMeter, TurnQueue } from "./turn_queue.ts";

/** While a connection sends faster than is allowed, what has come is looked at so often. */
const THROTTLE_POLL_MS = 100;

/**
 * A token of the flood rate is a line; of one that is longer than this, each such piece (RFC 1459 §2.3 has it as the longest
 * line). So a line with 4096 bytes of tags costs nine.
 */
const TOKEN_BYTES = 512;
/**
 * Before it is registered a connection has less. Clients say some 10 lines until then, with a login by SCRAM 15, and a few more
 * where names are taken; `register-timeout` (30 s) ends what needs longer.
 */
export const REGISTRATION_RATE: Rate = { count: 100, ms: 30_000 };
/** Of the hub's time a connection may use, on average, one part in so many: a millisecond costs the tokens of 200. */
const TIME_SHARE = 200;

/** What a guest needs of its server. */
export interface ConnectionHost {
  readonly turnQueue: TurnQueue;
  /** The connection of `session` has ended. */
  handleClosed(session: Session, reason: string): void;
}

export class ClientConnection implements LineHandler {
  constructor(readonly host: ConnectionHost, readonly session: Session) {}

  handleLines(lines: (string | LineFault)[], _bytes: number, _frames: number): Promise<void> | undefined {
    return lines.length === 0 ? undefined : this.host.turnQueue.enqueueLines(this.session, lines);
  }

  handleClosed(reason: string): void {
    this.host.handleClosed(this.session, reason);
  }
}

export interface ConnectionLimits {
  /** Of one connection. */
  readonly rate: Rate;
  /** Shared by all connections of its address. */
  readonly address: TokenBucket;
  readonly clock: Clock;
  /** Called once the connection has ended. */
  readonly onClosed: () => void;
}

/**
 * One whose input is worked on at a bounded speed. What comes faster is not lost: the next read waits until there are
 * tokens for what the last one brought, and the network holds the sender back. Tokens are used up by lines, bytes, frames and
 * reads, and afterwards by the time that the hub took for the lines; the connection has its own, and a share of its
 * address's.
 */
export class RateLimitedConnection extends ClientConnection implements CostMeter {
  readonly #limits: ConnectionLimits;
  readonly #bucket: TokenBucket;
  /** Until it is registered. */
  #registrationBucket: TokenBucket | undefined;

  constructor(host: ConnectionHost, session: Session, limits: ConnectionLimits) {
    super(host, session);
    const now = limits.clock.now();
    this.#limits = limits;
    this.#bucket = new TokenBucket(limits.rate, now);
    this.#registrationBucket = new TokenBucket(REGISTRATION_RATE, now);
  }

  override handleLines(
    lines: (string | LineFault)[],
    bytes: number,
    frames: number,
  ): Promise<void> | undefined {
    if (this.#isUnlimited) return lines.length === 0 ? undefined : this.#enqueue(lines);
    const cost = countTokens(lines.length, bytes, frames);
    const now = this.#limits.clock.now();
    // What there is beyond the lines has been read already: it is owed, and paid before the next thing is worked on.
    if (cost > lines.length) this.#spend(cost - lines.length, now);
    const ready = this.#takeLineTokens(lines.length, now);
    if (ready < lines.length) return this.#enqueueThrottled(lines, ready);
    if (lines.length > 0) return this.#enqueue(lines);
    return this.#available(now) < 0 ? this.#enqueueThrottled(lines, 0) : undefined;
  }

  override handleClosed(reason: string): void {
    this.#limits.onClosed();
    super.handleClosed(reason);
  }

  charge(ms: number): void {
    const { rate, clock, address } = this.#limits;
    if (this.#isUnlimited || rate.count === Infinity) return;
    const tokens = ms * TIME_SHARE * rate.count / rate.ms;
    const now = clock.now();
    this.#bucket.spend(tokens, now);
    address.spend(tokens, now);
  }

  /** An operator's speed is not bounded. */
  get #isUnlimited(): boolean {
    return this.session.user?.isServerOperator === true;
  }

  #enqueue(lines: (string | LineFault)[]): Promise<void> {
    return this.host.turnQueue.enqueueLines(this.session, lines, this);
  }

  /** Tokens that there are now; below 0 some are owed. */
  #available(now: number): number {
    if (this.session.isRegistered) this.#registrationBucket = undefined;
    return Math.min(
      this.#bucket.available(now),
      this.#limits.address.available(now),
      this.#registrationBucket?.available(now) ?? Infinity,
    );
  }

  #spend(tokens: number, now: number): void {
    this.#bucket.spend(tokens, now);
    this.#limits.address.spend(tokens, now);
    this.#registrationBucket?.spend(tokens, now);
  }

  /** How many of so many lines may be worked on now. */
  #takeLineTokens(count: number, now: number): number {
    const taken = Math.max(0, Math.min(count, Math.floor(this.#available(now))));
    if (taken > 0) this.#spend(taken, now);
    return taken;
  }

  /**
   * Hands `lines` over in parts; `ready` of them may go at once. Settles when all are worked on and nothing is owed. What is left
   * when the session is let go is dropped.
   */
  async #enqueueThrottled(lines: (string | LineFault)[], ready: number): Promise<void> {
    for (let from = 0;;) {
      if (ready > 0) await this.#enqueue(lines.slice(from, from += ready));
      if (this.session.closeReason !== undefined) return;
      const left = lines.length - from;
      const now = this.#limits.clock.now();
      if (left === 0 && (this.#isUnlimited || this.#available(now) >= 0)) return;
      await new Promise((resolve) => setTimeout(resolve, THROTTLE_POLL_MS));
      ready = this.#isUnlimited ? left : this.#takeLineTokens(left, this.#limits.clock.now());
    }
  }
}

/** What one read costs: its lines or frames, whichever are more, or its bytes, and a token at the least. */
function countTokens(lines: number, bytes: number, frames: number): number {
  return Math.max(1, lines, frames, Math.ceil(bytes / TOKEN_BYTES));
}
