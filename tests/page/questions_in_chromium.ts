/** Questions that wait for answers (docs/protocol/ask.md), in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
import type { Locator, Page } from "playwright-core";
import { assertEquals } from "@std/assert";
import { comesTrue } from "../support/guard.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { checkAccess, pageTest, say } from "./chat_pages.ts";
import type { ChatPages } from "./chat_pages.ts";

/** A client that asks questions. */
async function asker(chat: ChatPages, nick: string): Promise<SocketClient> {
  const client = await chat.client(nick);
  for (const line of ["CAP REQ :message-tags chatterbox.chat/ask", "CAP END"]) await client.send(line);
  await client.barrier();
  return client;
}

/** The message of a question. */
function questionOf(page: Page, text: string): Locator {
  return page.locator("article", { hasText: `${text} (question` });
}

function buttonsOf(question: Locator): Promise<string[]> {
  return question.getByRole("group", { name: /^Answers to question/ }).getByRole("button").allInnerTexts();
}

async function openDirect(page: Page, name: string): Promise<void> {
  await page.locator(".sidebar .item", { hasText: name }).click();
  await page.getByRole("heading", { name, exact: true }).waitFor();
}

pageTest("a question has a button for each option, and the outcome in their place", async (chat) => {
  const alice = await chat.enter("alice");
  const bob = await asker(chat, "bob");
  await bob.send("ASK OPEN one alice 600 first yes,no,later :deploy 4711?");
  await bob.send("ASK OPEN two alice 600 first red,green :which light?");
  await openDirect(alice, "bob");
  const [deploy, light] = [questionOf(alice, "deploy 4711?"), questionOf(alice, "which light?")];
  await deploy.getByRole("button", { name: "later" }).waitFor();
  await light.getByRole("button", { name: "green" }).waitFor();
  assertEquals(await buttonsOf(deploy), ["yes", "no", "later"]);
  assertEquals(await buttonsOf(light), ["red", "green"]);
  await checkAccess(alice, "questions");

  await light.getByRole("button", { name: "green" }).focus();
  await alice.keyboard.press("Enter");
  await light.getByRole("status").getByText("Your answer: green. This question is answered: green (alice).")
    .waitFor();
  assertEquals(await buttonsOf(light), []);
  assertEquals(await buttonsOf(deploy), ["yes", "no", "later"], "the other question waits");
  const focused = () => alice.evaluate("document.activeElement.closest('article') !== null");
  await comesTrue("the message has the focus of its button", async () => await focused() === true);
  assertEquals(await bob.until((line) => /ASK ANSWER two 1 alice .* 2 :green$/.test(line)), true);

  await bob.send("ASK WITHDRAW one");
  await deploy.getByRole("status").getByText("This question is withdrawn.").waitFor();
  assertEquals(await buttonsOf(deploy), []);
  await checkAccess(alice, "ended questions");
});

pageTest("open questions have their buttons after a reload, and what was answered is told", async (chat) => {
  const alice = await chat.enter("alice");
  const bob = await asker(chat, "bob");
  for (const line of ["JOIN #lobby", "ASK OPEN vote #lobby 600 2 yes,no :shall we?"]) await bob.send(line);
  await bob.send("ASK OPEN text #lobby 600 first * :how long?");
  await questionOf(alice, "shall we?").getByRole("button", { name: "yes" }).click();
  await questionOf(alice, "shall we?").getByText("Your answer: yes").waitFor();
  await bob.send("ASK OPEN next #lobby 600 first a,b :a or b?");
  await alice.reload();
  const next = questionOf(alice, "a or b?");
  await next.getByRole("button", { name: "b", exact: true }).waitFor();
  await questionOf(alice, "shall we?").getByText("Your answer: yes").waitFor();
  assertEquals(await buttonsOf(questionOf(alice, "shall we?")), []);

  await questionOf(alice, "how long?").getByRole("button", { name: "Answer" }).click();
  await say(alice, "an hour");
  await questionOf(alice, "how long?").getByText("Your answer: an hour.").waitFor();

  await chat.kill();
  await next.getByText("Answers need the connection.").waitFor();
  assertEquals(await next.getByRole("button", { name: "b", exact: true }).isDisabled(), true);
  await chat.restart();
  await alice.locator(".connection-live").waitFor({ state: "attached" });
  await next.getByRole("button", { name: "b", exact: true }).click();
  await next.getByText("Your answer: b. This question is answered: b (alice).").waitFor();
});

pageTest(
  "an answer after the end is told to be late, and one that is refused can be given again",
  async (chat) => {
    const alice = await chat.enter("alice");
    const bob = await asker(chat, "bob");
    const carol = await chat.client("carol");
    for (const line of ["JOIN #den", "ASK OPEN race #den 600 first yes,no :ship it?"]) {
      await bob.send(
        line,
      );
    }
    await bob.send("ASK OPEN calm #den 600 first yes,no :rest?");
    for (const line of ["JOIN #den"]) await carol.send(line);
    await carol.barrier();
    await say(alice, "/join #den");
    const race = questionOf(alice, "ship it?");
    await race.getByRole("button", { name: "no", exact: true }).waitFor();
    // What the page sends arrives when the question has been answered.
    await alice.evaluate(`{
    const send = WebSocket.prototype.send;
    const held = [];
    WebSocket.prototype.send = function (data) {
      if (/^(@\\S+ )?PRIVMSG #den (:)?no$/.test(data.trim())) held.push([this, data]);
      else send.call(this, data);
    };
    globalThis.release = () => {
      WebSocket.prototype.send = send;
      for (const [socket, data] of held) send.call(socket, data);
      return held.length;
    };
  }`);
    await race.getByRole("button", { name: "no", exact: true }).click();
    await race.getByText("Sending your answer: no").waitFor();
    await carol.send("PRIVMSG #den :1 yes");
    await race.getByRole("status")
      .getByText("Your answer (no) came too late: this question is answered: yes (carol).").waitFor();
    assertEquals(await alice.evaluate("release()"), 1);
    await alice.getByText(/Too late: question \d+ \(ship it\?\)/).waitFor();

    const calm = questionOf(alice, "rest?");
    const no = calm.getByRole("button", { name: "no", exact: true });
    await bob.send("MODE #den +m");
    await bob.barrier();
    await no.click();
    await calm.getByText("Your answer was not taken.").waitFor();
    await bob.send("MODE #den -m");
    await bob.barrier();
    await no.click();
    await calm.getByText("Your answer: no. This question is answered: no (alice).").waitFor();
    assertEquals(await alice.locator(".failure").count(), 0);
  },
);
