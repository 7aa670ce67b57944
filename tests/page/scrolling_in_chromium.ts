/** Long rooms in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { comesTrue } from "../support/guard.ts";
import { pageTest, shows } from "./chat_pages.ts";

pageTest(
  "a long room is read back to its beginning with few rows in the document, and nothing jumps",
  async (chat) => {
    const filler = await chat.client("filler");
    await filler.send("JOIN #long");
    const count = 1200;
    for (let start = 0; start < count; start += 20) {
      for (let nth = start; nth < start + 20; nth++) {
        await filler.send(`PRIVMSG #long :number ${nth} ${"some words ".repeat(nth % 13)}`);
      }
      await filler.barrier();
    }
    const alice = await chat.enter("alice");
    await alice.getByLabel("Enter or make a room").click();
    await alice.keyboard.type("long\n");
    await shows(alice, `number ${count - 1}`);
    let most = 0;
    const isAtBeginning = () => alice.locator("article", { hasText: /number 0 / }).count();
    await comesTrue("the first message is shown", async () => {
      const { moved, rows } = await scrollUp(alice);
      assertEquals(moved < 2, true, `a row jumped by ${moved} px`);
      most = Math.max(most, rows);
      return await isAtBeginning() > 0;
    });
    assertEquals(most <= 300, true, `${most} rows`);
    await alice.getByLabel("To the newest message").click();
    await shows(alice, `number ${count - 1}`);
  },
);

/** Scrolls up by a little, and says how far a row that is seen moves beside that while earlier messages come. */
async function scrollUp(page: Page): Promise<{ moved: number; rows: number }> {
  return await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const scroller = document.querySelector(".scroller")!;
    scroller.scrollTop -= 2500; // often to the top of what is loaded
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
