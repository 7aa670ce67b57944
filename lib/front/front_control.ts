/**
 * A front's connection to the hub of its own node, in a cluster: the front is told its setup and its listeners, and where
 * its sessions are relayed to. It is made again when that hub is started again.
 */
import { callAfter } from "../base/deadlines.ts";
import { delay } from "../base/delay.ts";
import { FrameConn } from "../net/frame_conn.ts";
import { dialRelay } from "../net/relay_dialer.ts";
import { decodeDown, type DownFrame } from "../relay/downward.ts";
import { encodeHello, MAX_SETUP_BYTES } from "../relay/handshake.ts";
import { encodeUp, type UpFrame } from "../relay/upward.ts";
import { RelayFault } from "../relay/wire.ts";
import { parseTarget, type RelayTarget } from "../server/cluster/relay_target.ts";
import { type FrontSetup, HOLD_MS } from "../server/relay/front_setup.ts";
import {
  MAX_RECONNECT_MS,
  MAX_UPWARD_QUEUE_BYTES,
  readWelcome,
  RECONNECT_MS,
  SIDE,
  WELCOME_MS,
} from "./front_run.ts";

export interface FrontControlOptions {
  readonly socketPath: string;
  readonly index: number;
  readonly signal: AbortSignal;
  /** Gets what the hub says, except for targets. */
  readonly onFrame: (frame: DownFrame) => void;
  /** The hub is there again, with this setup. */
  readonly onConnected: (setup: FrontSetup) => void;
}

export class FrontControl {
  readonly #options: FrontControlOptions;
  #conn: FrameConn | undefined;
  #target: RelayTarget = { kind: "none" };
  /** Called when there is another target. */
  onTarget: (() => void) | undefined;

  constructor(options: FrontControlOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#conn?.close(), { once: true });
  }

  /** The last one that the hub has named. */
  get target(): RelayTarget {
    return this.#target;
  }

  /** Connects to the hub, which may need `holdMs` to start. Returns the setup, or why there is none. */
  async connect(holdMs = HOLD_MS): Promise<FrontSetup | { readonly why: string }> {
    const { signal } = this.#options;
    const until = performance.now() + holdMs;
    for (let pause = RECONNECT_MS;; pause = Math.min(2 * pause, MAX_RECONNECT_MS)) {
      const outcome = await this.#tryConnect();
      if (!("why" in outcome)) return outcome;
      if (outcome.isFinal || performance.now() >= until) return outcome;
      await delay(pause, signal);
      if (signal.aborted) return { why: "stopped" };
    }
  }

  async #tryConnect(): Promise<FrontSetup | { readonly why: string; readonly isFinal: boolean }> {
    const { socketPath: path, index } = this.#options;
    let conn: FrameConn;
    try {
      conn = new FrameConn(await dialRelay({ kind: "unix", path }), MAX_SETUP_BYTES, MAX_UPWARD_QUEUE_BYTES);
    } catch (error) {
      return { why: error instanceof Error ? error.message : String(error), isFinal: false };
    }
    const inTime = callAfter(WELCOME_MS, () => conn.close());
    try {
      conn.send([encodeHello({ kind: "control", side: SIDE, index, pid: Deno.pid })]);
      const welcome = await readWelcome(conn);
      if (welcome.kind === "connected") {
        this.#conn = conn;
        return welcome.setup;
      }
      conn.close();
      return welcome;
    } finally {
      inTime();
    }
  }

  /** Takes what the hub says until it ends, then connects again. Resolves with why that was not possible. */
  async serve(): Promise<string | undefined> {
    const { signal, onConnected } = this.#options;
    for (;;) {
      try {
        await this.#readFrames(this.#conn!);
      } finally {
        this.#conn!.close();
        this.#conn = undefined;
      }
      if (signal.aborted) return undefined;
      if (this.#target.kind === "own") this.#setTarget({ kind: "none" });
      // Clients that another node serves need no hub here: it may be cut off from etcd, and not start for long.
      const outcome = await this.connect(this.#target.kind === "other" ? Infinity : HOLD_MS);
      if (signal.aborted) return undefined;
      if ("why" in outcome) return outcome.why;
      onConnected(outcome);
    }
  }

  async #readFrames(conn: FrameConn): Promise<void> {
    do {
      for (let frame = conn.next(); frame !== undefined; frame = conn.next()) {
        const down = decodeDown(frame);
        if (down.kind === "target") this.#setTarget(parseTarget(down.target));
        else if (down.kind === "listen" || down.kind === "reload" || down.kind === "stop") {
          this.#options.onFrame(down);
        } else throw new RelayFault(`a hub that has no sessions says ${down.kind}`);
      }
    } while (await conn.fill());
  }

  #setTarget(target: RelayTarget): void {
    if (JSON.stringify(target) === JSON.stringify(this.#target)) return;
    this.#target = target;
    this.onTarget?.();
  }

  /** Without a hub it is dropped: the next one asks for all again. */
  tell(frame: UpFrame): void {
    this.#conn?.send([encodeUp(frame)]);
  }
}
