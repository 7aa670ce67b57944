/** What a screen reader is told, in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { pageTest, say, shows, typeIntoField } from "./chat_pages.ts";

/** Notes what is put into live regions of `page` from now on, as a screen reader does. */
async function listen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const spoken: string[] = [];
    Object.assign(globalThis, { spoken });
    new MutationObserver((changes) => {
      for (const { target, addedNodes, type } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        if (!element?.closest("[aria-live], [role=log], [role=status], [role=alert]")) continue;
        if (type === "characterData") spoken.push(target.textContent ?? "");
        else for (const node of addedNodes) spoken.push(node.textContent ?? "");
      }
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
  });
}

/** What `page` has said with `word` in it. */
async function spokenWith(page: Page, word: string): Promise<string[]> {
  const spoken = await page.evaluate(() => (globalThis as unknown as { spoken: string[] }).spoken);
  return spoken.filter((text) => text.includes(word));
}

pageTest("each new message of the open room is spoken once; no others are", async (chat) => {
  const bob = await chat.client("bob");
  await bob.send("JOIN #lobby,#other");
  await bob.send("PRIVMSG #lobby :word of history");
  await bob.send("PRIVMSG #other :word of another history");
  await bob.barrier();
  const alice = await chat.page();
  await listen(alice);
  await alice.getByLabel("Your name").fill("alice");
  await alice.keyboard.press("Enter");
  await shows(alice, "word of history");
  await bob.send("PRIVMSG #lobby :word one\r\nPRIVMSG #lobby :word two\r\nPRIVMSG #lobby :word two");
  await shows(alice, "word two");
  await say(alice, "word of mine");
  await shows(alice, "word of mine");
  await alice.getByLabel("Enter or make a room").click();
  await typeIntoField(alice, "other\n");
  await shows(alice, "word of another history");
  await bob.send("PRIVMSG #lobby :word elsewhere");
  await alice.getByRole("button", { name: "#lobby 1 unread" }).click();
  await shows(alice, "word elsewhere");
  await bob.send("PRIVMSG #lobby :word three");
  await shows(alice, "word three");
  const said = ["bob: word one", "bob: word two", "bob: word two", "bob: word three"];
  assertEquals(await spokenWith(alice, "word"), said);
});

/** Name and description of what has the focus, as a screen reader gets them. */
async function describeFocus(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const isFocused = ({ properties = [] }: (typeof nodes)[number]) =>
    properties.some(({ name, value }) => name === "focused" && value.value === true);
  const { role, name, description } = nodes.filter(isFocused).at(-1)!;
  return `${role?.value} ${name?.value}: ${description?.value ?? ""}`.replace(/\d+:\d\d( [AP]M)?/, "TIME");
}

pageTest(
  "by keyboard each message is read with its text, and the composer says what it replies to",
  async (chat) => {
    const alice = await chat.enter("alice");
    await say(alice, "hello **all**");
    await alice.locator(".mark-durable").waitFor();
    await alice.keyboard.press("ArrowUp");
    assertEquals(await describeFocus(alice), "article alice, TIME: hello all");
    await alice.keyboard.press("r");
    await alice.locator(".composer-reference").waitFor();
    assertEquals(await describeFocus(alice), "textbox Message to #lobby: Reply to alice hello **all**");
  },
);

pageTest("messages are articles with a name, and their time is read once", async (chat) => {
  const alice = await chat.enter("alice");
  await say(alice, "first");
  await say(alice, "second");
  await shows(alice, "second");
  const articles = await alice.locator("article").evaluateAll((all) =>
    all.map((article) => ({
      name: article.getAttribute("aria-label")!.replace(/\d\d?:\d\d.*/, "TIME"),
      times: Array.from(article.querySelectorAll("time"), (time) => time.getAttribute("aria-hidden")),
    }))
  );
  const article = { name: "alice, TIME", times: ["true"] };
  assertEquals(articles, [article, article]);
  const politeRegions = await alice.locator("[aria-live=polite]:not(.panel *)").count();
  assertEquals(politeRegions, 1);
});
