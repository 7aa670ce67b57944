/** Server side of a client connection: passes its lines to the turn queue, at a bounded rate unless it is exempt. */
import type { Clock } from "../base/clock.ts";
import { TokenBucket } from "../base/token_bucket.ts";
import type { Rate } from "../base/token_bucket.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import type { Session } from "../hub/model/state/entities.ts";
import type { LineHandler } from "../net/line_conn.ts";
import type { CostMeter, TurnQueue } from "./turn_queue.ts";

/** How often a throttled connection checks whether it has tokens again. */
const THROTTLE_POLL_MS = 100;

/**
 * A line costs one token of the flood rate; a longer one costs a token for each piece of this size, which is the
 * longest line of RFC 1459 §2.3. So a line with 4096 bytes of tags costs nine tokens.
 */
const TOKEN_BYTES = 512;
/**
 * Lower rate before registration. Clients send about 10 lines until then, 15 with a login by SCRAM, and a few more
 * if nicks are in use; `register-timeout` (30 s) closes a connection that needs longer.
 */
export const REGISTRATION_RATE: Rate = { count: 100, ms: 30_000 };
/** Average share of one connection in the hub's time, as 1/N: a millisecond costs the tokens of 200 ms. */
const TIME_SHARE = 200;

/** What a client connection needs of its server. */
export interface ConnectionHost {
  readonly turnQueue: TurnQueue;
  /** The connection of `session` has ended. */
  handleClosed(session: Session, reason: string): void;
}

export class ClientConnection implements LineHandler {
  constructor(readonly host: ConnectionHost, readonly session: Session) {}

  /** Milliseconds for which no line is read, because tokens are owed. */
  waitMs(): number {
    return 0;
  }

  handleLines(lines: (string | LineFault)[], _bytes: number, _frames: number): Promise<void> | undefined {
    return lines.length === 0 ? undefined : this.host.turnQueue.enqueueLines(this.session, lines);
  }

  handleClosed(reason: string): void {
    this.host.handleClosed(this.session, reason);
  }
}

export interface ConnectionLimits {
  /** Flood rate of one connection. */
  readonly rate: Rate;
  /** Bucket that all connections of the address share. */
  readonly address: TokenBucket;
  readonly clock: Clock;
  /** Called when the connection has ended. */
  readonly onClosed: () => void;
}

/**
 * Connection with a bounded rate of input. Faster input is not lost: the next read waits until there are tokens for
 * the last one, and TCP flow control slows the sender down. Lines, bytes, frames and reads cost tokens, and
 * afterwards so does the time that the hub took for the lines. Each token is taken both from the connection's own
 * bucket and from the one of its address.
 */
export class RateLimitedConnection extends ClientConnection implements CostMeter {
  readonly #limits: ConnectionLimits;
  readonly #bucket: TokenBucket;
  /** Undefined after registration. */
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
    // Bytes and frames beyond the lines have been read already: their cost becomes a debt, which is paid before
    // more input is handled.
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

  override waitMs(): number {
    if (this.#isUnlimited) return 0;
    const now = this.#limits.clock.now();
    if (this.#available(now) >= 1) return 0;
    const buckets = [this.#bucket, this.#limits.address, this.#registrationBucket];
    return Math.max(...buckets.map((each) => each?.msUntilTokens(1, now) || 0));
  }

  charge(ms: number): void {
    const { rate, clock, address } = this.#limits;
    if (this.#isUnlimited || rate.count === Infinity) return;
    const tokens = ms * TIME_SHARE * rate.count / rate.ms;
    const now = clock.now();
    this.#bucket.spend(tokens, now);
    address.spend(tokens, now);
  }

  /** Server operators have no rate limit. */
  get #isUnlimited(): boolean {
    return this.session.user?.isServerOperator === true;
  }

  #enqueue(lines: (string | LineFault)[]): Promise<void> {
    return this.host.turnQueue.enqueueLines(this.session, lines, this);
  }

  /** Tokens available now; negative: a debt. */
  #available(now: number): number {
    if (this.session.phase.kind !== "registering") this.#registrationBucket = undefined;
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

  /** How many of `count` lines may be handled now; takes their tokens. */
  #takeLineTokens(count: number, now: number): number {
    const taken = Math.max(0, Math.min(count, Math.floor(this.#available(now))));
    if (taken > 0) this.#spend(taken, now);
    return taken;
  }

  /**
   * Queues `lines` in parts, the first `ready` of them at once. Resolves when all are handled and no debt is left.
   * Lines that remain when the session ends are dropped.
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

/**
 * Cost of one read: the number of its lines, of its frames or of its pieces of TOKEN_BYTES, whichever is largest,
 * and at least 1.
 */
function countTokens(lines: number, bytes: number, frames: number): number {
  return Math.max(1, lines, frames, Math.ceil(bytes / TOKEN_BYTES));
}
