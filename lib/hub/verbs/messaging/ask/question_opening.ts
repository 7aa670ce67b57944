/** Asking a question: its targets, its bounds, and the messages that ask it. */
import { subnetOf } from "../../../../base/ip.ts";
import { utf8Length } from "../../../../base/bytes.ts";
import { HOUR_MS } from "../../../../base/values/time_unit.ts";
import { ERR_NOSUCHNICK } from "../../../../irc/numerics.ts";
import { casefold } from "../../../../irc/names/casemap.ts";
import { MAXTARGETS } from "../../../../irc/limits.ts";
import { MAX_QUESTION_BYTES, MAX_QUESTION_ID_LENGTH } from "../../../../irc/question.ts";
import { isSenderKey } from "../../../../irc/sender_id.ts";
import type { HubContext, Services } from "../../../context.ts";
import {
  howToAnswer,
  messageId,
  postMessage,
  questionParams,
  sendAskLineTo,
  usersAt,
} from "../../../fanout/questions.ts";
import type { OwnerId } from "../../../model/identifiers.ts";
import type { AskedTarget, Question, QuestionWish } from "../../../model/question.ts";
import type { Session, User } from "../../../model/state/entities.ts";
import type { MessageEvent, RoutedChannelTarget, RoutedDirectTarget } from "../../../model/state/event.ts";
import { exceedsLine } from "../../../output/render.ts";
import {
  MAX_QUESTIONS,
  MAX_QUESTIONS_PER_OWNER,
  MAX_QUESTIONS_PER_SITE,
} from "../../../services/questions.ts";
import { answerDirectMessage } from "../message.ts";
import { findTarget } from "../message_target.ts";
import type { MessageDraft } from "../message_target.ts";
import { isService } from "../nickserv.ts";
import { countEarlierAnswers } from "./earlier_answers.ts";

/** Most people that a question for all can be put to. */
export const MAX_ASKED_PEOPLE = 50;

/**
 * A message that asks, and is not older than this, is not sent again: the server ended before it had saved the
 * question, and the asker asks again.
 */
const MESSAGE_REUSE_MS = HOUR_MS;

type Route = RoutedChannelTarget | RoutedDirectTarget;

export interface AskRequest extends QuestionWish {
  readonly names: readonly string[];
  readonly timeoutMs: number;
}

export interface OpenedQuestion {
  readonly question: Question;
  readonly isNew: boolean;
  /** Of the request, in wire form: its response follows when the question is on disk. */
  readonly label: string;
}

export function isQuestionId(id: string): boolean {
  return id.length <= MAX_QUESTION_ID_LENGTH && isSenderKey(id) && !id.startsWith(":");
}

/** Asks a question, or takes up the one that is the same; undefined: it is refused, and the session has been told so. */
export function openQuestion(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  request: AskRequest,
): OpenedQuestion | undefined {
  const fail = (code: string, why: string) => context.fail(session, "ASK", code, [request.id], why);
  const { questions } = services;
  const earlier = questions.of(user.owner).values().find(({ id }) => id === request.id);
  if (earlier !== undefined) {
    if (isSameQuestion(earlier, request)) {
      return { question: earlier, isNew: false, label: context.takeLabel() };
    }
    return fail("ID_IN_USE", "The id is already used for another question"), undefined;
  }
  const refusal = findTextFault(request.text) ?? findBound(context, services, session, user);
  if (refusal !== undefined) return fail(refusal.code, refusal.why), undefined;
  const routes = findRoutes(context, services, session, user, request);
  if (routes === undefined) return undefined;
  const people = listPeople(context, user, request, routes);
  const fault = findPeopleFault(request, people);
  if (fault !== undefined) return fail(fault.code, fault.why), undefined;
  const number = findNumber(context, services, request);
  const events = routes.map((route, index) => buildEvent(user, request, number, route, index));
  if (events.some(exceedsLine)) {
    return fail("INVALID_TEXT", "The question is too long to be delivered whole, with its options"),
      undefined;
  }
  const label = context.takeLabel();
  const { nextSeq } = context.log;
  const targets = events.map((event) => post(context, services, session, request, event));
  const { id, owner, text, options, rule } = request;
  const question: Question = {
    ...{ id, owner, text, options, rule, number, targets, people },
    source: user.source,
    site: subnetOf(session.host),
    until: context.now + request.timeoutMs,
    answers: [],
    end: undefined,
  };
  questions.add(question, context.log.nextSeq - 1);
  tellPeople(context, services, question);
  if (targets.some(({ seq }) => seq < nextSeq)) countEarlierAnswers(context, services, question);
  return { question, isNew: true, label };
}

function isSameQuestion(question: Question, request: AskRequest): boolean {
  const names = request.names.map(casefold);
  return question.text === request.text && question.rule === request.rule &&
    question.options.join() === request.options.join() &&
    question.targets.every(({ kind, name }) => kind === "room" || names.includes(casefold(name)));
}

interface Refusal {
  readonly code: string;
  readonly why: string;
}

function findTextFault(text: string): Refusal | undefined {
  // A question is shown in other texts.
  if (text.trim() === "" || /[\x00-\x1f\x7f]/.test(text) || utf8Length(text) > MAX_QUESTION_BYTES) {
    return { code: "INVALID_TEXT", why: `A question is one line of at most ${MAX_QUESTION_BYTES} bytes` };
  }
  return undefined;
}

function findBound(
  context: HubContext,
  { questions }: Services,
  session: Session,
  user: User,
): Refusal | undefined {
  const own = [...questions.of(user.owner)].filter(({ end }) => end === undefined).length;
  const refuse = (why: string) => ({ code: "TOO_MANY", why });
  if (own >= MAX_QUESTIONS_PER_OWNER) return refuse(`You have ${own} open questions; withdraw one`);
  const isExempt = context.exemptAddresses.has(session.host);
  if (!isExempt && questions.openCountOfSite(subnetOf(session.host)) >= MAX_QUESTIONS_PER_SITE) {
    return refuse(`Your address has ${MAX_QUESTIONS_PER_SITE} open questions; try again later`);
  }
  if (questions.openCount < MAX_QUESTIONS) return undefined;
  return refuse(`This server has reached its limit of ${MAX_QUESTIONS} open questions; try again later`);
}

/** What the names stand for, each once; undefined: a message to one of them is refused, of which the client is told. */
function findRoutes(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  { id, names, text }: AskRequest,
): Route[] | undefined {
  if (names.length > MAXTARGETS) {
    const why = `A question has at most ${MAXTARGETS} targets`;
    return context.fail(session, "ASK", "TOO_MANY", [id], why), undefined;
  }
  const draft: MessageDraft = {
    verb: "PRIVMSG",
    source: user.source,
    from: user.owner,
    text,
    tags: "",
    id: undefined,
    waits: true,
  };
  const found = new Map<string, Route>();
  for (const name of names) {
    if (isService(name)) return context.numeric(session, ERR_NOSUCHNICK, name, "No such nick"), undefined;
    const route = findTarget(context, services, session, user, name, draft);
    if (route === undefined) return undefined;
    if (route.kind === "ranks") {
      return context.fail(session, "ASK", "INVALID_TARGET", [id], `Ask all of ${route.name}`), undefined;
    }
    found.set(route.kind === "channel" ? casefold(route.name) : route.owner, route);
  }
  return [...found.values()];
}

/**
 * Owner ids of those who may answer; undefined: every member of a room, too, when they answer. A question for all is for
 * the members of a room when it is asked: people, not bots, and not the asker.
 */
function listPeople(
  { state }: HubContext,
  user: User,
  { rule }: AskRequest,
  routes: readonly Route[],
): OwnerId[] | undefined {
  if (rule !== "all" && routes.some(({ kind }) => kind === "channel")) return undefined;
  const people = routes.flatMap((route) =>
    route.kind === "direct" ? [route.owner] : Array.from(route.channel?.members.keys() ?? [])
      .filter((member) => member !== user && !state.bots.has(member))
      .map(({ owner }) => owner)
  );
  return [...new Set(people)];
}

function findPeopleFault(
  { rule }: AskRequest,
  people: readonly OwnerId[] | undefined,
): Refusal | undefined {
  if (people === undefined) return undefined;
  if (people.length === 0) return { code: "INVALID_TARGET", why: "There are no people to ask" };
  if (people.length > MAX_ASKED_PEOPLE) {
    return { code: "TOO_MANY", why: `A question for all is for at most ${MAX_ASKED_PEOPLE} people` };
  }
  if (typeof rule === "number" && rule > people.length) {
    return {
      code: "INVALID_RULE",
      why: `More equal answers than people who are asked: ${rule} of ${people.length}`,
    };
  }
  return undefined;
}

/** The next number; or that of a message which asks this already, and the question of which was not saved. */
function findNumber(context: HubContext, services: Services, request: AskRequest): number {
  const { questions, history } = services;
  const sent = history.findBySenderId(request.owner, messageId(request.id, "0"));
  const number = Number(/ \(question (\d{1,9}): [^()]*\)$/.exec(sent?.event.text ?? "")?.[1] ?? 0);
  const isReusable = number > 0 && sent !== undefined && context.now - sent.time < MESSAGE_REUSE_MS &&
    questions.get(number) === undefined;
  return isReusable ? number : questions.nextNumber;
}

function buildEvent(
  { source }: User,
  { id, owner, text, options }: AskRequest,
  number: number,
  target: Route,
  index: number,
): MessageEvent<Route> {
  return {
    kind: "message",
    verb: "PRIVMSG",
    source,
    target,
    text: `${text} ${howToAnswer(number, options, target.kind === "channel")}`,
    tags: "",
    from: owner,
    id: messageId(id, String(index)),
  };
}

/** Sends the message that asks, unless it was sent already; the asker is told if its receiver is offline. */
function post(
  context: HubContext,
  services: Services,
  session: Session,
  { owner }: AskRequest,
  event: MessageEvent<Route>,
): AskedTarget {
  const { target } = event;
  const sent = services.history.findBySenderId(owner, event.id!);
  const isSent = sent !== undefined && sent.event.text === event.text &&
    casefold(sent.event.target.name) === casefold(target.name) && context.now - sent.time < MESSAGE_REUSE_MS;
  const seq = isSent
    ? sent.seq
    : postMessage(context, services, sent === undefined ? event : { ...event, id: undefined });
  if (target.kind === "channel") return { kind: "room", name: target.name, owner: "", seq };
  answerDirectMessage(context, services, session, { ...event, target });
  return { kind: "person", name: target.name, owner: target.owner, seq };
}

function tellPeople(context: HubContext, services: Services, question: Question): void {
  const { people, owner, targets } = question;
  const told = new Set<User>();
  for (const target of targets) {
    const isAsked = (user: User) =>
      people?.includes(user.owner) ?? (target.kind === "person" || user.owner !== owner);
    const users = usersAt(context, services, target).filter((user) => isAsked(user) && !told.has(user));
    for (const user of users) told.add(user);
    sendAskLineTo(context, users, questionParams(context, question, target));
  }
}
