/** Opening a page: its bounds, its number, and what its pager is told. */
import { utf8Length } from "../../../base/bytes.ts";
import { subnetOf } from "../../../base/ip.ts";
import { HOUR_MS } from "../../../base/values/time_unit.ts";
import { foldOnCallName, isOnCallName, MAX_PAGE_BYTES, MAX_PAGE_ID_LENGTH } from "../../../irc/oncall.ts";
import { isSenderKey } from "../../../irc/sender_id.ts";
import type { HubContext, Services } from "../../context.ts";
import { describeReach, formatLine, notSavedReply, pageEndParams, rungParams } from "../../fanout/oncall.ts";
import { needMoreParams } from "../../fanout/replies.ts";
import { isTemporaryOwner } from "../../model/identifiers.ts";
import { stateOf, withToldEnd } from "../../services/oncall/page.ts";
import type { EscalationList, Page } from "../../services/oncall/page.ts";
import type { Session, User } from "../../model/state/entities.ts";
import { formatTimestamp } from "../../output/render.ts";
import { muteRefusal } from "../../policy/channel_access.ts";
import {
  MAX_PAGES,
  MAX_PAGES_PER_HOUR,
  MAX_PAGES_PER_OWNER,
  MAX_PAGES_PER_SITE,
} from "../../services/oncall/pages.ts";
import { settlePage } from "./page_ending.ts";
import { ringDuePages } from "./ringing.ts";

interface Refusal {
  readonly code: string;
  readonly why: string;
}

/** `OPEN <id> <list> :<text>`: opens a page, or takes up the one with this id. */
export function openPage(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  params: readonly string[],
): void {
  const [id = "", name = "", text] = params;
  if (text === undefined) return needMoreParams(context, session, "PAGE");
  const fail = ({ code, why }: Refusal, about = id) => context.fail(session, "PAGE", code, [about], why);
  const fault = findFormFault(context, user, id, text);
  if (fault !== undefined) return fail(fault, fault.code === "INVALID_ID" ? "*" : id);
  const earlier = services.pages.find(user.owner, id);
  if (earlier !== undefined) {
    const isSame = earlier.text === text && foldOnCallName(earlier.list) === foldOnCallName(name);
    if (isSame) return reportWhenDurable(context, services, session, earlier, false);
    return fail({ code: "ID_IN_USE", why: "The id is already used for another page" });
  }
  const list = services.escalationLists.get(name);
  if (list === undefined) {
    const which = isOnCallName(name) ? name : "of this name";
    return fail({ code: "NO_SUCH_LIST", why: `There is no escalation list ${which}` });
  }
  const bound = findBound(context, services, session, user);
  if (bound !== undefined) return fail(bound);
  const page = makePage(context, services, session, user, { id, list, text });
  services.pages.add(page, context.log.nextSeq - 1);
  reportWhenDurable(context, services, session, page, true);
}

function findFormFault(context: HubContext, user: User, id: string, text: string): Refusal | undefined {
  if (id.length > MAX_PAGE_ID_LENGTH || !isSenderKey(id) || id.startsWith(":")) {
    return { code: "INVALID_ID", why: "An id is 1 to 48 printable ASCII characters, not a colon first" };
  }
  if (user.account === undefined && isTemporaryOwner(user.owner)) {
    return { code: "ACCOUNT_REQUIRED", why: "Log in to an account, or claim your name with a key" };
  }
  const mute = user.mute === undefined ? undefined : muteRefusal(context, user);
  if (mute !== undefined) return { code: "NOT_PERMITTED", why: mute };
  if (text.trim() === "" || /[\x00-\x1f\x7f]/.test(text) || utf8Length(text) > MAX_PAGE_BYTES) {
    return { code: "INVALID_TEXT", why: `A page is one line of at most ${MAX_PAGE_BYTES} bytes` };
  }
  return undefined;
}

function findBound(
  context: HubContext,
  { pages }: Services,
  session: Session,
  user: User,
): Refusal | undefined {
  const refuse = (why: string) => ({ code: "TOO_MANY", why });
  const site = subnetOf(session.host);
  let [own, ofSite] = [0, 0];
  for (const page of pages.open()) {
    if (page.owner === user.owner) own++;
    if (page.site === site) ofSite++;
  }
  const isExempt = context.exemptAddresses.has(session.host);
  const isOfClient = (page: Page) => page.owner === user.owner || page.site === site && !isExempt;
  const isRecent = ({ openedAt }: Page) => openedAt > context.now - HOUR_MS;
  const recent = pages.all.reduce((sum, page) => isRecent(page) && isOfClient(page) ? sum + 1 : sum, 0);
  if (recent >= MAX_PAGES_PER_HOUR) {
    return refuse(`You have opened ${MAX_PAGES_PER_HOUR} pages within an hour`);
  }
  if (own >= MAX_PAGES_PER_OWNER) return refuse(`You have ${MAX_PAGES_PER_OWNER} open pages, the maximum`);
  if (ofSite >= MAX_PAGES_PER_SITE && !isExempt) {
    return refuse(`Your address has ${MAX_PAGES_PER_SITE} open pages, the maximum`);
  }
  return pages.openCount >= MAX_PAGES ? refuse("The server has as many open pages as it takes") : undefined;
}

function makePage(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  { id, list, text }: { readonly id: string; readonly list: EscalationList; readonly text: string },
): Page {
  const { now } = context;
  const silence = services.escalationLists.silenceOf(list.name, now);
  return {
    number: services.pages.nextNumber,
    id,
    owner: user.owner,
    source: user.source,
    site: subnetOf(session.host),
    list: list.name,
    steps: list.steps,
    text,
    openedAt: now,
    ringingSince: 0,
    begun: 0,
    stepAt: silence?.until ?? now,
    people: [],
    end: undefined,
  };
}

/** Has the page ring, and tells the pager what has become of it so far, once it is on disk or could not be saved. */
function reportWhenDurable(
  context: HubContext,
  services: Services,
  session: Session,
  asked: Page,
  isNew: boolean,
): void {
  const label = context.takeLabel();
  services.durableActions.add((trouble) => {
    const page = services.pages.get(asked.number) ?? asked;
    const hasEnded = page.end !== undefined;
    if (isNew && hasEnded && trouble !== undefined) services.pages.noteTrouble(page.number);
    const isSaved = settlePage(context, services, page, trouble, isNew && !hasEnded);
    if (session.closeReason === undefined) reportPage(context, session, label, page, isSaved);
    if (isNew) ringDuePages(context, services);
  }, true);
}

function reportPage(
  context: HubContext,
  session: Session,
  label: string,
  known: Page,
  isSaved: boolean,
): void {
  const page = withToldEnd(known);
  const { id, number, stepAt, people, end } = page;
  const state = stateOf(page);
  const time = state === "silenced" ? formatTimestamp(stepAt) : "*";
  const warnings = isSaved ? [] : [notSavedReply(context, id, page)];
  const line = formatLine(context, "PAGE", { words: ["OPEN", id, number, state, time] });
  context.sendLabeled(session, label, ...warnings, line);
  for (const person of people) {
    context.send(session, formatLine(context, "PAGE", rungParams(page, person, describeReach(person))));
  }
  if (end === undefined) return;
  for (const line of [...warnings, formatLine(context, "PAGE", pageEndParams(page, isSaved))]) {
    context.send(session, line);
  }
}
