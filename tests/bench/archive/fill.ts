/** Writes a generated chat into an archive, by way of a ring and the archiver's own code. */
import { encodeEvent, EVENT_MAX_BYTES } from "../../../lib/hub/log/event_codec.ts";
import { ownCpuS } from "../../../lib/bench/process_usage.ts";
import { Ring } from "../../../lib/log/ring.ts";
import { ArchiveFollower } from "../../../lib/server/archive/archive_follower.ts";
import { ChatGenerator, LOG_ID } from "./chat_generator.ts";

/** As the default of `serve --buffer`. */
const RING_BYTES = 16 * 1024 * 1024;
const NO_BOUNDS = { maxBytes: Infinity, maxAgeMs: Infinity };
/** Share of the ring that is filled before it is archived. */
const FILLED_SHARE = 1 / 4;

export interface FillFigures {
  readonly messages: number;
  readonly records: number;
  /** Of the archiver alone: not that of making the chat. */
  readonly archivingS: number;
  /** Processor time of it, all threads. */
  readonly archivingCpuS: number;
  readonly payloadBytes: number;
}

/** Archives a chat of `messages` messages in a new archive at `path`; `onProgress` gets the number that are there. */
export function fillArchive(
  path: string,
  seed: number,
  messages: number,
  onProgress: (messages: number) => void,
): FillFigures {
  const ring = Ring.create(RING_BYTES);
  const scratch = new Uint8Array(EVENT_MAX_BYTES);
  const generator = new ChatGenerator(seed, messages);
  const follower = new ArchiveFollower(ring, { path, logId: LOG_ID, bounds: NO_BOUNDS });
  let [made, records, payloadBytes, waitingBytes, archivingMs, archivingCpuS] = [0, 0, 0, 0, 0, 0];
  const archive = () => {
    const [began, cpuBefore] = [performance.now(), ownCpuS()];
    while (follower.cursor < ring.nextSeq) follower.archiveBatch(ring.nextSeq);
    archivingMs += performance.now() - began;
    archivingCpuS += ownCpuS() - cpuBefore;
    waitingBytes = 0;
    onProgress(made);
  };
  for (; made < messages; made++) {
    for (const { event, time } of generator.next()) {
      const length = encodeEvent(event, scratch);
      ring.append(time, scratch, length);
      records++;
      payloadBytes += length;
      waitingBytes += ring.storedBytes(length);
    }
    if (waitingBytes >= FILLED_SHARE * RING_BYTES) archive();
  }
  archive();
  follower.close();
  return { messages, records, archivingS: archivingMs / 1000, archivingCpuS, payloadBytes };
}
