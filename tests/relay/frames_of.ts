/** What a frame reader makes of a stream. */
import { RelayFrameReader } from "../../lib/relay/frame.ts";

/** The frames in `stream`, read in pieces of the sizes that `size` gives. */
export function framesOf(stream: Uint8Array, size: () => number): Uint8Array[] {
  const reader = new RelayFrameReader();
  const frames: Uint8Array[] = [];
  for (let at = 0; at < stream.length;) {
    const piece = stream.subarray(at, at + size());
    for (let used = 0; used < piece.length;) {
      used += reader.take(piece.subarray(used));
      if (reader.frame !== undefined) frames.push(reader.frame);
    }
    at += piece.length;
  }
  return frames;
}

/** The one frame that `bytes` are, as its reader gives it. */
export function frameOf(bytes: Uint8Array): Uint8Array {
  const [frame] = framesOf(bytes, () => bytes.length);
  return frame!;
}
