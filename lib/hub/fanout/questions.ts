/** What people are told of questions (docs/protocol/ask.md): those that ask, and those that are asked. */
import { CAP } from "../../irc/capabilities.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { listChoices } from "../../irc/question.ts";
import type { HubContext, Services } from "../context.ts";
import { isTemporaryOwner, nickOf } from "../model/identifiers.ts";
import type { OwnerId, Source } from "../model/identifiers.ts";
import type { AskedTarget, Question, QuestionAnswer } from "../model/question.ts";
import { isReceiver } from "../model/state/entities.ts";
import type { Session, User } from "../model/state/entities.ts";
import type { MessageEvent, RoutedChannelTarget, RoutedDirectTarget } from "../model/state/event.ts";
import { exceedsLine, formatMsgid, formatTimestamp } from "../output/render.ts";

/** Most characters of a question that is quoted in another text. */
const QUOTED_QUESTION_LENGTH = 60;

/** The users that have `owner` as their owner id now. */
export function usersOf({ state }: HubContext, { accounts }: Services, owner: OwnerId): readonly User[] {
  const account = accounts.byOwner(owner);
  if (account !== undefined) return account.users;
  if (!isTemporaryOwner(owner)) return state.usersByClaimKey.get(owner) ?? [];
  return state.users.values().filter((user) => user.owner === owner).toArray();
}

/** Their sessions at which a person reads. */
export function sessionsOf(users: readonly User[]): Session[] {
  return users.flatMap(({ sessions }) => sessions).filter(isReceiver);
}

/** Sends a NOTICE of the server to the sessions of `users`; it is not recorded. */
export function noticeTo(context: HubContext, users: readonly User[], text: string): void {
  for (const session of sessionsOf(users)) {
    context.send(session, `:${context.config.serverName} NOTICE ${session.user!.nick} :${text}`);
  }
}

/** Parameters of a line `ASK <words> [:<text>]`. */
export interface AskParams {
  readonly words: readonly string[];
  readonly text?: string;
}

/** The line, as the server sends it. */
export function askLine(context: HubContext, { words, text }: AskParams): string {
  const line = `:${context.config.serverName} ASK ${words.join(" ")}`;
  return text === undefined ? line : `${line} :${text}`;
}

/** Sends `ASK <words> [:<text>]` to the sessions of one person that have requested the capability. */
export function sendAskLine(
  context: HubContext,
  services: Services,
  owner: OwnerId,
  params: AskParams,
): void {
  sendAskLineTo(context, usersOf(context, services, owner), params);
}

/** Sends it to those sessions of `users`. */
export function sendAskLineTo(context: HubContext, users: readonly User[], params: AskParams): void {
  const line = askLine(context, params);
  for (const session of sessionsOf(users)) if (session.caps.has(CAP.ask)) context.send(session, line);
}

/** Parameters of `ASK ANSWER`, for the asker. */
export function answerParams(context: HubContext, { id }: Question, answer: QuestionAnswer): AskParams {
  const { nth, nick, account, time, seq, option, text } = answer;
  const msgid = formatMsgid(seq, context.config.logId);
  const words = [id, String(nth), nick, account || "*", formatTimestamp(time), msgid, optionNumber(option)];
  return { words: ["ANSWER", ...words], text };
}

/** Parameters of `ASK END`, for the asker. */
export function endParams(question: Question): AskParams {
  const { how, option } = question.end!;
  const count = String(question.answers.length);
  return { words: ["END", question.id, how, optionNumber(option), count], text: describeEnd(question) };
}

/** Parameters of `ASK QUESTION`, for a person that is asked. */
export function questionParams(
  context: HubContext,
  question: Question,
  { name, seq }: AskedTarget,
): AskParams {
  const { number, source, until, options, text } = question;
  const left = String(Math.max(0, until - context.now));
  const choices = options.length === 0 ? "*" : options.join(",");
  const msgid = formatMsgid(seq, context.config.logId);
  return { words: ["QUESTION", String(number), msgid, nickOf(source), name, left, choices], text };
}

/** Number of an option on the wire, from 1 on; `*` for none. */
function optionNumber(option: number): string {
  return option < 0 ? "*" : String(option + 1);
}

/** How to answer a question, behind its text. In a room one says which question it is. */
export function howToAnswer(number: number, options: readonly string[], isRoom: boolean): string {
  if (options.length === 0) return `(question ${number}: answer ${number} and your text)`;
  if (!isRoom) return `(question ${number}: answer ${listChoices(options)})`;
  if (options.length > 3) return `(question ${number}: answer ${number} and ${listChoices(options)})`;
  return `(question ${number}: answer ${listChoices(options.map((option) => `${number} ${option}`))})`;
}

/** `question 17 (deploy 4711?)`. */
export function nameQuestion({ number, text }: Question): string {
  const quoted = text.length > QUOTED_QUESTION_LENGTH ? `${text.slice(0, QUOTED_QUESTION_LENGTH)}…` : text;
  return `question ${number} (${quoted})`;
}

/** How a question ended, as the rest of a sentence: `is answered: yes (bob)`. */
export function describeEnd({ end, answers }: Question): string {
  switch (end?.how) {
    case "answered":
      return `is answered: ${listAnswers(answers)}`;
    case "undecided":
      return `is undecided: ${listAnswers(answers)}`;
    case "timeout":
      return answers.length === 0 ? "has timed out" : `has timed out: ${listAnswers(answers)}`;
    case "withdrawn":
      return "is withdrawn";
    default:
      return "is open";
  }
}

/** Most names in a list of answers; beyond them the answers are counted. */
const MAX_LISTED_NAMES = 5;

/** `yes (bob, carol), no (dave)`, or with their numbers where there are many. */
function listAnswers(answers: readonly QuestionAnswer[]): string {
  const groups = Map.groupBy(answers, ({ text }) => text);
  const isShort = answers.length <= MAX_LISTED_NAMES;
  return Array.from(groups, ([text, given]) => {
    const names = isShort ? given.map(({ nick }) => nick).join(", ") : String(given.length);
    return `${text} (${names})`;
  }).join(", ");
}

/** The people at a target that are online. */
export function usersAt(
  context: HubContext,
  services: Services,
  { kind, name, owner }: AskedTarget,
): readonly User[] {
  if (kind === "person") return usersOf(context, services, owner);
  return [...context.state.channel(name)?.members.keys() ?? []];
}

/**
 * Tells that a question has ended: the asker, and the people asked that have not answered it, also those that are
 * offline, by a NOTICE of the asker in each conversation in which it was asked.
 */
export function tellEnd(context: HubContext, services: Services, question: Question): void {
  sendAskLine(context, services, question.owner, endParams(question));
  const end = describeEnd(question);
  const told = new Set<User>();
  const ended = { words: ["ENDED", String(question.number), question.end!.how], text: end };
  question.targets.forEach((target, index) => {
    const users = usersAt(context, services, target).filter((user) => !told.has(user));
    for (const user of users) told.add(user);
    sendAskLineTo(context, users, ended);
    const hasAnswered = question.answers.some(({ owner }) => owner === target.owner);
    if (!hasAnswered) noticeEnd(context, services, question, target, index, end);
  });
  services.questions.mark(question, { isTold: true }, context.log.nextSeq - 1);
}

function noticeEnd(
  context: HubContext,
  services: Services,
  question: Question,
  asked: AskedTarget,
  index: number,
  end: string,
): void {
  const target = routeTo(context, services, asked);
  const source = findSource(context, services, question);
  if (target === undefined) return;
  const id = messageId(question.id, `end${index}`);
  // A hub that ended before it could note that it has told this has done it all the same.
  const sent = services.history.findBySenderId(question.owner, id);
  if (sent !== undefined && sent.seq > asked.seq) return;
  const event: MessageEvent<RoutedChannelTarget | RoutedDirectTarget> = {
    kind: "message",
    verb: "NOTICE",
    source,
    target,
    text: `${nameQuestion(question)} ${end}`,
    tags: `+draft/reply=${formatMsgid(asked.seq, context.config.logId)}`,
    from: source === context.config.serverName ? "" : question.owner,
    id: sent === undefined ? id : undefined,
  };
  postMessage(
    context,
    services,
    exceedsLine(event) ? { ...event, text: `${nameQuestion(question)} has ended` } : event,
  );
}

/** Sender id of a message of the question `id`. */
export function messageId(id: string, part: string): string {
  return `ask:${id}:${part}`;
}

/** Records and delivers a message; a receiver that is offline gets it later. Returns its sequence number. */
export function postMessage(
  context: HubContext,
  services: Services,
  event: MessageEvent<RoutedChannelTarget | RoutedDirectTarget>,
): number {
  const { seq } = context.commitMessage(event);
  const { target } = event;
  if (target.kind === "direct") services.offlineMessages.noteReceived(event, target, seq);
  return seq;
}

/** The asker as they are called now; the server's name where another user has their former name. */
function findSource(context: HubContext, services: Services, question: Question): Source {
  const [user] = usersOf(context, services, question.owner);
  if (user !== undefined) return user.source;
  const nick = nickOf(question.source);
  const account = services.accounts.get(nick);
  const isTaken = context.state.user(nick) !== undefined ||
    account !== undefined && account.owner !== question.owner;
  return isTaken ? context.config.serverName : question.source;
}

/** Where a message to the target goes now; undefined: the person or room is gone. */
function routeTo(
  context: HubContext,
  services: Services,
  { kind, name, owner }: AskedTarget,
): RoutedChannelTarget | RoutedDirectTarget | undefined {
  if (kind === "person") {
    const [receiver] = usersOf(context, services, owner);
    const known = receiver?.nick ?? services.accounts.byOwner(owner)?.name;
    return known === undefined ? undefined : { kind: "direct", name: known, owner, receiver };
  }
  const channel = context.state.channel(name);
  const conversation = channel?.conversation ?? services.history.channels.get(casefold(name));
  return conversation && { kind: "channel", name: channel?.name ?? name, channel, conversation };
}
