/** Search in the messages of the log itself, where no archive answers. */
import { containsSequence } from "../../base/search_terms.ts";
import { hasLink, searchWords } from "../../base/search_words.ts";
import type { SearchQuery } from "../../log/archive.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { lowerBound } from "../model/seq_list.ts";
import type { WorkSteps } from "../model/work_steps.ts";
import { searchableTextOf } from "./archive_changes.ts";
import type { HistoryIndex, LoggedMessage } from "./history_index.ts";

/** Messages read for one search; it says that it is incomplete if there are more. */
export const MAX_SEARCHED_MESSAGES = 50_000;
/** Work units (work_steps.ts) of reading and comparing one message. */
const MESSAGE_UNITS = 10;

export interface LogHit {
  readonly seq: number;
  readonly conversation: ConversationLog;
}

export interface LogSearchResult {
  /** The newest first. */
  readonly hits: readonly LogHit[];
  readonly isComplete: boolean;
  /** Number from which on all was searched. */
  readonly searchedFrom: number;
}

/** What is compared with a message. */
export type MessagePattern = Pick<
  SearchQuery,
  "terms" | "excluded" | "from" | "hasLink" | "after" | "before" | "beforeSeq" | "limit"
>;

/** Searches `conversations`, the newest messages first, and passes what was found to `done`. */
export function* searchLog(
  history: HistoryIndex,
  conversations: Iterable<ConversationLog>,
  pattern: MessagePattern,
  isWanted: () => boolean,
  done: (result: LogSearchResult) => void,
): WorkSteps {
  const messages = new NewestFirst(history, conversations, pattern.beforeSeq ?? Infinity);
  const hits: LogHit[] = [];
  let searched = 0;
  let searchedFrom = pattern.beforeSeq ?? history.log.nextSeq;
  for (let next = messages.take(); next !== undefined; next = messages.take()) {
    if (!isWanted()) return;
    if (searched++ === MAX_SEARCHED_MESSAGES) return done({ hits, isComplete: false, searchedFrom });
    searchedFrom = next.seq;
    const message = history.message(next.seq);
    if (message !== undefined && matchesPattern(message, pattern)) hits.push(next);
    if (hits.length === pattern.limit) break;
    yield MESSAGE_UNITS;
  }
  if (isWanted()) done({ hits, isComplete: true, searchedFrom });
}

/** Whether a search with this pattern finds the message. */
function matchesPattern({ event, time }: LoggedMessage, pattern: MessagePattern): boolean {
  const { terms, excluded, from, after = -Infinity, before = Infinity } = pattern;
  if (time <= after || time >= before) return false;
  const searchable = searchableTextOf(event);
  if (searchable === undefined || from.length > 0 && !from.includes(searchable.from)) return false;
  if (pattern.hasLink && !hasLink(searchable.text)) return false;
  if (terms.length + excluded.length === 0) return true;
  const words = searchWords(searchable.text);
  return terms.every((term) => containsSequence(words, term)) &&
    !excluded.some((term) => containsSequence(words, term));
}

/** The messages of several conversations in one order. Between two calls messages may come and go. */
class NewestFirst {
  readonly #history: HistoryIndex;
  /** The next message of each conversation, the newest last. */
  readonly #next: LogHit[] = [];
  readonly #nextSeqs: number[] = [];

  constructor(history: HistoryIndex, conversations: Iterable<ConversationLog>, before: number) {
    this.#history = history;
    for (const conversation of conversations) this.#add(conversation, before);
  }

  take(): LogHit | undefined {
    const hit = this.#next.pop();
    if (hit === undefined) return undefined;
    this.#nextSeqs.pop();
    this.#add(hit.conversation, hit.seq);
    return hit;
  }

  #add(conversation: ConversationLog, before: number): void {
    const { timeline } = conversation;
    timeline.length(this.#history.log.oldestSeq);
    const index = timeline.partition((seq) => seq < before) - 1;
    if (index < 0) return;
    const seq = timeline.at(index);
    const place = lowerBound(this.#nextSeqs, seq);
    if (this.#nextSeqs[place] === seq) return this.#add(conversation, seq); // both sides of a conversation with oneself
    this.#nextSeqs.splice(place, 0, seq);
    this.#next.splice(place, 0, { seq, conversation });
  }
}
