/** Limits of lines, names and texts on the wire. */
import { hub } from "../limit.ts";
import type { Limit } from "../limit.ts";

const LIMITS = "lib/irc/limits.ts";
const MODES = "lib/hub/model/channel_modes.ts";
const MASK = "lib/irc/names/mask.ts";
const MASK_TEST = "irc/mask_test.ts: a mask is bounded in its stars, where a run is one, in its length";
const LONGEST = [
  "irc/limits_test.ts: limits: the longest ${what} fits a line",
  "hub/hub_test.ts: names and texts of the longest kind fit their lines",
];

/** A length in lib/irc/limits.ts that is chosen so that the lines with it fit. */
function name(what: string, constant: string, beyond: string): Limit {
  return {
    what,
    bound: `{${constant}} bytes`,
    beyond,
    constants: { [LIMITS]: [constant] },
    shownBy: LONGEST,
  };
}

export const LINES: readonly Limit[] = [
  {
    what: "line from a client, without its tags",
    bound: "{MAX_LINE_BYTES}",
    beyond: "`417`, not cut",
    constants: { [LIMITS]: ["MAX_LINE_BYTES"] },
    shownBy: ["irc/line_splitter_test.ts: the limit is met to the byte: 510 and the end of the line"],
  },
  {
    what: "tags of a line from a client",
    bound: "{MAX_CLIENT_TAGS_BYTES}",
    beyond: "`417`, not cut",
    constants: { [LIMITS]: ["MAX_CLIENT_TAGS_BYTES"] },
    shownBy: ["irc/line_splitter_test.ts: tags have a limit of their own, with @ and space"],
  },
  name("nick, account name", "NICKLEN", "`432`"),
  name("name of a room", "CHANNELLEN", "`476`"),
  name("user name", "USERLEN", "cut"),
  name("real name", "REALNAMELEN", "cut; SETNAME is refused"),
  name("topic", "TOPICLEN", "`417`"),
  name("away message", "AWAYLEN", "`417`"),
  name("reason of KICK, KILL, RENAME, a ban", "KICKLEN", "`417`; of KILL and bans: cut"),
  {
    what: "reason of QUIT",
    bound: "{QUIT_REASON_MAX_BYTES}",
    beyond: "cut",
    constants: { "lib/hub/model/config.ts": ["QUIT_REASON_MAX_BYTES"] },
    shownBy: [hub("the reason of a QUIT: so many bytes, then it is cut")],
  },
  {
    what: "targets of one command",
    bound: "{MAXTARGETS}",
    beyond: "`407`; of queries: ignored",
    constants: { [LIMITS]: ["MAXTARGETS"] },
    shownBy: ["transcripts/join_too_many_targets.txt: Too many targets"],
  },
  {
    what: "nicks of one USERHOST",
    bound: "{USERHOST_MAX}",
    beyond: "ignored",
    constants: { "lib/hub/verbs/users/user_status.ts": ["USERHOST_MAX"] },
    shownBy: ["transcripts/userhost.txt: takes up to five nicknames"],
  },
  {
    what: "label of a request",
    bound: "{MAX_LABEL_BYTES}",
    beyond: "the response has no label",
    constants: { [LIMITS]: ["MAX_LABEL_BYTES"] },
    shownBy: ["transcripts/label_too_long.txt: MUST NOT exceed 64 bytes"],
  },
  {
    what: "modes with an argument in one line",
    bound: "{MODES_PER_LINE}",
    beyond: "ignored, told",
    constants: { [MODES]: ["MODES_PER_LINE"] },
    shownBy: ["transcripts/mode_list_full.txt: more than 4 changes with an argument"],
  },
  {
    what: "stars in a mask; a run of stars is one",
    bound: "{MASK_MAX_STARS}",
    beyond: "refused",
    constants: { [MASK]: ["MASK_MAX_STARS"] },
    shownBy: [MASK_TEST],
  },
  {
    what: "length of a mask, typed and folded",
    bound: "{MASK_MAX_LENGTH}",
    beyond: "refused",
    constants: { [MASK]: ["MASK_MAX_LENGTH"] },
    shownBy: [MASK_TEST],
  },
  {
    what: "characters between two stars with a `?`",
    bound: "{MASK_MAX_WILD_CHARACTERS}",
    beyond: "refused",
    constants: { [MASK]: ["MASK_MAX_WILD_CHARACTERS"] },
    shownBy: [MASK_TEST],
  },
  {
    what: "number on the wire",
    bound: "0 to 2^53-1 in 16 digits",
    beyond: "not a number",
    source: { "lib/irc/wire_number.ts": "/^\\d{1,16}$/" },
    shownBy: ["irc/wire_number_test.ts: a count is decimal digits within its bound, and nothing else"],
  },
  {
    what: "time on the wire",
    bound: "1970 to 9999",
    beyond: "not a time",
    source: { "lib/irc/wire_number.ts": "9999-12-31T23:59:59.999Z" },
    shownBy: ["irc/wire_number_test.ts: a time is that of server-time, from 1970 to 9999"],
  },
  {
    what: "folded names that are cached",
    bound: "{MAX_FOLD_CACHE}",
    beyond: "folded anew",
    constants: { "lib/irc/names/casemap.ts": ["MAX_FOLD_CACHE"] },
    unseen: "a name that is folded anew is the same",
  },
];
