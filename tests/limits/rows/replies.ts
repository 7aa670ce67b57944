/** Limits of replies and of what is replayed. */
import { hub } from "../limit.ts";
import type { Limit } from "../limit.ts";

const CONFIG = "lib/hub/model/config.ts";
const HISTSERV_HISTORY = "lib/hub/verbs/messaging/histserv_history.ts";
const HISTSERV_LIST = "lib/hub/verbs/messaging/histserv_list.ts";
const SEARCH = "lib/hub/verbs/messaging/search.ts";
const OFFLINE = "lib/hub/services/offline_messages.ts";
const OFFLINE_REPLAY = "lib/hub/fanout/history/offline_replay.ts";
const POSITIONS = "lib/hub/services/replay_positions.ts";
const MARKERS = "lib/hub/services/read_markers.ts";
const IN_WORDS =
  "hub/verbs/histserv_test.ts: in words there is a bound, which is told, and without a number it is the newest";

export const REPLIES: readonly Limit[] = [
  {
    what: "messages or targets of CHATHISTORY",
    bound: "{CHATHISTORY_MAX_MESSAGES}",
    beyond: "cut",
    constants: { [CONFIG]: ["CHATHISTORY_MAX_MESSAGES"] },
    shownBy: [
      hub("one CHATHISTORY answer has so many messages"),
      hub("one CHATHISTORY TARGETS answer has so many rows"),
    ],
  },
  {
    what: "size of a CHATHISTORY reply",
    bound: "{CHATHISTORY_MAX_BYTES}",
    beyond: "cut; doubled within a millisecond",
    constants: { [CONFIG]: ["CHATHISTORY_MAX_BYTES"] },
    shownBy: [
      hub("one CHATHISTORY answer has so many bytes, and goes on where it was cut"),
      hub("one CHATHISTORY answer has so many bytes, twice as many where all are of one millisecond"),
    ],
  },
  {
    what: "messages of a SEARCH reply",
    bound: "{MAX_SEARCH_LIMIT}",
    beyond: "the rest is on the next page",
    constants: { [SEARCH]: ["MAX_SEARCH_LIMIT"] },
    shownBy: ["hub/verbs/search_test.ts: a page has so many messages at most"],
  },
  {
    what: "size of a SEARCH reply",
    bound: "{CHATHISTORY_MAX_BYTES}",
    beyond: "the rest is on the next page",
    constants: { [CONFIG]: ["CHATHISTORY_MAX_BYTES"] },
    shownBy: ["hub/verbs/search_test.ts: a page of long messages is cut, and the next one goes on there"],
  },
  {
    what: "words and names of a search",
    bound: "{MAX_SEARCH_PARTS}",
    beyond: "`FAIL SEARCH INVALID_PARAMS`",
    constants: { "lib/irc/search/search_request.ts": ["MAX_SEARCH_PARTS"] },
    shownBy: [
      "irc/search_request_test.ts: what is wrong is told, and where",
      "irc/search_attributes_test.ts: search attributes: words and names have one bound",
    ],
  },
  {
    what: "beginnings of words and single characters of a search",
    bound: "{MAX_SEARCH_PREFIXES}; a beginning of at least {MIN_SEARCH_PREFIX} characters",
    beyond: "`FAIL SEARCH INVALID_PARAMS`",
    constants: { "lib/irc/search/search_request.ts": ["MAX_SEARCH_PREFIXES", "MIN_SEARCH_PREFIX"] },
    shownBy: ["irc/search_request_test.ts: what is wrong is told, and where"],
  },
  {
    what: "length of a word that is searched",
    bound: "{MAX_SEARCH_WORD} characters",
    beyond: "cut into words that follow each other",
    constants: { "lib/base/search_words.ts": ["MAX_SEARCH_WORD"] },
    shownBy: ["base/search_words_test.ts: a long word is cut into words that follow each other"],
  },
  {
    what: "searches of an account or address",
    bound: "{SEARCH_RATE}, one at a time",
    beyond: "`FAIL SEARCH RATE_LIMITED`",
    constants: { "lib/hub/services/limits/search_limits.ts": ["SEARCH_RATE"] },
    shownBy: [
      "hub/verbs/search_test.ts: limits: searches from one address, so many in a time",
      "hub/verbs/search_test.ts: an account has one search at a time",
    ],
  },
  {
    what: "messages searched without an archive",
    bound: "{MAX_SEARCHED_MESSAGES}",
    beyond: "`NOTE SEARCH INCOMPLETE`",
    constants: { "lib/hub/history/log_search.ts": ["MAX_SEARCHED_MESSAGES"] },
    shownBy: ["hub/verbs/search_test.ts: of a long log so many messages are searched"],
  },
  {
    what: "rows of a WHO or LIST reply",
    bound: "{QUERY_MAX_ROWS}",
    beyond: "`263`: the reply is cut",
    constants: { [CONFIG]: ["QUERY_MAX_ROWS"] },
    shownBy: [hub("one ${verb} answer has so many rows, and says that it was cut")],
  },
  {
    what: "HistServ HISTORY, as a batch",
    bound: "{CHATHISTORY_MAX_MESSAGES}, {CHATHISTORY_MAX_BYTES}",
    beyond: "cut",
    constants: { [CONFIG]: ["CHATHISTORY_MAX_MESSAGES", "CHATHISTORY_MAX_BYTES"] },
    shownBy: ["hub/verbs/histserv_test.ts: as a batch it is no more than CHATHISTORY answers"],
  },
  {
    what: "HistServ HISTORY, as text",
    bound: "{MAX_HISTORY_IN_WORDS}",
    beyond: "the newest; told there are more",
    constants: { [HISTSERV_HISTORY]: ["MAX_HISTORY_IN_WORDS"] },
    shownBy: [IN_WORDS],
  },
  {
    what: "the same without a number",
    bound: "{HISTORY_MESSAGES}, or all that wait",
    beyond: "the newest",
    constants: { [HISTSERV_HISTORY]: ["HISTORY_MESSAGES"] },
    shownBy: [IN_WORDS],
  },
  {
    what: "conversations of HistServ LIST",
    bound: "{MAX_LISTED}",
    beyond: "the number of further ones",
    constants: { [HISTSERV_LIST]: ["MAX_LISTED"] },
    shownBy: ["hub/verbs/histserv_test.ts: LIST has a bound, and says how many more there are"],
  },
  {
    what: "messages replayed on joining a room",
    bound: "{JOIN_REPLAY_MESSAGES}",
    flag: "--replay",
    beyond: "counted",
    constants: { [CONFIG]: ["JOIN_REPLAY_MESSAGES"] },
    shownBy: [
      "hub/replay_positions_test.ts: of more than are replayed the newest are, and how many were missed is told",
    ],
  },
  {
    what: "value of `--replay`",
    bound: "0 to {CHATHISTORY_MAX_MESSAGES}",
    beyond: "refused",
    constants: { [CONFIG]: ["CHATHISTORY_MAX_MESSAGES"] },
    source: { "lib/hub/policy/replay_limit.ts": "MAX_REPLAY_MESSAGES = CHATHISTORY_MAX_MESSAGES" },
    shownBy: ["server/settings_test.ts: how much of a room is replayed is a number up to a bound, or off"],
  },
  {
    what: "replay positions of one user",
    bound: "{MAX_REPLAY_POSITIONS_PER_ACCOUNT}",
    beyond: "the room left longest ago is dropped",
    constants: { [POSITIONS]: ["MAX_REPLAY_POSITIONS_PER_ACCOUNT"] },
    shownBy: [
      "hub/replay_positions_test.ts: beyond its bound the room that was left longest ago is forgotten",
    ],
  },
  {
    what: "replay positions of all accounts",
    bound: "{MAX_REPLAY_POSITIONS}",
    beyond: "the room left longest ago is dropped",
    constants: { [POSITIONS]: ["MAX_REPLAY_POSITIONS"] },
    shownBy: [
      "hub/replay_positions_test.ts: beyond the bound of all accounts the one that left its rooms longest ago forgets one",
    ],
  },
];

export const WAITING: readonly Limit[] = [
  {
    what: "conversations waiting for an account",
    bound: "{MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT}",
    beyond: "only known to exist",
    constants: { [OFFLINE]: ["MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT"] },
    shownBy: [
      "hub/offline_messages_test.ts: of more conversations than are remembered it is told that there are more",
    ],
  },
  {
    what: "conversations replayed at login",
    bound: "{MAX_REPLAYED_CONVERSATIONS}",
    beyond: "named; replayed at the next login",
    constants: { [OFFLINE_REPLAY]: ["MAX_REPLAYED_CONVERSATIONS"] },
    shownBy: [
      "hub/offline_messages_test.ts: more conversations than are played at once are named, and played the next time",
    ],
  },
  {
    what: "messages replayed of a conversation",
    bound: "{MAX_REPLAYED_MESSAGES}",
    beyond: "counted",
    constants: { [OFFLINE_REPLAY]: ["MAX_REPLAYED_MESSAGES"] },
    shownBy: [
      "hub/offline_messages_test.ts: more messages than are played of a conversation are counted, and can be seen",
    ],
  },
  {
    what: "bytes replayed at login",
    bound: "{CHATHISTORY_MAX_BYTES}",
    beyond: "replayed at the next login",
    constants: { [CONFIG]: ["CHATHISTORY_MAX_BYTES"] },
    shownBy: ["hub/offline_messages_test.ts: more bytes than are played at once wait for the next time"],
  },
  {
    what: "time for a client to ask for history",
    bound: "{HISTORY_REQUEST_MS}",
    beyond: "replayed, up to {MAX_TICK_MS} later",
    constants: { [OFFLINE]: ["HISTORY_REQUEST_MS"], "lib/server/server.ts": ["MAX_TICK_MS"] },
    shownBy: [
      "hub/offline_messages_test.ts: a session that asks for one conversation is played the others when its time",
    ],
  },
  {
    what: "sessions replayed to in one tick",
    bound: "{REPLAYS_PER_TICK}",
    beyond: "wait for the next tick",
    constants: { [OFFLINE]: ["REPLAYS_PER_TICK"] },
    shownBy: [
      "hub/offline_messages_test.ts: of many sessions that had their time to ask each tick plays to some",
    ],
  },
  {
    what: "read markers of one account",
    bound: "{MAX_MARKERS_PER_ACCOUNT}",
    beyond: "the oldest is dropped",
    constants: { [MARKERS]: ["MAX_MARKERS_PER_ACCOUNT"] },
    shownBy: [hub("read markers of one ${what}: so many, the oldest goes")],
  },
  {
    what: "the same without an account",
    bound: "{MAX_MARKERS_PER_USER}",
    beyond: "the oldest is dropped",
    constants: { [MARKERS]: ["MAX_MARKERS_PER_USER"] },
    shownBy: [hub("read markers of one ${what}: so many, the oldest goes")],
  },
  {
    what: "read markers of all accounts",
    bound: "{MAX_MARKERS}",
    beyond: "the oldest is dropped",
    constants: { [MARKERS]: ["MAX_MARKERS"] },
    shownBy: [
      "hub/read_markers_test.ts: markers: of too many the one that is oldest goes, and its fact with it",
    ],
  },
];
