/** Limits of messages. */
import { hub } from "../limit.ts";
import type { Limit } from "../limit.ts";

const CONFIG = "lib/hub/model/config.ts";
const MULTILINE = "lib/irc/multiline.ts";
const BATCH = "lib/hub/verbs/messaging/multiline_batch.ts";
const MULTILINE_TEST = hub(
  "a message of several lines: so many bytes, lines, bytes of tags, and one batch at a time",
);
const RETAINED = "lib/hub/history/retained_messages.ts";

export const MESSAGES: readonly Limit[] = [
  {
    what: "bytes of a multiline message",
    bound: "{MULTILINE_MAX_BYTES}",
    beyond: "`FAIL BATCH MULTILINE_MAX_BYTES`",
    constants: { [MULTILINE]: ["MULTILINE_MAX_BYTES"] },
    shownBy: [MULTILINE_TEST],
  },
  {
    what: "lines of a multiline message",
    bound: "{MULTILINE_MAX_LINES}",
    beyond: "`FAIL BATCH MULTILINE_MAX_LINES`",
    constants: { [MULTILINE]: ["MULTILINE_MAX_LINES"] },
    shownBy: [MULTILINE_TEST],
  },
  {
    what: "tags of a multiline message",
    bound: "{BATCH_TAGS_MAX_BYTES}",
    beyond: "`FAIL BATCH MULTILINE_INVALID`",
    constants: { [BATCH]: ["BATCH_TAGS_MAX_BYTES"] },
    shownBy: [MULTILINE_TEST],
  },
  {
    what: "time for a multiline message",
    bound: "{BATCH_TIMEOUT_MS}",
    beyond: "`FAIL BATCH TIMEOUT`",
    constants: { [BATCH]: ["BATCH_TIMEOUT_MS"] },
    shownBy: [MULTILINE_TEST],
  },
  {
    what: "sender's id of a message",
    bound: "{MAX_SENDER_ID_BYTES}",
    beyond: "`FAIL PRIVMSG INVALID_ID`",
    constants: { "lib/irc/sender_id.ts": ["MAX_SENDER_ID_BYTES"] },
    shownBy: [hub("a sender's id: so many bytes")],
  },
  {
    what: "receipts that one session awaits",
    bound: "{MAX_RECEIPTS}",
    beyond: "`FAIL AWAIT TOO_MANY`",
    constants: { [CONFIG]: ["MAX_RECEIPTS"] },
    shownBy: [hub("answers awaited by one session: so many")],
  },
  {
    what: "receipts that all sessions await",
    bound: "{MAX_RECEIPTS_TOTAL}",
    beyond: "`FAIL AWAIT TOO_MANY`",
    constants: { [CONFIG]: ["MAX_RECEIPTS_TOTAL"] },
    shownBy: [hub("answers awaited by all sessions: so many")],
  },
  {
    what: "client-only tags of a recorded message",
    bound: "{MAX_RECORDED_TAGS_BYTES}",
    beyond: "delivered, not recorded",
    constants: { [CONFIG]: ["MAX_RECORDED_TAGS_BYTES"] },
    shownBy: [
      hub(
        "client-only tags of a recorded message: so many bytes; with more they are delivered and not recorded",
      ),
    ],
  },
  {
    what: "time to redact one's own message",
    bound: "{REDACT_WINDOW_MS}",
    beyond: "refused",
    constants: { [CONFIG]: ["REDACT_WINDOW_MS"] },
    shownBy: [hub("what one has said one can take back for so long")],
  },
];

export const HISTORY: readonly Limit[] = [
  {
    what: "history on disk, the ring",
    bound: "{DEFAULT_CAPACITY_BYTES}",
    flag: "--buffer",
    beyond: "the oldest is overwritten",
    constants: { "lib/server/settings/settings.ts": ["DEFAULT_CAPACITY_BYTES"] },
    shownBy: ["log/ring_test.ts: round and round: the newest stay, the oldest go, and the ring says so"],
  },
  {
    what: "value of `--buffer`",
    bound: "{RING_MIN_BYTES} to {RING_MAX_BYTES}",
    beyond: "refused",
    constants: { "lib/log/ring.ts": ["RING_MIN_BYTES", "RING_MAX_BYTES"] },
    shownBy: ["log/ring_test.ts: the capacity is a multiple of 8 in bounds"],
  },
  {
    what: "shared memory of `--shm`",
    bound: "the ring, its index, 512 KiB",
    beyond: "no start: `/dev/shm` is full",
    source: { "lib/shm/libc.ts": "posix_fallocate(fd, 0n, BigInt(bytes))" },
    shownBy: [
      "shm/shared_segment_test.ts: it is for its owner alone, and has all its bytes at once",
      "shm/shared_segment_test.ts: where /dev/shm is too small it is refused and nothing is left",
    ],
  },
  {
    what: "lines in the inbox of `--shm`",
    bound: "{INBOX_CAPACITY_BYTES}",
    beyond: "their writers wait",
    constants: { "lib/server/shared_ring.ts": ["INBOX_CAPACITY_BYTES"] },
    shownBy: [
      "shm/inbox_test.ts: a full one takes no more until the server has taken; what is too long it never takes",
    ],
  },
  {
    what: "of these, one record",
    bound: "1/{RECORD_SHARE} of the inbox",
    beyond: "its writer is refused",
    constants: { "lib/shm/inbox.ts": ["RECORD_SHARE"] },
    shownBy: [
      "shm/inbox_test.ts: a full one takes no more until the server has taken; what is too long it never takes",
    ],
  },
  {
    what: "of these, one session before a read",
    bound: "{UNREAD_MAX_BYTES}",
    beyond: "its token ends",
    constants: { "lib/server/inbox_reader.ts": ["UNREAD_MAX_BYTES"] },
    shownBy: [
      "server/inbox_reader_test.ts: a session that puts without a read of its connection loses its token, and its memory",
    ],
  },
  {
    what: "one record",
    bound: "1/8 of the ring",
    beyond: "refused",
    source: { "lib/log/record.ts": "capacity >>> 3" },
    shownBy: [
      "log/ring_test.ts: a record over the limit is refused, and leaves no trace",
      "log/ring_test.ts: one record as large as may be pushes out an eighth of the ring",
    ],
  },
  {
    what: "age of messages that a crash loses",
    bound: "{DEFAULT_SYNC_MS}",
    flag: "--sync",
    beyond: "on disk",
    constants: { "lib/server/settings/settings.ts": ["DEFAULT_SYNC_MS"] },
    shownBy: [
      "torture/torture_test.ts: servers killed while people talk: what was durable is there once",
      "store/sync_task_test.ts: what comes after a quiet time is synced at once, long before the interval is over",
    ],
  },
  {
    what: "messages retained beyond the ring",
    bound: "{RETAINED_SHARE} of `--buffer`",
    beyond: "oldest of the largest sender dropped",
    constants: { [RETAINED]: ["RETAINED_SHARE"] },
    shownBy: [
      "hub/retained_messages_test.ts: what is kept stays within its budget and its shares",
      "hub/retained_messages_test.ts: a stranger over many connections of one address pushes out nothing",
    ],
  },
  {
    what: "of these, one sender",
    bound: "{SENDER_SHARE}",
    beyond: "its oldest is dropped",
    constants: { [RETAINED]: ["SENDER_SHARE"] },
    shownBy: ["hub/retained_messages_test.ts: what is kept stays within its budget and its shares"],
  },
  {
    what: "of these, one room or receiver",
    bound: "{CONVERSATION_SHARE}",
    beyond: "oldest of the largest sender dropped",
    constants: { [RETAINED]: ["CONVERSATION_SHARE"] },
    shownBy: ["hub/retained_messages_test.ts: what is kept of one room stays within its share"],
  },
  {
    what: "added to the size of a retained message",
    bound: "{RETAINED_OVERHEAD_BYTES}",
    beyond: "counts against the budget",
    constants: { [RETAINED]: ["RETAINED_OVERHEAD_BYTES"] },
    shownBy: ["hub/retained_messages_test.ts: what is kept stays within its budget and its shares"],
  },
  {
    what: "of a sender in the ring, retained",
    bound: "{SENDER_RING_SHARE} of the ring",
    beyond: "not retained",
    constants: { [RETAINED]: ["SENDER_RING_SHARE"] },
    shownBy: ["hub/retained_messages_test.ts: where many talk at the same rate nothing is copied"],
  },
  {
    what: "the same in a small ring",
    bound: "{SENDER_RING_BYTES}, at most {SENDER_RING_MAX_SHARE}",
    beyond: "not retained",
    constants: { [RETAINED]: ["SENDER_RING_BYTES", "SENDER_RING_MAX_SHARE"] },
    shownBy: ["hub/retained_messages_test.ts: where many talk at the same rate nothing is copied"],
  },
  {
    what: "the same if many write at the same rate",
    bound: "{EQUAL_SHARE_PART} of an equal share",
    beyond: "not retained",
    constants: { [RETAINED]: ["EQUAL_SHARE_PART"] },
    shownBy: ["hub/retained_messages_test.ts: where many talk at the same rate nothing is copied"],
  },
  {
    what: "rooms without members and settings",
    bound: "{MAX_IDLE_CHANNELS}",
    beyond: "one of the largest address dropped",
    constants: { "lib/hub/history/idle_conversations.ts": ["MAX_IDLE_CHANNELS"] },
    shownBy: [
      "hub/idle_conversations_test.ts: idle targets: of rooms that nobody is in so many are remembered",
    ],
  },
  {
    what: "direct conversations, one for each side",
    bound: "{MAX_DIRECT_CONVERSATIONS}",
    beyond: "one of the largest address dropped",
    constants: { "lib/hub/history/idle_conversations.ts": ["MAX_DIRECT_CONVERSATIONS"] },
    shownBy: ["hub/idle_conversations_test.ts: idle targets: of conversations so many are remembered"],
  },
  {
    what: "overwritten messages, per conversation",
    bound: "the newest {MAX_KNOWN_GONE}",
    beyond: "a gap of unknown size",
    constants: { "lib/hub/model/seq_list.ts": ["MAX_KNOWN_GONE"] },
    shownBy: [hub("overwritten messages that are counted: the newest so many")],
  },
  {
    what: "time of a message ahead of the clock",
    bound: "{MAX_AHEAD_MS}",
    beyond: "times are equal",
    constants: { "lib/hub/model/timeline.ts": ["MAX_AHEAD_MS"] },
    shownBy: [
      "hub/timeline_test.ts: fifteen thousand messages in a second leave the time within 50 ms of the clock",
    ],
  },
  {
    what: "difference of the clock from a stopwatch",
    bound: "{CLOCK_STEP_MS}",
    beyond: "operators and the log are told",
    constants: { "lib/base/clock.ts": ["CLOCK_STEP_MS"] },
    shownBy: ["base/clock_step_test.ts: clock watch: a step is found once, in either direction"],
  },
  {
    what: "clock breaks, per conversation",
    bound: "the newest {MAX_CLOCK_BREAKS}",
    beyond: "older pages may miss messages",
    constants: { "lib/hub/model/timeline.ts": ["MAX_CLOCK_BREAKS"] },
    shownBy: [
      "hub/history_query_times_test.ts: breaks are forgotten with what the ring has lost, and the oldest of too many",
    ],
  },
];
