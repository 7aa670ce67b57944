/** The Unix socket to which fronts connect: each connection begins with a `Hello` (`relay/handshake.ts`). */
import { callAfter } from "../../base/deadlines.ts";
import { VERSION } from "../../base/version.ts";
import { closeQuietly, type Conn } from "../../net/conn.ts";
import { FrameConn } from "../../net/frame_conn.ts";
import { acceptConnections } from "../../net/listener.ts";
import { listenPrivately } from "../../net/private_listener.ts";
import { PrefixedConn } from "../../net/tunnel.ts";
import {
  decodeHello,
  describeMismatch,
  encodeWelcome,
  type Hello,
  MAX_HELLO_BYTES,
  RELAY_VERSION,
  type RelaySide,
} from "../../relay/handshake.ts";
import { MAX_UP_FRAME_BYTES } from "../../relay/upward.ts";
import { RelayFault } from "../../relay/wire.ts";
import { socketPath } from "../console/admin_protocol.ts";
import type { ClientOrigin } from "../listen/client_origin.ts";
import { MAX_RELAY_QUEUE_BYTES } from "./front_link.ts";

const RELAY_SOCKET = "relay.sock";
/** Time for the first frame. */
const HELLO_MS = 5_000;
export const HUB_SIDE: RelaySide = { version: RELAY_VERSION, program: VERSION };

export interface RelaySocketOptions {
  readonly dataDir: string;
  /** A front has connected. */
  readonly onFront: (conn: FrameConn, hello: Hello & { kind: "front" }) => void;
  /** A client of a front has sent an HTTP request. */
  readonly onTunnel: (conn: Conn, origin: ClientOrigin) => void;
  /** In a cluster: a front of this node has connected for its listeners. */
  readonly onControl?: (conn: FrameConn, hello: Hello & { kind: "control" }) => void;
  /** For the server log. */
  readonly onTrouble: (why: string) => void;
}

export class RelaySocket {
  readonly #listener: Deno.Listener;
  readonly #options: RelaySocketOptions;

  private constructor(listener: Deno.Listener, options: RelaySocketOptions, readonly path: string) {
    this.#listener = listener;
    this.#options = options;
  }

  /** Listens in the data folder, which the caller has locked: a socket there is left over from a dead server. */
  static async open(options: RelaySocketOptions): Promise<RelaySocket | { readonly why: string }> {
    const place = socketPath(options.dataDir, RELAY_SOCKET);
    if ("why" in place) return { why: `${place.why}; use a shorter --data-dir` };
    const { path } = place;
    try {
      const found = await Deno.lstat(path).catch(() => undefined);
      if (found !== undefined && !found.isSocket) return { why: `${path} exists and is not a socket` };
      const socket = new RelaySocket(await listenPrivately(options.dataDir, path), options, path);
      void acceptConnections(socket.#listener, (conn) => void socket.accept(conn), options.onTrouble);
      return socket;
    } catch (error) {
      return { why: `${path}: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  async close(): Promise<void> {
    closeQuietly(this.#listener);
    await Deno.remove(this.path).catch(() => {});
  }

  /** Serves a connection that begins with a `Hello`: of the socket itself, or one from another machine, proven. */
  async accept(conn: Conn, isRemote = false): Promise<void> {
    const frames = new FrameConn(conn, MAX_HELLO_BYTES, MAX_RELAY_QUEUE_BYTES);
    const inTime = callAfter(HELLO_MS, () => frames.close());
    try {
      const frame = await frames.read();
      if (frame === undefined) return frames.close();
      await this.#welcome(frames, decodeHello(frame), isRemote);
    } catch (error) {
      if (error instanceof RelayFault) this.#options.onTrouble(`a connection to the relay: ${error.message}`);
      frames.close();
    } finally {
      inTime();
    }
  }

  async #welcome(
    frames: FrameConn,
    hello: ReturnType<typeof decodeHello>,
    isRemote: boolean,
  ): Promise<void> {
    switch (hello.kind) {
      case "front":
        frames.maxFrameBytes = MAX_UP_FRAME_BYTES;
        return this.#options.onFront(frames, hello);
      case "control":
        if (isRemote || this.#options.onControl === undefined) return frames.close();
        frames.maxFrameBytes = MAX_UP_FRAME_BYTES;
        return this.#options.onControl(frames, hello);
      case "tunnel": {
        const { host, endpoint, secure } = hello;
        return this.#options.onTunnel(new PrefixedConn(frames.conn, frames.takeRest()), {
          host,
          endpoint,
          secure,
        });
      }
      case "mismatch":
        this.#options.onTrouble(describeMismatch(hello.side, HUB_SIDE));
        frames.send([encodeWelcome({ kind: "mismatch", side: HUB_SIDE })]);
        await frames.queue.flushed();
        return frames.close();
    }
  }
}
