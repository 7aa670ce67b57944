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

pageTest("what was typed offline is sent once, also when the page is loaded again", async (chat) => {
  const alice = await chat.enter("alice");
  await say(alice, "before");
  await alice.locator(".mark-durable").waitFor();
  await chat.kill();
  await alice.locator(".connection-waiting").waitFor();
  await say(alice, "one");
  await say(alice, "two");
  await alice.getByText("Offline. 2 kept").waitFor();
  await chat.restart();
  await alice.reload();
  await alice.locator("article", { hasText: "two" }).locator(".mark-durable").waitFor();
  await alice.reload();
  await shows(alice, "two");
  const bob = await chat.enter("bob");
  await shows(bob, "two");
  assertEquals(await texts(bob), ["before", "one", "two"]);
});

pageTest("two pages and a client of IRC go on after the server was killed", async (chat) => {
  const alice = await chat.enter("alice");
  const bob = await chat.enter("bob");
  let carol = await chat.client("carol");
  await carol.send("JOIN #lobby");
  await carol.send("PRIVMSG #lobby :before from carol");
  await shows(alice, "before from carol");
  await say(alice, "before from alice");
  await alice.locator(".mark-durable").waitFor();
  await shows(bob, "before from alice");
  await chat.kill();
  await carol.ended();
  await alice.locator(".connection-waiting").waitFor();
  await bob.locator(".connection-waiting").waitFor();
  await say(bob, "while away");
  await chat.restart();
  carol = await chat.client("carol");
  await carol.send("JOIN #lobby");
  await carol.barrier();
  await shows(alice, "while away");
  await say(alice, "back");
  await carol.until((line) => line.includes(":back"), "what alice says");
  await carol.send("PRIVMSG #lobby :after from carol");
  await shows(bob, "after from carol");
  await shows(alice, "after from carol");
  const all = ["before from carol", "before from alice", "while away", "back", "after from carol"];
  assertEquals([await texts(alice), await texts(bob)], [all, all]);
});
