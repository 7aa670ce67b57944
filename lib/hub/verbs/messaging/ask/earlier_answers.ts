/**
 * Answers that are older than their question. A server that was killed may have the message that asks, and not the
 * question. The people asked may answer the message before the asker comes back and asks again.
 */
import { casefold } from "../../../../irc/names/casemap.ts";
import type { HubContext, Services } from "../../../context.ts";
import { usersOf } from "../../../fanout/questions.ts";
import type { ConversationLog } from "../../../model/conversation_log.ts";
import type { Question } from "../../../model/question.ts";
import { noteAnswer } from "../question_answer.ts";

/** Most messages of one conversation in which earlier answers are looked for, the first ones behind the question. */
export const MAX_SEARCHED_FOR_ANSWERS = 1000;

/** Takes the messages since the first one that asks `question`, of people that are online, for answers if they are. */
export function countEarlierAnswers(context: HubContext, services: Services, question: Question): void {
  const { history } = services;
  const after = Math.min(...question.targets.map(({ seq }) => seq));
  const rooms = question.targets.flatMap(({ kind, name }) =>
    kind === "room" ? history.channels.get(casefold(name)) ?? [] : []
  );
  const direct = history.directConversations.get(question.owner)?.values() ?? [];
  const seqs = [...rooms, ...direct].flatMap(({ timeline }) => messagesAfter(timeline, after, context));
  for (const seq of seqs.sort((one, other) => one - other)) {
    const event = history.message(seq)?.event;
    const [user] = event === undefined ? [] : usersOf(context, services, event.from);
    if (user !== undefined && user.owner !== question.owner) noteAnswer(context, services, user, event!, seq);
  }
}

function messagesAfter(
  timeline: ConversationLog["timeline"],
  after: number,
  { log }: HubContext,
): number[] {
  const length = timeline.length(log.oldestSeq);
  const from = timeline.partition((seq) => seq <= after);
  return timeline.range(from, Math.min(length, from + MAX_SEARCHED_FOR_ANSWERS));
}
