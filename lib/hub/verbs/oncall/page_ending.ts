/**
 * The end of a page: it stops ringing at once, and all are told when the end is on disk, or that it could not be saved.
 * The first acknowledgement counts; one that comes later learns who was first, and not before that either.
 */
import type { HubContext, Services } from "../../context.ts";
import {
  describeTold,
  formatLine,
  notSavedReply,
  pageEndParams,
  sendLinesToPager,
  sendPageLineTo,
  sendRecorded,
  stoppedParams,
  tellPageSaved,
} from "../../fanout/oncall.ts";
import { usersOf } from "../../fanout/questions.ts";
import { nickOf } from "../../model/identifiers.ts";
import type { OwnerId } from "../../model/identifiers.ts";
import type { Page, PageEnd } from "../../services/oncall/page.ts";
import { endMessageId } from "../../services/oncall/page_message.ts";
import type { Session, User } from "../../model/state/entities.ts";
import { findStepPeople, listCalendars } from "./step_people.ts";

export interface AcknowledgeOutcome {
  /** As it is when that is told; it has ended. */
  readonly page: Page;
  /** It is the user's acknowledgement that counts. */
  readonly isFirst: boolean;
  /** False: a restart of the server has the page ring again, unless the disk works before. */
  readonly isSaved: boolean;
}

/** Ends an open page. `by`: the session of the pager that is told of it by a response. */
export function endPage(
  context: HubContext,
  services: Services,
  page: Page,
  end: Pick<PageEnd, "how" | "nick" | "account" | "owner">,
  by?: Session,
): void {
  services.pages.end(page, { ...end, at: context.now }, context.log.nextSeq - 1);
  tellWhenDurable(context, services, page.number, by);
}

/** Whether `user` may acknowledge the page: it rings them, a step names them, they are on duty in it, or an operator. */
export function mayAcknowledge(context: HubContext, services: Services, page: Page, user: User): boolean {
  if (user.isServerOperator) return true;
  const { account } = user;
  if (account === undefined) return false;
  const isTheirs = ({ owner }: { readonly owner: OwnerId }) => owner === account.owner;
  return page.people.some(isTheirs) ||
    page.steps.some((step) =>
      step.kind === "accounts"
        ? step.accounts.some(isTheirs) // asked for each page of a list: nothing is built
        : findStepPeople(context, services, step).some(isTheirs)
    );
}

/** Calls `then` with what {@link mayAcknowledge} says once that is known: calendars may have to be read first. */
export function checkAcknowledge(
  context: HubContext,
  services: Services,
  session: Session,
  page: Page,
  user: User,
  then: (isPermitted: boolean) => void,
): void {
  const isPermitted = () => mayAcknowledge(context, services, page, user);
  if (isPermitted()) return then(true);
  const ready = services.dutyCalendars.prepare(context.now, listCalendars(page));
  if (ready === undefined) return then(false);
  context.suspend(session, {
    kind: "evaluate",
    session,
    run: () => ready,
    done: () => then(isPermitted()),
  });
}

/** `user`, who may, acknowledges the page. `then` is called when the outcome can be told. */
export function acknowledgePage(
  context: HubContext,
  services: Services,
  page: Page,
  user: User,
  then: (outcome: AcknowledgeOutcome) => void,
): void {
  const { nick, account, owner } = user;
  if (page.end === undefined) {
    endPage(context, services, page, { how: "acknowledged", nick, account: account?.name ?? "", owner });
  }
  services.durableActions.add((trouble) => {
    const ended = services.pages.get(page.number);
    if (ended?.end === undefined) return;
    const isSaved = settlePage(context, services, ended, trouble);
    then({ page: ended, isFirst: ended.end.how === "acknowledged" && ended.end.owner === owner, isSaved });
  }, true);
}

/** What has its time: ends of which all must be told, also when the server starts; pages that could not be saved. */
export function settlePages(context: HubContext, services: Services): void {
  const { durableActions, pages } = services;
  for (const { number } of pages.untold()) tellWhenDurable(context, services, number);
  for (const { number } of pages.unsaved()) {
    durableActions.add((trouble) => {
      const page = pages.get(number);
      if (page !== undefined) settlePage(context, services, page, trouble);
    }, true);
  }
}

/**
 * Called when the disk has taken, or has failed to take (`trouble`), all changes so far: tells the pager if the page
 * could not be saved before and now is. Returns whether the page, with its end, is saved as far as it has been told.
 * `isOwn`: the call is for the opening or the end itself; a later change is left to its own call.
 */
export function settlePage(
  context: HubContext,
  services: Services,
  page: Page,
  trouble: string | undefined,
  isOwn = false,
): boolean {
  const { pages } = services;
  const { number } = page;
  if (isOwn || !pages.isSaving(number)) {
    if (trouble !== undefined) pages.noteUnsaved(number);
    else if (pages.noteSaved(number)) tellPageSaved(context, services, page);
  }
  return !pages.isUnsaved(number);
}

function tellWhenDurable(context: HubContext, services: Services, number: number, by?: Session): void {
  services.durableActions.add((trouble) => {
    const page = services.pages.get(number);
    if (page?.end?.isTold !== false) return;
    tellEnd(context, services, page, settlePage(context, services, page, trouble, true), by);
  }, true);
}

/** Tells the pager, but not their session `by`, and the people that were rung; those who did it themselves know it. */
function tellEnd(context: HubContext, services: Services, page: Page, isSaved: boolean, by?: Session): void {
  const end = page.end!;
  const warnings = isSaved ? [] : [notSavedReply(context, page.id, page)];
  const line = formatLine(context, "PAGE", pageEndParams(page, isSaved));
  sendLinesToPager(context, services, page, [...warnings, line], by);
  const rung = page.people.filter(({ owner }) => owner !== "");
  for (const { owner } of rung) {
    sendPageLineTo(context, usersOf(context, services, owner), stoppedParams(page, isSaved));
  }
  const text = describeTold(page, isSaved);
  for (const owner of new Set<OwnerId>([...rung.map((each) => each.owner), page.owner])) {
    if (owner === end.owner) continue;
    sendRecorded(context, services, owner, { verb: "NOTICE", text, id: endMessageId(page, end, owner) });
  }
  notifyEnd(context, services, page);
  services.pages.markTold(page, context.log.nextSeq - 1);
}

/** One more notification to those that were notified of the page. */
function notifyEnd(context: HubContext, services: Services, page: Page): void {
  const { number, list, text, source, end } = page;
  const { how: state, nick } = end!;
  for (const { owner, rings, isNotified } of page.people) {
    const url = services.notifyUrls.of(owner);
    if (!isNotified || url === undefined) continue;
    const about = { page: number, list, text, from: nickOf(source), ring: rings, time: context.now, state };
    services.notifyUrls.order({
      owner,
      url,
      notification: nick === "" ? about : { ...about, by: nick },
      done: () => {}, // the page has ended; the person has a message, too
    });
  }
}
