/**
 * Collects the lines of batches (https://ircv3.net/specs/extensions/batch). A nested batch becomes part of
 * the outer one, its lines in order. A multiline batch (draft/multiline) becomes one message. The first line of a batch
 * of history that nothing lies beyond has the tag that says so: a response is lines without batches.
 */
import { HISTORY_END_TAG } from "../../irc/capability_names.ts";
import type { Message } from "../../irc/message.ts";
import { CONCAT_TAG, LINE_END, MULTILINE } from "../../irc/multiline.ts";

export interface Batch {
  readonly type: string;
  /** The parameters behind the type in the line that opened it. */
  readonly params: readonly string[];
  /** The tags of the line that opened it, such as `label`. */
  readonly tags: ReadonlyMap<string, string>;
  /** All lines in it, those of nested batches included, without the BATCH lines. */
  readonly lines: Message[];
}

interface PendingBatch extends Batch {
  readonly outer: PendingBatch | undefined;
}

/** Batches open at a time. The specification has no bound; a ChatterBox server opens at most two. */
const MAX_OPEN_BATCHES = 64;
/** Lines held of all open batches together: twenty times the largest CHATHISTORY response of a ChatterBox server. */
export const MAX_BATCHED_LINES = 20_000;
/**
 * Responses to LIST and WHO may be longer on a large network. From so many lines on, those of a response are dropped, but
 * for its first {@link KEPT_OF_EACH}: the rest is for history and messages.
 */
export const MAX_RESPONSE_LINES = 10_000;
const KEPT_OF_EACH = 100;

/**
 * `pass`: the line belongs to no batch. `held`: it waits for the end of its batch. `overflow`: the server
 * exceeds a bound. `message`: a multiline batch has ended.
 */
export type BatchStep =
  | { readonly kind: "pass" | "held" | "overflow" }
  | { readonly kind: "complete"; readonly batch: Batch }
  | { readonly kind: "message"; readonly message: Message };

const PASS: BatchStep = { kind: "pass" };
const HELD: BatchStep = { kind: "held" };
const OVERFLOW: BatchStep = { kind: "overflow" };

export class BatchCollector {
  readonly #open = new Map<string, PendingBatch>();
  #lines = 0;

  receive(message: Message): BatchStep {
    const outer = this.#open.get(message.tags.get("batch") ?? "");
    if (message.command === "BATCH") return this.#edge(message, outer);
    if (outer === undefined) return PASS;
    const { type, lines } = outer;
    if (type === "labeled-response" && lines.length >= KEPT_OF_EACH && this.#lines >= MAX_RESPONSE_LINES) {
      return HELD;
    }
    if (++this.#lines > MAX_BATCHED_LINES) return OVERFLOW;
    lines.push(message);
    return HELD;
  }

  #edge(message: Message, outer: PendingBatch | undefined): BatchStep {
    const [edge = "", type = "", ...params] = message.params;
    const reference = edge.slice(1);
    if (edge.startsWith("+")) {
      if (this.#open.size >= MAX_OPEN_BATCHES) return OVERFLOW;
      this.#open.set(reference, { type, params, tags: message.tags, lines: [], outer });
      return HELD;
    }
    const batch = this.#open.get(reference);
    if (batch === undefined) return HELD; // an end without a beginning is ignored
    this.#open.delete(reference);
    if (batch.tags.has(HISTORY_END_TAG) && batch.lines.length > 0) batch.lines[0] = atEnd(batch.lines[0]!);
    if (batch.type === MULTILINE && batch.lines.length > 0) {
      const message = joinMultilineBatch(batch);
      this.#lines -= batch.lines.length;
      if (batch.outer === undefined) return { kind: "message", message };
      this.#lines++;
      batch.outer.lines.push(message);
      return HELD;
    }
    if (batch.outer !== undefined) {
      for (const line of batch.lines) batch.outer.lines.push(line);
      return HELD;
    }
    this.#lines -= batch.lines.length;
    return { kind: "complete", batch };
  }
}

function atEnd(line: Message): Message {
  return { ...line, tags: new Map([...line.tags, [HISTORY_END_TAG, ""]]) };
}

/** The text has a line feed between lines; the tags are those of the batch. */
function joinMultilineBatch({ lines, params: [target], tags }: Batch): Message {
  const [{ source, command, params: [first = "", text = ""] }, ...rest] = lines as [Message, ...Message[]];
  const whole = rest.reduce((sum, line) => {
    return sum + (line.tags.has(CONCAT_TAG) ? "" : LINE_END) + (line.params[1] ?? "");
  }, text);
  return { tags, source, command, params: [target ?? first, whole] };
}
