/** What a ring file holds, as the judge of a torture wants it. */
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import { nickOf } from "../../lib/hub/model/identifiers.ts";
import { formatMsgid } from "../../lib/hub/output/render.ts";
import { recordBytes } from "../../lib/log/record.ts";
import { readLogFile } from "../../lib/store/ring_file/open_log.ts";

export interface StoredMessage {
  readonly seq: number;
  readonly msgid: string;
  readonly from: string;
  readonly target: string;
  readonly text: string;
}

export interface StoredLog {
  readonly kind: "ok";
  /** First record held; what is below has been overwritten, or did not fit a smaller ring. */
  readonly oldestSeq: number;
  /** It holds no record at all: then `oldestSeq` says nothing of what was there. */
  readonly empty: boolean;
  /** The ring holds about as much as it can. */
  readonly full: boolean;
  /** Synced records that are lost to damage, which no kill explains. */
  readonly damaged: number;
  /** In their order. */
  readonly messages: readonly StoredMessage[];
}

/** Reads the ring file of a server that has ended; `missing`: there is none yet. */
export function readStored(path: string): StoredLog | { kind: "missing" } | { kind: "bad"; why: string } {
  const log = readLogFile(path);
  if (log.kind !== "ok") {
    return log.why === "there is no such file" ? { kind: "missing" } : { kind: "bad", why: log.why };
  }
  const { ring, logId, report } = log;
  const messages: StoredMessage[] = [];
  let held = 0;
  for (let seq = ring.oldestSeq; seq < ring.nextSeq;) {
    const record = ring.read(seq);
    if (record.kind === "empty") break;
    if (record.kind === "missing") {
      seq = record.next;
      continue;
    }
    held += recordBytes(record.payload.length);
    const event = decodeEvent(record.payload);
    if (event === undefined) return { kind: "bad", why: `record ${seq} is no event` };
    if (event.kind === "message") {
      const { source, target, text } = event;
      messages.push({ seq, msgid: formatMsgid(seq, logId), from: nickOf(source), target: target.name, text });
    }
    seq++;
  }
  return {
    kind: "ok",
    oldestSeq: ring.oldestSeq,
    empty: held === 0,
    full: held >= ring.capacityBytes / 2,
    damaged: report.newlyDamaged,
    messages,
  };
}

export const NOTHING_STORED: StoredLog = {
  kind: "ok",
  oldestSeq: 1,
  empty: true,
  full: false,
  damaged: 0,
  messages: [],
};
