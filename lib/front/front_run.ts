/** A front from its start to its end: connects to the hub, is told its setup, and runs, with one hub after another. */
import { callAfter } from "../base/deadlines.ts";
import { delay } from "../base/delay.ts";
import { VERSION } from "../base/version.ts";
import type { Conn } from "../net/conn.ts";
import { FrameConn } from "../net/frame_conn.ts";
import { dialRelay } from "../net/relay_dialer.ts";
import { MAX_FRAME_BYTES } from "../relay/frame.ts";
import {
  decodeWelcome,
  describeMismatch,
  encodeHello,
  MAX_SETUP_BYTES,
  RELAY_VERSION,
} from "../relay/handshake.ts";
import { RelayFault } from "../relay/wire.ts";
import { TlsAcceptor } from "../server/listen/certificate.ts";
import { type FrontSetup, HOLD_MS, parseSetup } from "../server/relay/front_setup.ts";
import { Front } from "./front.ts";

/** Bound on the bytes that wait for the hub: the lines of one read for each client, beyond which none is read. */
export const MAX_UPWARD_QUEUE_BYTES = 64 * 1024 * 1024;
/** Pauses between attempts to reach the next hub: the first, and the longest. */
export const RECONNECT_MS = 25;
export const MAX_RECONNECT_MS = 50;
/** Time of a hub for its answer to the first frame. */
export const WELCOME_MS = 5_000;
/** The last line of clients for which there is no other hub. */
const GONE_TEXT = "the server has ended";
export const SIDE = { version: RELAY_VERSION, program: VERSION };

/** The first frames with a hub. */
export type ConnectOutcome =
  | { readonly kind: "connected"; readonly relay: FrameConn; readonly setup: FrontSetup }
  /** `isFinal`: the hub does not take this front. `isMismatch`: because it speaks another version of the relay. */
  | {
    readonly kind: "failed";
    readonly why: string;
    readonly isFinal: boolean;
    readonly isMismatch?: boolean;
  };

/**
 * Runs front `index` of the hub at `socketPath`, until it is stopped: by the hub, by `signal`, or because no other hub
 * has come in time. Returns why it could not run.
 */
export async function runFront(
  socketPath: string,
  index: number,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const name = makeFrontName();
  const dial = () => dialRelay({ kind: "unix", path: socketPath });
  const first = await reach({ dial, index, name, isReturning: false, holdMs: HOLD_MS, signal });
  if (first.kind === "failed") return signal?.aborted ? undefined : first.why;
  const { relay, setup } = first;
  const tls = setup.tls && await TlsAcceptor.open(setup.tls);
  if (tls?.kind === "bad") {
    relay.close();
    return `${tls.path}: ${tls.why}`;
  }
  const front = new Front(relay, socketPath, setup, tls?.acceptor);
  const stop = () => front.stop();
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  try {
    let isHeld = await front.serve();
    while (isHeld && setup.holdMs > 0) {
      const { holdMs } = setup;
      const next = await reach({ dial, index, name, isReturning: true, holdMs, signal });
      if (next.kind === "failed") {
        await front.close(GONE_TEXT);
        return signal?.aborted ? undefined : next.why;
      }
      front.reload(next.setup);
      isHeld = await front.resume(next.relay);
    }
    return undefined;
  } catch (error) {
    if (error instanceof RelayFault) return `the hub broke the relay: ${error.message}`;
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await front.close();
  }
}

/** How a front reaches a hub. */
interface Reach {
  /** A connection to it. Throws if there is none. */
  readonly dial: () => Promise<Conn>;
  readonly node?: string | undefined;
  readonly index: number;
  readonly name: string;
  /** It has sessions of an earlier hub. */
  readonly isReturning: boolean;
  /** Time for a hub to come. */
  readonly holdMs: number;
  readonly signal: AbortSignal | undefined;
}

const STOPPED = { kind: "failed", why: "stopped", isFinal: true } as const;

/** Connects to a hub, which may need some time to start. */
async function reach(options: Reach): Promise<ConnectOutcome> {
  const { holdMs, signal } = options;
  const until = performance.now() + holdMs;
  for (let pause = RECONNECT_MS;; pause = Math.min(2 * pause, MAX_RECONNECT_MS)) {
    const outcome = await connect(options);
    if (signal?.aborted) {
      if (outcome.kind === "connected") outcome.relay.close();
      return STOPPED;
    }
    if (outcome.kind === "connected" || outcome.isFinal) return outcome;
    if (performance.now() >= until) {
      return { ...outcome, why: `no hub has come within ${holdMs / 1000} s: ${outcome.why}` };
    }
    await delay(Math.min(pause, until - performance.now()), signal);
    if (signal?.aborted) return STOPPED;
  }
}

/** Makes a connection to a hub, and says which front this is. */
export async function connect(
  { dial, index, name, isReturning, node }: Omit<Reach, "holdMs" | "signal">,
): Promise<ConnectOutcome> {
  let conn: Conn;
  try {
    conn = await dial();
  } catch (error) {
    return { kind: "failed", why: error instanceof Error ? error.message : String(error), isFinal: false };
  }
  const relay = new FrameConn(conn, MAX_SETUP_BYTES, MAX_UPWARD_QUEUE_BYTES);
  const inTime = callAfter(WELCOME_MS, () => relay.close());
  try {
    const hello = { kind: "front", side: SIDE, index, pid: Deno.pid, name, isReturning } as const;
    relay.send([encodeHello(node === undefined ? hello : { ...hello, node })]);
    const outcome = await readWelcome(relay);
    if (outcome.kind === "failed") relay.close();
    return outcome;
  } catch (error) {
    relay.close();
    if (!(error instanceof RelayFault)) throw error;
    return { kind: "failed", why: `the hub broke the relay: ${error.message}`, isFinal: true };
  } finally {
    inTime();
  }
}

export async function readWelcome(relay: FrameConn): Promise<ConnectOutcome> {
  const frame = await relay.read();
  if (frame === undefined) return { kind: "failed", why: "the hub closed the relay", isFinal: false };
  const welcome = decodeWelcome(frame);
  switch (welcome.kind) {
    case "mismatch":
      return { kind: "failed", why: describeMismatch(SIDE, welcome.side), isFinal: true, isMismatch: true };
    case "refused":
      return { kind: "failed", why: welcome.why, isFinal: true };
    case "welcome":
      relay.maxFrameBytes = MAX_FRAME_BYTES;
      return { kind: "connected", relay, setup: parseSetup(welcome.setup) };
  }
}

/** A name that no other process of a front has: see `hub/model/line_origin.ts`. */
export function makeFrontName(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(2)), (value) => value.toString(36)).join("");
}
