/**
 * One hub after another over the same log, with fronts that stay, in one process. Each hub has a relay socket; fronts reach it
 * through a connection that a test can cut at any byte.
 */
import { systemClock } from "../../lib/base/clock.ts";
import { runFront } from "../../lib/front/front_run.ts";
import { Handover } from "../../lib/hub/handover/handover.ts";
import type { Hub } from "../../lib/hub/hub.ts";
import type { HubConfig } from "../../lib/hub/model/config.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { Ring } from "../../lib/log/ring.ts";
import type { Address } from "../../lib/net/address.ts";
import type { OpenOutcome } from "../../lib/server/listen/listeners.ts";
import { HttpUpgrader } from "../../lib/net/web/http_upgrade.ts";
import { FRAME_HEAD_BYTES, RelayFrameReader } from "../../lib/relay/frame.ts";
import { decodeHello } from "../../lib/relay/handshake.ts";
import { encodeUp } from "../../lib/relay/upward.ts";
import { FrontSet } from "../../lib/server/relay/front_set.ts";
import { GATHER_MS } from "../../lib/server/relay/gathering.ts";
import type { FrontSetup } from "../../lib/server/relay/front_setup.ts";
import { ChatServer } from "../../lib/server/server.ts";
import { ServerLog } from "../../lib/server/server_log.ts";
import { TEST_CONFIG } from "../support/hub.ts";
import { comesTrue, inTime } from "../support/guard.ts";
import { ownLock } from "../support/own_lock.ts";
import { SocketClient } from "../support/socket_client.ts";
import { TEST_SETUP } from "./relayed_server.ts";

const decoder = new TextDecoder();
const CLOSED_KIND = encodeUp({
  kind: "closed",
  session: 1,
  reason: "",
  isSlow: false,
})[FRAME_HEAD_BYTES - 1]!;

/** Thrown out of a hub that is killed. */
export class Killed extends Error {}

/** How a hub ends. */
export type Death =
  /** Within a turn, at an append: before it, or after it. */
  | { readonly kind: "append"; readonly after: number; readonly isAppended: boolean }
  /** After the appends of a turn, before any of it is delivered. */
  | { readonly kind: "undelivered" }
  /** While it delivers: each front gets so many more bytes, or to the end of the frame with the last one. */
  | { readonly kind: "delivering"; readonly bytes: readonly number[]; readonly wholeFrames: boolean }
  | { readonly kind: "now" };

/** A hub with its relay. */
export interface LivingHub {
  readonly server: ChatServer;
  readonly fronts: FrontSet;
  readonly path: string;
  readonly died: Promise<void>;
  death: Death | undefined;
  /** It is killed, and takes no front any more. */
  isDying?: boolean;
}

export interface HubLineOptions {
  readonly fronts?: number;
  /** How many of them come; all by default. */
  readonly started?: number;
  /** Listens for WebSocket, too. */
  readonly web?: boolean;
  readonly config?: Partial<HubConfig>;
  /** Each hub dies of a message with this text. */
  readonly poison?: string;
  /** Makes the hub's handover, which may be one that does not work. */
  readonly makeHandover?: (hub: Hub) => Handover;
  readonly setup?: Partial<FrontSetup>;
  /** Time of a hub for fronts to report before it starts. */
  readonly gatherMs?: number;
}

export class HubLine {
  readonly #dir: string;
  readonly #options: HubLineOptions;
  readonly ring = Ring.create(1 << 20);
  readonly #facts = new Map<string, SavedFact>();
  readonly #listener: Deno.UnixListener;
  readonly #wires = new Set<Wire>();
  readonly #stop = new AbortController();
  /** What each front says at its end. */
  readonly ended: Promise<string | undefined>[] = [];
  readonly #clients: SocketClient[] = [];
  readonly #dead: Promise<void>[] = [];
  readonly said: string[] = [];
  #hubs = 0;
  /** Of fronts to reach a hub, since the last one has died. */
  #attempts = 0;
  #hub: LivingHub | undefined;
  /** Settled by the end of the hub. */
  #died = Promise.withResolvers<void>();
  address: Address | undefined;
  webPort = 0;

  constructor(dir: string, options: HubLineOptions = {}) {
    this.#dir = dir;
    this.#options = options;
    this.#listener = Deno.listen({ transport: "unix", path: `${dir}/to-hub.sock` });
    void this.#accept();
  }

  get hub(): LivingHub {
    return this.#hub!;
  }

  get frontCount(): number {
    return this.#options.fronts ?? 1;
  }

  get wires(): readonly Wire[] {
    return [...this.#wires];
  }

  /** Starts the first hub, with its fronts. */
  async start(): Promise<void> {
    const starting = this.startHub(0);
    for (let index = 0; index < (this.#options.started ?? this.frontCount); index++) this.startFront(index);
    await starting;
  }

  startFront(index: number): void {
    this.ended.push(runFront(`${this.#dir}/to-hub.sock`, index, this.#stop.signal));
  }

  /** Starts a hub, which waits for `expected` fronts before it goes on; `beforeStart`: called then. */
  async startHub(
    expected = this.frontCount,
    beforeStart: () => Promise<void> = () => Promise.resolve(),
  ): Promise<LivingHub> {
    const dataDir = `${this.#dir}/${++this.#hubs}`;
    await Deno.mkdir(dataDir);
    const { log, server, hub } = this.#makeServer();
    const fronts = await FrontSet.start({
      host: server.relayed!,
      dataDir,
      setup: { ...TEST_SETUP, fronts: this.frontCount, holdMs: 60_000, ...this.#options.setup },
      keeper: { killFront() {} },
      isRestart: this.#hubs > 1,
      log,
      gatherMs: this.#options.gatherMs ?? GATHER_MS,
    });
    if (!(fronts instanceof FrontSet)) throw new Error(fronts.why);
    for (let index = 0; index < this.frontCount; index++) fronts.handleStarted(index, Deno.pid);
    server.useRelay(fronts);
    this.#hub = Object.assign(hub, {
      fronts,
      path: `${dataDir}/relay.sock`,
      died: hub.died.then(() => this.#bury(server, fronts)),
    });
    const presented = await fronts.gather(expected);
    await beforeStart();
    const facts = [...this.#facts.values()].filter(({ value }) => value !== undefined);
    const isTakeover = this.#hubs > 1; // fronts of the hub before live, which may report later
    await Promise.race([server.start(facts, presented, isTakeover), hub.died]);
    const outcome: OpenOutcome | void = await Promise.race([
      fronts.listen({ kind: "tcp", host: "127.0.0.1", port: 0 }, undefined),
      hub.died,
    ]);
    if (outcome?.kind === "failed") throw new Error(outcome.why);
    if (outcome?.kind === "listening") this.address = outcome.address;
    if (this.#options.web) await this.#listenForWeb(fronts);
    return this.#hub!;
  }

  async #listenForWeb(fronts: FrontSet): Promise<void> {
    const upgrader = new HttpUpgrader({ origins: new Set(), names: new Set() });
    const outcome = await fronts.listen({ kind: "tcp", host: "127.0.0.1", port: 0 }, upgrader);
    if (outcome.kind === "failed") throw new Error(outcome.why);
    if (outcome.address.kind === "tcp") this.webPort = outcome.address.port;
  }

  #makeServer() {
    const { ring } = this;
    const died = this.#died = Promise.withResolvers<void>();
    const hub = { server: undefined as unknown as ChatServer, died: died.promise, death: undefined } as
      & Omit<LivingHub, "fronts" | "path">
      & { server: ChatServer };
    const log = new ServerLog("text", systemClock, (line) => void this.said.push(line));
    const server = hub.server = new ChatServer({
      config: { ...TEST_CONFIG, replay: 0, ...this.#options.config },
      log: killableLog(ring, hub, this.#options.poison),
      clock: systemClock,
      onServerEvents() {},
      onFacts: (facts) => {
        for (const fact of facts) this.#facts.set(`${fact.kind} ${fact.key}`, fact);
      },
      onRecoverableError() {},
      onFatalError: (error) => {
        if (!(error instanceof Killed)) console.error(error);
        died.resolve();
      },
      makeDurable: () => {
        if (hub.death?.kind === "undelivered") return Promise.reject(new Killed());
        return Promise.resolve();
      },
      lock: ownLock(ring),
      makeHandover: this.#options.makeHandover ?? ((each) => new Handover(each)),
    });
    return { log, server, hub };
  }

  /** Ends the hub for the next one, as for an upgrade. `meanwhile`: called before its relays end. */
  async suspend(meanwhile?: () => Promise<void>): Promise<void> {
    await inTime("the last turn", this.hub.server.suspend());
    await meanwhile?.();
    this.#died.resolve();
    await this.whenLost();
  }

  /** Kills the hub; resolves when it is dead, and each front tries to reach the next one. */
  async kill(death: Death): Promise<void> {
    const { hub } = this;
    hub.death = death;
    if (death.kind === "delivering") {
      const { bytes, wholeFrames } = death;
      this.wires.forEach((wire, nth) =>
        wire.cutAfter(bytes[nth] ?? 0, wholeFrames, () => this.#killNow(hub))
      );
    }
    if (death.kind === "now") this.#killNow(hub);
    await this.whenLost();
  }

  /** Resolves when the hub is dead, and each front tries to reach the next one. */
  async whenLost(): Promise<void> {
    await inTime("the end of the hub", this.hub.died);
    const fronts = this.ended.length;
    await comesTrue("all fronts have lost the hub", () => this.#attempts >= fronts);
  }

  #killNow(hub: LivingHub): void {
    hub.isDying = true;
    void hub.server.turnQueue.run(() => {
      throw new Killed();
    });
  }

  async #bury(server: ChatServer, fronts: FrontSet): Promise<void> {
    this.#attempts = 0;
    for (const wire of this.#wires) wire.cut();
    void server.stop("dead"); // its timers: its hub does nothing any more
    this.#dead.push(fronts.close());
    await this.#dead.at(-1);
  }

  async open(): Promise<SocketClient> {
    const client = await SocketClient.connect(this.address!);
    this.#clients.push(client);
    return client;
  }

  /** A client that is in `room`. */
  async enter(nick: string, room: string, caps = ""): Promise<SocketClient> {
    const client = await this.open();
    await client.send(
      `CAP REQ :${caps}\r\nNICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\nCAP END\r\nJOIN ${room}`,
    );
    await client.barrier();
    client.take();
    return client;
  }

  /** Ends hub, fronts and clients. */
  async end(): Promise<void> {
    for (const client of this.#clients) client.close();
    this.#stop.abort();
    await inTime("the end of the fronts", Promise.all(this.ended));
    this.#killNow(this.hub);
    await inTime("the end of the last hub", this.hub.died);
    await Promise.all(this.#dead);
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    try {
      for await (const front of this.#listener) void this.#join(front);
    } catch {
      // closed
    }
  }

  async #join(front: Deno.Conn): Promise<void> {
    this.#attempts++;
    if (this.#hub?.isDying) return front.close();
    try {
      const hub = await Deno.connect({ transport: "unix", path: this.#hub!.path });
      const wire = new Wire(front, hub);
      this.#wires.add(wire);
      void wire.ended.then(() => this.#wires.delete(wire));
    } catch {
      front.close(); // there is no hub now
    }
  }
}

/** The connection between a front and a hub. */
export class Wire {
  readonly ended: Promise<unknown>;
  readonly #front: Deno.Conn;
  readonly #hub: Deno.Conn;
  #bytesDown = Infinity;
  #wholeFrames = false;
  /** What the hub says begins with the length of a frame, or is an HTTP response. */
  #isNew = true;
  #isTunnel = false;
  readonly #frames = new RelayFrameReader();
  readonly #upFrames = new RelayFrameReader();
  /** Of a front: an HTTP request is passed on after its first frame. */
  #isRelay: boolean | undefined;
  /** Ends of sessions that the front has told. */
  closed = 0;
  #onCut: () => void = () => {};
  #isCut = false;

  constructor(front: Deno.Conn, hub: Deno.Conn) {
    this.#front = front;
    this.#hub = hub;
    this.ended = Promise.all([this.#pump(hub, front, true), this.#pump(front, hub, false)]);
  }

  /** The front gets so many more bytes, or to the end of their last frame; `onCut`: called after the last one. */
  cutAfter(bytes: number, wholeFrames: boolean, onCut: () => void): void {
    this.#bytesDown = bytes;
    this.#wholeFrames = wholeFrames;
    this.#onCut = onCut;
  }

  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    for (const conn of [this.#front, this.#hub]) {
      try {
        conn.close();
      } catch {
        // closed before
      }
    }
    this.#onCut();
  }

  /** How many of `bytes` the front gets. */
  #take(bytes: Uint8Array): number {
    if (this.#isTunnel || bytes[0] !== 0 && this.#isNew) {
      this.#isTunnel = true;
      return bytes.length;
    }
    this.#isNew = false;
    let taken = 0;
    while (taken < bytes.length && (this.#bytesDown > 0 || this.#wholeFrames)) {
      const most = this.#wholeFrames ? Infinity : this.#bytesDown;
      const used = this.#frames.take(bytes.subarray(taken, taken + most));
      taken += used;
      this.#bytesDown -= used;
      if (this.#frames.frame !== undefined && this.#bytesDown <= 0) break;
    }
    return taken;
  }

  #countClosed(bytes: Uint8Array): void {
    while (this.#isRelay !== false && bytes.length > 0) {
      bytes = bytes.subarray(this.#upFrames.take(bytes));
      const { frame } = this.#upFrames;
      if (frame === undefined) continue;
      if (this.#isRelay && frame[0] === CLOSED_KIND) this.closed++;
      this.#isRelay ??= decodeHello(frame).kind === "front";
    }
  }

  async #pump(from: Deno.Conn, to: Deno.Conn, isDown: boolean): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let length = await from.read(buffer); length !== null; length = await from.read(buffer)) {
        if (!isDown) this.#countClosed(buffer.subarray(0, length));
        const taken = isDown ? this.#take(buffer.subarray(0, length)) : length;
        for (let sent = 0; sent < taken;) sent += await to.write(buffer.subarray(sent, taken));
        if (taken < length) break;
      }
    } catch {
      // one of them is closed
    }
    this.cut();
  }
}

/** `ring`, in which a hub may die at an append. */
function killableLog(ring: Ring, hub: { death: Death | undefined }, poison: string | undefined): Ring {
  let left = -1;
  const append = (time: number, payload: Uint8Array, length?: number) => {
    const { death } = hub;
    if (poison !== undefined && decoder.decode(payload.subarray(0, length)).includes(poison)) {
      throw new Killed();
    }
    if (death?.kind !== "append") return ring.append(time, payload, length);
    if (left < 0) left = death.after;
    if (left-- > 0) return ring.append(time, payload, length);
    if (death.isAppended) ring.append(time, payload, length);
    throw new Killed();
  };
  return new Proxy(ring, {
    get(target, key) {
      if (key === "append") return append;
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
