/**
 * On-call (docs/protocol/oncall.md): the names, states and bounds that hub and clients agree on, and the form of an
 * escalation list on the wire.
 */
import { utf8Length } from "../base/bytes.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../base/values/time_unit.ts";

export { NOTIFY_URL_MAX_BYTES as MAX_NOTIFY_URL_BYTES } from "../base/values/notify_url.ts";

/** Nick of the service that rings; no client can have it. */
export const ONCALL_SERVICE = "OnCall";

/** Longest name of an escalation list or a calendar, in characters. */
export const MAX_ONCALL_NAME_LENGTH = 32;
/** Most steps of an escalation list. */
export const MAX_ESCALATION_STEPS = 10;
/** Most accounts of one step. */
export const MAX_STEP_ACCOUNTS = 10;
/** Most bytes of a list on the wire, its name and all steps, so that it fits a line of the server. */
export const MAX_ESCALATION_BYTES = 400;
/** Shortest time after which the next step begins, in seconds. */
export const MIN_STEP_SECONDS = 30;
/** Longest time after which the next step begins, in seconds. */
export const MAX_STEP_SECONDS = DAY_MS / SECOND_MS;
/** The time of the last step where it names none, in seconds. */
export const DEFAULT_STEP_SECONDS = 300;

/** Most bytes of UTF-8 of the text of a page, so that it fits a line together with how to acknowledge it. */
export const MAX_PAGE_BYTES = 200;
/** Longest id of a page that a pager chooses, in characters. */
export const MAX_PAGE_ID_LENGTH = 48;
/** Longest time for which a page rings, in milliseconds. */
export const MAX_PAGE_MS = DAY_MS;
/** Time from one ring of a person to the next, in milliseconds. */
export const RING_INTERVAL_MS = MINUTE_MS;

/** Longest silence of a list, in seconds. */
export const MAX_SILENCE_SECONDS = 30 * DAY_MS / SECOND_MS;
/** Most bytes of UTF-8 of the reason of a silence. */
export const MAX_SILENCE_REASON_BYTES = 200;

/** Most characters of base64 in one `ONCALL CALENDAR PUT`. */
export const CALENDAR_CHUNK_LENGTH = 400;
/** Most bytes of a calendar. */
export const MAX_CALENDAR_BYTES = 64 * 1024;

/** How a page ends: a person acknowledged it; its pager gave it up; it rang for the longest time. */
export const PAGE_ENDS = ["acknowledged", "withdrawn", "expired"] as const;

export type PageEndKind = (typeof PAGE_ENDS)[number];

export type PageState = "ringing" | "silenced" | PageEndKind;

/**
 * How a person is reached when they are rung: in a session; by their notify URL; by a message that waits for them; not
 * at all; by a notify URL that failed.
 */
export const REACH_KINDS = ["session", "offline", "notify", "unreachable", "failed"] as const;

export type ReachKind = (typeof REACH_KINDS)[number];

/** One step of an escalation list. */
export type EscalationStep =
  & {
    /** Time after which the next step begins. */
    readonly seconds: number;
  }
  & (
    | { readonly kind: "accounts"; readonly names: readonly string[] }
    /** The people that the calendar has on duty when the step begins. */
    | { readonly kind: "calendar"; readonly calendar: string }
  );

/** Whether `name` can be that of an escalation list or a calendar. */
export function isOnCallName(name: string): boolean {
  return name.length <= MAX_ONCALL_NAME_LENGTH && /^[A-Za-z0-9._-]+$/.test(name);
}

/** What lists and calendars are compared by. */
export function foldOnCallName(name: string): string {
  return name.toLowerCase();
}

/**
 * Parses the steps of a list: `alice,bob 300 @primary 600`; the last may lack its time. A text: what is wrong, as a
 * clause.
 */
export function parseEscalation(words: readonly string[]): EscalationStep[] | string {
  const count = Math.ceil(words.length / 2);
  if (count < 1 || count > MAX_ESCALATION_STEPS) {
    return `there are ${count} steps; a list has 1 to ${MAX_ESCALATION_STEPS}`;
  }
  const steps: EscalationStep[] = [];
  for (let nth = 0; nth < count; nth++) {
    const step = parseStep(words[2 * nth]!, words[2 * nth + 1] ?? String(DEFAULT_STEP_SECONDS));
    if (typeof step === "string") return `step ${nth + 1}: ${step}`;
    steps.push(step);
  }
  return steps;
}

function parseStep(people: string, time: string): EscalationStep | string {
  const seconds = /^\d{1,6}$/.test(time) ? Number(time) : 0;
  if (seconds < MIN_STEP_SECONDS || seconds > MAX_STEP_SECONDS) {
    return `${time} is not a time of ${MIN_STEP_SECONDS} to ${MAX_STEP_SECONDS} seconds`;
  }
  if (people.startsWith("@")) {
    const calendar = people.slice(1);
    return isOnCallName(calendar)
      ? { kind: "calendar", calendar, seconds }
      : `${people} is not the name of a calendar`;
  }
  const names = people.split(",");
  if (names.includes("")) return "a name is empty";
  if (names.length > MAX_STEP_ACCOUNTS) return `more than ${MAX_STEP_ACCOUNTS} accounts`;
  return { kind: "accounts", names, seconds };
}

/** The words of a step's people: `alice,bob` or `@primary`. */
export function formatStepPeople(step: EscalationStep): string {
  return step.kind === "calendar" ? `@${step.calendar}` : step.names.join(",");
}

/** The words of a list's steps, each with its time. */
export function formatEscalation(steps: readonly EscalationStep[]): string[] {
  return steps.flatMap((step) => [formatStepPeople(step), String(step.seconds)]);
}

/** Whether a list of this name with these steps fits a line. */
export function fitsEscalationLine(name: string, steps: readonly EscalationStep[]): boolean {
  return utf8Length([name, ...formatEscalation(steps)].join(" ")) <= MAX_ESCALATION_BYTES;
}
