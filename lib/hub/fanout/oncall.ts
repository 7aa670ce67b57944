/** What people are told of pages (docs/protocol/oncall.md): those that have opened them, and those that they ring. */
import { formatZonedTime } from "../../base/values/zoned_time.ts";
import { CAP } from "../../irc/capabilities.ts";
import { ONCALL_SERVICE } from "../../irc/oncall.ts";
import type { HubContext, Services } from "../context.ts";
import { nickOf } from "../model/identifiers.ts";
import type { OwnerId } from "../model/identifiers.ts";
import type { Page, PagePerson } from "../services/oncall/page.ts";
import { ONCALL_OWNER } from "../services/oncall/page_message.ts";
import type { Session, User } from "../model/state/entities.ts";
import type { RoutedDirectTarget } from "../model/state/event.ts";
import { formatTimestamp } from "../output/render.ts";
import { postMessage, sessionsOf, usersOf } from "./questions.ts";

/** Behind the words of an end, where it could not be saved. */
export const NOT_SAVED_WORDS = "not saved yet: after a restart it may ring again";

/** Parameters of a line `PAGE <words> [:<text>]`. */
export interface PageParams {
  readonly words: readonly (string | number)[];
  readonly text?: string;
}

/** The line `<verb> <words> [:<text>]`, as the server sends it. */
export function formatLine(
  context: HubContext,
  verb: "PAGE" | "ONCALL",
  { words, text }: PageParams,
): string {
  const line = `:${context.config.serverName} ${verb} ${words.join(" ")}`;
  return text === undefined ? line : `${line} :${text}`;
}

/** `FAIL <verb> <code> <about> :<text>`: the response to a line of which the label was taken. */
export function failLabeled(
  context: HubContext,
  session: Session,
  label: string,
  { verb, code, about, text }: {
    readonly verb: "PAGE" | "ONCALL";
    readonly code: string;
    readonly about: string;
    readonly text: string;
  },
): void {
  const { serverName } = context.config;
  context.sendLabeled(session, label, `:${serverName} FAIL ${verb} ${code} ${about} :${text}`);
}

/** Sends `PAGE <words> [:<text>]` to those sessions of `users` that have requested the capability. */
export function sendPageLineTo(context: HubContext, users: readonly User[], params: PageParams): void {
  const line = formatLine(context, "PAGE", params);
  for (const session of sessionsOf(users)) if (session.caps.has(CAP.oncall)) context.send(session, line);
}

/** Sends it to those of the pager. */
export function sendToPager(context: HubContext, services: Services, page: Page, params: PageParams): void {
  sendLinesToPager(context, services, page, [formatLine(context, "PAGE", params)]);
}

/** `WARN PAGE NOT_SAVED <about> :…`, in front of the line that tells of the page or of its end. */
export function notSavedReply(context: HubContext, about: string | number, page: Page): string {
  const text = page.end === undefined
    ? `${namePage(page)} is not saved: if the server restarts now, it is lost`
    : `The end of ${namePage(page)} is ${NOT_SAVED_WORDS}`;
  return `:${context.config.serverName} WARN PAGE NOT_SAVED ${about} :${text}`;
}

/** Tells the pager that a page, or an end, that could not be saved is on disk now. */
export function tellPageSaved(context: HubContext, services: Services, page: Page): void {
  const line = `:${context.config.serverName} NOTE PAGE SAVED ${page.id} :${namePage(page)} is saved now`;
  sendLinesToPager(context, services, page, [line]);
}

/** Sends `lines` to those sessions of the pager, but for `except`, that have requested the capability. */
export function sendLinesToPager(
  context: HubContext,
  services: Services,
  page: Page,
  lines: readonly string[],
  except?: Session,
): void {
  for (const session of sessionsOf(usersOf(context, services, page.owner))) {
    if (session === except || !session.caps.has(CAP.oncall)) continue;
    for (const line of lines) context.send(session, line);
  }
}

function sourceOf(context: HubContext): string {
  return `${ONCALL_SERVICE}!services@${context.config.serverName}`;
}

/** Sends a NOTICE of the service to one session, in one line; it is not recorded. */
export function sendOnCallNotice(context: HubContext, session: Session, text: string): void {
  context.send(session, `:${sourceOf(context)} NOTICE ${session.user!.nick} :${text}`);
}

/**
 * Records and delivers a message of the service to the account or claim key `owner`, once for each `id`: it waits while
 * they are offline. Returns its sequence number; 0: `owner` has neither an account nor a user.
 */
export function sendRecorded(
  context: HubContext,
  services: Services,
  owner: OwnerId,
  { verb, text, id }: { readonly verb: "PRIVMSG" | "NOTICE"; readonly text: string; readonly id: string },
): number {
  const sent = services.history.findBySenderId(ONCALL_OWNER, id);
  if (sent !== undefined && sent.event.id === id) return sent.seq;
  const account = services.accounts.byOwner(owner);
  const users = usersOf(context, services, owner);
  const receiver = users.find(({ folded }) => folded === account?.folded) ?? users[0];
  const name = receiver?.nick ?? account?.name;
  if (name === undefined) return 0;
  const target: RoutedDirectTarget = { kind: "direct", name, owner, receiver };
  const event = { kind: "message", verb, source: sourceOf(context), target, text, tags: "", id } as const;
  return postMessage(context, services, { ...event, from: ONCALL_OWNER });
}

/** `page 12 (ops: db down)`. */
export function namePage({ number, list, text }: Page): string {
  return `page ${number} (${list}: ${text})`;
}

/** What a person is rung by, and how they acknowledge it; `nth`: how often they are rung. */
export function ringText({ number, list, text, source }: Page, nth: number): string {
  const ring = nth > 1 ? `, ring ${nth}` : "";
  return `${list}: ${text} (page ${number} from ${nickOf(source)}${ring}; answer: ack ${number})`;
}

/** Parameters of `PAGE RUNG`, for the pager. */
export function rungParams({ id }: Page, { step, name, how }: PagePerson, words: string): PageParams {
  return { words: ["RUNG", id, step, name, how], text: words };
}

/** How a person is reached, in words. */
export function describeReach({ name, how }: PagePerson): string {
  switch (how) {
    case "session":
      return `${name} is rung`;
    case "notify":
      return `${name} is notified`;
    case "offline":
      return `${name} is offline; the message will be delivered when they return`;
    case "failed":
      return `${name} could not be notified`;
    case "unreachable":
      return name.startsWith("@") ? `${name} has no person on duty` : `${name} is no account`;
  }
}

/** How a page ended, as the rest of a sentence: `is acknowledged by bob`. */
export function describePageEnd({ end }: Page): string {
  switch (end?.how) {
    case "acknowledged":
      return `is acknowledged by ${end.nick}`;
    case "withdrawn":
      return `is withdrawn by ${end.nick}`;
    case "expired":
      return "has rung for 24 hours, and is not acknowledged";
    default:
      return "is open";
  }
}

/** `page 12 (ops: db down) is acknowledged by bob`; an end that is not saved says what that means. */
export function describeTold(page: Page, isSaved: boolean): string {
  const words = `${namePage(page)} ${describePageEnd(page)}`;
  return isSaved ? words : `${words}; ${NOT_SAVED_WORDS}`;
}

/** The same of a page that another person has ended before: `was acknowledged by bob, 2026-01-02 03:12 UTC`. */
export function describeEarlierEnd(page: Page): string {
  const words = describePageEnd(page).replace(/^is /, "was ");
  return `${namePage(page)} ${words}, ${formatZonedTime(page.end!.at, "UTC")}`;
}

/** Parameters of `PAGE END`, for the pager. */
export function pageEndParams(page: Page, isSaved: boolean): PageParams {
  const { how, nick, account, at } = page.end!;
  const words = ["END", page.id, page.number, how, nick || "*", account || "*", formatTimestamp(at)];
  return { words, text: describeTold(page, isSaved) };
}

/** Parameters of `PAGE STOPPED`, for a person that the page has rung. */
export function stoppedParams(page: Page, isSaved: boolean): PageParams {
  const { how, nick } = page.end!;
  return { words: ["STOPPED", page.number, how, nick || "*"], text: describeTold(page, isSaved) };
}
