/** What people do with messages, in a real Chromium. Run by chromium_test.ts. */
import { assertEquals } from "@std/assert";
import { checkAccess, pageTest, say, shows } from "./chat_pages.ts";

pageTest("two pages and a client of IRC talk, also alone, reply, react, edit and remove", async (chat) => {
  const alice = await chat.enter("alice");
  const bob = await chat.enter("bob", { colorScheme: "dark" });
  const carol = await chat.client("carol");
  await carol.send("JOIN #lobby");
  await say(alice, "hello **all**\nsecond line");
  await shows(bob, "second line");
  assertEquals(await bob.locator("article strong").first().innerText(), "all");
  await carol.send("PRIVMSG #lobby :<img src=x onerror=alert(1)> https://example.org/a");
  await shows(alice, "onerror");
  assertEquals(await alice.locator("article img").count(), 0);
  const link = alice.locator("article a");
  assertEquals([await link.getAttribute("href"), await link.getAttribute("rel")], [
    "https://example.org/a",
    "noopener noreferrer nofollow",
  ]);
  const hers = bob.locator("article", { hasText: "second line" }).first();
  await hers.hover();
  await hers.getByLabel("Reply").click();
  await say(bob, "an answer");
  await alice.locator("article .quote", { hasText: "alice hello" }).waitFor();
  await hers.hover();
  await hers.getByLabel("React").click();
  await checkAccess(bob, "reactions");
  await bob.getByLabel("React with 🎉").click();
  await alice.getByLabel("🎉 1: bob").click();
  await bob.getByLabel("🎉 2: bob, alice").waitFor();
  await checkAccess(alice, "messages");
  const his = bob.locator("article", { hasText: "an answer" }).last();
  await his.hover();
  await his.getByLabel("Edit").click();
  await say(bob, "a better answer");
  await shows(alice, "a better answer");
  const better = bob.locator("article", { hasText: "a better answer" }).last();
  await better.locator(".mark-durable").waitFor();
  await better.hover();
  await better.getByLabel("Remove").click();
  await better.getByText("Remove for all").click();
  await alice.getByText("removed by bob").last().waitFor();
  await bob.locator(".message-name", { hasText: "alice" }).first().click();
  await bob.getByText("What you write here only alice and bob can read").waitFor();
  await say(bob, "lunch?");
  await alice.getByRole("button", { name: "bob 1 unread, 1 for you" }).click();
  await shows(alice, "lunch?");
  await alice.getByRole("separator", { name: "New messages" }).waitFor();
  await bob.locator(".mark-read").waitFor();
});
