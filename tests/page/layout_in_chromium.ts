/** Sizes of windows, directions of text, and settings of the system, in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { checkAccess, pageTest, say, shows } from "./chat_pages.ts";
import type { ChatPages } from "./chat_pages.ts";

pageTest("on a phone the conversations are in a drawer, and Enter breaks the line", async (chat) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const alice = await chat.enter("alice", phone);
  await alice.locator("textarea").fill("one");
  await alice.locator("textarea").press("Enter");
  assertEquals(await alice.locator("textarea").inputValue(), "one\n");
  await alice.locator("textarea").fill("one\ntwo");
  await alice.getByLabel("Send").click();
  await shows(alice, "two");
  await checkAccess(alice, "phone");
  await alice.getByRole("button", { name: "Conversations" }).click();
  await alice.getByRole("button", { name: "#lobby" }).waitFor();
  await checkAccess(alice, "drawer");
  assertEquals(await alice.evaluate(() => document.documentElement.scrollWidth), 390);
  await alice.keyboard.press("Escape");
  await alice.getByRole("button", { name: "#lobby" }).waitFor({ state: "hidden" });
});

pageTest("a machine without any pointer is no phone: one types at once, and Enter sends", async (chat) => {
  const alice = await chat.page();
  await alice.context().addInitScript(`
    const match = matchMedia;
    matchMedia = (query) => /hover|pointer/.test(query) ? { matches: /none/.test(query) } : match(query);
  `);
  await alice.reload();
  await alice.getByLabel("Your name").fill("alice");
  await alice.getByRole("button", { name: "Enter" }).click();
  await alice.locator("textarea:focus").waitFor();
  await alice.keyboard.type("sent\n");
  await shows(alice, "sent");
});

/** What is wider than the window of `page`; boxes that scroll by themselves may be, and a text that ends in an ellipsis. */
async function checkWidth(page: Page, state: string): Promise<void> {
  const wide = await page.evaluate(() =>
    Array.from(document.querySelectorAll("body *"))
      .filter((element) => {
        const around = element.closest("bdi")?.parentElement;
        const isClipped = around && getComputedStyle(around).textOverflow === "ellipsis";
        const { left, right, width } = element.getBoundingClientRect();
        const isHidden = !element.checkVisibility({ visibilityProperty: true });
        return width > 1 && !isHidden && !isClipped && (left < -1 || right > innerWidth + 1) &&
          !element.closest("pre, .actions");
      })
      .map((element) => `${element.tagName} ${element.className}`)
  );
  assertEquals(wide, [], state);
  assertEquals(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, state);
}

/** A room with a long word, a long name, code, a quote and a reaction. */
async function enterFullRoom(chat: ChatPages, options: Parameters<ChatPages["enter"]>[1]): Promise<Page> {
  const bob = await chat.client("bob_with_a_very_long_name");
  await bob.send("JOIN #lobby");
  await bob.send(`PRIVMSG #lobby :${"long".repeat(60)} https://example.org/${"path/".repeat(30)}`);
  await bob.send(`PRIVMSG #lobby :\`${"code ".repeat(60)}\``);
  await bob.barrier();
  const alice = await chat.enter("alice", options);
  await alice.locator("textarea").fill("```\n" + "let x = 1; ".repeat(30) + "\n```");
  await alice.getByLabel("Send").click();
  await shows(alice, "let x");
  return alice;
}

for (const width of [640, 320]) {
  pageTest(`at 200 % zoom, ${width} px wide, nothing is cut off, and all is in reach`, async (chat) => {
    const alice = await enterFullRoom(chat, { viewport: { width, height: 400 }, deviceScaleFactor: 2 });
    await checkWidth(alice, "messages");
    const message = alice.locator("article").last();
    await message.locator(".mark-durable").waitFor();
    await message.hover();
    await message.getByLabel("React").click();
    await alice.getByLabel("React with 🎉").click();
    await message.getByLabel("🎉 1: alice").waitFor();
    await checkWidth(alice, "reaction");
    await message.hover();
    await message.getByLabel("Reply").click();
    await say(alice, "an answer");
    await alice.locator(".quote").waitFor();
    await checkWidth(alice, "quote");
    await alice.getByRole("button", { name: "Search" }).click();
    await alice.getByLabel("Search messages").fill("let");
    await alice.keyboard.press("Enter");
    await alice.locator(".result").waitFor();
    await checkWidth(alice, "search");
    await alice.getByLabel("Close the search").click();
    await alice.getByRole("button", { name: "People in this room" }).click();
    await alice.getByRole("button", { name: "bob_with_a_very_long_name" }).last().waitFor();
    await checkWidth(alice, "people");
    await alice.getByLabel("Close the list of people").click();
    await alice.getByRole("button", { name: "Conversations" }).click();
    await alice.getByLabel("Enter or make a room").click();
    await checkWidth(alice, "drawer");
    await alice.getByLabel("Log out of this browser").click();
    await alice.getByLabel("Your name").waitFor();
    await checkWidth(alice, "login");
    await alice.getByRole("button", { name: "Use a passphrase instead" }).click();
    await alice.getByRole("button", { name: "Enter" }).scrollIntoViewIfNeeded();
  });
}

pageTest("where motion is unwanted, nothing moves", async (chat) => {
  const alice = await enterFullRoom(chat, { reducedMotion: "reduce", viewport: { width: 640, height: 800 } });
  await alice.getByRole("button", { name: "Conversations" }).click();
  const moving = await alice.evaluate(() =>
    Array.from(document.querySelectorAll("body, body *"))
      .filter((element) => {
        const { transitionDuration, animationDuration, scrollBehavior } = getComputedStyle(element);
        const durations = `${transitionDuration}, ${animationDuration}`.split(", ");
        return durations.some((duration) => parseFloat(duration) > 0) || scrollBehavior === "smooth";
      })
      .map((element) => `${element.tagName} ${element.className}`)
  );
  assertEquals(moving, []);
});

pageTest("Hebrew and Arabic read from the right, and no control turns what is around it", async (chat) => {
  const dana = await chat.client("dana");
  await dana.send("JOIN #lobby");
  await dana.send("PRIVMSG #lobby :שלום לכולם, hello");
  await dana.send("PRIVMSG #lobby :مرحبا بالجميع");
  await dana.send("PRIVMSG #lobby :turned \u202Egnp.exe\u202C and \u2067open");
  await dana.send("PRIVMSG #lobby :plain after it");
  await dana.send("TOPIC #lobby :נושא החדר");
  await dana.barrier();
  const alice = await chat.enter("alice");
  await shows(alice, "plain after it");
  const styleOf = async (text: string) => {
    const node = alice.locator("article .text", { hasText: text });
    return await node.evaluate((element) => {
      const line = element.querySelector("[dir]") ?? element;
      const { direction, unicodeBidi } = getComputedStyle(line);
      return `${line.getAttribute("dir")} ${direction} ${unicodeBidi}`;
    });
  };
  assertEquals(await styleOf("שלום"), "auto rtl isolate");
  assertEquals(await styleOf("مرحبا"), "auto rtl isolate");
  assertEquals(await styleOf("plain"), "auto ltr isolate");
  const turned = await alice.locator("article .text", { hasText: "turned" }).textContent();
  assertEquals(/[\u202A-\u202E\u2066-\u2069]/.test(turned!), false, JSON.stringify(turned));
  assertEquals(await alice.locator(".head-topic").getAttribute("dir"), "auto");
  await alice.locator("textarea").fill("שלום");
  const direction = await alice.locator("textarea").evaluate((area) => getComputedStyle(area).direction);
  assertEquals(direction, "rtl");
  await checkWidth(alice, "right to left");
  await checkAccess(alice, "right to left");
});

pageTest("with forced colors buttons, fields, marks and the focus are still seen", async (chat) => {
  const alice = await enterFullRoom(chat, { forcedColors: "active" });
  await alice.locator("article").last().locator(".mark-durable").waitFor();
  await checkAccess(alice, "forced colors");
  const field = await alice.locator(".composer-box").evaluate((box) => getComputedStyle(box).borderTopStyle);
  assertEquals(field, "solid");
  await alice.keyboard.press("Tab");
  const outline = await alice.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
  assertEquals(outline === "none", false);
  const current = alice.getByRole("button", { name: "#lobby" });
  const [own, other] = await Promise.all(
    [current, alice.locator(".sidebar")].map((locator) =>
      locator.evaluate((element) => getComputedStyle(element).backgroundColor)
    ),
  );
  assertEquals(own === other, false, "the open room is marked");
});
