/** What the page shows of questions, from the lines of the server. */
import { assertEquals } from "@std/assert";
import { AskedQuestions, MAX_KNOWN_QUESTIONS } from "../../../lib/client/conversation/asked_questions.ts";
import { parseMessage } from "../../../lib/irc/message.ts";
import { describeOutcome, PageQuestions } from "../../../lib/page/model/page_questions.ts";
import { pureTest } from "../../support/test.ts";

class Asked {
  readonly asked = new AskedQuestions();
  readonly questions = new PageQuestions(this.asked);

  receive(...lines: string[]): void {
    for (const line of lines) this.questions.receive(parseMessage(`:irc.test ASK ${line}`)!);
  }

  list(...lines: string[]): void {
    const all = lines.map((line) => parseMessage(`:irc.test ${line}`)!);
    this.questions.receiveList(all, this.asked.numbers);
  }

  /** By msgid: what is said of each question. */
  get outcomes(): Record<string, string> {
    return Object.fromEntries(
      Array.from(this.questions.states, ([id, state]) => [id, describeOutcome(state!)]),
    );
  }
}

const question = (number: number) => `QUESTION ${number} id${number} bob alice 600000 yes,no :deploy?`;

pureTest("page: a question waits, is answered, and ends", () => {
  const page = new Asked();
  page.receive(question(1), question(2), question(3), question(4));
  assertEquals(page.outcomes, { id1: "", id2: "", id3: "", id4: "" });
  page.asked.noteAnswer(1, "yes");
  page.asked.noteAnswer(2, "no");
  assertEquals(page.outcomes.id1, "Sending your answer: yes");
  page.receive(
    "ANSWERED 1 :yes",
    "ENDED 2 answered :is answered: yes (carol)",
    "ENDED 3 timeout :has timed out",
  );
  const ended = {
    id2: "Your answer (no) came too late: this question is answered: yes (carol).",
    id3: "This question has timed out.",
  };
  assertEquals(page.outcomes, { ...ended, id1: "Your answer: yes", id4: "" });
  page.receive("ENDED 1 answered :is answered: yes (alice)", "ENDED 99 timeout :has timed out");
  assertEquals(page.outcomes, {
    ...ended,
    id1: "Your answer: yes. This question is answered: yes (alice).",
    id4: "",
  });
});

pureTest("page: a list has what is open, and of what it leaves out the end was missed", () => {
  const page = new Asked();
  page.receive(question(1), question(2));
  page.list("FAIL ASK NEED_CAPABILITY :Request it first");
  assertEquals(page.outcomes, { id1: "", id2: "" });
  page.list(`ASK ${question(2)}`, "ASK ANSWERED 2 :no", `ASK ${question(3)}`, "ASK LIST *");
  assertEquals(page.outcomes, {
    id1: "This question has ended.",
    id2: "Your answer: no",
    id3: "",
  });
});

pureTest("page: of questions that have ended the newest are shown", () => {
  const page = new Asked();
  for (let number = 1; number <= MAX_KNOWN_QUESTIONS + 2; number++) {
    page.receive(question(number), `ENDED ${number} withdrawn :is withdrawn`);
  }
  assertEquals(Object.keys(page.outcomes).length, MAX_KNOWN_QUESTIONS);
  assertEquals(page.outcomes.id2, undefined);
});
