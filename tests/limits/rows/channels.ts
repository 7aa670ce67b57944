/** Limits of rooms. */
import { hub } from "../limit.ts";
import type { Limit } from "../limit.ts";

const CONFIG = "lib/hub/model/config.ts";
const MODES = "lib/hub/model/channel_modes.ts";
const SETTINGS = "lib/hub/model/channel_settings.ts";
const QUOTA = "lib/hub/services/limits/operator_quota.ts";
const LISTS = "lib/hub/services/limits/list_memory.ts";
const ROOMS = hub("rooms: so many in all, so many of one user, and so many members of one");
const LIST_TEST = hub("masks of one list of a room: so many, of so many bytes; a key of so many");
const IDLE = hub(
  "topics, settings and plain rooms of one account without members: so many each, the oldest go",
);
const FORMER = hub("former names of rooms: so many in all, and of one room; the oldest is forgotten");
const QUOTA_TEST =
  "hub/operator_quota_test.ts: accounts that take all they may leave one room for others until all is taken";

export const CHANNELS: readonly Limit[] = [
  {
    what: "rooms",
    bound: "{DEFAULT_LIMITS.channels}",
    flag: "--max-rooms",
    beyond: "refused",
    constants: { [CONFIG]: ["DEFAULT_LIMITS.channels"] },
    shownBy: [ROOMS],
  },
  {
    what: "rooms created by one address",
    bound: "1/{CHANNEL_SHARE_DIVISOR} of those still free, so a fifth of all",
    beyond: "refused",
    constants: { [CONFIG]: ["CHANNEL_SHARE_DIVISOR"] },
    shownBy: ["adversary/channels_test.ts: one address makes a fifth of the rooms, and observers none"],
  },
  {
    what: "rooms that one user is in",
    bound: "{DEFAULT_LIMITS.channelsPerUser}",
    flag: "--max-rooms-per-user",
    beyond: "`405`",
    constants: { [CONFIG]: ["DEFAULT_LIMITS.channelsPerUser"] },
    shownBy: [ROOMS],
  },
  {
    what: "members of one room",
    bound: "{DEFAULT_LIMITS.channelMembers}",
    flag: "--max-room-members",
    beyond: "`471`",
    constants: { [CONFIG]: ["DEFAULT_LIMITS.channelMembers"] },
    shownBy: [ROOMS],
  },
  {
    what: "members of a room that sees each JOIN",
    bound: "below {LARGE_CHANNEL_MEMBERS}",
    beyond: "JOIN is sent before the first message",
    constants: { [CONFIG]: ["LARGE_CHANNEL_MEMBERS"] },
    shownBy: [hub("a room is announced in below so many members, and from there on not")],
  },
  {
    what: "masks in one list of a room",
    bound: "{MAX_LIST_MASKS}",
    beyond: "`478`",
    constants: { [MODES]: ["MAX_LIST_MASKS"] },
    shownBy: [LIST_TEST],
  },
  {
    what: "bytes of such a mask",
    bound: "{MASK_MAX_BYTES}",
    beyond: "refused",
    constants: { "lib/hub/model/channel_mask.ts": ["MASK_MAX_BYTES"] },
    shownBy: [LIST_TEST],
  },
  {
    what: "mask lists set from one address",
    bound: "{MAX_LIST_BYTES_PER_ADDRESS}",
    beyond: "`478`",
    constants: { [LISTS]: ["MAX_LIST_BYTES_PER_ADDRESS"] },
    shownBy: [
      "hub/memory_bounds_test.ts: memory: mask lists that one address fills are bounded over all rooms",
      hub("mask lists of all rooms: so much of one address, so much in all"),
    ],
  },
  {
    what: "mask lists of all rooms",
    bound: "{MAX_LIST_BYTES}",
    beyond: "`478`",
    constants: { [LISTS]: ["MAX_LIST_BYTES"] },
    shownBy: [hub("mask lists of all rooms: so much of one address, so much in all")],
  },
  {
    what: "key of a room",
    bound: "{KEYLEN} bytes",
    beyond: "refused",
    constants: { [MODES]: ["KEYLEN"] },
    shownBy: [LIST_TEST],
  },
  {
    what: "operators that a room remembers",
    bound: "{MAX_CHANNEL_OPERATORS}",
    beyond: "not remembered, told",
    constants: { [SETTINGS]: ["MAX_CHANNEL_OPERATORS"] },
    shownBy: [hub("operators that a room remembers: so many, and the next is told")],
  },
  {
    what: "rooms with one account as operator",
    bound: "{MAX_OPERATED_CHANNELS_PER_ACCOUNT}",
    beyond: "not remembered, told",
    constants: { [QUOTA]: ["MAX_OPERATED_CHANNELS_PER_ACCOUNT"] },
    shownBy: [QUOTA_TEST],
  },
  {
    what: "remembered operators of all rooms",
    bound: "{MAX_REMEMBERED_OPERATORS}",
    beyond: "fewer for each account",
    constants: { [QUOTA]: ["MAX_REMEMBERED_OPERATORS"] },
    shownBy: [QUOTA_TEST],
  },
  {
    what: "cached ban lookups of one user",
    bound: "{MAX_VERDICTS}",
    beyond: "looked up anew",
    constants: { [SETTINGS]: ["MAX_VERDICTS"] },
    shownBy: [hub("rooms of which it is remembered whether a user is banned there: so many")],
  },
  {
    what: "topics of empty rooms without owner",
    bound: "{MAX_IDLE_TOPICS}",
    beyond: "oldest of the largest address dropped",
    constants: { [CONFIG]: ["MAX_IDLE_TOPICS"] },
    shownBy: [IDLE],
  },
  {
    what: "settings of empty rooms without owner",
    bound: "{MAX_IDLE_SETTINGS}",
    beyond: "oldest of the largest address dropped",
    constants: { [CONFIG]: ["MAX_IDLE_SETTINGS"] },
    shownBy: [IDLE],
  },
  {
    what: "empty rooms with nothing set, an account",
    bound: "{MAX_PLAIN_CHANNELS_OF_ACCOUNT}",
    beyond: "the oldest is dropped",
    constants: { [CONFIG]: ["MAX_PLAIN_CHANNELS_OF_ACCOUNT"] },
    shownBy: [IDLE],
  },
  {
    what: "life of a room's former name",
    bound: "{FORMER_NAME_MS}",
    beyond: "the name is free",
    constants: { [CONFIG]: ["FORMER_NAME_MS"] },
    shownBy: ["hub/channel_rename_test.ts: the way to it is known for a day"],
  },
  {
    what: "former names",
    bound: "{MAX_FORMER_NAMES}",
    beyond: "the oldest is dropped",
    constants: { [CONFIG]: ["MAX_FORMER_NAMES"] },
    shownBy: [FORMER],
  },
  {
    what: "former names of one room",
    bound: "{MAX_FORMER_NAMES_OF_CHANNEL}",
    beyond: "the oldest is dropped",
    constants: { [CONFIG]: ["MAX_FORMER_NAMES_OF_CHANNEL"] },
    shownBy: [FORMER],
  },
  {
    what: "time between two renames of a room",
    bound: "{RENAME_INTERVAL_MS}",
    beyond: "refused",
    constants: { [CONFIG]: ["RENAME_INTERVAL_MS"] },
    shownBy: [hub("a room is renamed once in so long")],
  },
  {
    what: "names sent to old clients by one rename",
    bound: "{RENAME_MAX_NAMES}",
    beyond: "refused",
    constants: { [CONFIG]: ["RENAME_MAX_NAMES"] },
    shownBy: ["hub/channel_rename_test.ts: a room that many would have to come in to anew keeps its name"],
  },
];
