/** Limits of the page in the browser. */
import type { Limit } from "../limit.ts";

const ROWS = "page/model/conversation_rows_test.ts: rows: ";
const DRAFTS = "lib/page/model/drafts.ts";
const DRAFTS_TEST = "page/model/composer_test.ts: drafts: they are bounded";

export const PAGE: readonly Limit[] = [
  {
    what: "rows of a conversation in the document",
    bound: "{MAX_WINDOW_ROWS}",
    beyond: "drawn when they are scrolled to",
    constants: { "lib/page/model/window.ts": ["MAX_WINDOW_ROWS"] },
    shownBy: ["page/model/window_test.ts: window: of 100,000 rows at most 300 are kept"],
  },
  {
    what: "rows kept of a conversation",
    bound: "the latest {MAX_LOADED_ROWS}",
    beyond: "read again",
    constants: { "lib/page/model/rows/conversation_rows.ts": ["MAX_LOADED_ROWS"] },
    shownBy: [`${ROWS}of a very long conversation the latest ones are kept`],
  },
  {
    what: "conversations with rows",
    bound: "{MAX_CONVERSATIONS}",
    beyond: "one that is not listed is dropped",
    constants: { "lib/page/model/page_model.ts": ["MAX_CONVERSATIONS"] },
    shownBy: ["page/model/page_model_test.ts: page model: conversations that are not listed are dropped"],
  },
  {
    what: "arrivals and departures told of one row",
    bound: "the latest {MAX_PRESENCE_DETAILS}",
    beyond: "counted",
    constants: { "lib/page/model/rows/presence_fold.ts": ["MAX_PRESENCE_DETAILS"] },
    shownBy: [`${ROWS}what others make a row remember is bounded`],
  },
  {
    what: "known presences and ranks of people",
    bound: "{MAX_KNOWN_PRESENCES} each",
    beyond: "unknown",
    constants: { "lib/page/model/presence.ts": ["MAX_KNOWN_PRESENCES"] },
    shownBy: ["page/model/presence_test.ts: presence: what others make it remember is bounded"],
  },
  {
    what: "people of direct conversations that are watched",
    bound: "{MAX_WATCHED_PEOPLE}",
    beyond: "their presence is unknown",
    constants: { "lib/page/state/presence_requests.ts": ["MAX_WATCHED_PEOPLE"] },
    shownBy: [
      "page/model/presence_test.ts: presence: each thing is asked once over a connection, and so many watched",
    ],
  },
  {
    what: "emoji with counted uses in a browser",
    bound: "{MAX_COUNTED_EMOJI}",
    beyond: "the least used one is dropped",
    constants: { "lib/page/model/emoji/emoji_use.ts": ["MAX_COUNTED_EMOJI"] },
    shownBy: ["page/model/completion_test.ts: emoji: the most used ones are first, once, and bounded"],
  },
  {
    what: "different reactions to a message",
    bound: "{MAX_REACTION_GROUPS}",
    beyond: "not shown",
    constants: { "lib/page/model/rows/message_row.ts": ["MAX_REACTION_GROUPS"] },
    shownBy: [`${ROWS}what others make a row remember is bounded`],
  },
  {
    what: "reactions to messages that are not loaded",
    bound: "{MAX_WAITING_REACTIONS}",
    beyond: "not shown",
    constants: { "lib/page/model/rows/waiting_reactions.ts": ["MAX_WAITING_REACTIONS"] },
    shownBy: [`${ROWS}what others make a row remember is bounded`],
  },
  {
    what: "ids by which an edited message is known",
    bound: "{MAX_MESSAGE_IDS}",
    beyond: "an older one is dropped",
    constants: { "lib/page/model/rows/message_index.ts": ["MAX_MESSAGE_IDS"] },
    shownBy: [`${ROWS}what others make a row remember is bounded`],
  },
  {
    what: "changes of rows that are not drawn yet",
    bound: "{MAX_SPLICES}",
    beyond: "all rows are drawn anew",
    constants: { "lib/page/model/rows/row_store.ts": ["MAX_SPLICES"] },
    shownBy: [`${ROWS}where the changes are never asked for, they do not pile up`],
  },
  {
    what: "drafts",
    bound: "{MAX_DRAFTS}",
    beyond: "the oldest is dropped",
    constants: { [DRAFTS]: ["MAX_DRAFTS"] },
    shownBy: [DRAFTS_TEST],
  },
  {
    what: "draft",
    bound: "{MAX_DRAFT_LENGTH}",
    beyond: "cut",
    constants: { [DRAFTS]: ["MAX_DRAFT_LENGTH"] },
    shownBy: [DRAFTS_TEST],
  },
  {
    what: "receipts of each kind that a page awaits",
    bound: "{MAX_AWAITED_RECEIPTS}",
    beyond: "a later one stands for it",
    constants: { "lib/client/conversation/receipt_tracker.ts": ["MAX_AWAITED_RECEIPTS"] },
    shownBy: ["client/receipt_tracker_test.ts: receipts: what is open is asked for again"],
  },
  {
    what: "people known to be typing",
    bound: "{MAX_TYPING}",
    beyond: "not shown",
    constants: { "lib/client/conversation/typing_tracker.ts": ["MAX_TYPING"] },
    shownBy: ["client/typing_tracker_test.ts: typing: at most so many people are kept"],
  },
];
