/**
 * A listening TCP socket that was passed to this process, with the connections that it accepts. The platform's own
 * listeners take no file descriptor (Deno 2.9.6), those of `node:net` do.
 *
 * Load it only where a socket was passed: `node:net` takes 25 ms to load.
 */
import type { AddressInfo, Server, Socket } from "node:net";
import { nodeModules } from "../base/platform/node_modules.ts";
import type { SocketListener, TcpSocketConn } from "./conn.ts";

/** Unread input of a connection; the network holds further input back, after one read. */
export const PASSED_UNREAD_BYTES = 16 * 1024;
/** Part of a write that is given to the network at once, so that a slow peer's progress shows. */
const WRITE_PART_BYTES = 64 * 1024;
/**
 * With no free file handle the platform (Deno 2.9.6) stops accepting, for ever and without an error; listening again
 * on the same socket, which costs a system call, makes it go on.
 */
const LISTEN_AGAIN_MS = 1000;
/** Connections that may wait to be accepted: as many as systemd allows itself (systemd.socket(5), Backlog=). */
const BACKLOG = 4096;

/** What `node:net` keeps the socket in. */
interface ServerHandle {
  listen(backlog: number): number;
}

/** Listens on the socket `fd`, which has its address already. @throws {Error} It cannot be listened on. */
export async function listenOnPassed(
  fd: number,
): Promise<{ listener: SocketListener; host: string; port: number }> {
  const server = makePassedServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ fd, backlog: BACKLOG }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const listener = new PassedListener(server);
  const at = server.address() as AddressInfo | string | null; // of a Unix socket: null
  if (at !== null && typeof at !== "string") {
    return { listener, host: at.address, port: at.port };
  }
  listener.close();
  throw new TypeError("it is not a TCP socket; for a Unix socket, use --listen unix:/PATH");
}

/** A server for {@link PassedListener}. */
export function makePassedServer(): Server {
  return nodeModules.net.createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
    highWaterMark: PASSED_UNREAD_BYTES,
  });
}

/** Accepts from a server that listens. */
export class PassedListener implements SocketListener {
  readonly #server: Server;
  readonly #accepted: (TcpSocketConn | Error)[] = [];
  #waiting: PromiseWithResolvers<TcpSocketConn> | undefined;
  #isClosed = false;
  readonly #again: ReturnType<typeof setInterval>;

  constructor(server: Server) {
    this.#server = server;
    this.#again = setInterval(() => {
      (server as unknown as { _handle: ServerHandle | null })._handle?.listen(BACKLOG);
    }, LISTEN_AGAIN_MS);
    server.on("connection", (socket) => {
      const conn = PassedConn.of(socket);
      if (conn !== undefined) this.#push(conn);
    });
    server.on("error", (error) => this.#push(error));
  }

  async accept(): Promise<TcpSocketConn> {
    const next = this.#accepted.shift();
    if (next instanceof Error) throw next;
    if (next !== undefined) return next;
    if (this.#isClosed) throw closedError();
    this.#waiting = Promise.withResolvers();
    return await this.#waiting.promise;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#again);
    this.#server.close();
    for (const left of this.#accepted.splice(0)) if (!(left instanceof Error)) left.close();
    this.#push(closedError());
  }

  #push(next: TcpSocketConn | Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#accepted.push(next);
    else if (next instanceof Error) waiting.reject(next);
    else waiting.resolve(next);
  }
}

/** At most one read and one write are in progress. */
class PassedConn implements TcpSocketConn {
  #error: Error | undefined;
  #isOver = false;
  #wakeReader: (() => void) | undefined;
  #failWrite: ((error: Error) => void) | undefined;

  private constructor(
    readonly socket: Socket,
    readonly localAddr: Deno.NetAddr,
    readonly remoteAddr: Deno.NetAddr,
  ) {
    socket.on("readable", () => this.#wakeReader?.());
    socket.on("end", () => this.#end());
    socket.on("error", (error) => this.#end(asSystemError(error)));
    socket.on("close", () => this.#close());
  }

  /** Undefined: the peer is gone already. */
  static of(socket: Socket): PassedConn | undefined {
    const local = addressOf(socket.localAddress, socket.localPort);
    const remote = addressOf(socket.remoteAddress, socket.remotePort);
    if (local !== undefined && remote !== undefined) return new PassedConn(socket, local, remote);
    socket.on("error", () => {}).destroy();
    return undefined;
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (;;) {
      const length = Math.min(this.socket.readableLength, buffer.length);
      const chunk: Uint8Array | null = this.socket.read(length); // a length of 0 only requests more
      if (chunk !== null && length > 0) {
        buffer.set(chunk);
        return length;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#isOver) return null;
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
      this.#wakeReader = undefined;
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    const part = bytes.subarray(0, WRITE_PART_BYTES);
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(this.#error ?? closedError());
      this.#failWrite = reject;
      this.socket.write(part, (error) => {
        this.#failWrite = undefined;
        if (error) reject(this.#error ?? asSystemError(error));
        else resolve(part.length);
      });
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.socket.end(() => resolve()));
  }

  close(): void {
    this.socket.destroy();
    this.#close();
  }

  setNoDelay(noDelay = true): void {
    this.socket.setNoDelay(noDelay);
  }

  #end(error?: Error): void {
    this.#error ??= error;
    this.#isOver = true;
    this.#wakeReader?.();
  }

  #close(): void {
    this.#end();
    this.#failWrite?.(this.#error ?? closedError());
  }
}

function addressOf(host: string | undefined, port: number | undefined): Deno.NetAddr | undefined {
  return host === undefined || port === undefined ? undefined : { transport: "tcp", hostname: host, port };
}

function closedError(): Error {
  return new Deno.errors.BadResource("closed");
}

/** The error as the platform's own sockets have it. */
function asSystemError(error: Error): Error {
  const code = "code" in error ? error.code : undefined;
  if (code === "ECONNRESET") return new Deno.errors.ConnectionReset(error.message);
  if (code === "EPIPE") return new Deno.errors.BrokenPipe(error.message);
  return error;
}
