/**
 * Answers to questions (docs/protocol/ask.md): a PRIVMSG is one if it replies to the question, or names its number, or,
 * to the asker alone, if its text is exactly an option. It is recorded as every message; what it answers is kept with
 * the question, and confirmed once that is on disk.
 */
import { findOption, listChoices } from "../../../irc/question.ts";
import { isMultiline } from "../../../irc/multiline.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { HOUR_MS } from "../../../base/values/time_unit.ts";
import type { HubContext, Services } from "../../context.ts";
import {
  answerParams,
  describeEnd,
  nameQuestion,
  noticeTo,
  sendAskLine,
  sendAskLineTo,
  tellEnd,
  usersOf,
} from "../../fanout/questions.ts";
import { nickOf } from "../../model/identifiers.ts";
import { decide } from "../../model/question.ts";
import type { Question, QuestionEnd } from "../../model/question.ts";
import type { User } from "../../model/state/entities.ts";
import type { RecordedMessage, RecordedTarget } from "../../model/state/event.ts";
import { parseMsgid } from "../../output/render.ts";
import { MAX_QUESTION_ANSWERS } from "../../services/questions.ts";

/** For so long after the end of a question an option alone, without its number, is taken for a late answer. */
const LATE_OPTION_MS = HOUR_MS;

/** A question, and a text of which the sender says that it answers it. */
interface Attempt {
  readonly question: Question;
  readonly text: string;
}

/** Takes the message, recorded at `seq`, for an answer if it is one; also where it is sent again, by its sender id. */
export function noteAnswer(
  context: HubContext,
  services: Services,
  user: User,
  event: RecordedMessage,
  seq: number,
): void {
  if (services.questions.isEmpty || event.verb !== "PRIVMSG" || isMultiline(event.text)) return;
  endExpiredQuestions(context, services);
  const found = findNamed(context, services, user, event) ??
    findByOption(context, services, user, event, seq);
  if (found !== undefined) giveAnswer(context, services, user, found, seq);
}

/** The question that the message replies to, or of which it says the number. */
function findNamed(
  context: HubContext,
  services: Services,
  user: User,
  { target, text, tags }: RecordedMessage,
): Attempt | undefined {
  const { questions } = services;
  const [, digits, rest] = /^\s*#?(\d{1,9})[:.)]?\s+(\S.*)$/.exec(text) ?? [];
  const numbered = questions.get(Number(digits ?? 0));
  const msgid = /(?:^|;)\+(?:draft\/)?reply=([^;]+)/.exec(tags)?.[1];
  const replied = msgid === undefined
    ? undefined
    : questions.bySeq(parseMsgid(msgid, context.config.logId) ?? -1);
  const question = replied ?? numbered;
  if (question === undefined || !isAsked(context, question, user) || !isPlaceOf(question, target)) {
    return undefined;
  }
  return { question, text: numbered === question ? rest! : text };
}

/** The question of the receiver that has the text of a direct message as an option. */
function findByOption(
  context: HubContext,
  services: Services,
  user: User,
  { target, text, tags }: RecordedMessage,
  seq: number,
): Attempt | undefined {
  if (target.kind !== "direct" || /(?:^|;)\+(?:draft\/)?reply=/.test(tags)) return undefined;
  const fitting = [...services.questions.of(target.owner)].filter((question) =>
    findOption(question.options, text) >= 0 && isAsked(context, question, user)
  );
  const repeated = fitting.find(({ answers }) => answers.some((each) => each.seq === seq));
  if (repeated !== undefined) return { question: repeated, text };
  const isOpen = ({ end }: Question) => end === undefined;
  const hasAnswered = ({ answers }: Question) => answers.some(({ owner }) => owner === user.owner);
  const awaited = fitting.filter((each) => isOpen(each) && !hasAnswered(each));
  if (awaited.length > 1) {
    const which = awaited.map(({ number }) => `"${number} ${text.trim()}"`);
    const about = awaited.slice(-3).map(nameQuestion).join(", ");
    const asker = nickOf(awaited[0]!.source);
    const words = `Not counted: ${asker} has ${awaited.length} open questions with this option; ` +
      `say ${listChoices(which.slice(-3))}: ${about}`;
    noticeTo(context, [user], words);
    return undefined;
  }
  const isRecent = ({ end }: Question) => end !== undefined && context.now < end.at + LATE_OPTION_MS;
  const question = awaited[0] ?? fitting.findLast(isOpen) ??
    fitting.findLast((each) => isRecent(each) && !hasAnswered(each));
  return question && { question, text };
}

/** Whether `user` may answer the question: they were asked, or are a member of a room that was. */
export function isAsked({ state }: HubContext, { people, targets, owner }: Question, user: User): boolean {
  if (people !== undefined) return people.includes(user.owner);
  return targets.some((target) =>
    target.kind === "person"
      ? target.owner === user.owner
      : user.owner !== owner && state.channel(target.name)?.members.has(user) === true
  );
}

/** Whether an answer may be given there: to the asker, or in a room in which the question was asked. */
function isPlaceOf({ owner, targets }: Question, target: RecordedTarget): boolean {
  if (target.kind === "direct") return target.owner === owner;
  return targets.some(({ kind, name }) => kind === "room" && casefold(name) === casefold(target.name));
}

function giveAnswer(
  context: HubContext,
  services: Services,
  user: User,
  { question, text }: Attempt,
  seq: number,
): void {
  const { questions, durableActions } = services;
  const { number, options, answers, source } = question;
  const { owner, nick, account } = user;
  const refuse = (words: string) => noticeTo(context, [user], words);
  const earlier = answers.find((each) => each.owner === owner);
  if (earlier?.seq === seq) return durableActions.add(() => confirm(context, services, question, owner));
  if (earlier !== undefined) {
    return refuse(`You have answered ${nameQuestion(question)}: ${earlier.text}. The first answer counts`);
  }
  if (question.end !== undefined) {
    return refuse(`Too late: ${nameQuestion(question)} of ${nickOf(source)} ${describeEnd(question)}`);
  }
  const option = findOption(options, text);
  if (options.length > 0 && option < 0) {
    return refuse(`Not an answer to ${nameQuestion(question)}: answer ${listChoices(options)}`);
  }
  if (answers.length >= MAX_QUESTION_ANSWERS) {
    return refuse(`Not counted: question ${number} has ${MAX_QUESTION_ANSWERS} answers, and takes no more`);
  }
  const answered = questions.answer(question, {
    owner,
    nick,
    account: account?.name ?? "",
    text: options[option] ?? text.trim(),
    option,
    time: context.now,
    seq,
  });
  const outcome = decide(answered);
  if (outcome !== undefined) {
    questions.end(answered, { ...outcome, at: context.now, isAcknowledged: false }, seq);
  }
  durableActions.add(() => {
    confirm(context, services, answered, owner);
    sendAskLine(context, services, question.owner, answerParams(context, answered, answered.answers.at(-1)!));
    // The answers before this one have been told by now: the asker knows all of them when it is told the end.
    if (outcome !== undefined) tellEnding(context, services, number);
  });
}

/** Tells a person that their answer counts. */
function confirm(context: HubContext, services: Services, question: Question, owner: string): void {
  const { text } = question.answers.find((each) => each.owner === owner)!;
  const users = usersOf(context, services, owner);
  sendAskLineTo(context, users, { words: ["ANSWERED", String(question.number)], text });
  const words = `Your answer to ${nameQuestion(question)} of ${nickOf(question.source)} counts: ${text}`;
  noticeTo(context, users, words);
}

/** Ends an open question, and tells so once that is on disk. */
export function endQuestion(
  context: HubContext,
  services: Services,
  question: Question,
  how: QuestionEnd["how"],
  isAcknowledged = false,
): void {
  const { questions, durableActions } = services;
  questions.end(question, { how, option: -1, at: context.now, isAcknowledged }, context.log.nextSeq - 1);
  durableActions.add(() => tellEnding(context, services, question.number));
}

/** Ends the questions of which the time is over. */
export function endExpiredQuestions(context: HubContext, services: Services): void {
  for (const question of services.questions.expire(context.now)) {
    endQuestion(context, services, question, "timeout");
  }
}

function tellEnding(context: HubContext, services: Services, number: number): void {
  const question = services.questions.get(number);
  if (question?.end?.isTold === false) tellEnd(context, services, question);
}

/** Called when the server starts: the end of a question may not have been told before it ended. */
export function tellEndings(context: HubContext, services: Services): void {
  for (const { number } of services.questions.untold()) {
    services.durableActions.add(() => tellEnding(context, services, number));
  }
}
