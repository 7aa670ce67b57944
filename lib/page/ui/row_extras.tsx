/**
 * Below a message that asks a question: a button for each option, and then what has become of it. Below a page that
 * rings: a button that acknowledges it.
 */
import type { JSX, RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { describeOutcome } from "../model/page_questions.ts";
import type { MessageRow } from "../model/row.ts";
import type { ChatSession } from "../state/chat_session.ts";
import { UnsentActions } from "./on_demand/unsent_actions.tsx";
import { answerQuestion, failedAnswer } from "../state/late/question_watch.ts";
import { findRingingPage, isSettled, makeAcknowledgement } from "../state/late/ringing_page.ts";

interface Props {
  readonly row: MessageRow;
  readonly session: ChatSession;
}

/** What stands below some messages: one that waits to be sent, one that asks a question, and a page that rings. */
export function RowExtras(props: Props): JSX.Element {
  const page = findRingingPage(props.row);
  return props.row.sendState === "pending"
    ? <UnsentActions {...props} />
    : page === undefined
    ? <AnswerChoices {...props} />
    : <Acknowledgement {...props} page={page} />;
}

/** Acknowledges the page `page`, until OnCall says in the same conversation what has become of it. */
function Acknowledgement({ session, page }: Props & { readonly page: string }): JSX.Element | null {
  const isRinging = session.rowsVersion.value >= 0 && !isSettled(session.rows, page);
  const place = useMeasuredPlace(isRinging);
  return (
    <div class="answers" ref={place}>
      {isRinging
        ? (
          <button
            type="button"
            class="plain-button"
            disabled={session.status.value.kind !== "live"}
            aria-label={`Acknowledge page ${page}`}
            onClick={() => void session.request(makeAcknowledgement(page))}
          >
            Acknowledge
          </button>
        )
        : null}
    </div>
  );
}

/** A place of which the list measures the row anew where `content` has changed. */
function useMeasuredPlace(content: unknown): RefObject<HTMLDivElement> {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.dispatchEvent(new Event("resize", { bubbles: true }));
  }, [content]);
  return place;
}

function AnswerChoices({ row, session }: Props): JSX.Element | null {
  const state = session.questions.value.get(row.id ?? "");
  const isSending = state?.end === "" && state.question.answer !== undefined && !state.question.isConfirmed;
  // A failure is known by the row of the answer.
  const failed = isSending && session.rowsVersion.value >= 0 && failedAnswer(session, state.question);
  const outcome = state === undefined ? "" : failed ? "Your answer was not taken." : describeOutcome(state);
  const isOpen = outcome === "" || failed;
  const place = useMeasuredPlace(outcome);
  if (state === undefined) return null;
  const { question } = state;
  const isLive = session.status.value.kind === "live";
  return (
    <div class="answers" ref={place}>
      {isOpen
        ? (
          <div role="group" aria-label={`Answers to question ${question.number}`}>
            {question.options.map((option) => (
              <button
                type="button"
                key={option}
                class="plain-button"
                disabled={!isLive}
                onClick={() => answerQuestion(session, question, option)}
              >
                {option}
              </button>
            ))}
            {question.options.length === 0
              ? (
                <button type="button" class="plain-button" onClick={() => session.replyTo(row)}>
                  Answer
                </button>
              )
              : null}
          </div>
        )
        : null}
      <span role="status">{isOpen && !isLive ? "Answers need the connection." : outcome}</span>
    </div>
  );
}
