/**
 * A watch over etcd's gateway: one request, of which the response goes on, one message a line.
 *
 * - **Signs of life.** etcd says by itself only every ten minutes that a watch is alive, and cannot be asked over one
 *   HTTP/1.1 request. So after {@link SILENCE_MS} without a message the watch is opened again where it is, over a new
 *   connection, perhaps to another member; the old one is let go. The `created` that answers is the sign of life.
 * - **A member without a leader** would serve the watch, and be silent: the header `hasleader` has it end the watch.
 * - **Compaction.** etcd 3.4 brings what comes after the compacted revision, and the compacted one itself without its
 *   deletions. So a watch begins one revision early, which etcd refuses as soon as something may be missing, and leaves
 *   that revision's events out.
 * - **Whole revisions.** A message has whole revisions unless it says `fragment`: then the last revision in it may go on
 *   in the next one, and is kept until it is complete.
 */
import { callAfter } from "../../base/deadlines.ts";
import {
  type KeyRange,
  StoreRefusal,
  StoreUnavailable,
  type WatchBatch,
  WatchCompacted,
  type WatchEvent,
} from "../key_value_store.ts";
import { LineAssembler, TooManyBytes } from "./bounded_body.ts";
import type { Gateway } from "./gateway.ts";
import { errorOf, gatewayErrorIn } from "./gateway_error.ts";
import { eventRevision, keyRange, watchEvents, type WireWatch } from "./gateway_message.ts";

/** Silence after which a sign of life is requested. */
export const SILENCE_MS = 2000;
/** Most bytes of a message: several requests of etcd's greatest default size (1.5 MiB), in base64. */
export const MAX_WATCH_LINE_BYTES = 16 * 1024 * 1024;

/** What a stream has brought; `silence`: nothing for {@link SILENCE_MS}. */
type StreamItem = WatchBatch | "silence";

/** @throws WatchCompacted, StoreUnavailable, StoreRefusal */
export async function* watchRange(
  gateway: Gateway,
  range: KeyRange,
  fromRevision: number,
  signal: AbortSignal,
  silenceMs: number,
): AsyncGenerator<WatchBatch> {
  let next = fromRevision;
  while (!signal.aborted) {
    for await (const item of readStream(gateway, range, next, signal, silenceMs)) {
      if (item === "silence") break;
      next = item.revision + 1;
      yield item;
      if (signal.aborted) return;
    }
  }
}

/** One response, until it is silent or `signal` is aborted. */
async function* readStream(
  gateway: Gateway,
  range: KeyRange,
  from: number,
  signal: AbortSignal,
  silenceMs: number,
): AsyncGenerator<StreamItem> {
  const end = new AbortController();
  const either = AbortSignal.any([signal, end.signal]);
  const create_request = {
    ...keyRange(range),
    start_revision: String(Math.max(1, from - 1)),
    fragment: true,
  };
  const headers = { "grpc-metadata-hasleader": "true" };
  try {
    const { response } = await gateway.open("/v3/watch", { create_request }, headers, either);
    const revisions = new RevisionAssembler(from);
    const lines = new LineAssembler(MAX_WATCH_LINE_BYTES);
    const reader = response.body!.getReader();
    let isSilent = false;
    for (;;) {
      const cancel = callAfter(silenceMs, () => {
        isSilent = true;
        end.abort();
      });
      const chunk = await reader.read().finally(cancel);
      if (chunk.done) throw new StoreUnavailable("etcd has ended the watch");
      for (const line of lines.take(chunk.value)) {
        const batch = revisions.take(readMessage(line));
        if (batch !== undefined) yield batch;
      }
      if (isSilent) return yield "silence";
    }
  } catch (error) {
    if (signal.aborted) return;
    if (end.signal.aborted) return yield "silence";
    throw watchError(error);
  } finally {
    end.abort();
  }
}

function watchError(error: unknown): unknown {
  if (error instanceof TooManyBytes) return new StoreRefusal("too_large", error.message);
  const isLost = error instanceof TypeError || error instanceof DOMException;
  return isLost ? new StoreUnavailable(`the watch's connection is lost: ${error.message}`) : error;
}

/** @throws what etcd says in it instead of changes. */
function readMessage(line: string): WireWatch {
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    throw new StoreUnavailable("etcd's message of the watch is no JSON");
  }
  const error = gatewayErrorIn(message);
  if (error !== undefined) throw errorOf(error);
  const watch: WireWatch = message.result ?? {};
  if (!watch.canceled) return watch;
  if (watch.compact_revision !== undefined) throw new WatchCompacted(Number(watch.compact_revision));
  const reason = watch.cancel_reason ?? "etcd has ended the watch";
  throw errorOf({ code: /PermissionDenied/.test(reason) ? 7 : 14, message: reason });
}

/** Makes batches of whole revisions out of messages. */
export class RevisionAssembler {
  /** Events of a revision that may go on. */
  #open: WatchEvent[] = [];
  #brought: number;

  constructor(readonly from: number) {
    this.#brought = from - 1;
  }

  /** The changes that are complete with `message`; undefined: none are, and it is no sign of life either. */
  take(message: WireWatch): WatchBatch | undefined {
    const events = [
      ...this.#open,
      ...watchEvents(message).filter((event) => eventRevision(event) >= this.from),
    ];
    this.#open = [];
    if (message.fragment) {
      const last = events.length > 0 ? eventRevision(events.at(-1)!) : 0;
      const start = events.findIndex((event) => eventRevision(event) === last);
      this.#open = start < 0 ? [] : events.splice(start);
    }
    if (events.length === 0) return message.created ? { revision: this.#brought, events } : undefined;
    this.#brought = eventRevision(events.at(-1)!);
    return { revision: this.#brought, events };
  }
}
