/**
 * Matches responses to requests. With labels (https://ircv3.net/specs/extensions/labeled-response) the server
 * names the request. Without them each request is followed by a PING: servers work in order, so that the
 * numerics before its PONG belong to the oldest open request.
 */
import { SOJU_SEARCH } from "../../irc/capability_names.ts";
import { formatMessage } from "../../irc/message.ts";
import type { Message, MessageParts } from "../../irc/message.ts";
import type { Batch } from "./batch_collector.ts";

export interface RequestResponse {
  readonly id: number;
  /** The lines of the response in order; none for an ACK. */
  readonly lines: Message[];
}

/** A request without a label, which waits for its PONG. */
interface UnlabeledRequest {
  readonly id: number;
  readonly token: string;
  readonly command: string;
  readonly lines: Message[];
  isForgotten: boolean;
}

/** Batch types that only come in responses. */
const ANSWER_BATCHES = new Set(["chathistory", "draft/chathistory-targets", SOJU_SEARCH]);

/** Standard replies (https://ircv3.net/specs/extensions/standard-replies). */
const STANDARD_REPLIES = new Set(["FAIL", "WARN", "NOTE"]);

/** Commands that are answered with the same command (draft/account-registration). */
const ANSWERED_BY_SAME = new Set(["REGISTER"]);

/** Lines kept for one request without a label: more than a WHO on a large network. */
const MAX_GATHERED_LINES = 20_000;

export class RequestTracker {
  #next = 1;
  /** Labeled requests: id by label. */
  readonly #labeled = new Map<string, number>();
  /** Requests without labels, oldest first. */
  readonly #waiting: UnlabeledRequest[] = [];

  /**
   * Opens a request. Returns the lines to send: `message`, and `rest`, the lines of a batch that it opens.
   */
  open(
    message: MessageParts,
    labels: boolean,
    rest: readonly MessageParts[] = [],
  ): { id: number; lines: string[] } {
    const id = this.#next++;
    const label = id.toString(36);
    if (labels) {
      const tags = new Map([["label", label], ...message.tags ?? []]);
      const lines = [formatMessage({ ...message, tags }), ...rest.map(formatMessage)];
      this.#labeled.set(label, id);
      return { id, lines };
    }
    const token = `chatterbox-${label}`;
    // A server without labels may not have message-tags either.
    const lines = [message, ...rest].map((each) => formatMessage({ ...each, tags: undefined }));
    lines.push(`PING ${token}`);
    this.#waiting.push({ id, token, command: message.command, lines: [], isForgotten: false });
    return { id, lines };
  }

  forget(id: number): void {
    this.#labeled.delete(id.toString(36));
    const waiting = this.#waiting.find((request) => request.id === id);
    if (waiting) waiting.isForgotten = true;
  }

  /** The response that `message` completes; `held`: it is part of one; undefined: it belongs to none. */
  takeLine(message: Message, fromUs: boolean): RequestResponse | "held" | undefined {
    const label = message.tags.get("label");
    if (label !== undefined) return this.#takeLabel(label, message.command === "ACK" ? [] : [message]);
    const oldest = this.#waiting[0];
    if (oldest === undefined) return undefined;
    const belongs = /^\d{3}$/.test(message.command) || STANDARD_REPLIES.has(message.command) ||
      message.command === oldest.command && (fromUs || ANSWERED_BY_SAME.has(message.command));
    if (!belongs) return undefined;
    gather(oldest, message);
    return "held";
  }

  takeBatch(batch: Batch): RequestResponse | "held" | undefined {
    const label = batch.tags.get("label");
    if (label !== undefined) return this.#takeLabel(label, batch.lines);
    const oldest = this.#waiting[0];
    if (oldest === undefined || !ANSWER_BATCHES.has(batch.type)) return undefined;
    for (const line of batch.lines) gather(oldest, line);
    return "held";
  }

  takePong(token: string): RequestResponse | "held" | undefined {
    const at = this.#waiting.findIndex((request) => request.token === token);
    if (at < 0) return undefined;
    const request = this.#waiting.splice(0, at + 1).at(-1)!;
    return request.isForgotten ? "held" : { id: request.id, lines: request.lines };
  }

  #takeLabel(label: string, lines: Message[]): RequestResponse | "held" {
    const id = this.#labeled.get(label);
    this.#labeled.delete(label);
    return id === undefined ? "held" : { id, lines };
  }
}

/** Adds a line to the response of `request`, unless there are too many. */
function gather({ lines }: UnlabeledRequest, line: Message): void {
  if (lines.length < MAX_GATHERED_LINES) lines.push(line);
}
