/** Limits of on-call: pages, escalation lists, calendars and notify URLs. */
import type { Limit } from "../limit.ts";

const FORM = "lib/irc/oncall.ts";
const PAGES = "lib/hub/services/oncall/pages.ts";
const LISTS = "lib/hub/services/oncall/escalation_lists.ts";
const CALENDARS = "lib/hub/services/oncall/duty_calendars.ts";
const VERB = "lib/hub/verbs/oncall/page.ts";
const WAITS = "lib/server/durable_waits.ts";
const WAITS_TEST = "server/durable_waits_test.ts";
const ATTACKS = "hub/oncall/adversary_test.ts";
const TEST = "hub/oncall/commands_test.ts";
const RINGING = "hub/oncall/ringing_test.ts";

export const ONCALL: readonly Limit[] = [
  {
    what: "open pages of an account or a claim key",
    bound: "{MAX_PAGES_PER_OWNER}",
    beyond: "`FAIL PAGE TOO_MANY`",
    constants: { [PAGES]: ["MAX_PAGES_PER_OWNER"] },
    shownBy: [`${TEST}: page: an owner, an address and the server have so many that are open`],
  },
  {
    what: "open pages of an address",
    bound: "{MAX_PAGES_PER_SITE}",
    beyond: "`FAIL PAGE TOO_MANY`, exempt addresses aside",
    constants: { [PAGES]: ["MAX_PAGES_PER_SITE"] },
    shownBy: [`${TEST}: page: an owner, an address and the server have so many that are open`],
  },
  {
    what: "open pages of a server",
    bound: "{MAX_PAGES}",
    beyond: "`FAIL PAGE TOO_MANY`",
    constants: { [PAGES]: ["MAX_PAGES"] },
    shownBy: [`${TEST}: page: an owner, an address and the server have so many that are open`],
  },
  {
    what: "pages that an account, a claim key or an address opens in an hour",
    bound: "{MAX_PAGES_PER_HOUR}",
    beyond: "`FAIL PAGE TOO_MANY`; addresses that are exempt by owner only",
    constants: { [PAGES]: ["MAX_PAGES_PER_HOUR"] },
    shownBy: [`${TEST}: page: an owner opens so many within an hour, and one turn rings for so many`],
  },
  {
    what: "time after a start in which no step of a page is passed over",
    bound: "{RETURN_MS}",
    beyond: "a step that reaches no person is followed by the next one at once",
    constants: { [PAGES]: ["RETURN_MS"] },
    shownBy: [`${ATTACKS}: page: after a start it rings at once, and no step is passed over`],
  },
  {
    what: "pages for which one turn rings, and their people",
    bound: "{DUE_PER_TURN}; {DUE_PEOPLE_PER_TURN}",
    beyond: "the next turn",
    constants: { [PAGES]: ["DUE_PER_TURN", "DUE_PEOPLE_PER_TURN"] },
    shownBy: [
      `${ATTACKS}: page: a flood of pages that are due together is rung in short turns`,
      `${TEST}: page: an owner opens so many within an hour, and one turn rings for so many`,
    ],
  },
  {
    what: "time for which a page, or its end, waits for a disk that does not answer (not in a cluster)",
    bound: "{DISK_PATIENCE_MS}, and as much again where another write is under way",
    beyond: "`WARN PAGE NOT_SAVED`, and people are rung or told",
    constants: { [WAITS]: ["DISK_PATIENCE_MS"] },
    shownBy: [`${WAITS_TEST}: disk that does not answer: pages ring and end unsaved`],
  },
  {
    what: "what is told of pages and questions in one turn once it is on disk",
    bound: "{ACTIONS_BUDGET_MS}, and the rest of the last one",
    beyond: "the next turn",
    constants: { [WAITS]: ["ACTIONS_BUDGET_MS"] },
    shownBy: [`${WAITS_TEST}: disk: what waited for it is done in turns of a bounded length`],
  },
  {
    what: "pages that have ended, of a server; time for which they are kept",
    bound: "{MAX_ENDED_PAGES}; {PAGE_RETENTION_MS}",
    beyond: "the oldest of the owner with the most is dropped",
    constants: { [PAGES]: ["MAX_ENDED_PAGES", "PAGE_RETENTION_MS"] },
    shownBy: [
      `${TEST}: page: ended ones are kept for 30 days, the newest of them, and no number is given twice`,
    ],
  },
  {
    what: "people that one page rings",
    bound: "{MAX_PAGE_PEOPLE}",
    beyond: "further ones of its calendars are not rung",
    constants: { [PAGES]: ["MAX_PAGE_PEOPLE"] },
    shownBy: [`${TEST}: page: a list of them has at most 100, the newest, and rings at most 100 people`],
  },
  {
    what: "names of them in a line of `PAGE LIST`",
    bound: "{NAMES_MAX_BYTES}",
    beyond: "further lines have them",
    constants: { [VERB]: ["NAMES_MAX_BYTES"] },
    shownBy: [`${RINGING}: page: the names of many people are in several lines that fit`],
  },
  {
    what: "time for which a page rings",
    bound: "{MAX_PAGE_MS}",
    beyond: "it ends as `expired`, and all are told",
    constants: { [FORM]: ["MAX_PAGE_MS"] },
    shownBy: [`${RINGING}: page: it expires when it has rung for a day, of which all are told`],
  },
  {
    what: "text of a page; its id",
    bound: "{MAX_PAGE_BYTES}; {MAX_PAGE_ID_LENGTH} characters",
    beyond: "`FAIL PAGE INVALID_TEXT`, `INVALID_ID`",
    constants: { [FORM]: ["MAX_PAGE_BYTES", "MAX_PAGE_ID_LENGTH"] },
    shownBy: [`${TEST}: oncall: the lines that are refused, each with its code`],
  },
  {
    what: "pages in the answer to `PAGE LIST`",
    bound: "{MAX_LISTED_PAGES}",
    beyond: "the newest",
    constants: { [VERB]: ["MAX_LISTED_PAGES"] },
    shownBy: [`${TEST}: page: a list of them has at most 100, the newest, and rings at most 100 people`],
  },
  {
    what: "escalation lists of a server",
    bound: "{MAX_ESCALATION_LISTS}",
    beyond: "`FAIL ONCALL TOO_MANY`",
    constants: { [LISTS]: ["MAX_ESCALATION_LISTS"] },
    shownBy: [`${TEST}: oncall: so many lists, bytes of a list, calendars, bytes of a calendar and uploads`],
  },
  {
    what: "name of a list or a calendar",
    bound: "{MAX_ONCALL_NAME_LENGTH} characters",
    beyond: "`FAIL ONCALL INVALID_NAME`",
    constants: { [FORM]: ["MAX_ONCALL_NAME_LENGTH"] },
    shownBy: [`${TEST}: oncall: the lines that are refused, each with its code`],
  },
  {
    what: "steps of a list; accounts of a step; the whole list on the wire",
    bound: "{MAX_ESCALATION_STEPS}; {MAX_STEP_ACCOUNTS}; {MAX_ESCALATION_BYTES}",
    beyond: "`FAIL ONCALL INVALID_STEP`",
    constants: { [FORM]: ["MAX_ESCALATION_STEPS", "MAX_STEP_ACCOUNTS", "MAX_ESCALATION_BYTES"] },
    shownBy: [`${TEST}: escalation list: the form of its steps`],
  },
  {
    what: "time of a step",
    bound: "{MIN_STEP_SECONDS} to {MAX_STEP_SECONDS} seconds",
    beyond: "`FAIL ONCALL INVALID_STEP`",
    constants: { [FORM]: ["MIN_STEP_SECONDS", "MAX_STEP_SECONDS"] },
    shownBy: [`${TEST}: escalation list: the form of its steps`],
  },
  {
    what: "silence of a list; its reason",
    bound: "{MAX_SILENCE_SECONDS} seconds; {MAX_SILENCE_REASON_BYTES}",
    beyond: "`FAIL ONCALL INVALID_DURATION`, `INVALID_TEXT`",
    constants: { [FORM]: ["MAX_SILENCE_SECONDS", "MAX_SILENCE_REASON_BYTES"] },
    shownBy: [`${TEST}: oncall: the lines that are refused, each with its code`],
  },
  {
    what: "calendars of a server",
    bound: "{MAX_CALENDARS}",
    beyond: "`FAIL ONCALL TOO_MANY`",
    constants: { [CALENDARS]: ["MAX_CALENDARS"] },
    shownBy: [`${TEST}: oncall: so many lists, bytes of a list, calendars, bytes of a calendar and uploads`],
  },
  {
    what: "sessions that upload a calendar at a time; those of one account",
    bound: "{MAX_CALENDAR_UPLOADS}; {MAX_UPLOADS_PER_ACCOUNT}",
    beyond:
      "`FAIL ONCALL TOO_MANY`; an upload that is idle for a minute, or of the same account, gives up its place",
    constants: { [CALENDARS]: ["MAX_CALENDAR_UPLOADS", "MAX_UPLOADS_PER_ACCOUNT"] },
    shownBy: [
      `${TEST}: oncall: so many lists, bytes of a list, calendars, bytes of a calendar and uploads`,
      `${ATTACKS}: oncall: an account saves so many calendars in a time, and uploads so many at once`,
    ],
  },
  {
    what: "calendars that are checked for an account, and for an address",
    bound: "{CALENDAR_CHECK_RATE}",
    beyond: "`FAIL ONCALL TOO_MANY`; addresses that are exempt by account only, operators not at all",
    constants: { [CALENDARS]: ["CALENDAR_CHECK_RATE"] },
    shownBy: [
      `${ATTACKS}: oncall: an account saves so many calendars in a time, and uploads so many at once`,
    ],
  },
];
