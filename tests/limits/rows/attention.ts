/** Limits of what draws the attention of a person in `join`. */
import type { Limit } from "../limit.ts";

const FOLDER = "lib/tui/attention";
const NOTIFY = "commands/join/notify_program.ts";
const ATTENTION_TEST = "tui/attention/attention_test.ts";
const NOTIFICATION_TEST = "tui/attention/notification_test.ts";
const NOTIFY_TEST = "commands/notify_program_test.ts";

export const CLIENT_ATTENTION: readonly Limit[] = [
  {
    what: "the bell",
    bound: "{BELL_RATE}",
    beyond: "one sound",
    constants: { [`${FOLDER}/attention.ts`]: ["BELL_RATE"] },
    shownBy: [
      `${ATTENTION_TEST}: attention: within a second the bell is one sound, the program runs for each`,
    ],
  },
  {
    what: "notifications of the desktop",
    bound: "{NOTIFICATION_RATE}",
    beyond: "not shown",
    constants: { [`${FOLDER}/attention.ts`]: ["NOTIFICATION_RATE"] },
    shownBy: [
      `${ATTENTION_TEST}: attention: notifications of the desktop, at most ten a minute, and none with /set notify off`,
    ],
  },
  {
    what: "title and text of one, in characters",
    bound: "{MAX_NOTIFICATION_TITLE} and {MAX_NOTIFICATION_BODY}",
    beyond: "cut, marked `…`",
    constants: { [`${FOLDER}/notification.ts`]: ["MAX_NOTIFICATION_TITLE", "MAX_NOTIFICATION_BODY"] },
    shownBy: [`${NOTIFICATION_TEST}: notification: its texts are printable, one line, and bounded`],
  },
  {
    what: "title of the terminal: the room, the count",
    bound: "{MAX_TITLE_NAME} characters; {MAX_TITLE_COUNT}",
    beyond: "cut, marked `…`; `99+`",
    constants: { [`${FOLDER}/title.ts`]: ["MAX_TITLE_NAME", "MAX_TITLE_COUNT"] },
    shownBy: [
      `${NOTIFICATION_TEST}: title: the room, with the number of mentions, or a dot for what concerns others`,
    ],
  },
  {
    what: "live messages that wait until history is read",
    bound: "{MAX_LIVE_IDS}",
    beyond: "shown, without notification",
    constants: { [`${FOLDER}/live_messages.ts`]: ["MAX_LIVE_IDS"] },
    shownBy: [
      `${NOTIFICATION_TEST}: live messages: of more than 1000 that wait to be shown the first ones count as history`,
    ],
  },
  {
    what: "runs of the program of `--notify`",
    bound: "{NOTIFY_RATE}, one at a time",
    beyond: "left out, told once a minute",
    constants: { [NOTIFY]: ["NOTIFY_RATE"] },
    shownBy: [
      `${NOTIFY_TEST}: notify program: it runs 30 times a minute, and what is left out is told once a minute`,
    ],
  },
  {
    what: "messages that wait for it",
    bound: "{MAX_NOTIFY_QUEUE}",
    beyond: "left out, told once a minute",
    constants: { [NOTIFY]: ["MAX_NOTIFY_QUEUE"] },
    shownBy: [
      `${NOTIFY_TEST}: notify program: one runs at a time, in order; of those that wait some are left out, which is told`,
    ],
  },
];
