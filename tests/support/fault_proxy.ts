/**
 * The network between a client and a server, with its faults: a TCP proxy on a port of its own that cuts connections, loses
 * what is on its way, keeps it back, or has nobody answer. Which connection has which fault is planned by the caller, one
 * by one ({@link FaultProxy.plan}) or by a rule of its own ({@link FaultProxy.planner}), so that chance can come from a seed.
 */
import type { Address } from "../../lib/net/address.ts";

type TcpAddress = Address & { kind: "tcp" };

/** `up`: from the client to the server; `down`: back. */
export type Direction = "up" | "down";

/** Where in a connection's stream a fault strikes. Nothing of that direction passes from there on. */
export type Place =
  /** After this many bytes. */
  | { readonly afterBytes: number }
  /** Before the first bytes that are this text (ASCII, and within one read). */
  | { readonly before: string }
  /** After them. */
  | { readonly after: string };

export type Fault =
  /** Both ends are closed: what had passed has arrived, what had not is lost. */
  | { readonly kind: "cut"; readonly direction: Direction; readonly at: Place }
  /** The connection stays open and nothing passes any more, either way; an end of it does not pass either. */
  | { readonly kind: "half_open"; readonly direction: Direction; readonly at: Place }
  /** All that passes takes this much longer, either way. */
  | { readonly kind: "delay"; readonly ms: number };

const READ_BYTES = 16 * 1024;

export class FaultProxy {
  readonly address: TcpAddress;
  /** Connections that have been made through here. */
  made = 0;
  /** The fault of each connection that {@link plan} says nothing of; undefined: none. */
  planner: () => Fault | undefined = () => undefined;
  #listener: Deno.TcpListener;
  /** Resolves once the listener is closed. */
  #accepting: Promise<void>;
  #upstream: TcpAddress | undefined;
  #planned: (Fault | undefined)[] = [];
  readonly #pairs = new Set<Pair>();
  #refusing = false;

  /** `upstream`: where the server is; it may be given, and changed, later. */
  constructor(upstream?: Address) {
    this.#upstream = tcp(upstream);
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.address = { kind: "tcp", host: "127.0.0.1", port: this.#listener.addr.port };
    this.#accepting = this.#accept(this.#listener);
  }

  get url(): string {
    return `irc://${this.address.host}:${this.address.port}`;
  }

  /** Connections from now on lead there; undefined: they are closed as soon as they are made. */
  set upstream(address: Address | undefined) {
    this.#upstream = tcp(address);
  }

  /** The faults of the next connections, in the order in which they will be made. */
  plan(...faults: (Fault | undefined)[]): void {
    this.#planned.push(...faults);
  }

  /** Cuts all connections there are; answers how many. */
  cut(): number {
    const count = this.#pairs.size;
    for (const pair of [...this.#pairs]) pair.close();
    return count;
  }

  /** From now on nothing passes on the connections there are, and nobody is told. */
  halfOpen(): void {
    for (const pair of this.#pairs) pair.silent = true;
  }

  /** Once it resolves nobody listens: whoever comes is refused. Connections there are go on. */
  async refuse(): Promise<void> {
    if (!this.#refusing) this.#listener.close();
    this.#refusing = true;
    await this.#accepting;
  }

  /** The end of {@link refuse}, on the same port. */
  listen(): void {
    if (!this.#refusing) return;
    this.#refusing = false;
    this.#listener = Deno.listen({ hostname: this.address.host, port: this.address.port });
    this.#accepting = this.#accept(this.#listener);
  }

  close(): void {
    void this.refuse();
    this.cut();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    try {
      for await (const client of listener) void this.#connect(client);
    } catch {
      // closed
    }
  }

  async #connect(client: Deno.TcpConn): Promise<void> {
    this.made++;
    const fault = this.#planned.length > 0 ? this.#planned.shift() : this.planner();
    let server: Deno.TcpConn | undefined;
    try {
      const to = this.#upstream;
      if (to !== undefined) server = await Deno.connect({ hostname: to.host, port: to.port });
    } catch {
      // the server is down: what a client of this proxy sees of it is an end
    }
    if (server === undefined) return client.close();
    if (this.#refusing) return client.close(), server.close();
    const pair = new Pair(client, server, fault, () => this.#pairs.delete(pair));
    this.#pairs.add(pair);
    pair.start();
  }
}

/** A connection through the proxy, with what it has still to suffer. */
class Pair {
  silent = false;
  #closed = false;

  constructor(
    readonly client: Deno.TcpConn,
    readonly server: Deno.TcpConn,
    readonly fault: Fault | undefined,
    readonly onClose: () => void,
  ) {
    client.setNoDelay(true);
    server.setNoDelay(true);
  }

  start(): void {
    void this.#pass("up", this.client, this.server);
    void this.#pass("down", this.server, this.client);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const conn of [this.client, this.server]) conn.close();
    this.onClose();
  }

  async #pass(direction: Direction, from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    const { fault } = this;
    const strikes = fault !== undefined && fault.kind !== "delay" && fault.direction === direction;
    let passed = 0;
    try {
      for (let length; (length = await from.read(buffer)) !== null;) {
        const place = strikes ? placeIn(buffer.subarray(0, length), fault.at, passed) : -1;
        if (fault?.kind === "delay") await new Promise((resolve) => setTimeout(resolve, fault.ms));
        if (!this.silent) await writeAll(to, buffer.subarray(0, place < 0 ? length : place));
        passed += length;
        if (place < 0) continue;
        if (fault?.kind !== "half_open") break;
        this.silent = true;
      }
    } catch {
      // an end of the connection is gone
    }
    if (!this.silent) this.close();
  }
}

/** How many of `bytes`, which come after `passed` others, may pass; -1: all of them. */
function placeIn(bytes: Uint8Array, place: Place, passed: number): number {
  if ("afterBytes" in place) {
    return passed + bytes.length >= place.afterBytes ? Math.max(0, place.afterBytes - passed) : -1;
  }
  const text = new TextDecoder("latin1").decode(bytes); // a character for each byte
  if ("before" in place) return text.indexOf(place.before);
  const at = text.indexOf(place.after);
  return at < 0 ? -1 : at + place.after.length;
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

function tcp(address: Address | undefined): TcpAddress | undefined {
  if (address !== undefined && address.kind !== "tcp") throw new Error("the proxy leads to TCP ports only");
  return address;
}
