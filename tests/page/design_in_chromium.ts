/** Where things stand on the page, in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { comesTrue } from "../support/guard.ts";
import { checkAccess, pageTest, say, shows } from "./chat_pages.ts";

const WIDTHS = [360, 820, 1440];
/** Of a finger. */
const MIN_TARGET_PX = 44;

/** Pixels between the end of the list and what is seen of it. */
function belowView(page: Page): Promise<number> {
  return page.locator(".scroller").evaluate((scroller) =>
    Math.round(scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight)
  );
}

pageTest(
  "the last message stays above the composer, at each width and however high that is",
  async (chat) => {
    const alice = await chat.enter("alice");
    for (let nth = 0; nth < 30; nth++) await say(alice, `number ${nth} ${"some words ".repeat(nth)}`);
    await shows(alice, "number 29");
    for (const width of [...WIDTHS, ...WIDTHS]) {
      await alice.setViewportSize({ width, height: 700 });
      await comesTrue(`the end is seen at ${width} px`, async () => await belowView(alice) === 0);
    }
    await alice.locator("textarea").fill("one\ntwo\nthree\nfour");
    await comesTrue("the end is seen above four lines", async () => await belowView(alice) === 0);
    assertEquals(await alice.getByLabel("To the newest message").count(), 0);
  },
);

pageTest("name, text, topic and what one types begin at one edge", async (chat) => {
  const alice = await chat.enter("alice");
  await say(alice, "/topic tea at four");
  await alice.locator(".head-topic", { hasText: "tea at four" }).waitFor();
  await say(alice, "hello");
  await shows(alice, "hello");
  for (const width of [820, 1440]) {
    await alice.setViewportSize({ width, height: 700 });
    const edges = await alice.evaluate(() => {
      const leftOf = (selector: string) => document.querySelector(selector)!.getBoundingClientRect().left;
      const area = document.querySelector("textarea")!;
      const typed = area.getBoundingClientRect().left + parseFloat(getComputedStyle(area).paddingLeft);
      return [leftOf("h1"), leftOf(".message-name"), leftOf(".text"), leftOf(".rule span"), typed];
    });
    assertEquals(new Set(edges.map(Math.round)).size, 1, `${width} px: ${edges}`);
  }
});

pageTest("on a phone a finger finds each button, in light and dark", async (chat) => {
  const phone = { viewport: { width: 360, height: 720 }, hasTouch: true, isMobile: true } as const;
  const alice = await chat.enter("alice", { ...phone, colorScheme: "dark" });
  await alice.locator("textarea").fill("hello");
  await alice.getByLabel("Send").click();
  await shows(alice, "hello");
  await alice.locator("article").tap();
  await checkAccess(alice, "message on a phone, dark");
  await alice.emulateMedia({ colorScheme: "light" });
  await checkAccess(alice, "message on a phone, light");
  const small = await alice.evaluate(
    (least) =>
      Array.from(document.querySelectorAll("button:not(:disabled)")).filter((button) => {
        const area = getComputedStyle(button, "::after");
        const own = button.getBoundingClientRect().height;
        return own > 0 && Math.max(own, parseFloat(area.height) || 0) < least;
      }).map((button) => button.outerHTML),
    MIN_TARGET_PX,
  );
  assertEquals(small, []);
});
