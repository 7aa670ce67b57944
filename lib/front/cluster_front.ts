/**
 * A front of a cluster's node: told by its own hub which node leads (front_control.ts), it relays its sessions to the hub
 * that leads, and holds them while there is none.
 */
import { delay } from "../base/delay.ts";
import type { FrameConn } from "../net/frame_conn.ts";
import { dialRelay } from "../net/relay_dialer.ts";
import { RelayFault } from "../relay/wire.ts";
import { TlsAcceptor } from "../server/listen/certificate.ts";
import { placeOf, type RelayTarget } from "../server/cluster/relay_target.ts";
import { type FrontSetup, SILENCE_MS } from "../server/relay/front_setup.ts";
import { Front } from "./front.ts";
import { FrontControl } from "./front_control.ts";
import { connect, type ConnectOutcome, makeFrontName, MAX_RECONNECT_MS, RECONNECT_MS } from "./front_run.ts";

/** Interval of signs of life for the leader, and of the reports of the number of clients, if it has changed. */
const SIGN_MS = 1_000;
/** Interval at which clients are told that another version leads. */
const DISMISS_MS = 250;
/** The last line of clients of a node that speaks another version of the relay than the node that leads. */
export const MISMATCH_TEXT = "this node has another version than the one that leads; connect to another node";
/** The last line of clients of a node that is stopped. */
const STOPPED_TEXT = "this node has ended; connect to another node";
/** The last line of clients of a front that reaches no leader, or is taken by none. */
const LOST_TEXT = "this node cannot serve you at present; connect to another node";
/** Time of a leader that comes next for the sessions of a node that ends, and the pause between two looks. */
const PASS_ON_MS = 5_000;
const LOOK_MS = 10;
/** Clients that are held for longer are told. */
const TELL_MS = 5_000;

/** Runs front `index` of the hub at `socketPath` until it is stopped. Returns why it could not run. */
export async function runClusterFront(
  socketPath: string,
  index: number,
  signal?: AbortSignal,
): Promise<string | undefined> {
  return await new ClusterFront(socketPath, index, signal).run();
}

class ClusterFront {
  readonly #socketPath: string;
  readonly #index: number;
  readonly #name = makeFrontName();
  readonly #ending = new AbortController();
  readonly #control: FrontControl;
  #front: Front | undefined;
  #relay: FrameConn | undefined;
  /** Where {@link #relay} leads. */
  #relayTarget: RelayTarget | undefined;
  /** The leader was silent for too long. */
  #isCutOff = false;
  #countedClients = 0;

  constructor(socketPath: string, index: number, signal: AbortSignal | undefined) {
    this.#socketPath = socketPath;
    this.#index = index;
    signal?.addEventListener("abort", () => this.#ending.abort(), { once: true });
    if (signal?.aborted) this.#ending.abort();
    this.#control = new FrontControl({
      socketPath,
      index,
      signal: this.#ending.signal,
      onFrame: (frame) => {
        this.#front!.handle(frame);
        if (frame.kind === "stop") void this.#stop();
      },
      onConnected: (setup) => {
        this.#countedClients = 0;
        this.#front!.reload(setup);
      },
    });
  }

  async run(): Promise<string | undefined> {
    const setup = await this.#control.connect();
    if ("why" in setup) return this.#ending.signal.aborted ? undefined : setup.why;
    const tls = setup.tls && await TlsAcceptor.open(setup.tls);
    if (tls?.kind === "bad") return `${tls.path}: ${tls.why}`;
    const hubs = {
      connect: async () => {
        const place = placeOf(this.#control.target, this.#socketPath);
        return place && await dialRelay(place).catch(() => undefined);
      },
      tellOwn: (frame: Parameters<FrontControl["tell"]>[0]) => this.#control.tell(frame),
    };
    const front = this.#front = new Front(undefined, hubs, setup, tls?.acceptor);
    const counter = setInterval(() => this.#giveSigns(setup), SIGN_MS);
    let words = LOST_TEXT;
    try {
      const why = await Promise.race([this.#control.serve(), this.#relaySessions(setup)]);
      if (why === undefined) words = STOPPED_TEXT;
      return why;
    } catch (error) {
      if (error instanceof RelayFault) return `the hub broke the relay: ${error.message}`;
      throw error;
    } finally {
      clearInterval(counter);
      this.#ending.abort();
      await front.close(words);
    }
  }

  /** At the end of the node. Sessions go to the next leader before: it knows then which users may come back, and which leave. */
  async #stop(): Promise<void> {
    const { signal } = this.#ending;
    const until = performance.now() + PASS_ON_MS;
    const isPassedOn = () => {
      const { target } = this.#control;
      return target.kind !== "other" || target === this.#relayTarget && this.#front!.isRelayed;
    };
    while (!isPassedOn() && performance.now() < until) await delay(LOOK_MS, signal);
    this.#front!.stop();
    this.#ending.abort();
  }

  /** Relays to one hub after another. Returns why there is none any more; undefined: the front was stopped. */
  async #relaySessions({ holdMs, node }: FrontSetup): Promise<string | undefined> {
    const { signal } = this.#ending;
    const front = this.#front!;
    const identity = { index: this.#index, name: this.#name, isReturning: true, node };
    let heldSince = performance.now();
    let pause = RECONNECT_MS;
    let why = "no node of the cluster leads";
    this.#control.onTarget = () => this.#relay?.close();
    while (!signal.aborted) {
      const { target } = this.#control;
      if (target.kind === "none" && target.isCutOff) return "this node is cut off from the others";
      const place = placeOf(target, this.#socketPath);
      const outcome = place && await this.#connect({ ...identity, dial: () => dialRelay(place) });
      if (target !== this.#control.target) {
        if (outcome?.kind === "connected") outcome.relay.close();
      } else if (outcome?.kind === "connected") {
        this.#relay = outcome.relay;
        this.#relayTarget = target;
        const isHeld = await front.resume(outcome.relay);
        this.#relay = undefined;
        if (!isHeld) return undefined;
        // The leader does not take this front again, so that clients have to go to another node.
        if (this.#isCutOff && target === this.#control.target) return "the node that leads cannot be reached";
        this.#isCutOff = false;
        heldSince = performance.now();
        pause = RECONNECT_MS;
      } else if (outcome !== undefined) {
        why = outcome.why;
        if (outcome.isMismatch) {
          await this.#dismissClients();
          heldSince = performance.now();
          continue;
        }
        if (outcome.isFinal) return why;
      }
      if (front.clients === 0) heldSince = performance.now();
      if (performance.now() - heldSince >= TELL_MS) front.tellStoring(false);
      if (performance.now() - heldSince >= holdMs) return `no leader within ${holdMs / 1000} s: ${why}`;
      if (target !== this.#control.target) continue;
      await this.#waitForTarget(pause);
      pause = Math.min(2 * pause, MAX_RECONNECT_MS);
    }
    return undefined;
  }

  /** Undefined: there is another target meanwhile. A hub that hangs must not be waited for then. */
  async #connect(options: Parameters<typeof connect>[0]): Promise<ConnectOutcome | undefined> {
    const moved = Promise.withResolvers<undefined>();
    this.#control.onTarget = () => moved.resolve(undefined);
    const attempt = connect(options);
    const outcome = await Promise.race([attempt, moved.promise]);
    this.#control.onTarget = () => this.#relay?.close();
    if (outcome === undefined) void attempt.then((late) => late.kind === "connected" && late.relay.close());
    return outcome;
  }

  /** As long as a node leads that speaks another version of the relay, clients have to go elsewhere. */
  async #dismissClients(): Promise<void> {
    const { target } = this.#control;
    while (target === this.#control.target && !this.#ending.signal.aborted) {
      this.#front!.dismiss(MISMATCH_TEXT);
      await this.#waitForTarget(DISMISS_MS);
    }
  }

  /** Waits for `ms`, or until there is another target. */
  async #waitForTarget(ms: number): Promise<void> {
    const wake = new AbortController();
    this.#control.onTarget = () => wake.abort();
    await delay(ms, AbortSignal.any([wake.signal, this.#ending.signal]));
    this.#control.onTarget = () => this.#relay?.close();
  }

  #giveSigns({ silenceMs = SILENCE_MS }: FrontSetup): void {
    const { clients, heardAt } = this.#front!;
    this.#front!.tellLoad();
    // A hub of this node that hangs is killed by its keeper, unless it goes on.
    const isFar = this.#relay !== undefined && this.#control.target.kind === "other";
    if (isFar && performance.now() - heardAt >= silenceMs) {
      this.#isCutOff = true;
      this.#relay!.close();
    }
    if (clients !== this.#countedClients) this.#control.tell({ kind: "clients", count: clients });
    this.#countedClients = clients;
  }
}
