/** The page without a mouse, in a real Chromium. Run by chromium_test.ts. */
import { checkAccess, pageTest, say, shows } from "./chat_pages.ts";

pageTest("everything is done by keyboard: switching, searching, replying", async (chat) => {
  const alice = await chat.enter("alice");
  await say(alice, "a needle in the room");
  await shows(alice, "needle");
  await alice.keyboard.press("Control+k");
  await alice.getByRole("dialog").waitFor();
  await checkAccess(alice, "switcher");
  await alice.keyboard.press("Escape");
  await alice.keyboard.press("Control+Shift+F");
  await alice.keyboard.type("needle\n");
  await alice.locator(".result mark", { hasText: "needle" }).waitFor();
  await checkAccess(alice, "found");
  await alice.keyboard.press("Escape");
  await alice.locator("textarea").focus();
  await alice.keyboard.press("ArrowUp");
  await alice.keyboard.press("r");
  await alice.keyboard.type("replied\n");
  await alice.locator(".quote", { hasText: "needle" }).waitFor();
  await alice.keyboard.type("/");
  await alice.getByText("/join ROOM").waitFor();
  await checkAccess(alice, "commands");
});
