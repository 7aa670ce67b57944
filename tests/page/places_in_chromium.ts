/** Where a conversation is scrolled to: at a message that is asked for, or at its end. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { comesTrue } from "../support/guard.ts";
import { pageTest, shows } from "./chat_pages.ts";

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
  await comesTrue(`${text} is seen`, () => isSeen(page, text, selector), { guardMs: 15_000 });
}

async function enterRoom(page: Page, room: string): Promise<void> {
  await page.getByLabel("Enter or make a room").click();
  await page.keyboard.type(`${room}\n`);
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
