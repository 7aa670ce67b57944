/**
 * `GET /api/v1/messages` as server-sent events: history, then each new message. Each stream is a session of its own.
 * The `id` of an event is the position behind it, so that `Last-Event-ID` goes on without a gap or a repetition.
 */
import { callAfter } from "../../base/deadlines.ts";
import type { ChatEntry, HistoryItem } from "../../client/conversation/model/chat_entry.ts";
import { parseChatEntry, parseMessageEntry } from "../../client/conversation/model/entry_parser.ts";
import type { ReadPosition } from "../../client/conversation/model/read_position.ts";
import { startPositionOf } from "../../client/conversation/sync/history_read.ts";
import type { HistoryRange } from "../../client/conversation/sync/history_read.ts";
import { LiveMerge } from "../../client/conversation/sync/live_merge.ts";
import { SeenMessages } from "../../client/conversation/sync/seen_messages.ts";
import { readFromServer } from "../../client/history/history_reader.ts";
import { explainFailure, findFailureReply } from "../../client/session/failure_reply.ts";
import type { SessionEvent } from "../../client/session/session_event.ts";
import type { Message } from "../../irc/message.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { PRIVATE_HEADERS, readBearerToken, requireScope } from "./api_call.ts";
import type { ApiCall, ApiServer } from "./api_call.ts";
import type { ApiSession } from "./api_session.ts";
import { EventQueue, formatStreamEvent } from "./event_queue.ts";
import { makeItemRecord, makeNewLogRecord, noSuchMessage, throwReadFailure } from "./history_records.ts";
import { parseMessageQuery, readPosition } from "./message_query.ts";
import type { HistoryPageQuery } from "./message_query.ts";
import { DEFAULT_EVENTS, makeEventRecord } from "./stream_events.ts";
import type { StreamPosition } from "./stream_position.ts";
import { formatStreamPosition } from "./stream_position.ts";
import { ApiProblem, invalidValue } from "./problem.ts";
import type { ResponseShare } from "./response_budget.ts";

/** Milliseconds after which a browser connects again (`retry`). */
const RETRY_MS = 1_000;

/** Why the server ends a stream: the `reason` of the event `end`. */
type EndReason = "slow_reader" | "not_readable" | "renamed" | "server" | "failed";

/** Whether the request asks for a stream; one for its head alone does not. */
export function wantsStream({ request: { headers, method }, url }: ApiCall): boolean {
  const follow = url.searchParams.get("follow");
  if (follow !== null && follow !== "1" && follow !== "0") throw invalidValue("follow", "is neither 0 nor 1");
  if (method === "HEAD") return false;
  return follow === "1" || follow === null && (headers.get("accept") ?? "").includes("text/event-stream");
}

export async function followMessages(call: ApiCall): Promise<Response> {
  const { server, request, url, from } = call;
  const token = readBearerToken(request);
  const query = parseMessageQuery(url.searchParams, server.now());
  if (query.kind === "search" || query.id !== undefined || query.until !== undefined) {
    throw invalidValue("follow", "cannot be used with search, id or until");
  }
  if (query.before !== undefined) throw invalidValue("before", "cannot be used with follow");
  const last = readPosition("Last-Event-ID", request.headers.get("last-event-id") || undefined);
  const release = server.streams.take(token);
  const stream = new MessageStream(query, last ?? query.after, server, server.responses.share(from.host));
  try {
    const session = await server.sessions.openOwn(
      { token, from, role: "observer" },
      (event) => stream.onEvent(event),
    );
    void session.link.closed.then(release);
    const stop = () => session.link.abort("the connection was closed");
    if (from.signal.aborted) stop();
    from.signal.addEventListener("abort", stop);
    stream.queue.cancelled.addEventListener("abort", stop);
    await stream.begin(session);
  } catch (error) {
    release();
    throw error;
  }
  return new Response(stream.queue.body, {
    headers: { "content-type": "text/event-stream", ...PRIVATE_HEADERS, "x-accel-buffering": "no" },
  });
}

class MessageStream {
  readonly queue: EventQueue;
  readonly #query: HistoryPageQuery;
  readonly #after: StreamPosition | undefined;
  readonly #now: () => number;
  readonly #heartbeatMs: number;
  readonly #seen = new SeenMessages();
  readonly #merge: LiveMerge;
  #session: ApiSession | undefined;
  #stopHeartbeat = () => {};

  /** `after`: the position behind which the stream begins. */
  constructor(
    query: HistoryPageQuery,
    after: StreamPosition | undefined,
    { now, heartbeatMs }: ApiServer,
    share: ResponseShare,
  ) {
    this.queue = new EventQueue(share);
    this.#query = query;
    this.#after = after;
    this.#now = now;
    this.#heartbeatMs = heartbeatMs;
    this.#merge = new LiveMerge({ seen: this.#seen, position: after });
  }

  /**
   * Follows the target, and begins to read what came before. Resolves when that is known to be readable.
   * @throws {ApiProblem} if it is not, and the session is closed.
   */
  async begin(session: ApiSession): Promise<void> {
    const { link, scopes } = session;
    this.#session = session;
    void link.closed.then((why) => this.#end("server", why));
    try {
      requireScope(scopes, { kind: "read", target: this.#query.target });
      await this.#follow(session);
      this.queue.push(`retry: ${RETRY_MS}\n\n`);
      this.#beat();
      const readable = Promise.withResolvers<void>();
      this.#readHistory(session, readable.resolve).catch((error) => {
        readable.reject(error);
        this.#end("failed", error instanceof ApiProblem ? error.message : "the server has failed");
        link.abort("the stream has ended");
      });
      await readable.promise;
    } catch (error) {
      link.abort("the stream has not begun");
      throw error;
    }
  }

  onEvent(event: SessionEvent): void {
    if (event.kind !== "line") return;
    const { message } = event;
    const [first = "", second = ""] = message.params;
    switch (message.command) {
      case "REDACT":
      case "TAGMSG":
      case "JOIN":
      case "PART":
      case "KICK":
      case "QUIT":
      case "NICK":
      case "TOPIC":
        return this.#handleEvent(message);
      case "PRIVMSG":
      case "NOTICE":
        return this.#handleMessage(message);
      case "RENAME":
        if (isSameName(first, this.#query.target)) {
          this.#finish("renamed", `the room is called ${second} now`);
        }
        return;
      case "FAIL":
        if (first === "FOLLOW") this.#finish("not_readable", explainFailure(message));
    }
  }

  async #follow({ link }: ApiSession): Promise<void> {
    const { target } = this.#query;
    const outcome = await link.request({ command: "FOLLOW", params: [target] });
    if (outcome.kind !== "answered") throw new ApiProblem("unavailable", "the server did not answer");
    const failure = findFailureReply(outcome.lines);
    if (failure === undefined) return;
    const isUnknown = failure.params[1]?.startsWith("NO_SUCH_") === true;
    throw new ApiProblem(isUnknown ? "no_such_target" : "refused", explainFailure(failure));
  }

  /** Reads what came before, as fast as the client takes it; then gives what was said meanwhile. */
  async #readHistory({ link }: ApiSession, onReadable: () => void): Promise<void> {
    const range = this.#range;
    const read = await readFromServer({
      link,
      range,
      merge: this.#merge,
      now: this.#now(),
      signal: this.queue.cancelled,
      onNewLog: (position) => {
        if (this.#after?.hasTime === false) {
          throw noSuchMessage(this.#query.after === this.#after ? "after" : "Last-Event-ID");
        }
        this.queue.push(formatStreamEvent({ event: "gap", data: makeNewLogRecord(position) }));
      },
      show: async (items) => {
        onReadable();
        for (const [index, item] of items.entries()) {
          if (!this.#giveItem(item, index === items.length - 1)) return;
          await this.queue.drained();
        }
      },
    });
    throwReadFailure(read, { before: undefined });
    onReadable();
    this.#give(this.#merge.finishHistory(startPositionOf(range)));
    this.#send({ event: "live", id: this.#streamPosition(), data: { target: range.target } });
  }

  /** Without a place to begin at, only what is new. */
  get #range(): HistoryRange {
    const { target, since, limit } = this.#query;
    return { target, since, limit: since === undefined ? limit ?? 0 : undefined };
  }

  #handleMessage(message: Message): void {
    const entry = parseMessageEntry(message, this.#now());
    if (entry === undefined || !this.#seen.addIfNew(entry.id)) {
      return;
    }
    this.#give(this.#merge.mergeLive(entry));
    if (this.#merge.held.isFull) this.#overflow();
  }

  /** In its place among the messages. It moves no position: it is not in the history that is read after a loss. */
  #handleEvent(message: Message): void {
    const entry = parseChatEntry(message, this.#now());
    const record = entry && makeEventRecord(entry, this.#query.target);
    if (record === undefined || !(this.#query.events ?? DEFAULT_EVENTS).has(record.kind)) return;
    this.#give(this.#merge.mergeLive(entry!));
    if (this.#merge.held.isFull) this.#overflow();
  }

  #give(entries: readonly ChatEntry[]): void {
    const last = entries.findLast(isHistoryItem);
    for (const entry of entries) {
      const record = makeEventRecord(entry, this.#query.target);
      if (record !== undefined && !this.#send(record)) return;
      if (isHistoryItem(entry) && !this.#giveItem(entry, entry === last)) return;
    }
  }

  /** `isLast`: the reader has got as far as the merge with it. False: the stream has ended. */
  #giveItem(item: HistoryItem, isLast: boolean): boolean {
    const position = item.kind === "message" ? item : isLast ? this.#merge.position : undefined;
    const id = position && formatStreamPosition(position);
    const event = item.kind === "gap" ? { event: "gap" } : {};
    return this.#send({ ...event, id, data: makeItemRecord(item, this.#session!.account) });
  }

  #send(event: Parameters<typeof formatStreamEvent>[0]): boolean {
    if (this.queue.push(formatStreamEvent(event))) return !this.queue.hasEnded;
    this.#overflow();
    return false;
  }

  #streamPosition(): string | undefined {
    const position: ReadPosition | undefined = this.#merge.position;
    return position && formatStreamPosition(position);
  }

  /** What waits was not sent: the client goes on from the last event that it has. */
  #overflow(): void {
    this.#end("slow_reader", "the client reads too slowly: go on from the last event", true);
    this.#session?.link.abort("the client reads too slowly");
  }

  #finish(reason: EndReason, text: string): void {
    this.#end(reason, text);
    this.#session?.link.abort(text);
  }

  #end(reason: EndReason, text: string, drop = false): void {
    this.#stopHeartbeat();
    this.queue.end(formatStreamEvent({ event: "end", data: { reason, text } }), drop);
  }

  /** A comment shows that the stream is alive, to the client and to proxies. */
  #beat(): void {
    this.#stopHeartbeat = callAfter(this.#heartbeatMs, () => {
      if (this.queue.hasEnded) return;
      if (this.queue.isEmpty) this.queue.push(": alive\n\n");
      this.#beat();
    });
  }
}

function isHistoryItem(entry: ChatEntry): entry is HistoryItem {
  return entry.kind === "message" || entry.kind === "gap";
}
