/** Limits of messages that the server says later. */
import type { Limit } from "../limit.ts";

const FILE = "lib/hub/services/scheduled_messages.ts";
const TEST = "hub/scheduled_bounds_test.ts";

export const SCHEDULED: readonly Limit[] = [
  {
    what: "of one account",
    bound: "{MAX_SCHEDULED_PER_ACCOUNT}",
    beyond: "`FAIL PRIVMSG TOO_MANY`",
    constants: { [FILE]: ["MAX_SCHEDULED_PER_ACCOUNT"] },
    shownBy: [`${TEST}: scheduled: an account has so many, and may have another when one is canceled`],
  },
  {
    what: "of one address, unless it is exempt; of one server",
    bound: "{MAX_SCHEDULED_PER_ADDRESS}; {MAX_SCHEDULED}",
    beyond: "`FAIL PRIVMSG TOO_MANY`",
    constants: { [FILE]: ["MAX_SCHEDULED_PER_ADDRESS", "MAX_SCHEDULED"] },
    shownBy: [
      `${TEST}: scheduled: an address has so many over all its accounts, and the server so many in all`,
    ],
  },
  {
    what: "time ahead",
    bound: "{MAX_SCHEDULE_AHEAD_MS}",
    beyond: "`FAIL PRIVMSG INVALID_TIME`",
    constants: { [FILE]: ["MAX_SCHEDULE_AHEAD_MS"] },
    shownBy: [`${TEST}: scheduled: a time is not past and at most a year ahead`],
  },
  {
    what: "time between two times of a repeated message, at least; its cron expression",
    bound: "{MIN_REPEAT_MS}; {MAX_CRON_BYTES}",
    beyond: "`FAIL PRIVMSG INVALID_TIME`",
    constants: { [FILE]: ["MIN_REPEAT_MS", "MAX_CRON_BYTES"] },
    shownBy: [`${TEST}: scheduled: a cron expression has five fields and so many bytes`],
  },
  {
    what: "refusals in a row of a repeated message",
    bound: "{MAX_REFUSALS}",
    beyond: "it is not repeated any more, and its owner is told",
    constants: { [FILE]: ["MAX_REFUSALS"] },
    shownBy: [
      "hub/scheduled_messages_test.ts: scheduled: a repeated message that was refused three times in a row ends",
    ],
  },
  {
    what: "said in one tick",
    bound: "{DUE_PER_TICK}",
    beyond: "the next tick",
    constants: { [FILE]: ["DUE_PER_TICK"] },
    shownBy: [`${TEST}: scheduled: the earliest are said first, so many in a tick`],
  },
];
