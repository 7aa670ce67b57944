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
    await alice.getByLabel("To the newest message").waitFor({ state: "detached" });
  },
);

pageTest("name, text, topic, notices and what one types begin at one edge", async (chat) => {
  const alice = await chat.enter("alice");
  await say(alice, "/topic tea at four");
  await alice.locator(".head-topic", { hasText: "tea at four" }).waitFor();
  await say(alice, "hello");
  await shows(alice, "hello");
  await alice.evaluate(() => location.hash = "#elsewhere/none");
  await alice.locator(".notice").waitFor();
  for (const width of [820, 1440]) {
    await alice.setViewportSize({ width, height: 700 });
    const edges = await alice.evaluate(() => {
      const leftOf = (selector: string) => document.querySelector(selector)!.getBoundingClientRect().left;
      const area = document.querySelector("textarea")!;
      const typed = area.getBoundingClientRect().left + parseFloat(getComputedStyle(area).paddingLeft);
      return [
        leftOf("h1"),
        leftOf(".message-name"),
        leftOf(".text"),
        leftOf(".rule span"),
        leftOf(".notice span"),
        typed,
      ];
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
  assertEquals(await smallTargets(alice), [], "message");
  await alice.getByRole("button", { name: "React" }).tap();
  await alice.locator(".picker").waitFor();
  assertEquals(await smallTargets(alice), [], "picker");
  await alice.keyboard.press("Escape");
  await alice.locator("textarea").fill("");
  await alice.locator("textarea").pressSequentially(":ro");
  await alice.locator(".composer-offers").waitFor();
  assertEquals(await smallTargets(alice), [], "completion");
  await alice.getByLabel("People in this room").tap();
  await alice.getByRole("button", { name: "Leave the room" }).waitFor();
  assertEquals(await smallTargets(alice), [], "people");
  await alice.getByLabel("Close the list of people").tap();
  await alice.getByRole("button", { name: "Conversations" }).tap();
  await alice.getByRole("button", { name: "Settings" }).tap();
  await alice.getByRole("button", { name: "Close the settings" }).waitFor();
  assertEquals(await smallTargets(alice), [], "settings");
});

/** What is to be touched and is too low for a finger, the area around it included. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(
    (least) =>
      Array.from(document.querySelectorAll("button:not(:disabled), label, [role=option]")).filter(
        (target) => {
          const area = getComputedStyle(target, "::after");
          const own = target.getBoundingClientRect().height;
          return own > 0 && Math.max(own, parseFloat(area.height) || 0) < least;
        },
      ).map((target) => target.outerHTML),
    MIN_TARGET_PX,
  );
}
