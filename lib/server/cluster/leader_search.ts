/**
 * Finds out which node leads where etcd does not say it: a leader that is cut off from etcd, and has no certain lease any
 * more, asks the other nodes by their relays. One that leads takes a front, another one closes the connection.
 */
import { callAfter } from "../../base/deadlines.ts";
import type { Timers } from "../../cluster/timers.ts";
import { FrameConn } from "../../net/frame_conn.ts";
import { dialRelay, type RelayPlace, RelayUnreachable } from "../../net/relay_dialer.ts";
import { decodeWelcome, encodeHello, MAX_SETUP_BYTES } from "../../relay/handshake.ts";
import { RelayFault } from "../../relay/wire.ts";
import { SILENCE_MS } from "../relay/front_setup.ts";
import { HUB_SIDE } from "../relay/relay_socket.ts";

/** Between two rounds of questions. */
export const ASK_INTERVAL_MS = 1_000;
/** Time to connect, and as long for the answer: a machine that is busy is not silent. */
const ANSWER_MS = 5_000;

/** What a node answers. `standby`: it is there, and does not lead as a node of this version does. */
export type NodeAnswer = "leads" | "standby" | "silent";

export interface LeaderSearchOptions {
  readonly timers: Timers;
  /** While it is, no other node leads. */
  readonly isLeaseAlive: () => boolean;
  /** The relays of the other nodes, by name, as this one has last known them. */
  readonly others: () => ReadonlyMap<string, RelayPlace>;
  readonly ask: (place: RelayPlace) => Promise<NodeAnswer>;
  /** Ends the search. */
  readonly signal: AbortSignal;
}

/** `cut_off`: no other node has answered for {@link SILENCE_MS}. */
export type SearchResult = { readonly kind: "found"; readonly node: string } | { readonly kind: "cut_off" };

/** Resolves when the search has a result; undefined: it was ended. While other nodes answer, and none leads, it goes on. */
export async function searchLeader(options: LeaderSearchOptions): Promise<SearchResult | undefined> {
  const { timers, isLeaseAlive, others, ask, signal } = options;
  let silentSince: number | undefined;
  while (!signal.aborted) {
    await timers.sleep(ASK_INTERVAL_MS, signal);
    if (signal.aborted) return undefined;
    const asked = isLeaseAlive() ? [] : [...others()];
    const askedAt = timers.now();
    const answers = await Promise.all(
      asked.map(async ([node, place]) => ({ node, answer: await ask(place) })),
    );
    if (signal.aborted) return undefined;
    const leader = answers.find(({ answer }) => answer === "leads");
    if (leader !== undefined) return { kind: "found", node: leader.node };
    const isSilent = answers.length > 0 && answers.every(({ answer }) => answer === "silent");
    if (isSilent && !isLeaseAlive()) silentSince ??= askedAt;
    else silentSince = undefined;
    if (silentSince !== undefined && timers.now() - silentSince >= SILENCE_MS) return { kind: "cut_off" };
  }
  return undefined;
}

/** Asks the node at `place`, as a front of `node` that then does not come. */
export async function askNode(place: RelayPlace, node: string): Promise<NodeAnswer> {
  let frames: FrameConn;
  try {
    frames = new FrameConn(await dialRelay(place, ANSWER_MS), MAX_SETUP_BYTES, MAX_SETUP_BYTES);
  } catch (error) {
    if (error instanceof RelayUnreachable) return "silent";
    throw error;
  }
  let isLate = false;
  const inTime = callAfter(ANSWER_MS, () => {
    isLate = true;
    frames.close();
  });
  try {
    const name = crypto.randomUUID().replaceAll("-", "").slice(0, 16); // of no other front
    const front = {
      kind: "front",
      side: HUB_SIDE,
      index: 0,
      pid: Deno.pid,
      name,
      isReturning: true,
    } as const;
    frames.send([encodeHello({ ...front, node })]);
    const frame = await frames.read();
    if (frame === undefined) return isLate ? "silent" : "standby";
    return decodeWelcome(frame).kind === "welcome" ? "leads" : "standby";
  } catch (error) {
    if (error instanceof RelayFault) return "standby";
    throw error;
  } finally {
    inTime();
    frames.close();
  }
}
