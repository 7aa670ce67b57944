/** A connection that the server side serves, with what its handler is given. */
import type { Conn } from "../../lib/net/conn.ts";
import { LineConn } from "../../lib/net/line_conn.ts";
import { WriteScheduler } from "../../lib/net/write_scheduler.ts";

export interface ServedConn<Peer> {
  readonly conn: LineConn;
  /** The client's side. */
  readonly peer: Peer;
  /** What the handler got: lines and faults, and at the end `closed: …`. */
  readonly got: string[];
  readonly served: Promise<void>;
}

/** Serves `accepted` while `fn` runs, and closes both sides. */
export async function withServedConn<Peer extends { close(): void }>(
  accepted: Conn,
  peer: Peer,
  fn: (pair: ServedConn<Peer>) => Promise<void>,
  maxQueueBytes?: number,
): Promise<void> {
  const turns = new WriteScheduler();
  const conn = new LineConn(accepted, turns, maxQueueBytes);
  const got: string[] = [];
  const served = conn.serve({
    handleLines: (lines) =>
      void got.push(...lines.map((line) => typeof line === "string" ? line : `fault: ${line.fault}`)),
    handleClosed: (reason) => void got.push(`closed: ${reason}`),
  });
  try {
    await fn({ conn, peer, got, served });
  } finally {
    conn.destroy();
    try {
      peer.close();
    } catch {
      // closed by the test
    }
    await served;
    await turns.polls.waitUntilIdle();
  }
}
