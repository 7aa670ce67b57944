/** Limits of questions (`chatterbox ask`). */
import type { Limit } from "../limit.ts";

const FORM = "lib/irc/question.ts";
const SERVICE = "lib/hub/services/questions.ts";
const OPENING = "lib/hub/verbs/messaging/ask/question_opening.ts";
const TEST = "hub/questions_test.ts";
const SIZES = `${TEST}: question: so many targets, people, answers, bytes, and time`;
const OPEN = `${TEST}: question: an owner, an address and the server have so many that are open`;
const ENDED =
  `${TEST}: question: ended ones are kept for a day, and dropped at the bounds, those first that their asker knows`;

export const QUESTIONS: readonly Limit[] = [
  {
    what: "open questions of an account, a claim key or a user without either",
    bound: "{MAX_QUESTIONS_PER_OWNER}",
    beyond: "`FAIL ASK TOO_MANY`",
    constants: { [SERVICE]: ["MAX_QUESTIONS_PER_OWNER"] },
    shownBy: [OPEN],
  },
  {
    what: "open questions of an address",
    bound: "{MAX_QUESTIONS_PER_SITE}",
    beyond: "`FAIL ASK TOO_MANY`, exempt addresses aside",
    constants: { [SERVICE]: ["MAX_QUESTIONS_PER_SITE"] },
    shownBy: [OPEN],
  },
  {
    what: "open questions of a server",
    bound: "{MAX_QUESTIONS}",
    beyond: "`FAIL ASK TOO_MANY`",
    constants: { [SERVICE]: ["MAX_QUESTIONS"] },
    shownBy: [OPEN],
  },
  {
    what: "questions that have ended, of an owner",
    bound: "{MAX_ENDED_QUESTIONS_PER_OWNER}",
    beyond: "dropped: first one that its asker knows the end of, then the oldest",
    constants: { [SERVICE]: ["MAX_ENDED_QUESTIONS_PER_OWNER"] },
    shownBy: [ENDED],
  },
  {
    what: "questions that have ended, of a server",
    bound: "{MAX_ENDED_QUESTIONS}",
    beyond: "the same",
    constants: { [SERVICE]: ["MAX_ENDED_QUESTIONS"] },
    shownBy: [ENDED],
  },
  {
    what: "time for which a question is kept after its end",
    bound: "{QUESTION_RETENTION_MS}",
    beyond: "dropped: its id asks anew",
    constants: { [SERVICE]: ["QUESTION_RETENTION_MS"] },
    shownBy: [ENDED],
  },
  {
    what: "time for which a question is open",
    bound: "{MAX_QUESTION_MS}",
    beyond: "`FAIL ASK INVALID_DURATION`",
    constants: { [FORM]: ["MAX_QUESTION_MS"] },
    shownBy: [SIZES],
  },
  {
    what: "text of a question",
    bound: "{MAX_QUESTION_BYTES}, and a line with its options",
    beyond: "`FAIL ASK INVALID_TEXT`",
    constants: { [FORM]: ["MAX_QUESTION_BYTES"] },
    shownBy: [SIZES],
  },
  {
    what: "options of a question",
    bound: "{MAX_QUESTION_OPTIONS}, of {MAX_OPTION_BYTES} each",
    beyond: "`FAIL ASK INVALID_OPTIONS`",
    constants: { [FORM]: ["MAX_QUESTION_OPTIONS", "MAX_OPTION_BYTES"] },
    shownBy: [SIZES],
  },
  {
    what: "id of a question",
    bound: "{MAX_QUESTION_ID_LENGTH} characters",
    beyond: "`FAIL ASK INVALID_ID`",
    constants: { [FORM]: ["MAX_QUESTION_ID_LENGTH"] },
    shownBy: [SIZES],
  },
  {
    what: "people of a question for all",
    bound: "{MAX_ASKED_PEOPLE}",
    beyond: "`FAIL ASK TOO_MANY`",
    constants: { [OPENING]: ["MAX_ASKED_PEOPLE"] },
    shownBy: [SIZES],
  },
  {
    what: "equal answers that a question waits for",
    bound: "{MAX_QUORUM}",
    beyond: "`FAIL ASK INVALID_RULE`",
    constants: { [FORM]: ["MAX_QUORUM"] },
    shownBy: [SIZES],
  },
  {
    what: "answers to a question",
    bound: "{MAX_QUESTION_ANSWERS}",
    beyond: "not counted, and the person is told",
    constants: { [SERVICE]: ["MAX_QUESTION_ANSWERS"] },
    shownBy: [SIZES],
  },
  {
    what: "questions that `join` knows",
    bound: "{MAX_KNOWN_QUESTIONS}",
    beyond: "not shown, and answered by their number as in any client",
    constants: { "lib/client/conversation/asked_questions.ts": ["MAX_KNOWN_QUESTIONS"] },
    shownBy: ["client/asked_questions_test.ts: asked questions: so many are known"],
  },
  {
    what: "questions in the answer to `ASK LIST`",
    bound: "{MAX_LISTED_QUESTIONS}",
    beyond: "the newest",
    constants: { "lib/hub/verbs/messaging/ask/ask.ts": ["MAX_LISTED_QUESTIONS"] },
    shownBy: [`${TEST}: question: LIST shows so many, the newest`],
  },
];
