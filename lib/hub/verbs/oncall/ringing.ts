/**
 * Pages that ring: their steps begin, and the people of all steps so far are rung each minute until the page ends. What
 * was done is kept with the page, as following from the messages that were recorded: after a crash a step may begin
 * again, and finds its messages by their sender ids.
 */
import { SECOND_MS } from "../../../base/values/time_unit.ts";
import { CAP } from "../../../irc/capabilities.ts";
import { MAX_PAGE_MS, RING_INTERVAL_MS } from "../../../irc/oncall.ts";
import type { ReachKind } from "../../../irc/oncall.ts";
import type { HubContext, Services } from "../../context.ts";
import {
  describeReach,
  namePage,
  ringText,
  rungParams,
  sendOnCallNotice,
  sendPageLineTo,
  sendRecorded,
  sendToPager,
} from "../../fanout/oncall.ts";
import { sessionsOf, usersOf } from "../../fanout/questions.ts";
import { nickOf } from "../../model/identifiers.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import type { NamedAccount, Page, PagePerson } from "../../services/oncall/page.ts";
import type { Session, User } from "../../model/state/entities.ts";
import { failureMessageId, ringMessageId } from "../../services/oncall/page_message.ts";
import { dueAt, MAX_PAGE_PEOPLE } from "../../services/oncall/pages.ts";
import { endPage } from "./page_ending.ts";
import { findStepPeople, listCalendars } from "./step_people.ts";

/** Does what is due of the open pages: begins steps, rings people, ends pages that have rung for too long. */
export function ringDuePages(context: HubContext, services: Services): void {
  for (const page of services.pages.takeDue(context.now)) advancePage(context, services, page);
}

function advancePage(context: HubContext, services: Services, due: Page): void {
  const { now } = context;
  let page = withoutPause(due, now);
  if (page.ringingSince === 0) {
    const silence = services.escalationLists.silenceOf(page.list, now);
    if (silence !== undefined) {
      services.pages.change({ ...page, stepAt: silence.until }, undefined);
      return;
    }
    page = { ...page, ringingSince: now, stepAt: now };
  }
  if (now >= page.ringingSince + MAX_PAGE_MS) {
    return endPage(context, services, page, { how: "expired", nick: "", account: "", owner: "" });
  }
  page = ringAgain(context, services, page);
  const isBegin = now >= page.stepAt && canFindPeople(context, services, page);
  if (isBegin) page = beginSteps(context, services, page);
  services.pages.change(page, isBegin ? context.log.nextSeq - 1 : undefined);
}

/** `page` as if the time in which the server was down or the machine asleep, so that it did not ring, had not passed. */
function withoutPause(page: Page, now: number): Page {
  const lateMs = now - dueAt(page);
  if (page.ringingSince === 0 || lateMs <= RING_INTERVAL_MS) return page;
  return { ...page, ringingSince: page.ringingSince + lateMs };
}

/** Whether the people of all steps can be found now; else the page is due again, until its calendars have been read. */
function canFindPeople(context: HubContext, { dutyCalendars }: Services, page: Page): boolean {
  const calendars = listCalendars(page);
  return calendars.length === 0 || dutyCalendars.isReady(calendars, context.now);
}

/**
 * Begins the next step, and those after it as long as none of the people of a step is reached, at most each step of the
 * list once.
 */
function beginSteps(context: HubContext, services: Services, from: Page): Page {
  let page = from;
  for (let count = 0; count < page.steps.length; count++) {
    const nth = page.begun % page.steps.length;
    const step = page.steps[nth]!;
    let isReached = false;
    for (const each of findStepPeople(context, services, step)) {
      page = ringFirst(context, services, page, each, nth + 1);
      isReached ||= each.owner !== "" && findReach(context, services, each.owner).isReached;
    }
    page = { ...page, begun: page.begun + 1, stepAt: context.now + step.seconds * SECOND_MS };
    // Just after a start those that were online are not back yet.
    if (isReached || context.now < services.pages.returnUntil) break;
  }
  return page;
}

interface Reach {
  readonly users: readonly User[];
  readonly sessions: readonly Session[];
  readonly url: string | undefined;
  readonly how: ReachKind;
  /** Whether they are rung in a session or by a notify URL. */
  readonly isReached: boolean;
}

function findReach(context: HubContext, services: Services, owner: OwnerId): Reach {
  const users = usersOf(context, services, owner);
  const sessions = sessionsOf(users);
  const url = services.notifyUrls.of(owner);
  const isAccount = services.accounts.byOwner(owner) !== undefined;
  const how = sessions.length > 0
    ? "session"
    : url !== undefined
    ? "notify"
    : isAccount
    ? "offline"
    : "unreachable";
  return { users, sessions, url, how, isReached: how === "session" || how === "notify" };
}

/** Rings a person of a step that begins, unless the page rings them already. */
function ringFirst(
  context: HubContext,
  services: Services,
  page: Page,
  { name, owner }: NamedAccount,
  step: number,
): Page {
  const isKnown = page.people.some((each) => owner === "" ? each.name === name : each.owner === owner);
  if (isKnown || page.people.length >= MAX_PAGE_PEOPLE) return page;
  const person = { name, owner, step, rings: 0, ringAt: 0, isNotified: false, hasFailed: false };
  if (owner === "") return addPerson(context, services, page, { ...person, seq: 0, how: "unreachable" });
  const message = { verb: "PRIVMSG", text: ringText(page, 1), id: ringMessageId(page, owner) } as const;
  const seq = sendRecorded(context, services, owner, message);
  const { how } = findReach(context, services, owner);
  return addPerson(context, services, page, ring(context, services, page, { ...person, seq, how }));
}

function addPerson(context: HubContext, services: Services, page: Page, person: PagePerson): Page {
  sendToPager(context, services, page, rungParams(page, person, describeReach(person)));
  return { ...page, people: [...page.people, person] };
}

/** Rings the people that are due. */
function ringAgain(context: HubContext, services: Services, page: Page): Page {
  const { now } = context;
  if (page.people.every(({ owner, ringAt }) => owner === "" || now < ringAt)) return page;
  const people = page.people.map((person) => {
    if (person.owner === "" || now < person.ringAt) return person;
    const { how } = findReach(context, services, person.owner);
    // A notify URL that has failed is taken for failing until it succeeds.
    const changed = { ...person, how: person.how === "failed" && how === "notify" ? person.how : how };
    const rung = ring(context, services, page, changed);
    if (rung.how !== person.how) {
      sendToPager(context, services, page, rungParams(page, rung, describeReach(rung)));
    }
    return rung;
  });
  return { ...page, people };
}

/** Rings a person in their sessions, and by their notify URL; returns them as they are then. */
function ring(context: HubContext, services: Services, page: Page, person: PagePerson): PagePerson {
  const { number, list, source, text } = page;
  const { users, sessions, url } = findReach(context, services, person.owner);
  const rings = person.rings + 1;
  sendPageLineTo(context, users, { words: ["RINGING", number, list, nickOf(source), rings], text });
  for (const session of rings === 1 ? [] : sessions) {
    if (!session.caps.has(CAP.oncall)) sendOnCallNotice(context, session, ringText(page, rings));
  }
  const isAway = users.every(({ away, sessions }) => away !== "" || sessions.length === 0);
  const isNotified = url !== undefined && (isAway || rings > 1);
  if (isNotified) notify(context, services, page, { ...person, rings }, url);
  return {
    ...person,
    rings,
    ringAt: context.now + RING_INTERVAL_MS,
    isNotified: person.isNotified || isNotified,
  };
}

function notify(
  context: HubContext,
  services: Services,
  { number, list, text, source }: Page,
  { owner, rings }: PagePerson,
  url: string,
): void {
  const { now: time } = context;
  const from = nickOf(source);
  services.notifyUrls.order({
    owner,
    url,
    notification: { page: number, list, text, from, ring: rings, time, state: "ringing" },
    done: (trouble) => noteOutcome(context, services, number, owner, trouble),
  });
}

/**
 * The outcome of a notification: the first failure is told to the pager and to the person, until they read it, and the
 * pager is told that it works. Why it failed has the host of the notify URL, which is the person's alone.
 */
function noteOutcome(
  context: HubContext,
  services: Services,
  number: number,
  owner: OwnerId,
  trouble: string | undefined,
): void {
  const page = services.pages.get(number);
  const person = page?.people.find((each) => each.owner === owner);
  if (page === undefined || person === undefined || page.end !== undefined) return;
  const change = (changed: PagePerson, words: string) => {
    const people = page.people.map((each) => each === person ? changed : each);
    services.pages.change({ ...page, people }, context.log.nextSeq - 1);
    sendToPager(context, services, page, rungParams(page, changed, words));
  };
  if (trouble === undefined) {
    if (person.how !== "failed") return;
    const changed = { ...person, how: "notify" } as const;
    return change(changed, describeReach(changed));
  }
  if (person.hasFailed && person.how !== "notify") return;
  const how = person.how === "notify" ? "failed" : person.how;
  if (!person.hasFailed) {
    const text = `Your notify URL did not take ${namePage(page)}: ${trouble}`;
    sendRecorded(context, services, owner, { verb: "NOTICE", text, id: failureMessageId(page, owner) });
  }
  change({ ...person, how, hasFailed: true }, `${person.name} could not be notified`);
}
