/** Questions that a person at `join` is asked, and `/answer`. */
import { assertEquals } from "@std/assert";
import {
  listAnswerWords,
  questionsOf,
  requestQuestions,
} from "../../lib/client/commands/messages/question_commands.ts";
import { AskedQuestions, MAX_KNOWN_QUESTIONS } from "../../lib/client/conversation/asked_questions.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { complete } from "../../lib/tui/completion.ts";
import { ScriptedChat } from "../support/chat/scripted_chat.ts";
import { pureTest } from "../support/test.ts";

const CAPS = ["message-tags", "echo-message", "labeled-response", "chatterbox.chat/receipts"];
const DEPLOY = ":s ASK QUESTION 17 q17 bob alice 60000 yes,no :deploy?";
const ROOM = ":s ASK QUESTION 18 q18 bob #lobby 60000 2,1 :how many?";
const TEXT = ":s ASK QUESTION 19 q19 bob alice 60000 * :which version?";

/** A chat that was sent `lines`, and what it says to the person. */
function asked(...lines: string[]): { chat: ScriptedChat; notes: (string | undefined)[] } {
  const chat = new ScriptedChat(CAPS);
  const notes = lines.map((line) => questionsOf(chat.chat).receive(parseMessage(line)!));
  return { chat, notes };
}

/** What is sent when the person types `line`. */
function sent(chat: ScriptedChat, line: string): string[] {
  chat.type(line);
  chat.takeShown();
  return chat.takeSent();
}

/** What the person is told when they type `line`. */
function told(chat: ScriptedChat, line: string): string {
  chat.type(line);
  return chat.takeShown().join("\n");
}

pureTest("asked questions: the person is shown who asks, what, and the choices", () => {
  assertEquals(asked(DEPLOY, ROOM, TEXT).notes, [
    "bob asks: deploy? 1 yes, 2 no (/answer NUMBER)",
    "bob asks: how many? 1 2, 2 1 (/answer 18 NUMBER)",
    "bob asks: which version? (/answer 19 TEXT)",
  ]);
  assertEquals(asked(DEPLOY, DEPLOY).notes[1], undefined, "once");
});

pureTest("/answer: by number or word, as a reply to the question, where it was asked", () => {
  const answer = ["@+draft/reply=q17 PRIVMSG bob yes"];
  assertEquals(sent(asked(DEPLOY).chat, "/answer 1"), answer);
  assertEquals(sent(asked(DEPLOY).chat, "/answer YES"), answer);
  assertEquals(sent(asked(DEPLOY, ROOM).chat, "/answer 17 1"), answer);
  // A word that is an option is that option, whatever it is the number of.
  assertEquals(sent(asked(ROOM).chat, "/answer 2"), ["@+draft/reply=q18 PRIVMSG #lobby 2"]);
  assertEquals(sent(asked(TEXT).chat, "/answer 1.4, I think"), [
    "@+draft/reply=q19 PRIVMSG bob :1.4, I think",
  ]);
});

pureTest("/answer: what is no answer is refused here, and nothing is sent", () => {
  const { chat } = asked(DEPLOY, ROOM);
  assertEquals(sent(chat, "/answer 1"), []);
  assertEquals(
    told(chat, "/answer 1").trim().replace(/^.*!!! /, ""),
    "2 questions are open (/answer lists them): /answer 17 yes or /answer 18 1",
  );
  assertEquals(
    told(chat, "/answer 17 maybe").replace(/^.*!!! /, ""),
    "maybe is no answer to question 17: yes or no",
  );
  assertEquals(told(chat, "/answer 17 3").replace(/^.*!!! /, ""), "3 is no answer to question 17: yes or no");
  assertEquals(
    told(new ScriptedChat(), "/answer yes").replace(/^.*!!! /, ""),
    "no question waits for your answer",
  );
  assertEquals(chat.takeSent(), []);
  sent(chat, "/answer 17 yes");
  assertEquals(
    told(chat, "/answer 17 no").replace(/^.*!!! /, ""),
    "you have answered question 17: yes; the first answer counts",
  );
  assertEquals(chat.takeSent(), []);
});

pureTest("/answer: what it answers is read, unless something else of the conversation is not", () => {
  const { chat } = asked(DEPLOY);
  const say = (ms: number, text: string) =>
    chat.receive(`@time=1970-01-01T00:00:00.0${ms}Z;msgid=q${ms} :bob!b@h PRIVMSG alice :${text}`);
  const unread = () => chat.chat.views.find("bob")?.unreadCount;
  say(17, "deploy? (question 17)");
  assertEquals(unread(), 1);
  sent(chat, "/answer yes");
  assertEquals(unread(), 0);
  questionsOf(chat.chat).receive(parseMessage(DEPLOY.replaceAll("17", "18"))!);
  say(18, "deploy? (question 18)");
  say(19, "tea?");
  sent(chat, "/answer 18 yes");
  assertEquals(unread(), 2);
});

pureTest("/answer: of several open questions the only one that has the option is meant", () => {
  const OTHER = ":s ASK QUESTION 3 q3 carol alice 60000 no,later,never :reboot?";
  const refused = (chat: ScriptedChat, line: string) => told(chat, line).replace(/^.*!!! /, "");
  const no = ["@+draft/reply=q17 PRIVMSG bob no"];
  assertEquals(sent(asked(DEPLOY, ROOM).chat, "/answer No"), no);
  assertEquals(sent(asked(DEPLOY, ROOM, TEXT).chat, "/answer no"), no, "a text is no option");
  assertEquals(sent(asked(OTHER, DEPLOY).chat, "/answer NEVER"), ["@+draft/reply=q3 PRIVMSG carol never"]);
  const { chat } = asked(OTHER, DEPLOY, TEXT);
  const several = "3 questions are open (/answer lists them)";
  assertEquals(
    refused(chat, "/answer no"),
    `${several}: /answer 3 no or /answer 17 no or /answer 19 no`,
  );
  // A number may be that of an option, that of a question, or a text: what fits several is no answer.
  assertEquals(refused(chat, "/answer 3"), "type the answer, too: /answer 3 no, later or never");
  assertEquals(refused(chat, "/answer 19"), "type the answer, too: /answer 19 TEXT");
  assertEquals(refused(chat, "/answer 2"), `${several}: /answer 3 later or /answer 17 no or /answer 19 2`);
  assertEquals(refused(chat, "/answer 1.4"), `${several}: /answer 19 1.4`);
  assertEquals(
    refused(asked(OTHER, DEPLOY).chat, "/answer maybe"),
    "maybe is no choice of the 2 open questions (/answer lists them)",
  );
  assertEquals(chat.takeSent(), []);
});

pureTest("/answer: one that has ended, or is answered elsewhere, is open no more", () => {
  const { chat } = asked(DEPLOY, ROOM, ":s ASK ENDED 18 withdrawn :is withdrawn");
  assertEquals(questionsOf(chat.chat).open.map(({ number }) => number), [17]);
  questionsOf(chat.chat).receive(parseMessage(":s ASK ANSWERED 17 :yes")!);
  assertEquals(questionsOf(chat.chat).open, []);
  assertEquals(told(chat, "/answer").replace(/^.*--- /, ""), "no question waits for your answer");
});

pureTest(
  "asked questions: after a loss the list tells what is open, and an answer without a confirmation is sent again",
  () => {
    const { chat } = asked(DEPLOY, ROOM, TEXT);
    sent(chat, "/answer 17 no");
    chat.answers["ASK LIST"] = [
      DEPLOY,
      ROOM,
      ":s ASK ANSWERED 18 :2",
      ":s ASK QUESTION 20 q20 carol alice 9 * :why?",
    ];
    requestQuestions(chat.chat, 0);
    chat.type("");
    assertEquals(chat.takeSent(), ["ASK LIST", "@+draft/reply=q17 PRIVMSG bob no"]);
    assertEquals(
      chat.takeShown().map((line) => line.replace(/^.*--- /, "")).filter((line) => line.includes("asks")),
      [
        "carol asks: why? (/answer TEXT)",
      ],
    );
    assertEquals(questionsOf(chat.chat).open.map(({ number }) => number), [20], "19 has ended");
  },
);

pureTest("asked questions: one that comes while the list is on its way stays", () => {
  const { chat } = asked(DEPLOY);
  const questions = questionsOf(chat.chat);
  const { numbers } = questions;
  questions.receive(parseMessage(ROOM)!);
  assertEquals(questions.receiveList([parseMessage(":s ASK LIST *")!], numbers), []);
  assertEquals(questions.open.map(({ number }) => number), [18]);
});

pureTest("asked questions: a number that stands for another question is that one", () => {
  const { chat } = asked(DEPLOY);
  sent(chat, "/answer yes");
  questionsOf(chat.chat).receive(parseMessage(DEPLOY.replace("q17", "q99"))!);
  assertEquals(sent(chat, "/answer yes"), ["@+draft/reply=q99 PRIVMSG bob yes"]);
});

pureTest("asked questions: so many are known", () => {
  const questions = new AskedQuestions();
  for (let number = 1; number <= MAX_KNOWN_QUESTIONS + 1; number++) {
    questions.receive(parseMessage(`:s ASK QUESTION ${number} q${number} bob alice 1 * :?`)!);
  }
  assertEquals(questions.open.length, MAX_KNOWN_QUESTIONS);
});

pureTest("/answer: Tab completes the options, and numbers where there are several questions", () => {
  const known = (chat: ScriptedChat) => ({ names: [], channels: [], answers: listAnswerWords(chat.chat) });
  const one = known(asked(DEPLOY).chat);
  assertEquals(complete({ text: "/answer y", cursor: 9 }, one), {
    kind: "line",
    line: { text: "/answer yes ", cursor: 12 },
  });
  assertEquals(complete({ text: "/answer ", cursor: 8 }, known(asked(DEPLOY, TEXT).chat)), {
    kind: "choices",
    choices: ["17", "19", "yes", "no"],
  });
});
