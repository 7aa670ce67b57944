/** Long rooms in a real Chromium, and where they are scrolled to. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { comesTrue } from "../support/guard.ts";
import { pageTest, say, shows, typeIntoField } from "./chat_pages.ts";

pageTest(
  "2,000 messages are read back to the first one with few rows in the document, and nothing jumps",
  async (chat) => {
    const count = 2000;
    await chat.server.fill("#long", count);
    const alice = await chat.enter("alice");
    await alice.getByLabel("Enter or make a room").click();
    await typeIntoField(alice, "long\n");
    await shows(alice, `number ${count - 1} `);
    let most = 0;
    const isAtBeginning = () => alice.locator("article", { hasText: /number 0 / }).count();
    await comesTrue("the first message is shown", async () => {
      const { moved, rows } = await scrollUp(alice);
      assertEquals(moved < 2, true, `a row jumped by ${moved} px`);
      most = Math.max(most, rows);
      return await isAtBeginning() > 0;
    }, { guardMs: 240_000 });
    assertEquals(most <= 300, true, `${most} rows`);
    await alice.getByLabel("To the newest message").click();
    await shows(alice, `number ${count - 1} `);
  },
);

pageTest("the line above what is new stands where one has stopped, stays there, and goes", async (chat) => {
  const alice = await chat.enter("alice");
  const bob = await chat.client("bob");
  await bob.send("JOIN #lobby");
  await bob.send("PRIVMSG #lobby :seen");
  await shows(alice, "seen");
  await alice.getByLabel("Enter or make a room").click();
  await typeIntoField(alice, "tea\n");
  await alice.getByText("#tea is quiet").waitFor();
  for (let nth = 0; nth < 60; nth++) await bob.send(`PRIVMSG #lobby :new ${nth}.`);
  await alice.getByRole("button", { name: "#lobby 60 unread" }).click();
  const line = alice.getByRole("separator", { name: "New messages" });
  await line.waitFor();
  await shows(alice, "new 0.");
  const next = () =>
    line.evaluate((element) => element.nextElementSibling?.querySelector(".text")?.textContent);
  const top = () => line.evaluate((element) => Math.round(element.getBoundingClientRect().top));
  assertEquals([await next(), await line.innerText()], ["new 0.", "60 new"]);
  const before = await comesTrue("the line stands", async () => {
    const first = await top();
    await alice.evaluate(() => new Promise((run) => requestAnimationFrame(() => requestAnimationFrame(run))));
    return first === await top() && first;
  });
  assertEquals(before > 0 && before < 300, true, `${before} px`);
  await bob.send("PRIVMSG #lobby :while one reads");
  await alice.getByLabel("To the newest message").waitFor();
  await alice.getByText("bob: while one reads").waitFor({ state: "attached" }); // spoken
  assertEquals([await next(), await top()], ["new 0.", before]);
  await alice.getByLabel("To the newest message").click();
  await say(alice, "an answer");
  await shows(alice, "an answer");
  await alice.getByRole("button", { name: "#tea" }).click();
  await alice.getByText("#tea is quiet").waitFor();
  await alice.getByRole("button", { name: "#lobby" }).click();
  await shows(alice, "an answer");
  assertEquals(await line.count(), 0);
});

/** Scrolls up by a little, and says how far a row that is seen moves beside that while earlier messages come. */
async function scrollUp(page: Page): Promise<{ moved: number; rows: number }> {
  return await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const scroller = document.querySelector(".scroller")!;
    scroller.scrollTop -= 4000; // often to the top of what is loaded
    await frame();
    const articles = () => Array.from(document.querySelectorAll<HTMLElement>(".scroller article"));
    const seen = articles().find((article) => article.getBoundingClientRect().top > 100);
    const before = seen?.getBoundingClientRect().top ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 80));
    const after = articles().find(({ dataset }) => dataset.key === seen?.dataset.key);
    const moved = after === undefined ? 0 : Math.abs(after.getBoundingClientRect().top - before);
    return { moved, rows: scroller.childElementCount };
  });
}

/** Whether the message with `text` is marked, and seen as a whole, two frames in a row. */
async function isSeen(page: Page, text: string, selector = ".message-target"): Promise<boolean> {
  return await page.evaluate(async ({ text, selector }) => {
    const look = () => {
      const row = Array.from(document.querySelectorAll(`article${selector}`))
        .find((row) => row.textContent.includes(text))?.getBoundingClientRect();
      const view = document.querySelector(".scroller")?.getBoundingClientRect();
      return row !== undefined && view !== undefined && row.top >= view.top - 1 &&
        row.bottom <= view.bottom + 1;
    };
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)));
    const before = look();
    await frame();
    await frame();
    return before && look();
  }, { text, selector });
}

async function comesToSee(page: Page, text: string, selector?: string): Promise<void> {
  await comesTrue(`${text} is seen`, () => isSeen(page, text, selector));
}

async function enterRoom(page: Page, room: string): Promise<void> {
  await page.getByLabel("Enter or make a room").click();
  await typeIntoField(page, `${room}\n`);
  await page.getByRole("heading", { name: `#${room}`, exact: true }).waitFor();
}

pageTest(
  "a jump into another conversation, from a result, a link or in a new tab, ends at the message",
  async (chat) => {
    await chat.server.fill("#long", 200);
    const alice = await chat.enter("alice");
    await enterRoom(alice, "long");
    await shows(alice, "number 199 ");
    await alice.evaluate(
      "navigator.clipboard.writeText = (text) => (globalThis.copied = text, Promise.resolve())",
    );
    const linkTo = async (row: string) => {
      await alice.keyboard.press("Control+Shift+F");
      await alice.getByLabel("Search messages").fill(`"number ${row}"`);
      await alice.keyboard.press("Enter");
      await alice.locator(".result", { hasText: `number ${row}` }).click();
      await comesToSee(alice, `number ${row}`);
      await alice.locator("article", { hasText: `number ${row} ` }).hover();
      await alice.locator("article", { hasText: `number ${row} ` }).getByLabel("Copy link").click();
      await alice.keyboard.press("Escape");
      return String(await alice.evaluate("copied"));
    };
    const [near, far] = [await linkTo("160"), await linkTo("12")];
    const toLobby = () => alice.locator(".sidebar .item", { hasText: "#lobby" }).click();
    for (const [link, row] of [[near, "160"], [far, "12"]] as const) {
      await toLobby();
      await alice.getByRole("heading", { name: "#lobby", exact: true }).waitFor();
      await alice.evaluate((link) => location.href = link, link);
      await comesToSee(alice, `number ${row}`);
      await alice.evaluate("location.hash = ''");
      await toLobby();
      const tab = await chat.tab(alice.context());
      await tab.goto("about:blank");
      await tab.goto(link);
      await comesToSee(tab, `number ${row}`);
      await tab.close();
    }
    await alice.keyboard.press("Control+Shift+F");
    await alice.getByLabel("Search messages").fill(`"number 150"`);
    await alice.keyboard.press("Enter");
    await alice.locator(".result", { hasText: "number 150" }).click();
    await comesToSee(alice, "number 150");
    assertEquals(await alice.getByRole("heading", { name: "#long", exact: true }).count(), 1);
  },
);

for (const phone of [false, true]) {
  const options = phone ? { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } : {};
  pageTest(
    `where the end is seen it stays so when the composer grows${phone ? ", on a phone too" : ""}`,
    async (chat) => {
      await chat.server.fill("#long", 60);
      const alice = await chat.enter("alice", options);
      if (phone) await alice.getByRole("button", { name: "Conversations" }).click();
      await enterRoom(alice, "long");
      await comesToSee(alice, "number 59 ", "");
      await alice.locator("textarea").focus();
      for (let line = 1; line <= 6; line++) {
        await alice.keyboard.type(`line ${line}`);
        await comesToSee(alice, "number 59 ", "");
        await alice.keyboard.press(phone ? "Enter" : "Shift+Enter");
        await comesToSee(alice, "number 59 ", "");
      }
    },
  );
}
