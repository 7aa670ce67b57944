/** The admin socket: reads commands of `chatterbox admin` (`admin_protocol.ts`), runs them, and writes the answers. */
import { encodeUtf8 } from "../../base/bytes.ts";
import { callAfter } from "../../base/deadlines.ts";
import { acceptConnections } from "../../net/listener.ts";
import { listenPrivately } from "../../net/private_listener.ts";
import type { ConsoleRunner } from "./console_runner.ts";
import {
  adminSocketPath,
  formatAnswer,
  formatEnd,
  formatLines,
  LineCutter,
  MAX_COMMAND_BYTES,
} from "./admin_protocol.ts";
import { CommandFailure } from "./console_command.ts";
import type { Issuer } from "./console_command.ts";

/** Connections at a time. */
export const MAX_ADMIN_CONNECTIONS = 8;
/** A connection that sends or reads nothing for this long is closed. */
const ADMIN_IDLE_MS = 30_000;
/** Time for the last answers to be written when the server stops. */
const CLOSING_MS = 1000;
/** Size of one read. */
const READ_BYTES = 4096;
const ISSUER: Issuer = { audit: "chatterbox admin", user: undefined, isExposed: false };

/** What runs the commands. */
export type AdminRunner = Pick<ConsoleRunner, "run" | "stop" | "handOver">;

export type AdminSocketOutcome =
  | { readonly kind: "open"; readonly socket: AdminSocket; readonly path: string }
  | { readonly kind: "failed"; readonly why: string };

export class AdminSocket {
  readonly #listener: Deno.Listener;
  readonly #path: string;
  readonly #consoleRunner: AdminRunner;
  readonly #idleMs: number;
  /** Connections, and whether a command of each is running. */
  readonly #conns = new Map<Deno.Conn, boolean>();
  #isClosing = false;
  /** Called when the last connection has ended. */
  #onEmpty: (() => void) | undefined;

  private constructor(listener: Deno.Listener, path: string, consoleRunner: AdminRunner, idleMs: number) {
    this.#listener = listener;
    this.#path = path;
    this.#consoleRunner = consoleRunner;
    this.#idleMs = idleMs;
  }

  /**
   * Listens in `dataDir`, which the caller has locked: an existing socket is left over from a dead server, and is
   * replaced. Another kind of file is not touched. `onTrouble` is called when connections cannot be accepted.
   * `idleMs` is for tests.
   */
  static async open(
    dataDir: string,
    consoleRunner: AdminRunner,
    onTrouble: (why: string) => void,
    idleMs = ADMIN_IDLE_MS,
  ): Promise<AdminSocketOutcome> {
    const place = adminSocketPath(dataDir);
    if ("why" in place) return { kind: "failed", why: `${place.why}; use a shorter --data-dir` };
    const { path } = place;
    try {
      const found = await Deno.lstat(path).catch(() => undefined);
      if (found !== undefined && !found.isSocket) {
        return { kind: "failed", why: `${path} exists and is not a socket` };
      }
      const listener = await listenPrivately(dataDir, path);
      const socket = new AdminSocket(listener, path, consoleRunner, idleMs);
      void acceptConnections(listener, (conn) => void socket.#serve(conn), onTrouble);
      return { kind: "open", socket, path };
    } catch (error) {
      return { kind: "failed", why: `${path}: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  /**
   * Accepts no more commands; running ones continue. Call it while the data folder is locked: afterwards the socket
   * there may belong to another server.
   */
  async stopListening(): Promise<void> {
    this.#isClosing = true;
    this.#listener.close();
    await Deno.remove(this.#path).catch(() => {});
    for (const [conn, isBusy] of this.#conns) if (!isBusy) closeConn(conn);
  }

  /**
   * After {@link stopListening}: resolves when the running commands have been answered. After {@link CLOSING_MS} it
   * closes the connections of the others: after a bug no command completes.
   */
  async close(): Promise<void> {
    if (this.#conns.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const late = callAfter(CLOSING_MS, resolve);
    await promise;
    late();
    this.#conns.forEach((_, conn) => closeConn(conn));
  }

  async #serve(conn: Deno.Conn): Promise<void> {
    if (this.#isClosing) return closeConn(conn); // accepted while the listener was being closed
    if (this.#conns.size >= MAX_ADMIN_CONNECTIONS) {
      const words = `the admin socket has its ${MAX_ADMIN_CONNECTIONS} connections; try again later`;
      await writeAll(conn, formatEnd(new CommandFailure("busy", words)), this.#idleMs).catch(() => {});
      return closeConn(conn);
    }
    this.#conns.set(conn, false);
    try {
      await this.#answerLines(conn);
    } catch {
      // the client has disconnected, or was too slow
    }
    closeConn(conn);
    this.#conns.delete(conn);
    if (this.#conns.size === 0) this.#onEmpty?.();
  }

  async #answerLines(conn: Deno.Conn): Promise<void> {
    const cutter = new LineCutter(MAX_COMMAND_BYTES);
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const count = await within(this.#idleMs, conn, () => conn.read(buffer));
      if (count === null) return;
      const lines = cutter.push(buffer.subarray(0, count));
      if (lines === undefined) {
        const words = `a command is one line of UTF-8 with at most ${MAX_COMMAND_BYTES} bytes`;
        return await writeAll(conn, formatEnd(new CommandFailure("malformed", words)), this.#idleMs);
      }
      for (const line of lines) {
        this.#conns.set(conn, true);
        await this.#answer(conn, line);
        this.#conns.set(conn, false);
        if (this.#isClosing) return;
      }
    }
  }

  async #answer(conn: Deno.Conn, line: string): Promise<void> {
    const answer = await this.#consoleRunner.run(line, ISSUER);
    if (answer.next === "hand_over") {
      await writeAll(conn, formatAnswer(answer), this.#idleMs).catch(() => {});
      return this.#consoleRunner.handOver();
    }
    if (answer.next === undefined) return await writeAll(conn, formatAnswer(answer), this.#idleMs);
    // The server stops even if the client has disconnected.
    await writeAll(conn, formatLines(answer.lines), this.#idleMs).catch(() => {});
    await writeAll(conn, formatAnswer(await this.#consoleRunner.stop()), CLOSING_MS);
  }
}

async function writeAll(conn: Deno.Conn, text: string, ms: number): Promise<void> {
  const bytes = encodeUtf8(text);
  for (let sent = 0; sent < bytes.length;) {
    sent += await within(ms, conn, () => conn.write(bytes.subarray(sent)));
  }
}

/** Awaits `run`; closes `conn`, which makes it fail, if that takes longer than `ms`. */
async function within<T>(ms: number, conn: Deno.Conn, run: () => Promise<T>): Promise<T> {
  const callOff = callAfter(ms, () => closeConn(conn));
  try {
    return await run();
  } finally {
    callOff();
  }
}

function closeConn(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // already closed
  }
}
