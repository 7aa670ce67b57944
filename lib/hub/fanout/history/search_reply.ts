/** The answer to SEARCH: a batch of messages from different conversations (docs/protocol/search.md). */
import { CAP } from "../../../irc/capabilities.ts";
import type { CapSet } from "../../../irc/cap_set.ts";
import { MAX_LINE_BYTES } from "../../../irc/limits.ts";
import { formatSearchRest } from "../../../irc/vendor_extensions.ts";
import type { SearchRest } from "../../../irc/vendor_extensions.ts";
import type { HubContext, Services } from "../../context.ts";
import { maxHistoryLineBytes, RecordRenderer } from "../../history/record_renderer.ts";
import { CHATHISTORY_MAX_BYTES } from "../../model/config.ts";
import type { Session } from "../../model/state/entities.ts";
import { formatMsgid } from "../../output/render.ts";

/** A message that was found. */
export interface SearchHit {
  readonly seq: number;
  /** Present name of the channel; undefined for a direct message. */
  readonly channel: string | undefined;
  /** The record, if it is not from the log. */
  readonly record?: { readonly time: number; readonly payload: Uint8Array };
}

export interface SearchReply {
  /** The newest first. */
  readonly hits: readonly SearchHit[];
  /** Matches before this number, if there are any, are on the next page; undefined: there are none. */
  readonly next: number | undefined;
  /** Why something was not searched; undefined: everything was. */
  readonly incomplete: IncompleteReason | undefined;
}

export type IncompleteReason = Exclude<SearchRest["why"], "more">;

const decoder = new TextDecoder();

/** Sends the batch, the oldest message first. */
export function sendSearchReply(
  context: HubContext,
  services: Services,
  session: Session,
  { hits, next, incomplete }: SearchReply,
): void {
  const { serverName, logId } = context.config;
  const ref = session.caps.has(CAP.batch) ? context.nextBatchRef() : undefined;
  const { lines, count } = renderHits(context, services, session.caps, hits, ref);
  const nextSeq = count < hits.length ? hits[count - 1]!.seq : next;
  if (ref !== undefined) {
    lines.unshift(`:${serverName} BATCH +${ref} ${batchType(session.caps)}`);
    lines.push(`:${serverName} BATCH -${ref}`);
  }
  context.sendBatch(session, lines);
  const before = nextSeq === undefined ? undefined : formatMsgid(nextSeq, logId);
  if (incomplete === undefined && (before === undefined || !session.caps.has(CAP.seq))) return;
  context.send(session, `:${serverName} ${formatSearchRest({ why: incomplete ?? "more", before })}`);
}

/** The draft of IRCv3 calls it `search`, soju calls it as its capability. */
function batchType(caps: CapSet): string {
  return caps.has(CAP.draftSearch) && !caps.has(CAP.search) ? "search" : "soju.im/search";
}

/** The lines of as many hits as fit a response, at least one, the oldest first; `count`: that many of the newest. */
function renderHits(
  context: HubContext,
  services: Services,
  caps: CapSet,
  hits: readonly SearchHit[],
  ref: string | undefined,
): { lines: string[]; count: number } {
  const rendered: string[][] = [];
  let bytes = 0;
  for (const hit of hits) {
    const part = renderHit(context, services, caps, hit, ref);
    bytes += part.length;
    if (bytes > CHATHISTORY_MAX_BYTES && rendered.length > 0) break;
    rendered.push(decoder.decode(part).split("\r\n").slice(0, -1));
  }
  return { lines: rendered.toReversed().flat(), count: rendered.length };
}

function renderHit(
  context: HubContext,
  services: Services,
  caps: CapSet,
  { seq, channel, record }: SearchHit,
  ref: string | undefined,
): Uint8Array {
  const { log, config: { logId, serverName, cloak } } = context;
  const lead = ref === undefined ? "" : `batch=${ref}`;
  const batchRef = () => context.nextBatchRef();
  const retained = () => record ?? services.history.retained.get(seq);
  const { accounts } = services;
  const options = { log, retained, logId, serverName, cloak, caps, accounts, channel, lead, batchRef };
  const length = record?.payload.length ?? services.history.lengthOf(seq);
  const renderer = new RecordRenderer(options, maxHistoryLineBytes(length) + MAX_LINE_BYTES);
  renderer.add(seq);
  return renderer.take();
}
