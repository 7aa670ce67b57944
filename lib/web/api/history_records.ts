/** What a page and a stream tell of history: records of messages and gaps, and why it cannot be read. */
import type { HistoryItem } from "../../client/conversation/model/chat_entry.ts";
import type { ReadPosition } from "../../client/conversation/model/read_position.ts";
import { makeEntryRecord, makeGapRecord } from "../../client/history/entry_record.ts";
import type { HistoryReadOutcome } from "../../client/history/history_reader.ts";
import type { HistoryPageQuery } from "./message_query.ts";
import { ApiProblem } from "./problem.ts";

/** What was lost between the position and the first message of another log is unknown. */
export function makeNewLogRecord({ time }: ReadPosition): Record<string, unknown> {
  return {
    type: "gap",
    lost: null,
    at_most: null,
    why: "new_log",
    after: new Date(time).toISOString(),
    before: null,
  };
}

export function makeItemRecord(item: HistoryItem, me: string): Record<string, unknown> {
  return item.kind === "gap" ? makeGapRecord(item) : makeEntryRecord(item, me);
}

/** `parameter` names the message. */
export function noSuchMessage(parameter: string): ApiProblem {
  return new ApiProblem("no_such_message", `${parameter}: the history has no message with this id`, {
    members: { parameter },
  });
}

/** @throws {ApiProblem} unless the history was read. */
export function throwReadFailure(
  read: HistoryReadOutcome,
  { before }: Pick<HistoryPageQuery, "before">,
): void {
  switch (read.kind) {
    case "done":
      return;
    case "no_such_target":
      throw new ApiProblem("no_such_target", read.text);
    case "failed":
      throw new ApiProblem("refused", read.text);
    case "unavailable":
      throw before === undefined ? new ApiProblem("unavailable", read.text) : unreadable("before", read.text);
    case "lost":
      throw new ApiProblem("unavailable", read.text);
    case "unsupported":
      throw new ApiProblem("unavailable", "the server keeps no history");
    case "timed_out":
      throw new ApiProblem("unavailable", "the server did not answer in time");
  }
}

/** The server refuses both a message that its log does not have and one that cannot be read now, and says which. */
export function unreadable(parameter: string, words: string): ApiProblem {
  return /\btry again\b/.test(words) ? new ApiProblem("unavailable", words) : noSuchMessage(parameter);
}
