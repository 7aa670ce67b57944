/** The page while its server is away, in a real Chromium. Run by chromium_test.ts. */
import { assertEquals } from "@std/assert";
import { checkAccess, pageTest, say, shows, texts } from "./chat_pages.ts";

pageTest("what is typed while the server is away is kept, and sent once", async (chat) => {
  const alice = await chat.enter("alice");
  await say(alice, "before");
  await alice.locator(".mark-durable").waitFor();
  await chat.kill();
  await alice.locator(".connection-waiting").waitFor();
  await say(alice, "while away");
  await alice.getByText("Offline. 1 kept").waitFor();
  await checkAccess(alice, "offline");
  await chat.restart();
  await alice.locator("article", { hasText: "while away" }).locator(".mark-durable").waitFor();
  const bob = await chat.enter("bob");
  await shows(bob, "while away");
  assertEquals(await texts(bob), ["before", "while away"]);
});
