/** Connections with a purpose not known yet. Their number is bounded: one more closes the oldest. */
import { closeQuietly, type Conn } from "./conn.ts";

export class PendingConns {
  readonly #conns = new Set<Conn>();

  constructor(readonly max: number) {}

  get size(): number {
    return this.#conns.size;
  }

  add(conn: Conn): void {
    const [oldest] = this.#conns;
    if (this.#conns.size >= this.max) {
      this.#conns.delete(oldest!);
      closeQuietly(oldest!);
    }
    this.#conns.add(conn);
  }

  delete(conn: Conn): void {
    this.#conns.delete(conn);
  }

  /** Closes all of them. */
  close(): void {
    for (const conn of this.#conns) closeQuietly(conn);
  }
}
