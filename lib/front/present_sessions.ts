/** Tells a hub that takes over of the sessions of a front. */
import type { FrameConn } from "../net/frame_conn.ts";
import { encodeUp } from "../relay/upward.ts";
import type { FrontSession } from "./front_session.ts";

/** Bytes after which the front waits until the hub has taken them. */
const CHUNK_BYTES = 1024 * 1024;

/** Presents what another hub can restore. Returns false if the relay ends before, or is no longer `isCurrent`. */
export async function presentSessions(
  relay: FrameConn,
  sessions: readonly FrontSession[],
  isCurrent: () => boolean,
): Promise<boolean> {
  let bytes = 0;
  for (const session of sessions) {
    const frame = session.present();
    if (frame === undefined) continue;
    const encoded = encodeUp(frame);
    if (!relay.send([encoded])) return false;
    bytes += encoded.length;
    if (bytes < CHUNK_BYTES) continue;
    bytes = 0;
    await relay.queue.flushed();
    if (!isCurrent()) return false;
  }
  return true;
}
