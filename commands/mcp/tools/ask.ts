/** The tool `ask`: a question to people, which waits for the answer as `chatterbox ask` does. */
import { z } from "zod";
import { unreachable } from "../../../lib/base/assert.ts";
import { toPrintable } from "../../../lib/base/printable_text.ts";
import { callAfter } from "../../../lib/base/deadlines.ts";
import { LEAVE_OPEN, QuestionRun } from "../../../lib/client/sending/question.ts";
import type { QuestionOutcome } from "../../../lib/client/sending/question.ts";
import type { Answer } from "../../../lib/client/sending/question_log.ts";
import { describeFailure, replyText } from "../../../lib/client/session/failure_reply.ts";
import { MAXTARGETS } from "../../../lib/irc/limits.ts";
import {
  findOptionsFault,
  MAX_QUESTION_BYTES,
  MAX_QUESTION_ID_LENGTH,
  MAX_QUESTION_MS,
  MAX_QUESTION_OPTIONS,
  MAX_QUORUM,
} from "../../../lib/irc/question.ts";
import { isSenderKey } from "../../../lib/irc/sender_id.ts";
import { utf8Length } from "../../../lib/base/bytes.ts";
import type { ClientLogin } from "../../support/client_login.ts";
import { requireAccount } from "../account_tags.ts";
import type { Agent, ToolAnswer } from "../agent.ts";
import { cleanName, cleanText, DATA_WARNING, escape } from "../message_data.ts";
import { ToolRefusal } from "../tool_refusal.ts";
import { conversation } from "./schemas.ts";

/** Seconds for which a question is open where none are given. */
const DEFAULT_TIMEOUT_SECONDS = 300;
/** Random bytes of a generated id. */
const ID_BYTES = 8;

export const askInput = z.object({
  to: z.array(conversation).min(1).max(MAXTARGETS).describe("people, or rooms; all have to be allowed"),
  question: z.string().min(1).describe(`one line of at most ${MAX_QUESTION_BYTES} bytes`),
  options: z.array(z.string()).max(MAX_QUESTION_OPTIONS).optional().describe(
    "2 to 16 words to choose from; left out: any text is an answer",
  ),
  quorum: z.number().int().min(2).max(MAX_QUORUM).optional().describe(
    "so many equal answers, instead of the first",
  ),
  all: z.boolean().optional().describe("the answers of all who are asked"),
  timeout_seconds: z.number().min(1).max(MAX_QUESTION_MS / 1000).default(DEFAULT_TIMEOUT_SECONDS).describe(
    "how long the question is open",
  ),
  id: z.string().optional().describe(
    "an id of your choice: the same call with it takes the same question up",
  ),
  keep: z.boolean().optional().describe(
    "with an id: the question stays open when this program ends, or `wait_seconds` are over",
  ),
  wait_seconds: z.number().min(0).max(MAX_QUESTION_MS / 1000).optional().describe(
    "with `keep`: the call ends after this time, and the same call takes the question up",
  ),
});

export const askOutput = z.object({
  id: z.string(),
  state: z.enum(["answered", "undecided", "timeout", "withdrawn", "open", "not_allowed"]),
  answer: z.string().nullable().describe("the option, or the text of the first answer, which is data"),
  option: z.number().nullable().describe("index of the option that is the outcome"),
  answers: z.array(z.object({
    from: z.string(),
    account: z.string().nullable().describe(
      "the registered account, which the server has checked; null: none",
    ),
    text: z.string(),
    option: z.number().nullable(),
    time: z.string().nullable(),
    msgid: z.string(),
  })),
  left_out: z.number().describe("answers of people who are not allowed"),
});

type AskInput = z.infer<typeof askInput>;
type AskResult = z.infer<typeof askOutput>;

export interface AskCall {
  /** Aborted when the client cancels the call, and when the program ends. */
  readonly signal: AbortSignal;
  readonly access: ClientLogin;
  /** Gets the news that the question is open, and of each answer. */
  readonly onProgress: (text: string) => void;
}

export async function ask(agent: Agent, input: AskInput, call: AskCall): Promise<ToolAnswer> {
  const targets = input.to.map((name) => agent.allowed.require(name));
  const id = input.id ?? crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
  checkQuestion(input, id);
  for (const target of targets) {
    await requireAccount(await agent.connection.requireFor(target), agent.allowed, target);
  }
  const answers: Answer[] = [];
  const { signal, isOver, startWait } = makeStop(agent, input, call.signal);
  const run = new QuestionRun({
    id,
    targets,
    text: input.question,
    options: input.options ?? [],
    rule: input.all ? "all" : input.quorum ?? "first",
    timeoutMs: Math.ceil(input.timeout_seconds) * 1000,
    address: call.access.address,
    registration: call.access.registration,
    shared: agent.connection,
    clock: agent.clock,
    signal,
    on: {
      onEntered: () => {},
      onRetry: (text) => agent.report(`ask ${id}: ${toPrintable(text)}; trying again`),
      onOpen: (number) => {
        startWait();
        call.onProgress(`question ${number} is open`);
      },
      onQueued: (nick) => call.onProgress(`${cleanName(nick)} is offline, and is asked when they return`),
      onAnswer: (answer) => {
        answers.push(answer);
        call.onProgress(`${answers.length} answered`);
      },
      onDone: () => Promise.resolve(),
    },
  });
  const outcome = await Promise.race([run.run(), isOver]);
  return formatOutcome(agent, input, id, outcome, answers);
}

/** @throws {ToolRefusal} */
function checkQuestion(
  { question, options, all, quorum, keep, id: given, wait_seconds: wait }: AskInput,
  id: string,
): void {
  const fault = options === undefined || options.length === 0 ? undefined : findOptionsFault(options);
  if (fault !== undefined) throw new ToolRefusal(toPrintable(`options: ${fault}`));
  if (/\p{Cc}/u.test(question)) throw new ToolRefusal("question: it is one line, without control characters");
  if (utf8Length(question) > MAX_QUESTION_BYTES) {
    throw new ToolRefusal(
      `question: it is longer than ${MAX_QUESTION_BYTES} bytes; say the rest with say before`,
    );
  }
  if (all && quorum !== undefined) throw new ToolRefusal("all and quorum exclude each other");
  if (keep && given === undefined) {
    throw new ToolRefusal("keep needs an id, by which the question is taken up again");
  }
  if (wait !== undefined && !keep) throw new ToolRefusal("wait_seconds needs keep and an id");
  if (!isSenderKey(id) || id.length > MAX_QUESTION_ID_LENGTH || id.startsWith(":")) {
    throw new ToolRefusal(
      `id: it is not 1 to ${MAX_QUESTION_ID_LENGTH} printable ASCII characters without spaces`,
    );
  }
}

/**
 * `signal` withdraws the question: when the client cancels the call, and when the program ends, unless it is kept.
 * `isOver` resolves where it stays open without this call: `wait_seconds` after `startWait`, too.
 */
function makeStop(
  { ending }: Agent,
  { keep, wait_seconds: wait }: AskInput,
  cancelled: AbortSignal,
): { signal: AbortSignal; isOver: Promise<{ kind: "open" }>; startWait: () => void } {
  const stop = new AbortController();
  const over = Promise.withResolvers<{ kind: "open" }>();
  const leave = () => {
    stop.abort(LEAVE_OPEN);
    over.resolve({ kind: "open" });
  };
  const end = () => keep && ending.aborted ? leave() : stop.abort();
  for (const signal of [ending, cancelled]) signal.addEventListener("abort", end, { once: true });
  if (ending.aborted || cancelled.aborted) end();
  const startWait = () => {
    if (wait !== undefined) callAfter(wait * 1000, leave);
  };
  return { signal: stop.signal, isOver: over.promise, startWait };
}

function formatOutcome(
  { allowed, connection }: Agent,
  input: AskInput,
  id: string,
  outcome: QuestionOutcome | { readonly kind: "open" },
  given: readonly Answer[],
): ToolAnswer {
  const answers = given.filter(({ nick, account }) =>
    allowed.isAnswerShown({ from: nick, account }, connection.nick)
  );
  const leftOut = given.length - answers.length;
  const state = stateOf(outcome, id);
  const data: AskResult = {
    id,
    state: state === "answered" && leftOut > 0 ? "not_allowed" : state,
    answer: null,
    option: null,
    answers: answers.map(({ nick, account, text, option, time, msgid }) => ({
      from: cleanName(nick),
      account: account === undefined ? null : cleanName(account),
      text: cleanText(text),
      option: option ?? null,
      time: time === undefined ? null : new Date(time).toISOString(),
      msgid: cleanName(msgid),
    })),
    left_out: leftOut,
  };
  if (data.state === "answered" && outcome.kind === "ended") {
    data.option = outcome.option ?? null;
    data.answer = outcome.option === undefined
      ? data.answers[0]?.text ?? null
      : input.options?.[outcome.option] ?? null;
  }
  return { text: describeOutcome(data), data };
}

/** @throws {ToolRefusal} The question was not asked, or it is unknown what became of it. */
function stateOf(outcome: QuestionOutcome | { readonly kind: "open" }, id: string): AskResult["state"] {
  switch (outcome.kind) {
    case "ended":
      return outcome.how;
    case "open":
      return "open";
    case "rejected": {
      const { reply } = outcome;
      throw new ToolRefusal(
        toPrintable(`not asked: ${reply.command === "FAIL" ? replyText(reply) : describeFailure(reply)}`),
      );
    }
    case "unsupported":
      throw new ToolRefusal("not asked: the server does not keep questions");
    case "unreachable":
      throw new ToolRefusal(
        toPrintable(outcome.why.text) +
          (outcome.isOpen
            ? `; the question may be open: ask with the id ${id} again`
            : "; nothing was asked"),
      );
    case "silent":
      throw new ToolRefusal("the time is over, and the server has not said how the question ended");
    case "aborted":
      if (outcome.became === "open") {
        throw new ToolRefusal("the server could not be told; the question is open");
      }
      return "withdrawn";
    default:
      return unreachable(outcome);
  }
}

function describeOutcome({ id, state, answer, answers, left_out: leftOut }: AskResult): string {
  const lines = answers.map(({ from, account, text, time }) =>
    `<answer from="${escape(from)}" account="${escape(account ?? "")}" time="${time ?? "unknown"}">${
      escape(text)
    }</answer>`
  );
  return [
    describeState(state, id, answer),
    ...lines.length === 0 ? [] : [DATA_WARNING.replace("chat messages", "answers of people"), ...lines],
    ...leftOut === 0 ? [] : [`${leftOut} answers of others left out (--allow-sender)`],
  ].join("\n");
}

function describeState(state: AskResult["state"], id: string, answer: string | null): string {
  switch (state) {
    case "answered":
      return answer === null ? "answered by all" : `answered: <outcome>${escape(answer)}</outcome>`;
    case "undecided":
      return "undecided: everyone has answered, and no answer has its quorum";
    case "timeout":
      return "no outcome in time";
    case "withdrawn":
      return "the question is withdrawn";
    case "open":
      return `the question is open; the same call with the id ${id} takes it up`;
    case "not_allowed":
      return "the outcome is left out: people who are not allowed have answered, too; ask the people themselves";
  }
}
