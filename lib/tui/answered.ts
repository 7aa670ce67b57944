/** What the answer to a request does to the chat, by what the request was for; or that there is none in time. Pure. */
import { unreachable } from "../base/assert.ts";
import type { Message } from "../irc/message.ts";
import { ERR_LINKCHANNEL } from "../irc/numerics.ts";
import { answerEntries } from "./answers.ts";
import type { Chat } from "./chat.ts";
import type { Purpose, Question } from "./exchange.ts";
import { failureText, isFailure } from "./failure_text.ts";

export function answered(chat: Chat, purpose: Purpose, lines: readonly Message[], now: number): void {
  const { arrivals, absence, post } = chat;
  const failure = lines.find(isFailure);
  switch (purpose.for) {
    case "enter":
      return entered(chat, purpose, lines, failure, now);
    case "recent":
      return arrivals.recent(purpose.room, lines, failure, now);
    case "count":
      return arrivals.counted(purpose.room, lines, now);
    case "missed":
      return arrivals.missed(purpose, lines, failure, now);
    case "partners":
      return arrivals.partners(lines, chat.knowsIds ? [] : chat.outbox.unsureTargets, now);
    case "talks":
    case "marker":
    case "unread":
      if (failure !== undefined) return absence.unknown(failureText(failure), now);
      return absence.answered(purpose, lines, now);
    case "read":
      return;
    case "message":
      return post.answered(purpose.message, lines, failure, now);
    case "logs":
    case "who":
    case "whois":
    case "rooms":
    case "topic":
    case "modes":
    case "masks":
    case "sentences":
      return tell(chat, purpose, lines, failure, now);
    case "change":
      if (failure !== undefined) chat.countRefusal();
      for (const line of lines) chat.line(line, now);
      return;
    case "order":
      return ordered(chat, purpose, lines, failure, now);
    default:
      return unreachable(purpose);
  }
}

/** No answer in time. */
export function unanswered(chat: Chat, purpose: Purpose, now: number): void {
  const { arrivals, absence, post } = chat;
  switch (purpose.for) {
    case "message":
      return post.unanswered(purpose.message, now);
    case "enter":
    case "recent":
      return arrivals.unknown(purpose.room, "no answer", now);
    case "count":
      return arrivals.counted(purpose.room, [], now);
    case "missed":
      return arrivals.unknown(purpose.target, "no answer", now);
    case "partners":
      return arrivals.partnersUnknown("no answer", now);
    case "talks":
    case "marker":
    case "unread":
      return absence.unknown("no answer", now);
    case "read":
      return;
    default:
      return chat.alarm("the server has not answered", now);
  }
}

/**
 * Where the server leads those who ask for a room: it is called otherwise (channel-rename, "Channel redirection"), or forwards to
 * another one. Followed once, so that rooms that lead to each other are no circle.
 */
function redirectionOf({ command, params }: Message): string | undefined {
  if (command === ERR_LINKCHANNEL) return params[2];
  return command === "FAIL" && params[1] === "CHANNEL_RENAMED" ? params[3] : undefined;
}

function tell(
  chat: Chat,
  purpose: Question,
  lines: readonly Message[],
  failure: Message | undefined,
  now: number,
): void {
  if (failure !== undefined) return chat.refuse(failureText(failure), now);
  for (const entry of answerEntries(purpose, lines, chat.clock, now)) chat.show(entry);
}

function ordered(
  chat: Chat,
  { done, next }: Purpose & { for: "order" },
  lines: readonly Message[],
  failure: Message | undefined,
  now: number,
): void {
  const before = chat.effectCount;
  for (const line of lines) chat.line(line, now);
  if (failure !== undefined) return chat.countRefusal();
  if (done !== undefined && chat.effectCount === before) chat.note(done, now);
  if (next !== undefined) chat.ask(next, { for: "order" }, now);
}

function entered(
  chat: Chat,
  { room, again, redirected }: Purpose & { for: "enter" },
  lines: readonly Message[],
  failure: Message | undefined,
  now: number,
): void {
  for (const line of lines) chat.learn(line, now);
  const known = chat.rooms.get(room);
  const to = failure === undefined || redirected ? undefined : redirectionOf(failure);
  if (known === undefined && to !== undefined) return chat.redirect(room, to, again, now);
  if (known === undefined) {
    chat.leave(room);
    return chat.refuse(failure === undefined ? `${room} is closed to us` : failureText(failure), now);
  }
  if (!again) chat.room = known.name;
  chat.arrivals.entered(room, lines, now);
}
