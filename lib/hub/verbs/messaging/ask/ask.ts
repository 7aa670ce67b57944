/**
 * ASK (our own; docs/protocol/ask.md): questions that wait for answers.
 *
 *     ASK OPEN <id> <targets> <seconds> <rule> <options>|* :<text>
 *                              ASK OPEN <id> <number> <milliseconds left>
 *                              ASK ANSWER <id> <nth> <nick> <account>|* <time> <msgid> <option>|* :<text>
 *                              ASK END <id> <how> <option>|* <answers> :<words>
 *     ASK WITHDRAW <id>        ASK END …
 *     ASK ACK <id>             ASK ACK <id>
 *     ASK LIST                 ASK QUESTION <number> <msgid> <asker> <target> <milliseconds left> <options>|* :<text>
 *                              ASK ANSWERED <number> :<text>
 *                              ASK LIST *
 *                              ASK ENDED <number> <how> :<words>
 */
import { CAP } from "../../../../irc/capabilities.ts";
import type { Message } from "../../../../irc/message.ts";
import { findOptionsFault, MAX_QUESTION_MS, parseQuestionRule } from "../../../../irc/question.ts";
import { ASK_CAPABILITY } from "../../../../irc/vendor_extensions.ts";
import type { HubContext, Services } from "../../../context.ts";
import { answerParams, askLine, endParams, questionParams } from "../../../fanout/questions.ts";
import type { AskParams } from "../../../fanout/questions.ts";
import { needMoreParams } from "../../../fanout/replies.ts";
import type { Question } from "../../../model/question.ts";
import type { Session, User } from "../../../model/state/entities.ts";
import type { VerbTable } from "../../verb.ts";
import { endExpiredQuestions, endQuestion, isAsked } from "../question_answer.ts";
import { isQuestionId, openQuestion } from "./question_opening.ts";

/** Most questions that `LIST` shows, the newest. */
export const MAX_LISTED_QUESTIONS = 50;

function ask(context: HubContext, services: Services, session: Session, message: Message, user: User): void {
  if (!session.caps.has(CAP.ask)) {
    return context.fail(session, "ASK", "NEED_CAPABILITY", [], `Request ${ASK_CAPABILITY} first`);
  }
  const [word = "", ...params] = message.params;
  endExpiredQuestions(context, services);
  switch (word.toUpperCase()) {
    case "OPEN":
      return open(context, services, session, user, params);
    case "WITHDRAW":
      return withdraw(context, services, session, user, params[0]);
    case "ACK":
      return acknowledge(context, services, session, user, params[0]);
    case "LIST":
      return list(context, services, session, user);
    default:
      return context.fail(session, "ASK", "SUBCOMMAND_INVALID", [], "Use OPEN, WITHDRAW, ACK or LIST");
  }
}

function sendAsk(context: HubContext, session: Session, params: AskParams): void {
  context.send(session, askLine(context, params));
}

/** `OPEN <id> <targets> <seconds> <rule> <options>|* :<text>`: asks, or takes up the question with this id. */
function open(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  params: readonly string[],
): void {
  const [id, targets, seconds, ruleText, optionText, text] = params;
  if (text === undefined) return needMoreParams(context, session, "ASK");
  const fail = (code: string, why: string) => context.fail(session, "ASK", code, [id!], why);
  const rule = parseQuestionRule(ruleText!);
  const options = optionText === "*" ? [] : optionText!.split(",");
  const timeoutMs = /^\d{1,7}$/.test(seconds!) ? Number(seconds) * 1000 : 0;
  const fault = options.length === 0 ? undefined : findOptionsFault(options);
  if (!isQuestionId(id!)) {
    return fail("INVALID_ID", "An id is 1 to 48 printable ASCII characters, not a colon first");
  }
  if (fault !== undefined) return fail("INVALID_OPTIONS", `These are not options: ${fault}`);
  if (rule === undefined) return fail("INVALID_RULE", "A rule is first, all, or a number from 2 to 50");
  if (timeoutMs < 1000 || timeoutMs > MAX_QUESTION_MS) {
    return fail("INVALID_DURATION", "A question is open for 1 second to 7 days");
  }
  const wish = { id: id!, owner: user.owner, text, options, rule };
  const opened = openQuestion(context, services, session, user, {
    ...wish,
    names: targets!.split(","),
    timeoutMs,
  });
  if (opened === undefined) return;
  const { question, isNew, label } = opened;
  services.durableActions.add((trouble) => {
    const now = services.questions.get(question.number);
    if (trouble === undefined || !isNew || now?.end !== undefined) {
      return reportQuestion(context, session, label, question);
    }
    if (now !== undefined) endQuestion(context, services, now, "withdrawn", true);
    const line =
      `:${context.config.serverName} FAIL ASK TEMPORARILY_UNAVAILABLE ${id} :The question could not be saved`;
    context.sendLabeled(session, label, line);
  });
}

/**
 * Tells the asker that the question is there, and all that had become of it when it was asked for: that is on disk. What
 * has happened since is told as soon as it is.
 */
function reportQuestion(context: HubContext, session: Session, label: string, question: Question): void {
  if (session.closeReason !== undefined) return;
  const { id, number, until, answers, end } = question;
  const leftMs = end === undefined ? Math.max(0, until - context.now) : 0;
  context.sendLabeled(
    session,
    label,
    askLine(context, { words: ["OPEN", id, String(number), String(leftMs)] }),
  );
  for (const answer of answers) sendAsk(context, session, answerParams(context, question, answer));
  if (end !== undefined) sendAsk(context, session, endParams(question));
}

/** The question `id` of the user; undefined: there is none, and the session has been told so. */
function requireQuestion(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  id: string | undefined,
): Question | undefined {
  if (id === undefined) return needMoreParams(context, session, "ASK"), undefined;
  const question = services.questions.of(user.owner).values().find((each) => each.id === id);
  if (question === undefined) {
    context.fail(session, "ASK", "NO_SUCH_QUESTION", [id], "You have no question with this id");
  }
  return question;
}

/** `WITHDRAW <id>`: the asker gives it up. */
function withdraw(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  id: string | undefined,
): void {
  const question = requireQuestion(context, services, session, user, id);
  if (question === undefined) return;
  if (question.end === undefined) endQuestion(context, services, question, "withdrawn", true);
  const label = context.takeLabel();
  services.durableActions.add(() => {
    const ended = services.questions.get(question.number);
    if (ended?.end === undefined || session.closeReason !== undefined) return;
    context.sendLabeled(session, label, askLine(context, endParams(ended)));
  });
}

/** `ACK <id>`: the asker knows how the question has ended. */
function acknowledge(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  id: string | undefined,
): void {
  const question = requireQuestion(context, services, session, user, id);
  if (question === undefined) return;
  if (question.end === undefined) {
    return context.fail(session, "ASK", "STILL_OPEN", [id!], "This question has not ended; WITHDRAW ends it");
  }
  services.questions.mark(question, { isAcknowledged: true }, context.log.nextSeq - 1);
  sendAsk(context, session, { words: ["ACK", id!] });
}

/** `LIST`: the open questions that the user is asked. */
function list(context: HubContext, services: Services, session: Session, user: User): void {
  const asked = services.questions.open().filter((each) => isAsked(context, each, user)).toArray();
  for (const question of asked.slice(-MAX_LISTED_QUESTIONS)) {
    sendAsk(context, session, questionParams(context, question, targetFor(context, question, user)));
    const mine = question.answers.find(({ owner }) => owner === user.owner);
    if (mine !== undefined) {
      sendAsk(context, session, { words: ["ANSWERED", String(question.number)], text: mine.text });
    }
  }
  sendAsk(context, session, { words: ["LIST", "*"] });
}

/** The target by which `user` is asked: themselves, or a room that they are in. */
function targetFor({ state }: HubContext, { targets }: Question, user: User): Question["targets"][number] {
  return targets.find(({ owner }) => owner === user.owner) ??
    targets.find(({ kind, name }) => kind === "room" && state.channel(name)?.members.has(user)) ??
    targets[0]!;
}

export const ASK_VERBS: VerbTable = {
  ASK: { min: 1, who: "user", run: ask },
};
