/** Limits of users and what they set. */
import { hub } from "../limit.ts";
import type { Limit } from "../limit.ts";

const CONFIG = "lib/hub/model/config.ts";
const METADATA = "lib/hub/services/metadata.ts";
const METADATA_TEST = hub("metadata: so many keys, of so many bytes, and values of so many");
const SESSION_MEMORY = "lib/hub/services/limits/session_memory.ts";
const MEMORY_TEST = hub("memory held for sessions: so much of one address, so much in all");

export const USERS: readonly Limit[] = [
  {
    what: "nick changes of one user",
    bound: "{DEFAULT_LIMITS.nickChanges}",
    flag: "--nick-changes",
    beyond: "`438`",
    constants: { [CONFIG]: ["DEFAULT_LIMITS.nickChanges"] },
    shownBy: [hub("changes of a nick: so many in a while")],
  },
  {
    what: "invitations of one user",
    bound: "{MAX_INVITES}",
    beyond: "the oldest is dropped",
    constants: { [CONFIG]: ["MAX_INVITES"] },
    shownBy: [hub("invitations of one user: so many, the oldest is forgotten")],
  },
  {
    what: "names that one session monitors",
    bound: "{MAX_MONITORED}",
    beyond: "`734`",
    constants: { "lib/hub/services/monitors.ts": ["MAX_MONITORED"] },
    shownBy: [hub("names watched by one session: so many")],
  },
  {
    what: "names and rooms an observer follows",
    bound: "{MAX_FOLLOWED}",
    beyond: "`FAIL FOLLOW TOO_MANY`",
    constants: { [CONFIG]: ["MAX_FOLLOWED"] },
    shownBy: [hub("an observer follows so many rooms and people")],
  },
  {
    what: "past names for WHOWAS, since the start",
    bound: "{MAX_PAST_NAMES}",
    beyond: "the oldest is dropped",
    constants: { "lib/hub/services/whowas.ts": ["MAX_PAST_NAMES"] },
    shownBy: ["hub/whowas_test.ts: whowas: of too many the oldest are forgotten"],
  },
  {
    what: "server bans and mutes together",
    bound: "{MAX_BANS}",
    beyond: "refused",
    constants: { [CONFIG]: ["MAX_BANS"] },
    shownBy: [hub("bans and mutes: so many together")],
  },
  {
    what: "metadata keys of one user or room",
    bound: "{MAX_METADATA_KEYS}",
    beyond: "`FAIL METADATA`",
    constants: { [METADATA]: ["MAX_METADATA_KEYS"] },
    shownBy: [METADATA_TEST],
  },
  {
    what: "metadata key; value",
    bound: "{MAX_METADATA_KEY_BYTES}; {MAX_METADATA_VALUE_BYTES}",
    beyond: "`FAIL METADATA`",
    constants: { [METADATA]: ["MAX_METADATA_KEY_BYTES", "MAX_METADATA_VALUE_BYTES"] },
    shownBy: [METADATA_TEST],
  },
  {
    what: "metadata subscriptions of one session",
    bound: "{MAX_METADATA_SUBS}",
    beyond: "`FAIL METADATA`",
    constants: { [METADATA]: ["MAX_METADATA_SUBS"] },
    shownBy: [hub("metadata: so many subscriptions of one session")],
  },
  {
    what: "lines of one metadata reply",
    bound: "{MAX_METADATA_LINES}",
    beyond: "cut",
    constants: { [METADATA]: ["MAX_METADATA_LINES"] },
    shownBy: [hub("metadata of a room's members: so many lines an answer")],
  },
  {
    what: "rooms with metadata",
    bound: "{MAX_METADATA_CHANNELS}",
    beyond: "dropped from an empty ownerless room",
    constants: { [METADATA]: ["MAX_METADATA_CHANNELS"] },
    shownBy: ["hub/metadata_test.ts: of a room that an account owns gives way to nothing"],
  },
  {
    what: "metadata of all accounts and rooms",
    bound: "{MAX_METADATA_BYTES}",
    beyond: "refused",
    constants: { [METADATA]: ["MAX_METADATA_BYTES"] },
    shownBy: [
      "hub/metadata_test.ts: what is taken out, replaced, or of an account that has ended counts no more",
    ],
  },
  {
    what: "memory of the sessions of one address",
    bound: "{MAX_SESSION_MEMORY_BYTES_PER_ADDRESS}",
    beyond: "refused",
    constants: { [SESSION_MEMORY]: ["MAX_SESSION_MEMORY_BYTES_PER_ADDRESS"] },
    shownBy: [
      "hub/memory_bounds_test.ts: memory: open batches of one address are bounded together",
      MEMORY_TEST,
    ],
  },
  {
    what: "memory of all sessions",
    bound: "{MAX_SESSION_MEMORY_BYTES}",
    beyond: "refused",
    constants: { [SESSION_MEMORY]: ["MAX_SESSION_MEMORY_BYTES"] },
    shownBy: [MEMORY_TEST],
  },
  {
    what: "cached cloaks",
    bound: "{MAX_CACHED}",
    beyond: "computed anew",
    constants: { "lib/hub/model/host_cloak.ts": ["MAX_CACHED"] },
    unseen: "a cloak that is computed anew is the same",
  },
];
