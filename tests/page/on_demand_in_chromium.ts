/** The page while its second part is on its way, and where that cannot be loaded, in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import type { Page, Route } from "playwright-core";
import { inTime } from "../support/guard.ts";
import { checkAccess, isLive, pageTest, say, shows, texts } from "./chat_pages.ts";
import type { ChatPages } from "./chat_pages.ts";

const LATER = "**/assets/later.*";

/** A page of `name` in the lobby for which `handle` answers what asks for the second part. */
async function enterWithout(
  chat: ChatPages,
  name: string,
  handle: (route: Route) => Promise<void>,
): Promise<Page> {
  const page = await chat.page();
  await page.route(LATER, handle);
  await page.reload();
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Enter" }).click();
  await isLive(page);
  return page;
}

pageTest("while the second part is on its way one talks; a command and a panel wait for it", async (chat) => {
  const arrival = Promise.withResolvers<void>();
  const alice = await enterWithout(chat, "alice", async (route) => {
    await arrival.promise;
    await route.continue();
  });
  const bob = await chat.enter("bob");
  await say(bob, "hello alice");
  await shows(alice, "hello alice");
  await say(alice, "hello bob");
  await shows(bob, "hello bob");
  await say(alice, "/topic all about tea");
  assertEquals(await alice.locator("textarea").inputValue(), "");
  await say(alice, "behind the command");
  await alice.locator("textarea").focus();
  await alice.keyboard.press("Control+Shift+F");
  await alice.keyboard.type("secret words\n");
  assertEquals(await alice.getByLabel("Search messages").count(), 0);
  assertEquals(await alice.locator("textarea").inputValue(), "");
  arrival.resolve();
  await alice.getByLabel("Search messages").waitFor();
  assertEquals(await alice.evaluate("document.activeElement.type"), "search");
  await bob.locator(".head-topic", { hasText: "all about tea" }).waitFor();
  await shows(bob, "behind the command");
  assertEquals(await texts(bob), ["hello alice", "hello bob", "behind the command"]);
});

pageTest(
  "a command that has waited while another room was opened goes back to its composer",
  async (chat) => {
    const arrival = Promise.withResolvers<void>();
    const alice = await enterWithout(chat, "alice", async (route) => {
      await arrival.promise;
      await route.continue();
    });
    const bob = await chat.client("bob");
    await bob.send("PRIVMSG alice :psst");
    await alice.locator(".sidebar .item", { hasText: "bob" }).waitFor();
    await say(alice, "/topic of the lobby");
    await alice.locator(".sidebar .item", { hasText: "bob" }).click();
    await alice.getByLabel("Message to bob").waitFor();
    arrival.resolve();
    await alice.locator(".item-draft").waitFor();
    assertEquals(await alice.locator(".event").allInnerTexts(), []);
    assertEquals(await alice.locator("textarea").inputValue(), "");
    await alice.locator(".sidebar .item", { hasText: "#lobby" }).click();
    await alice.getByLabel("Message to #lobby").waitFor();
    assertEquals(await alice.locator("textarea").inputValue(), "/topic of the lobby");
  },
);

pageTest(
  "where the second part cannot be loaded it is said, nothing is lost, and it is tried again",
  async (chat) => {
    chat.allowOffline();
    let isGone = true;
    const alice = await enterWithout(chat, "alice", (route) => isGone ? route.abort() : route.continue());
    const bob = await chat.enter("bob");
    await say(alice, "hello bob");
    await shows(bob, "hello bob");
    await alice.getByRole("button", { name: "Settings" }).click();
    await alice.locator(".panel", { hasText: "cannot be loaded" }).getByRole("button", { name: "Reload" })
      .waitFor();
    await checkAccess(alice, "a panel that cannot be loaded");
    await alice.locator(".panel").getByRole("button", { name: "Close" }).click();
    await say(alice, "/topic all about tea");
    await alice.locator(".main .notice", { hasText: "cannot be loaded" }).waitFor();
    assertEquals(await alice.locator("textarea").inputValue(), "/topic all about tea");
    await checkAccess(alice, "a command that cannot be loaded");
    await alice.locator(".main .notice").getByRole("button", { name: "Close" }).click();
    await alice.locator(".main .notice").waitFor({ state: "detached" });
    await alice.keyboard.press("Control+k");
    await alice.locator(".main .notice", { hasText: "cannot be loaded" }).waitFor(); // this attempt has ended
    await say(bob, "are you there?");
    await shows(alice, "are you there?");
    assertEquals(await texts(bob), ["hello bob", "are you there?"]);
    isGone = false;
    await alice.keyboard.press("Control+k");
    await alice.getByLabel("Room or person").waitFor();
    assertEquals(await alice.locator(".notice-fault").count(), 0);
    await alice.keyboard.press("Escape");
    await alice.locator("dialog").waitFor({ state: "detached" });
    await alice.locator("textarea").press("Enter");
    await bob.locator(".head-topic", { hasText: "all about tea" }).waitFor();
  },
);

pageTest("a form that cannot be loaded offers to load the page again, which helps", async (chat) => {
  chat.allowOffline();
  const page = await chat.page();
  await page.addInitScript("requestIdleCallback = (run) => globalThis.runIdle = run");
  let documents = 0;
  page.on("request", (request) => void (request.isNavigationRequest() && documents++));
  const again = Promise.withResolvers<void>();
  let isFirst = true;
  // It is back with the next document, not before.
  await page.route(LATER, (route) => {
    if (documents > 1) return route.continue();
    if (isFirst) return route.abort();
    return again.resolve(); // and the page waits
  });
  await page.reload();
  await page.getByRole("button", { name: "Add this browser to a name" }).click();
  const fault = page.getByText("This part of the page cannot be loaded");
  await fault.waitFor();
  isFirst = false;
  await page.evaluate("runIdle()");
  await inTime("another attempt", again.promise);
  assertEquals(await fault.count(), 1, "it is told while the page tries again by itself");
  await page.getByRole("button", { name: "Reload" }).click();
  await page.getByRole("button", { name: "Add this browser to a name" }).click();
  await page.getByLabel("Code").waitFor();
});
