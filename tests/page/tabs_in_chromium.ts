/// <reference lib="dom" />
/** Several tabs of one browser, in a real Chromium. Run by chromium_test.ts. */
import { assertEquals } from "@std/assert";
import { hasTitle, pageTest, say, shows, texts, typeIntoField } from "./chat_pages.ts";
import { keptSettings } from "./kept_settings.ts";

pageTest(
  "two tabs are one person: each shows what the other sends, and what is read in one is read",
  async (chat) => {
    const bob = await chat.client("bob");
    const first = await chat.enter("alice");
    await say(first, "from the first tab");
    await first.locator(".mark-durable").waitFor();
    const second = await chat.tab(first.context());
    await shows(second, "from the first tab");
    assertEquals(await second.locator(".sidebar-self strong").innerText(), "alice");
    await say(second, "from the second tab");
    await shows(first, "from the second tab");
    await say(first, "and back");
    await shows(second, "and back");
    const all = ["from the first tab", "from the second tab", "and back"];
    assertEquals([await texts(first), await texts(second)], [all, all]);
    await bob.send("PRIVMSG alice :to you alone");
    const unread = { name: "bob 1 unread, 1 for you" };
    await first.getByRole("button", unread).waitFor();
    await second.getByRole("button", unread).click();
    await shows(second, "to you alone");
    await first.getByRole("button", { name: "bob", exact: true }).waitFor();
    await second.close();
    await say(first, "still here");
    await shows(first, "still here");
  },
);

pageTest("a page that is loaded again is where it was, in the rooms that it had", async (chat) => {
  const alice = await chat.enter("alice");
  await alice.getByLabel("Enter or make a room").click();
  await typeIntoField(alice, "tea\n");
  await alice.getByRole("heading", { name: "#tea", exact: true }).waitFor();
  await say(alice, "in the room of tea");
  await alice.locator(".mark-durable").waitFor();
  for (let times = 0; times < 2; times++) {
    await alice.reload();
    await alice.locator(".connection-live").waitFor({ state: "attached" });
    await shows(alice, "in the room of tea");
    await hasTitle(alice, "#tea · ChatterBox");
    await alice.getByRole("button", { name: "#lobby", exact: true }).waitFor();
  }
});

pageTest("after the log-out the title and the icon of no tab tell of messages", async (chat) => {
  const bob = await chat.client("bob");
  const first = await chat.enter("alice");
  const tabs = [first, await chat.tab(first.context())];
  await bob.send("PRIVMSG alice :to you alone");
  for (const tab of tabs) await tab.getByRole("button", { name: "bob 1 unread, 1 for you" }).waitFor();
  const unread = first.locator("link[rel=icon][href*=unread]");
  await unread.waitFor({ state: "attached" });
  await first.getByLabel("Log out of this browser").click();
  for (const tab of tabs) {
    await tab.getByLabel("Your name").waitFor();
    await hasTitle(tab, "ChatterBox");
    assertEquals(await tab.locator("link[rel=icon][href*=unread]").count(), 0);
  }
});

pageTest(
  "a name that is forgotten in one tab is so in the others, which keep nothing of it",
  async (chat) => {
    const first = await chat.enter("alice");
    await first.getByLabel("Log out of this browser").click();
    const second = await chat.tab(first.context());
    await second.getByLabel("Your name").fill("alice");
    await second.getByRole("button", { name: "Enter" }).click();
    await second.locator(".connection-live").waitFor({ state: "attached" });
    await second.locator("textarea").fill("a draft");
    await first.getByRole("button", { name: "Forget alice on this browser" }).click();
    await first.getByRole("button", { name: "Forget alice", exact: true }).click();
    for (const tab of [first, second]) await tab.getByLabel("Your name").waitFor();
    assertEquals(await keptSettings(first), []);
  },
);
