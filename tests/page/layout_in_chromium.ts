/** Sizes of windows in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import { checkAccess, pageTest, shows } from "./chat_pages.ts";

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
});
