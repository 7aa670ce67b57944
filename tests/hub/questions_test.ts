/** Questions at the server: what outlives it, what is told when it is on disk, how long and how many are kept. */
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import type { SavedFact } from "../../lib/log/fact.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import type { Question } from "../../lib/hub/model/question.ts";
import { FactBuffer } from "../../lib/hub/log/facts.ts";
import {
  MAX_ENDED_QUESTIONS,
  MAX_ENDED_QUESTIONS_PER_OWNER,
  MAX_QUESTION_ANSWERS,
  MAX_QUESTIONS,
  MAX_QUESTIONS_PER_OWNER,
  MAX_QUESTIONS_PER_SITE,
  QUESTION_RETENTION_MS,
  Questions,
} from "../../lib/hub/services/questions.ts";
import { MAX_LISTED_QUESTIONS } from "../../lib/hub/verbs/messaging/ask/ask.ts";
import { MAX_ASKED_PEOPLE } from "../../lib/hub/verbs/messaging/ask/question_opening.ts";
import {
  MAX_OPTION_BYTES,
  MAX_QUESTION_BYTES,
  MAX_QUESTION_ID_LENGTH,
  MAX_QUESTION_MS,
  MAX_QUESTION_OPTIONS,
  MAX_QUORUM,
} from "../../lib/irc/question.ts";
import { ASK_CAPABILITY, RECEIPTS } from "../../lib/irc/vendor_extensions.ts";
import { MAXTARGETS } from "../../lib/irc/limits.ts";
import { START, TestHub } from "../support/hub.ts";
import { account, login } from "../support/hub_accounts.ts";
import { logInByToken, makeToken } from "../support/hub_tokens.ts";
import { pureTest } from "../support/test.ts";

const STRANGER = "203.0.113.7";
const CAPS = [ASK_CAPABILITY, "message-tags"];
const YES_NO = "1800 first yes,no :deploy?";

/** What `session` is told when it says `lines`. */
function says(chat: TestHub, session: Session, ...lines: string[]): string[] {
  chat.heard(session);
  chat.say(session, ...lines);
  return chat.heard(session);
}

/** The words behind `ASK` of the lines that begin with `word`. */
function told(lines: readonly string[], word: string): string[] {
  return lines.flatMap((line) => /^(?:@\S+ )?:irc\.test ASK (.*)$/.exec(line)?.[1] ?? []).filter((words) =>
    words.startsWith(word)
  );
}

/** A hub on the log and the facts of `chat`, as the next server starts on what is on disk. */
function restarted(chat: TestHub, facts: readonly SavedFact[] = chat.takeFacts()): TestHub {
  return new TestHub({}, chat.log, facts, chat.now);
}

function openQuestions({ hub }: TestHub): Question[] {
  return hub.services.questions.open().toArray();
}

pureTest("question: it outlives the server, and its answer, and is taken up by its id", () => {
  const chat = new TestHub();
  const [alice, bob] = [login(chat, "alice", undefined, { caps: CAPS }), login(chat, "bob")];
  says(chat, alice, `ASK OPEN d1 bob,carol ${YES_NO}`);
  assertEquals(openQuestions(chat), [], "carol is not there");
  account(chat, "carol");
  assertEquals(told(says(chat, alice, "ASK OPEN d1 bob,carol 1800 2 yes,no :deploy?"), "OPEN"), [
    "OPEN d1 1 1800000",
  ]);
  chat.say(bob, "PRIVMSG alice :yes");
  const next = restarted(chat);
  assertEquals(next.serverEvents.filter(({ kind }) => kind.startsWith("fact")), []);
  next.now += 1000;
  const carol = login(next, "carol");
  next.say(carol, "PRIVMSG alice :yes");
  assertMatch(next.heard(carol).join(), /Your answer to question 1 \(deploy\?\) of alice counts: yes/);
  const again = says(
    next,
    login(next, "alice", undefined, { caps: CAPS }),
    "ASK OPEN d1 bob,carol 1800 2 yes,no :deploy?",
  );
  assertEquals(told(again, "OPEN"), ["OPEN d1 1 0"]);
  assertEquals(told(again, "ANSWER").map((line) => line.split(" ").slice(2, 4).join(" ")), [
    "1 bob",
    "2 carol",
  ]);
  assertEquals(told(again, "END"), ["END d1 answered 1 2 :is answered: yes (bob, carol)"]);
});

pureTest("question: asker and answerer are told when it is on disk, and not before", () => {
  const chat = new TestHub();
  const [alice, bob] = [login(chat, "alice", undefined, { caps: CAPS }), login(chat, "bob")];
  chat.holdsDurable = true;
  assertEquals(told(says(chat, alice, `ASK OPEN d1 bob ${YES_NO}`), "OPEN"), []);
  chat.holdsDurable = false;
  chat.deliver();
  assertEquals(told(chat.heard(alice), "OPEN"), ["OPEN d1 1 1800000"]);
  chat.holdsDurable = true;
  chat.heard(bob);
  assertEquals(says(chat, bob, "PRIVMSG alice :yes"), []);
  assertEquals(told(chat.heard(alice), "ANSWER"), []);
  chat.hub.close(bob, "killed", chat.now, true);
  chat.holdsDurable = false;
  chat.deliver();
  assertEquals(told(chat.heard(alice), "ANSWER").length, 1, "though bob is gone");
});

pureTest(
  "question: the end is told behind all answers, and what is not on disk is not told to one that takes it up",
  () => {
    const chat = new TestHub();
    const alice = login(chat, "alice", undefined, { caps: CAPS });
    const people = ["bob", "carol", "dave"].map((name) => login(chat, name));
    const open = "ASK OPEN d1 bob,carol,dave 1800 all yes,no :deploy?";
    says(chat, alice, open);
    chat.holdsDurable = true;
    chat.say(alice, open);
    for (const person of people) chat.say(person, "PRIVMSG alice :yes");
    assertEquals(told(chat.heard(alice), ""), []);
    chat.holdsDurable = false;
    chat.deliver();
    const words = told(chat.heard(alice), "").map((line) => line.split(" ").slice(0, 3).join(" "));
    assertEquals(words, ["OPEN d1 1", "ANSWER d1 1", "ANSWER d1 2", "ANSWER d1 3", "END d1 answered"]);
  },
);

pureTest("question: one that cannot be saved is withdrawn, and the asker is told", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice", undefined, { caps: CAPS });
  login(chat, "bob");
  chat.trouble = "no space left on device";
  const lines = says(chat, alice, `ASK OPEN d1 bob ${YES_NO}`);
  assertMatch(lines.join(), /FAIL ASK TEMPORARILY_UNAVAILABLE d1 :/);
  assertEquals(openQuestions(chat), []);
});

pureTest("question: after a crash between its message and its fact the message is not sent again", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice", undefined, { caps: CAPS });
  login(chat, "bob");
  const before = chat.takeFacts();
  says(chat, alice, `ASK OPEN d1 bob ${YES_NO}`);
  const next = restarted(chat, before);
  const [asker, bob] = [login(next, "alice", undefined, { caps: CAPS }), login(next, "bob")];
  assertEquals(told(says(next, asker, `ASK OPEN d1 bob ${YES_NO}`), "OPEN"), ["OPEN d1 1 1800000"]);
  assertEquals(next.heard(bob), [], "bob has it in the history");
  // Another question has the number by now: then it is asked again, under a new one.
  const third = restarted(chat, before);
  const [second, reader] = [login(third, "alice", undefined, { caps: CAPS }), login(third, "bob")];
  says(third, second, `ASK OPEN other bob ${YES_NO}`);
  third.heard(reader);
  assertEquals(told(says(third, second, `ASK OPEN d1 bob ${YES_NO}`), "OPEN"), ["OPEN d1 2 1800000"]);
  assertMatch(third.heard(reader).join(), /question 2: answer yes or no/);
});

pureTest(
  "question: what was answered before the asker came back after such a crash counts, the first of each",
  () => {
    const chat = new TestHub();
    const alice = login(chat, "alice", undefined, { caps: CAPS });
    const members = ["bob", "carol", "dave"].map((name) => login(chat, name));
    for (const each of [alice, ...members]) chat.say(each, "JOIN #ops");
    const before = chat.takeFacts();
    const open = "ASK OPEN d1 #ops,bob 1800 all yes,no :deploy?";
    says(chat, alice, open);
    const next = restarted(chat, before);
    const people = ["bob", "carol", "dave"].map((name) => login(next, name));
    for (const each of people) next.say(each, "JOIN #ops");
    next.say(people[0]!, "PRIVMSG alice :no");
    next.say(people[1]!, "PRIVMSG #ops :1 yes");
    next.say(people[2]!, "PRIVMSG #ops :yes, soon"); // names no question
    next.say(people[0]!, "PRIVMSG alice :yes");
    const asker = login(next, "alice", undefined, { caps: CAPS });
    next.say(asker, "JOIN #ops");
    const lines = says(next, asker, open);
    assertEquals(told(lines, "ANSWER").map((line) => line.replace(/^(\S+ \S+ \S+ \S+) .* :/, "$1 ")), [
      "ANSWER d1 1 bob no",
      "ANSWER d1 2 carol yes",
    ]);
    assertMatch(
      next.heard(people[0]!).join("\n"),
      /You have answered .*: no\. The first answer[^]* counts: no/,
    );
    assertEquals(openQuestions(next).length, 1, "dave has not answered");
  },
);

pureTest(
  "question: an answer that is sent again by its sender id counts once, and is confirmed again",
  () => {
    const chat = new TestHub();
    const alice = login(chat, "alice", undefined, { caps: CAPS });
    const bob = login(chat, "bob", undefined, { caps: [RECEIPTS, "message-tags", "echo-message"] });
    says(chat, alice, `ASK OPEN d1 bob ${YES_NO}`);
    const before = chat.takeFacts();
    const line = "@chatterbox.chat/id=a1 PRIVMSG alice :yes";
    assertMatch(says(chat, bob, line).join(), / counts: yes/);
    assertMatch(says(chat, bob, line).join(), / counts: yes/);
    assertEquals(told(chat.heard(alice), "ANSWER").length, 1);
    // The server has the message, and ended before it had saved that it answers.
    const next = restarted(chat, before);
    const again = login(next, "bob", undefined, { caps: [RECEIPTS, "message-tags", "echo-message"] });
    assertMatch(says(next, again, line).join(), / counts: yes/);
    assertEquals(openQuestions(next), []);
  },
);

pureTest("question: a later user of the name is another person", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice", undefined, { caps: CAPS });
  const guest = chat.enter("bob");
  says(chat, alice, `ASK OPEN d1 bob ${YES_NO}`);
  chat.hub.close(guest, "gone", chat.now);
  const other = chat.enter("bob");
  chat.say(other, "PRIVMSG alice :yes", "PRIVMSG alice :1 yes");
  assertEquals(told(chat.heard(alice), "ANSWER"), []);
});

pureTest("question: an end that was not told is told by the next server, once", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice", undefined, { caps: CAPS });
  login(chat, "bob");
  says(chat, alice, `ASK OPEN d1 bob 60 first yes,no :deploy?`);
  const facts = chat.takeFacts();
  chat.now += 60_000;
  const next = restarted(chat, facts);
  const bob = login(next, "bob", undefined, { caps: CAPS });
  next.advance(1000);
  const lines = next.heard(bob);
  assertEquals(told(lines, "ENDED"), ["ENDED 1 timeout :has timed out"]);
  assertEquals(
    lines.filter((line) => line.includes("NOTICE bob :question 1 (deploy?) has timed out")).length,
    1,
  );
  // The message is in the log, and the fact that it was sent is lost.
  const unsaved = next.takeFacts().map((fact) =>
    fact.kind === "question"
      ? { ...fact, value: fact.value!.replace('"isTold":true', '"isTold":false') }
      : fact
  );
  const third = restarted(next, [...facts.filter(({ kind }) => kind !== "question"), ...unsaved]);
  third.deliver();
  const count = third.log.nextSeq - next.log.oldestSeq;
  const notices = Array.from({ length: count }, (_, at) => third.hub.services.history.message(at + 1))
    .filter((message) => message?.event.text.includes("has timed out"));
  assertEquals(notices.length, 1);
});

pureTest("question: it follows a room that is renamed", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice", undefined, { caps: CAPS });
  const bob = login(chat, "bob");
  chat.say(alice, "JOIN #ops");
  chat.say(bob, "JOIN #ops");
  says(chat, alice, `ASK OPEN d1 #ops ${YES_NO}`);
  const facts = chat.takeFacts();
  chat.say(alice, "RENAME #ops #work");
  chat.say(bob, "PRIVMSG #work :1 yes");
  assertEquals(told(chat.heard(alice), "ANSWER").length, 1);
  assertEquals(openQuestions(restarted(chat, facts))[0]?.targets[0]?.name, "#work");
});

pureTest("question: a session of a token cannot ask, and can answer", async () => {
  const chat = new TestHub({ random: (count) => crypto.getRandomValues(new Uint8Array(count)) });
  const alice = login(chat, "alice", undefined, { caps: CAPS });
  const bob = login(chat, "bob");
  says(chat, alice, `ASK OPEN d1 bob ${YES_NO}`);
  const { secret } = await makeToken(chat, bob, "90 send:*");
  const script = logInByToken(chat, secret);
  chat.say(script, "CAP REQ :" + ASK_CAPABILITY, "NICK bob", "USER bob 0 * :bob", "CAP END");
  assertMatch(says(chat, script, `ASK OPEN x alice ${YES_NO}`).join(), /FAIL ASK TOKEN_LOGIN/);
  chat.say(script, "PRIVMSG alice :yes");
  assertEquals(told(chat.heard(alice), "ANSWER").length, 1);
});

pureTest(
  "question: ended ones are kept for a day, and dropped at the bounds, those first that their asker knows",
  () => {
    const questions = new Questions(new FactBuffer());
    const end = { how: "answered", option: 0, at: START, isAcknowledged: false } as const;
    const add = (number: number, owner = "o") => {
      const question = makeQuestion(number, owner);
      questions.add(question, 1);
      return question;
    };
    for (let number = 1; number <= MAX_ENDED_QUESTIONS_PER_OWNER; number++) {
      questions.end(add(number), end, 1);
    }
    questions.mark(questions.get(3)!, { isAcknowledged: true }, 1);
    questions.end(add(1000), end, 1);
    assertEquals([questions.get(3), questions.get(1)?.number], [undefined, 1]);
    questions.end(add(1001), end, 1);
    assertEquals(questions.get(1), undefined, "then the oldest");
    for (let number = 2000; number < 2000 + MAX_ENDED_QUESTIONS; number++) {
      questions.end(add(number, `o${number}`), end, 1);
    }
    const kept = Array.from({ length: 5000 }, (_, number) => questions.get(number)).filter((each) => each);
    assertEquals(kept.length, MAX_ENDED_QUESTIONS);
    assertEquals(questions.expire(START + QUESTION_RETENTION_MS - 1), []);
    assertEquals(questions.isEmpty, false);
    questions.expire(START + QUESTION_RETENTION_MS);
    assertEquals(questions.isEmpty, true);
  },
);

pureTest("question: an owner, an address and the server have so many that are open", () => {
  const chat = new TestHub();
  const ask = (session: Session, nth: number) => says(chat, session, `ASK OPEN q${nth} bob ${YES_NO}`).join();
  chat.enter("bob");
  const alice = login(chat, "alice", undefined, { caps: CAPS });
  for (let nth = 0; nth < MAX_QUESTIONS_PER_OWNER; nth++) assertMatch(ask(alice, nth), /ASK OPEN/);
  assertMatch(ask(alice, 99), /FAIL ASK TOO_MANY q99 :You have 20 open questions; withdraw one/);
  let left = MAX_QUESTIONS_PER_SITE;
  for (let nth = 0; left > 0; nth++) {
    const session = login(chat, `user${nth}`, undefined, { caps: CAPS, host: STRANGER });
    for (let count = 0; count < MAX_QUESTIONS_PER_OWNER && left > 0; count++, left--) {
      assertMatch(ask(session, count), /ASK OPEN/);
    }
  }
  const late = login(chat, "late", undefined, { caps: CAPS, host: STRANGER });
  assertMatch(ask(late, 1), /FAIL ASK TOO_MANY q1 :Your address has 50 open questions/);
  const { questions } = chat.hub.services;
  for (let number = 1000; questions.openCount < MAX_QUESTIONS; number++) {
    questions.add(makeQuestion(number, `o${number}`), 1);
  }
  assertMatch(
    ask(login(chat, "carol", undefined, { caps: CAPS }), 1),
    /TOO_MANY q1 :This server has reached/,
  );
});

pureTest("question: so many targets, people, answers, bytes, and time", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice", undefined, { caps: CAPS });
  const refusal = (words: string) =>
    /FAIL ASK (\S+)/.exec(says(chat, alice, `ASK OPEN q ${words}`).join())?.[1];
  const people = Array.from({ length: MAX_ASKED_PEOPLE + 1 }, (_, nth) => chat.enter(`p${nth}`));
  chat.say(alice, "JOIN #ops");
  for (const person of people) chat.say(person, "JOIN #ops");
  assertEquals(refusal("#ops 60 all yes,no :?"), "TOO_MANY");
  const names = Array.from({ length: MAXTARGETS + 1 }, (_, nth) => `p${nth}`).join();
  assertEquals(refusal(`${names} 60 first yes,no :?`), "TOO_MANY");
  assertEquals(refusal(`p0 ${MAX_QUESTION_MS / 1000 + 1} first yes,no :?`), "INVALID_DURATION");
  assertEquals(refusal(`p0 60 ${MAX_QUORUM + 1} yes,no :?`), "INVALID_RULE");
  assertEquals(refusal(`p0 60 first yes,no :${"x".repeat(MAX_QUESTION_BYTES + 1)}`), "INVALID_TEXT");
  const words = (count: number, length: number) =>
    Array.from({ length: count }, (_, nth) => String(nth).padEnd(length, "x")).join();
  assertEquals(refusal(`p0 60 first ${words(MAX_QUESTION_OPTIONS + 1, 2)} :?`), "INVALID_OPTIONS");
  assertEquals(refusal(`p0 60 first ${words(2, MAX_OPTION_BYTES + 1)} :?`), "INVALID_OPTIONS");
  const long = words(MAX_QUESTION_OPTIONS, MAX_OPTION_BYTES);
  assertEquals(refusal(`p0 60 first ${long} :${"x".repeat(60)}`), "INVALID_TEXT", "too long for a line");
  assertEquals(refusal(`p0 60 first * :${"x".repeat(MAX_QUESTION_BYTES)}`), undefined);
  const id = "i".repeat(MAX_QUESTION_ID_LENGTH);
  assertMatch(says(chat, alice, `ASK OPEN ${id}i p0 60 first * :?`).join(), /FAIL ASK INVALID_ID/);
  assertMatch(says(chat, alice, `ASK OPEN ${id} #ops 60 ${MAX_QUORUM} * :which?`).join(), /ASK OPEN/);
  for (const [nth, person] of people.entries()) chat.say(person, `PRIVMSG #ops :2 answer${nth}`);
  assertEquals(told(chat.heard(alice), `ANSWER ${id}`).length, MAX_QUESTION_ANSWERS);
  assertMatch(chat.heard(people.at(-1)!).join(), /Not counted: question 2 has 50 answers, and takes no more/);
});

pureTest("question: LIST shows so many, the newest", () => {
  const chat = new TestHub();
  const bob = login(chat, "bob", undefined, { caps: CAPS });
  for (let number = 1; number <= MAX_LISTED_QUESTIONS + 5; number++) {
    const targets = [{ kind: "person", name: "bob", owner: "owner-bob", seq: number }] as const;
    chat.hub.services.questions.add({ ...makeQuestion(number, "o"), targets, people: ["owner-bob"] }, 1);
  }
  const lines = told(says(chat, bob, "ASK LIST"), "QUESTION");
  assertEquals([lines.length, lines[0]?.split(" ")[1]], [MAX_LISTED_QUESTIONS, "6"]);
});

pureTest("question: a fact that is not valid is refused", () => {
  const { number: _, ...value } = makeQuestion(1, "o");
  const end = { how: "answered", option: 0, at: START, isTold: true, isAcknowledged: false };
  const answer = { owner: "p", nick: "p", account: "", text: "yes", option: 0, time: START, seq: 2 };
  const restore = (key: string, changed: object) =>
    new Questions(new FactBuffer()).restore(key, JSON.parse(JSON.stringify({ ...value, ...changed })));
  restore("1", { end, answers: [answer] });
  for (
    const [key, changed] of [
      ["x", {}],
      ["1", { rule: "most" }],
      ["1", { options: "yes" }],
      ["1", { options: [1] }],
      ["1", { targets: [{ kind: "planet", name: "x", owner: "", seq: 1 }] }],
      ["1", { people: "bob" }],
      ["1", { until: -1 }],
      ["1", { answers: [{ ...answer, time: "now" }] }],
      ["1", { end: { ...end, how: "somehow" } }],
    ] as const
  ) assertThrows(() => restore(key, changed), Error);
});

function makeQuestion(number: number, owner: string): Question {
  return {
    number,
    id: `q${number}`,
    owner,
    source: "alice!~alice@localhost",
    site: "192.0.2.1",
    text: "?",
    options: ["yes", "no"],
    rule: "first",
    targets: [{ kind: "person", name: "bob", owner: "p", seq: number }],
    people: ["p"],
    until: START + 60_000,
    answers: [],
    end: undefined,
  };
}
