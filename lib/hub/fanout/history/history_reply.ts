/**
 * Sends messages from the log to a session: as the reply to CHATHISTORY, or unrequested when it joins a channel.
 */
import { CAP } from "../../../irc/capabilities.ts";
import { HISTORY_END_TAG } from "../../../irc/capability_names.ts";
import type { CapSet } from "../../../irc/cap_set.ts";
import { MAX_LINE_BYTES } from "../../../irc/limits.ts";
import { formatHistoryGap } from "../../../irc/vendor_extensions.ts";
import type { HistoryGap } from "../../../irc/vendor_extensions.ts";
import { CHATHISTORY_MAX_BYTES } from "../../model/config.ts";
import type { HubContext, Services } from "../../context.ts";
import { maxHistoryLineBytes, RecordRenderer } from "../../history/record_renderer.ts";
import { withTag } from "../../output/labeled_response.ts";
import type { HistorySlice } from "../../history/history_query.ts";
import { lengthIn } from "../../history/paging/history_view.ts";
import type { HistoryView, RecordSource } from "../../history/paging/history_view.ts";
import type { Session } from "../../model/state/entities.ts";

const decoder = new TextDecoder();

/**
 * Whether `caps` allow replayed messages in a timed batch. Without it, replayed messages would look new, and a bot
 * would act on them.
 */
export function rendersTimedBatches(caps: CapSet): boolean {
  return caps.has(CAP.batch) && caps.has(CAP.serverTime);
}

/**
 * The gap between two records that follow each other in a page; `previous` undefined: in front of its first record,
 * `next` undefined as well: the page is empty.
 */
export type FindGap = (previous: number | undefined, next: number | undefined) => HistoryGap | undefined;

export interface HistoryReply {
  /** The target as the client named it, safe as a middle parameter. */
  readonly requestedTarget: string;
  /** The current name of the channel; undefined for direct messages. */
  readonly channel: string | undefined;
  readonly view: RecordSource;
  readonly selection: HistorySlice;
  readonly findGap?: FindGap | undefined;
}

/**
 * Sends one batch, oldest message first, with a note where there is a gap. Records that the ring has
 * overwritten meanwhile are left out. Returns the number of messages and other events in the batch.
 */
export function sendSelection(
  context: HubContext,
  services: Services,
  session: Session,
  answer: HistoryReply & { readonly view: HistoryView },
): number {
  const { view: { sequence }, selection: { from, to } } = answer;
  return sendRecords(context, services, session, answer, from < to ? sequence.range(from, to) : []);
}

/** As {@link sendSelection}, for the records `selected`, oldest first. */
export function sendRecords(
  context: HubContext,
  services: Services,
  session: Session,
  answer: HistoryReply,
  selected: readonly number[],
): number {
  const { selection, view } = answer;
  const { seqs, bytes } = selectFitting(services, selected, selection, view);
  const inOrder = (nearest: readonly number[]) =>
    selection.keepSide === "newest" ? nearest.toReversed() : nearest;
  let kept = seqs;
  let lines: Uint8Array<ArrayBuffer> | undefined;
  // Messages of several lines may take more bytes than estimated.
  while (
    (lines = renderReply(context, services, session.caps, answer, inOrder(kept), bytes)) === undefined
  ) {
    const half = Math.ceil(kept.length / 2);
    kept = kept.slice(0, lastCutCount(half, selection) || half);
  }
  if (!context.isCollectingResponse(session)) services.outbox.bytes(session, lines);
  else context.sendBatch(session, decoder.decode(lines).split("\r\n").slice(0, -1));
  return kept.length;
}

/**
 * The sequence numbers of the messages of a selection that fit a reply, nearest to its anchor first, and their
 * approximate size in bytes. If the reply may be cut only at certain places, it ends at the last of these, or, if
 * there is none, at the next one, up to twice the byte limit.
 */
function selectFitting(
  services: Services,
  selected: readonly number[],
  selection: HistorySlice,
  view: RecordSource,
): { seqs: number[]; bytes: number } {
  const seqs: number[] = [];
  let bytes = 3 * MAX_LINE_BYTES; // the batch's first and last line, and the gap's
  let isOver = false;
  for (const seq of selection.keepSide === "oldest" ? selected : selected.toReversed()) {
    if (bytes >= CHATHISTORY_MAX_BYTES) {
      const whole = isOver && !isCutAllowed(seqs.length, selection)
        ? 0
        : lastCutCount(seqs.length, selection);
      if (whole > 0) return { seqs: seqs.slice(0, whole), bytes };
      if (bytes >= 2 * CHATHISTORY_MAX_BYTES) break;
      isOver = true;
    }
    seqs.push(seq);
    bytes += maxHistoryLineBytes(lengthIn(services.history, view, seq));
  }
  return { seqs, bytes };
}

/**
 * The largest number, up to `count`, of messages nearest to the anchor after which the reply may be cut; 0: there
 * is no such place.
 */
function lastCutCount(count: number, selection: HistorySlice): number {
  while (count > 0 && !isCutAllowed(count, selection)) count--;
  return count;
}

/** Whether the reply may be cut after `count` messages. */
function isCutAllowed(count: number, { from, to, keepSide, ends }: HistorySlice): boolean {
  if (ends === undefined) return true;
  return keepSide === "oldest" ? ends.isEnd(from + count) : ends.isStart(to - count);
}

/**
 * Renders the records `seqs` in this order; undefined: they are too long. `bytes`: approximate size of the result.
 */
function renderReply(
  context: HubContext,
  services: Services,
  caps: CapSet,
  { requestedTarget, channel, findGap, selection, view }: HistoryReply,
  seqs: readonly number[],
  bytes: number,
): Uint8Array<ArrayBuffer> | undefined {
  const { log, config: { logId, serverName, cloak } } = context;
  const ref = caps.has(CAP.batch) ? context.nextBatchRef() : undefined;
  const lead = ref === undefined ? "" : `batch=${ref}`;
  const batchRef = () => context.nextBatchRef();
  const retained = (seq: number) => view.archived(seq) ?? services.history.retained.get(seq);
  const { accounts } = services;
  const options = { log, retained, logId, serverName, cloak, caps, accounts, channel, lead, batchRef };
  const lines = new RecordRenderer(options, bytes);
  const isEnd = selection.isWhole && seqs.length === selection.to - selection.from;
  if (ref !== undefined) {
    lines.line(batchOpening(context, caps, ref, `chathistory ${requestedTarget}`, isEnd));
  }
  const noteGap = (previous: number | undefined, next: number | undefined) => {
    const gap = findGap?.(previous, next);
    if (gap === undefined) return;
    const note = `:${serverName} ${formatHistoryGap(gap)}`;
    lines.line(lead === "" ? note : withTag(note, lead));
  };
  if (seqs.length === 0) noteGap(undefined, undefined);
  for (const [at, seq] of seqs.entries()) {
    noteGap(seqs[at - 1], seq);
    lines.add(seq);
    if (lines.length > 2 * CHATHISTORY_MAX_BYTES && seqs.length > 1) return undefined;
  }
  if (ref !== undefined) lines.line(`:${serverName} BATCH -${ref}`);
  return lines.take();
}

/** The line that opens a batch; `isEnd`: there is nothing beyond it in the requested direction. */
function batchOpening(context: HubContext, caps: CapSet, ref: string, type: string, isEnd: boolean): string {
  const line = `:${context.config.serverName} BATCH +${ref} ${type}`;
  return isEnd && caps.has(CAP.chathistory) ? withTag(line, HISTORY_END_TAG) : line;
}

/**
 * Sends `lines` in a batch of a CHATHISTORY reply if the session supports batches; `isEnd` as in {@link
 * batchOpening}.
 */
export function sendHistoryBatch(
  context: HubContext,
  session: Session,
  ref: string,
  type: string,
  lines: readonly string[],
  isEnd: boolean,
): void {
  if (!session.caps.has(CAP.batch)) {
    for (const line of lines) context.send(session, line);
    return;
  }
  const opening = batchOpening(context, session.caps, ref, type, isEnd);
  context.sendBatch(session, [opening, ...lines, `:${context.config.serverName} BATCH -${ref}`]);
}
