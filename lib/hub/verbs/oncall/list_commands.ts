/** SET, DELETE, LISTS and SILENCE of ONCALL: escalation lists. */
import { utf8Length } from "../../../base/bytes.ts";
import { SECOND_MS } from "../../../base/values/time_unit.ts";
import {
  fitsEscalationLine,
  formatEscalation,
  MAX_ESCALATION_BYTES,
  MAX_SILENCE_REASON_BYTES,
  MAX_SILENCE_SECONDS,
  parseEscalation,
} from "../../../irc/oncall.ts";
import type { EscalationStep } from "../../../irc/oncall.ts";
import type { HubContext, Services } from "../../context.ts";
import type { PageParams } from "../../fanout/oncall.ts";
import { needMoreParams } from "../../fanout/replies.ts";
import { toEscalationStep } from "../../services/oncall/page.ts";
import type { EscalationList, ListStep, Silence } from "../../services/oncall/page.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { formatTimestamp } from "../../output/render.ts";
import { MAX_ESCALATION_LISTS } from "../../services/oncall/escalation_lists.ts";
import { findRoomTime, mayChangeList } from "./oncall_permission.ts";
import {
  CALENDAR_UNITS,
  checkIdentity,
  checkName,
  failOnCall,
  sendOnCall,
  sendWhenSaved,
  showWithDuties,
} from "./oncall_replies.ts";
import { findStepPeople } from "./step_people.ts";

/** Work units (work_steps.ts) of the lines of one list without calendars. */
const LIST_UNITS = 50;

/** `SET <list> <people> <seconds> …`. */
export function setList(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  [name, ...words]: readonly string[],
): void {
  if (name === undefined || words.length === 0) return needMoreParams(context, session, "ONCALL");
  if (!checkName(context, session, name) || !checkMayChange(context, services, session, user, name)) return;
  const { escalationLists } = services;
  const wanted = parseEscalation(words);
  if (typeof wanted === "string") return failOnCall(context, session, "INVALID_STEP", [name], wanted);
  const steps = resolveSteps(context, services, session, name, wanted);
  if (steps === undefined) return;
  if (!fitsEscalationLine(name, steps.map(toEscalationStep))) {
    const text = `A list has at most ${MAX_ESCALATION_BYTES} bytes, with its names and times`;
    return failOnCall(context, session, "INVALID_STEP", [name], text);
  }
  if (escalationLists.get(name) === undefined && escalationLists.isFull) {
    const text = `The server has ${MAX_ESCALATION_LISTS} escalation lists, the maximum`;
    return failOnCall(context, session, "TOO_MANY", [name], text);
  }
  const list = escalationLists.set(name, steps, findRoomTime(services, name));
  sendWhenSaved(context, session, name, { words: ["SET", ...wordsOf(list)] });
}

/** The steps with the accounts that there are; undefined: one is missing, and the session has been told so. */
function resolveSteps(
  context: HubContext,
  { accounts, dutyCalendars }: Services,
  session: Session,
  list: string,
  wanted: readonly EscalationStep[],
): ListStep[] | undefined {
  const steps: ListStep[] = [];
  for (const step of wanted) {
    if (step.kind === "calendar") {
      const calendar = dutyCalendars.get(step.calendar)?.name;
      if (calendar === undefined) {
        const text = `There is no calendar ${step.calendar}`;
        return failOnCall(context, session, "NO_SUCH_CALENDAR", [list], text), undefined;
      }
      steps.push({ ...step, calendar });
      continue;
    }
    const found = step.names.map((name) => accounts.get(name));
    const missing = step.names[found.indexOf(undefined)];
    if (missing !== undefined) {
      const text = `${missing} is no account`;
      return failOnCall(context, session, "INVALID_STEP", [list], text), undefined;
    }
    const distinct = new Map(found.map((each) => [each!.owner, each!.name]));
    const named = Array.from(distinct, ([owner, name]) => ({ owner, name }));
    steps.push({ kind: "accounts", accounts: named, seconds: step.seconds });
  }
  return steps;
}

function wordsOf({ name, steps }: EscalationList): string[] {
  return [name, ...formatEscalation(steps.map(toEscalationStep))];
}

function checkMayChange(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
): boolean {
  if (mayChangeList(services, user, name)) return true;
  const { room = 0 } = services.escalationLists.get(name) ?? {};
  const isOther = services.escalationLists.get(name) !== undefined && room !== findRoomTime(services, name);
  const text = isOther
    ? `Only server operators may change this list: the room #${name} is another than when it was made`
    : `Only server operators and accounts that own the room #${name} may change this list`;
  failOnCall(context, session, "NOT_PERMITTED", [name], text);
  return false;
}

/** The list called `name`, which `user` may change; undefined: there is none, or they may not, and it has been told. */
function requireList(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
): EscalationList | undefined {
  if (!checkName(context, session, name)) return undefined;
  const list = services.escalationLists.get(name);
  if (list === undefined) {
    failOnCall(context, session, "NO_SUCH_LIST", [name], `There is no escalation list ${name}`);
    return undefined;
  }
  return checkMayChange(context, services, session, user, name) ? list : undefined;
}

/** `DELETE <list>`. Open pages keep its steps. */
export function deleteList(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  [name]: readonly string[],
): void {
  if (name === undefined) return needMoreParams(context, session, "ONCALL");
  const list = requireList(context, services, session, user, name);
  if (list === undefined) return;
  services.escalationLists.delete(list);
  services.pages.noteSilenceChange(list.name);
  sendWhenSaved(context, session, list.name, { words: ["DELETE", list.name] });
}

/** `SILENCE <list> <seconds> :<reason>`; 0 seconds end the silence. */
export function silenceList(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  [name, time, reason = ""]: readonly string[],
): void {
  if (name === undefined || time === undefined) return needMoreParams(context, session, "ONCALL");
  const list = requireList(context, services, session, user, name);
  if (list === undefined) return;
  const seconds = /^\d{1,7}$/.test(time) ? Number(time) : -1;
  if (seconds < 0 || seconds > MAX_SILENCE_SECONDS) {
    const text = `A silence has up to ${MAX_SILENCE_SECONDS} seconds; 0 ends it`;
    return failOnCall(context, session, "INVALID_DURATION", [list.name], text);
  }
  if (utf8Length(reason) > MAX_SILENCE_REASON_BYTES || /[\x00-\x1f\x7f]/.test(reason)) {
    const text = `A reason is one line of at most ${MAX_SILENCE_REASON_BYTES} bytes`;
    return failOnCall(context, session, "INVALID_TEXT", [list.name], text);
  }
  const until = context.now + seconds * SECOND_MS;
  const silence = seconds === 0 ? undefined : { until, nick: user.nick, reason };
  services.escalationLists.silence(list, silence);
  services.pages.noteSilenceChange(list.name);
  sendWhenSaved(context, session, list.name, silencedParams(list.name, silence, user.nick));
}

function silencedParams(name: string, silence: Silence | undefined, nick: string): PageParams {
  const until = silence === undefined ? "*" : formatTimestamp(silence.until);
  return { words: ["SILENCED", name, until, silence?.nick ?? nick], text: silence?.reason ?? "" };
}

/** `LISTS`. */
export function showLists(context: HubContext, services: Services, session: Session, user: User): void {
  if (!checkIdentity(context, session, user)) return;
  showWithDuties(context, services, session, () => sendLists(context, services, session));
}

function* sendLists(context: HubContext, services: Services, session: Session): WorkSteps {
  for (const list of [...services.escalationLists.all]) {
    sendOnCall(context, session, { words: ["LIST", ...wordsOf(list)] });
    const silence = services.escalationLists.silenceOf(list.name, context.now);
    if (silence !== undefined) {
      sendOnCall(context, session, silencedParams(list.name, silence, silence.nick));
    }
    for (const [nth, step] of list.steps.entries()) {
      const until = step.kind === "calendar"
        ? services.dutyCalendars.dutyAt(step.calendar, context.now).until
        : undefined;
      const time = until === undefined ? "*" : formatTimestamp(until);
      const names = findStepPeople(context, services, step).filter(({ owner }) => owner !== "");
      const people = names.map(({ name }) => name).join(",") || "*";
      sendOnCall(context, session, { words: ["DUTY", list.name, nth + 1, people, time] });
      if (step.kind === "calendar") yield CALENDAR_UNITS;
    }
    yield LIST_UNITS;
  }
  sendOnCall(context, session, { words: ["LISTS", "*"] });
}
