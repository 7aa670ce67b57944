/**
 * The IRC service OnCall: `ack 12` and any words behind it, `ack` alone where one page rings for the sender, or any text
 * that begins with `ack` as a reply to its message. Any other text is answered by the pages that ring for the sender.
 */
import type { HubContext, Services } from "../../context.ts";
import { describeEarlierEnd, namePage, NOT_SAVED_WORDS, sendOnCallNotice } from "../../fanout/oncall.ts";
import type { Page } from "../../services/oncall/page.ts";
import type { Session, User } from "../../model/state/entities.ts";
import { parseMsgid } from "../../output/render.ts";
import { pagesRinging } from "./page.ts";
import { acknowledgePage, checkAcknowledge } from "./page_ending.ts";

/** Most pages of which the help names how to acknowledge them, the newest. */
const MAX_HELP_PAGES = 10;

/** Executes what `user` has sent to OnCall; `tags`: its client-only tags, in wire form. */
export function runOnCallCommand(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  text: string,
  tags: string,
): void {
  const tell = (words: string) => sendOnCallNotice(context, session, words);
  const msgid = /(?:^|;)\+(?:draft\/)?reply=([^;]+)/.exec(tags)?.[1];
  const [, digits, more = ""] = /^\s*ack[\s#]+(\d{1,9})(?=\s|$)(.*)/i.exec(text) ?? [];
  const isNumber = digits !== undefined && (msgid === undefined || more.trim() === "");
  const found = isNumber
    ? services.pages.get(Number(digits))
    : findMeant(context, services, user, text, msgid);
  if (found === undefined) {
    if (isNumber) return tell(`There is no page ${digits}`);
    return sendHelp(context, services, session, user);
  }
  checkAcknowledge(context, services, session, found, user, (isPermitted) => {
    if (!isPermitted) return tell(`Only people of its list may acknowledge page ${found.number}`);
    acknowledgePage(context, services, found, user, ({ page, isFirst, isSaved }) => {
      if (session.closeReason !== undefined) return;
      if (!isFirst) return tell(describeEarlierEnd(page));
      tell(`You have acknowledged ${namePage(page)}${isSaved ? "" : `; ${NOT_SAVED_WORDS}`}`);
    });
  });
}

/**
 * The page that a text without a number acknowledges, as a reply to `msgid` if it is one; undefined: none, or it is not
 * clear which.
 */
function findMeant(
  context: HubContext,
  services: Services,
  user: User,
  text: string,
  msgid: string | undefined,
): Page | undefined {
  if (msgid !== undefined) {
    return /^\s*ack\b/i.test(text) ? findReplied(context, services, user, msgid) : undefined;
  }
  if (!/^\s*ack\s*$/i.test(text)) return undefined;
  const ringing = pagesRinging(services, user);
  return ringing.length === 1 ? ringing[0] : undefined;
}

/** The page of the message of OnCall that has `msgid`. */
function findReplied(
  context: HubContext,
  { pages }: Services,
  { owner }: User,
  msgid: string,
): Page | undefined {
  const seq = parseMsgid(msgid, context.config.logId);
  if (seq === undefined) return undefined;
  return pages.all.find(({ people }) => people.some((each) => each.seq === seq && each.owner === owner));
}

function sendHelp(context: HubContext, services: Services, session: Session, user: User): void {
  const ringing = pagesRinging(services, user);
  if (ringing.length === 0) return sendOnCallNotice(context, session, "No page rings for you");
  for (const page of ringing.slice(-MAX_HELP_PAGES)) {
    sendOnCallNotice(context, session, `Answer ack ${page.number} to acknowledge ${namePage(page)}`);
  }
}
