/**
 * PAGE (our own; docs/protocol/oncall.md): pages that ring until they are acknowledged.
 *
 *     PAGE OPEN <id> <list> :<text>    PAGE OPEN <id> <number> <state> <time>|*
 *                                      PAGE RUNG <id> <step> <nick> <how> :<words>
 *                                      PAGE END <id> <number> <how> <nick>|* <account>|* <time> :<words>
 *     PAGE WITHDRAW <id>               PAGE END …
 *     PAGE ACK <number>|*              PAGE ACK <number> <time> :<words>
 *     PAGE LIST [RINGING|ALL]          PAGE ITEM <number> <list> <state> <opened> <pager> <by>|* <at>|* :<text>
 *                                      PAGE STEP <number> <step> <steps> <next people> <time>
 *                                      PAGE PEOPLE <number> <how> <names>
 *                                      PAGE LIST *
 *                                      PAGE RINGING <number> <list> <pager> <nth> :<text>
 *                                      PAGE STOPPED <number> <how> <by>|* :<words>
 */
import { utf8Length } from "../../../base/bytes.ts";
import { CAP } from "../../../irc/capabilities.ts";
import type { Message } from "../../../irc/message.ts";
import { formatStepPeople } from "../../../irc/oncall.ts";
import { ONCALL_CAPABILITY } from "../../../irc/vendor_extensions.ts";
import type { HubContext, Services } from "../../context.ts";
import {
  describeEarlierEnd,
  describeTold,
  failLabeled,
  formatLine,
  namePage,
  notSavedReply,
  pageEndParams,
} from "../../fanout/oncall.ts";
import type { PageParams } from "../../fanout/oncall.ts";
import { needMoreParams } from "../../fanout/replies.ts";
import { nickOf } from "../../model/identifiers.ts";
import { stateOf, toEscalationStep, withToldEnd } from "../../services/oncall/page.ts";
import type { Page } from "../../services/oncall/page.ts";
import type { Session, User } from "../../model/state/entities.ts";
import { formatTimestamp } from "../../output/render.ts";
import type { VerbTable } from "../verb.ts";
import { acknowledgePage, checkAcknowledge, endPage, mayAcknowledge, settlePage } from "./page_ending.ts";
import { openPage } from "./page_opening.ts";

/** Most pages that `LIST ALL` shows, the newest. */
export const MAX_LISTED_PAGES = 100;
/** Most bytes of the names of a line `PAGE PEOPLE`, so that it fits. */
const NAMES_MAX_BYTES = 350;

function page(context: HubContext, services: Services, session: Session, message: Message, user: User): void {
  if (!session.caps.has(CAP.oncall)) {
    return context.fail(session, "PAGE", "NEED_CAPABILITY", [], `Request ${ONCALL_CAPABILITY} first`);
  }
  const [word = "", ...params] = message.params;
  switch (word.toUpperCase()) {
    case "OPEN":
      return openPage(context, services, session, user, params);
    case "WITHDRAW":
      return withdraw(context, services, session, user, params[0]);
    case "ACK":
      return acknowledge(context, services, session, user, params[0]);
    case "LIST":
      return list(context, services, session, user, params[0]);
    default:
      return context.fail(session, "PAGE", "SUBCOMMAND_INVALID", [], "Use OPEN, WITHDRAW, ACK or LIST");
  }
}

function sendPage(context: HubContext, session: Session, params: PageParams): void {
  context.send(session, formatLine(context, "PAGE", params));
}

/** `WITHDRAW <id>`: the pager gives it up. */
function withdraw(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  id: string | undefined,
): void {
  if (id === undefined) return needMoreParams(context, session, "PAGE");
  const found = services.pages.find(user.owner, id);
  if (found === undefined) {
    return context.fail(session, "PAGE", "NO_SUCH_PAGE", [id], "You have no page with this id");
  }
  if (found.end === undefined) {
    const { nick, account, owner } = user;
    endPage(
      context,
      services,
      found,
      { how: "withdrawn", nick, account: account?.name ?? "", owner },
      session,
    );
  }
  const label = context.takeLabel();
  services.durableActions.add((trouble) => {
    const ended = services.pages.get(found.number);
    if (ended?.end === undefined || session.closeReason !== undefined) return;
    const isSaved = settlePage(context, services, ended, trouble);
    const warnings = isSaved ? [] : [notSavedReply(context, id, ended)];
    const line = formatLine(context, "PAGE", pageEndParams(ended, isSaved));
    context.sendLabeled(session, label, ...warnings, line);
  }, true);
}

/** `ACK <number>|*`. */
function acknowledge(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  word: string | undefined,
): void {
  if (word === undefined) return needMoreParams(context, session, "PAGE");
  const ringing = word === "*" ? pagesRinging(services, user) : [];
  if (ringing.length > 1) {
    const names = ringing.slice(-3).map(namePage).join(", ");
    return context.fail(
      session,
      "PAGE",
      "AMBIGUOUS",
      ["*"],
      `${ringing.length} pages ring for you: ${names}`,
    );
  }
  const found = ringing[0] ?? (/^\d{1,9}$/.test(word) ? services.pages.get(Number(word)) : undefined);
  if (found === undefined) {
    const why = word === "*" ? "No page rings for you" : "There is no page with this number";
    return context.fail(session, "PAGE", "NO_SUCH_PAGE", [word], why);
  }
  checkAcknowledge(context, services, session, found, user, (isPermitted) => {
    if (isPermitted) return acknowledgeFound(context, services, session, user, found);
    const text = "Only people of its list may acknowledge a page";
    context.fail(session, "PAGE", "NOT_PERMITTED", [String(found.number)], text);
  });
}

function acknowledgeFound(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  found: Page,
): void {
  const number = String(found.number);
  const label = context.takeLabel();
  acknowledgePage(context, services, found, user, ({ page: ended, isFirst, isSaved }) => {
    if (session.closeReason !== undefined) return;
    if (!isFirst) {
      const text = describeEarlierEnd(ended);
      return failLabeled(context, session, label, {
        verb: "PAGE",
        code: "ALREADY_ENDED",
        about: number,
        text,
      });
    }
    const warnings = isSaved ? [] : [notSavedReply(context, number, ended)];
    const words = ["ACK", number, formatTimestamp(ended.end!.at)];
    const line = formatLine(context, "PAGE", { words, text: describeTold(ended, isSaved) });
    context.sendLabeled(session, label, ...warnings, line);
  });
}

/** The open pages that ring for `user`, the oldest first. */
export function pagesRinging({ pages }: Services, { owner }: User): Page[] {
  return pages.open().filter(({ people }) => people.some((each) => each.owner === owner)).toArray();
}

/** `LIST [RINGING|ALL]`. */
function list(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  word = "",
): void {
  const which = word.toUpperCase();
  if (which !== "" && which !== "RINGING" && which !== "ALL") {
    return context.fail(
      session,
      "PAGE",
      "SUBCOMMAND_INVALID",
      ["LIST"],
      "Use LIST, LIST RINGING or LIST ALL",
    );
  }
  const { pages } = services;
  const isShown = (each: Page) => each.owner === user.owner || mayAcknowledge(context, services, each, user);
  const shown = which === "RINGING"
    ? pagesRinging(services, user)
    : [...which === "ALL" ? pages.all : pages.open()].sort((one, other) => other.number - one.number)
      .values().filter(isShown).take(MAX_LISTED_PAGES).toArray().reverse();
  for (const each of shown.map(withToldEnd)) {
    sendPage(context, session, itemParams(each));
    for (const params of progressParams(each)) sendPage(context, session, params);
  }
  sendPage(context, session, { words: ["LIST", "*"] });
}

function itemParams(page: Page): PageParams {
  const { number, list, openedAt, source, end, stepAt, text } = page;
  const state = stateOf(page);
  const at = end?.at ?? (state === "silenced" ? stepAt : undefined);
  const words = ["ITEM", number, list, state, formatTimestamp(openedAt), nickOf(source), end?.nick || "*"];
  return { words: [...words, at === undefined ? "*" : formatTimestamp(at)], text };
}

/** Of a page that rings: the step that runs and the next one, and the people that are rung, by how. */
function progressParams(page: Page): PageParams[] {
  const { number, begun, people, stepAt, steps } = page;
  if (stateOf(page) !== "ringing" || begun === 0) return [];
  const next = formatStepPeople(toEscalationStep(steps[begun % steps.length]!));
  const running = (begun - 1) % steps.length + 1;
  const step = { words: ["STEP", number, running, steps.length, next, formatTimestamp(stepAt)] };
  const byHow = Map.groupBy(people, ({ how }) => how);
  const lines = [...byHow].flatMap(([how, reached]) =>
    splitNames(reached.map(({ name }) => name)).map((names) => ({ words: ["PEOPLE", number, how, names] }))
  );
  return [step, ...lines];
}

/** `names` with commas between them, in as many parts as it takes. */
function splitNames(names: readonly string[]): string[] {
  const parts: string[] = [];
  for (const name of names) {
    const longer = `${parts.at(-1) ?? ""},${name}`;
    if (parts.length > 0 && utf8Length(longer) <= NAMES_MAX_BYTES) parts[parts.length - 1] = longer;
    else parts.push(name);
  }
  return parts;
}

export const PAGE_VERBS: VerbTable = {
  PAGE: { min: 1, who: "user", run: page },
};
