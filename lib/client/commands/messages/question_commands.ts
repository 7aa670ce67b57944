/** `/answer`: answers a question that we are asked (docs/protocol/ask.md). Pure. */
import { isChannelTarget } from "../../../irc/names/name_rules.ts";
import { ASK_CAPABILITY } from "../../../irc/vendor_extensions.ts";
import { AskedQuestions, describeOptions, readChoice } from "../../conversation/asked_questions.ts";
import type { AskedQuestion } from "../../conversation/asked_questions.ts";
import type { Chat } from "../../conversation/chat.ts";
import { splitFirstWord } from "../arguments.ts";
import { defineCommand } from "../slash_command.ts";
import type { SlashCommand } from "../slash_command.ts";

/** Questions that a refused `/answer` names. */
const NAMED_QUESTIONS = 3;

const questionsOfChats = new WeakMap<Chat, AskedQuestions>();

/** The questions that the person of `chat` is asked. */
export function questionsOf(chat: Chat): AskedQuestions {
  const questions = questionsOfChats.get(chat) ?? new AskedQuestions();
  questionsOfChats.set(chat, questions);
  return questions;
}

export const QUESTION_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["answer"],
    usage: "[N] CHOICE",
    summary: "answer a question; CHOICE is a number or a word",
    topic: "more",
    details: [
      "N is the number of the question; needed where CHOICE fits several.",
      "Of a question without choices CHOICE is the text of the answer.",
      "Without CHOICE: lists the open questions. The first answer counts.",
    ],
    worksOffline: true,
    parse: (rest) => rest.trim(),
    run(chat, rest, now) {
      const { open } = questionsOf(chat);
      if (rest === "") return listOpen(chat, now);
      const found = findQuestion(chat, rest);
      if (found !== undefined) return answer(chat, found.question, found.text, now);
      if (open.length === 0) return chat.refuse("no question waits for your answer", now);
      chat.refuse(describeSeveral(open, rest), now);
    },
  }),
];

/** The words that may follow `/answer`, for Tab. */
export function listAnswerWords(chat: Chat): string[] {
  const { open } = questionsOf(chat);
  const numbers = open.length > 1 ? open.map(({ number }) => String(number)) : [];
  return [...new Set([...numbers, ...open.flatMap(({ options }) => options)])];
}

/**
 * The question that is meant, and the rest of the line. Its number comes first, unless only one is open, or only one has
 * this option. An answer counts for good, so what fits several is none.
 */
function findQuestion(chat: Chat, rest: string): { question: AskedQuestion; text: string } | undefined {
  const questions = questionsOf(chat);
  const [word, text] = splitFirstWord(rest);
  const named = /^\d{1,9}$/.test(word) ? questions.get(Number(word)) : undefined;
  if (named !== undefined && text !== "") return { question: named, text };
  const { open } = questions;
  const fitting = open.length > 1 ? findFitting(open, rest) : open;
  return fitting.length === 1 && (open.length === 1 || named === undefined)
    ? { question: fitting[0]!, text: rest }
    : undefined;
}

/** The questions of `open` to which `text` may be the answer: as an option; a number as that of an option or as a text. */
function findFitting(open: readonly AskedQuestion[], text: string): AskedQuestion[] {
  const isNumber = /^\d+$/.test(text);
  return open.filter((each) => (isNumber || each.options.length > 0) && readChoice(each, text) !== undefined);
}

/** What to type instead of `/answer text`, which fits several of `open`, or none of those with options. */
function describeSeveral(open: readonly AskedQuestion[], text: string): string {
  const named = open.find(({ number }) => String(number) === text);
  if (named !== undefined) return `type the answer, too: /answer ${text} ${describeOptions(named) || "TEXT"}`;
  const fitting = open.filter((each) => readChoice(each, text) !== undefined);
  if (fitting.length === 0) {
    return `${text} is no choice of the ${open.length} open questions (/answer lists them)`;
  }
  const lines = fitting.map((each) => `/answer ${each.number} ${readChoice(each, text)}`);
  const what = `${open.length} questions are open (/answer lists them)`;
  return `${what}: ${lines.slice(0, NAMED_QUESTIONS).join(" or ")}`;
}

function answer(chat: Chat, question: AskedQuestion, text: string, now: number): void {
  const { number } = question;
  if (question.answer !== undefined) {
    return chat.refuse(
      `you have answered question ${number}: ${question.answer}; the first answer counts`,
      now,
    );
  }
  const choice = readChoice(question, text.trim());
  if (choice === undefined) {
    return chat.refuse(`${text} is no answer to question ${number}: ${describeOptions(question)}`, now);
  }
  giveAnswer(chat, question, choice, now);
  markQuestionRead(chat, question);
}

/** The person has answered what the message asks: it is read, if nothing else of its conversation is unread. */
function markQuestionRead({ excerpts, views, readMarkers }: Chat, { msgid }: AskedQuestion): void {
  const message = excerpts.get(msgid);
  const view = message && views.find(message.where);
  if (view?.kind !== "direct" || view.unreadCount !== 1 || message!.at <= view.readUntil) return;
  views.markRead(view.name, message!.at);
  readMarkers?.markShown(view.name, message!.at, message!.seq);
}

/** Answers `question` with `choice`, one of its options, or a text where it has none; sends it again if it is given. */
export function giveAnswer(chat: Chat, question: AskedQuestion, choice: string, now: number): void {
  questionsOf(chat).noteAnswer(question.number, choice);
  sendAnswer(chat, question, choice, now);
}

/** Id of the message that answers `question`. */
export function answerIdOf({ msgid }: AskedQuestion): string {
  return `answer:${msgid}`;
}

/**
 * Sends the answer as a reply to the question. Its id is that of the question's message: sent again after a crash of
 * the server it is the same message.
 */
function sendAnswer(
  chat: Chat,
  question: AskedQuestion,
  choice: string,
  now: number,
): void {
  const { number, msgid, asker, target } = question;
  const { supportsTags } = chat.features;
  const text = supportsTags ? choice : `${number} ${choice}`;
  const to = isChannelTarget(target) ? target : asker;
  const manner = "said";
  const reply = { id: answerIdOf(question), at: now, target: to, text, manner, replyTo: msgid } as const;
  if (!chat.say(reply, now)) chat.refuse(`too many messages are queued; not sent: ${text}`, now);
}

function listOpen(chat: Chat, now: number): void {
  const questions = questionsOf(chat);
  if (questions.open.length === 0) return chat.note("no question waits for your answer", now);
  for (const question of questions.open) chat.note(questions.describe(question), now);
}

/** Asks the server which questions are open, and tells the person of those that are new to them. */
export function requestQuestions(chat: Chat, now: number): void {
  const before = questionsOf(chat).numbers;
  chat.ask({ command: "ASK", params: ["LIST"] }, {
    for: "info",
    describe: (lines, _clock, time) => {
      const notes = questionsOf(chat).receiveList(lines, before, (nick) => chat.ignoreList.has(nick));
      // The server has lost an answer that it had not saved, or does not say that it has it.
      for (const each of questionsOf(chat).unconfirmed) sendAnswer(chat, each, each.answer!, time);
      return notes.map((text) => ({ kind: "note", time, text }));
    },
  }, now);
}

/** Requests to be told of questions; for a server that has them. */
export const REQUEST_CAPABILITY = { command: "CAP", params: ["REQ", ASK_CAPABILITY] };
