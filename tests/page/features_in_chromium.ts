/** What a page offers beside saying something, in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import { withTempDir } from "../support/temp_dir.ts";
import { ChatPages, checkAccess, say } from "./chat_pages.ts";

function pageTest(name: string, fn: (chat: ChatPages) => Promise<void>): void {
  Deno.test({
    name: `page: ${name}`,
    fn: () =>
      withTempDir(async (home) => {
        await using chat = await ChatPages.open(home);
        await fn(chat);
      }),
  });
}

pageTest(
  "people are listed with ranks and presence, and a direct conversation tells of the other",
  async (chat) => {
    const carol = await chat.client("carol");
    for (const line of ["JOIN #tea", "AWAY :at lunch"]) await carol.send(line);
    await carol.barrier();
    const alice = await chat.enter("alice");
    await alice.getByLabel("Enter or make a room").click();
    await alice.keyboard.type("tea\n");
    await alice.getByRole("heading", { name: "#tea", exact: true }).waitFor();
    await alice.getByLabel("People in this room").click();
    const hers = alice.locator(".panel .item", { hasText: "carol" });
    await alice.getByText("2, 1 away").waitFor();
    await hers.getByText("operator").waitFor();
    await hers.hover();
    await alice.locator('.panel .item[title="away: at lunch"]').waitFor();
    await checkAccess(alice, "people");
    await carol.send("MODE #tea +v alice");
    await alice.locator(".panel .item", { hasText: "alice" }).getByText("voice, you").waitFor();
    await carol.send("AWAY");
    await alice.locator(".panel .dot-online").nth(1).waitFor();
    await hers.click();
    await alice.locator(".head-topic", { hasText: "online" }).waitFor();
    await say(alice, "are you there?");
    await carol.send("AWAY :back at two");
    await alice.locator(".head-topic", { hasText: /^away since \d\d:\d\d: back at two$/ }).waitFor();
    await alice.locator(".sidebar .item", { hasText: "carol" }).locator(".dot-away").waitFor();
    await carol.send("QUIT");
    await alice.locator(".head-topic", { hasText: /^offline since \d\d:\d\d$/ }).waitFor();
    await checkAccess(alice, "person offline");
  },
);

pageTest("emoji are searched, picked by keyboard, remembered, and taken back", async (chat) => {
  const alice = await chat.enter("alice");
  await say(alice, "first");
  const row = alice.locator("article", { hasText: "first" });
  await row.locator(".mark-durable").waitFor();
  await row.focus();
  await alice.keyboard.press("+");
  await checkAccess(alice, "picker");
  await alice.keyboard.type("rock");
  await alice.getByLabel("React with 🚀").waitFor();
  await alice.keyboard.press("ArrowDown");
  await alice.keyboard.press("Enter");
  await row.getByLabel("🚀 1: alice").waitFor();
  await alice.keyboard.press("+");
  await alice.locator(".picker-group").first().getByLabel("React with 🚀").waitFor();
  await alice.keyboard.press("Escape");
  assertEquals(await alice.locator(".picker").count(), 0);
  await alice.keyboard.press("+");
  await alice.keyboard.type("🪿\n");
  await row.getByLabel("🪿 1: alice").click();
  await row.getByLabel("🪿").waitFor({ state: "detached" });
  await alice.getByLabel("Emoji", { exact: true }).click();
  await alice.keyboard.type("tada\n");
  assertEquals(await alice.locator("textarea").inputValue(), "🎉");
  await alice.keyboard.press("End");
  await alice.keyboard.type(" :roc");
  await alice.getByRole("option", { name: ":rocket:" }).waitFor();
  await checkAccess(alice, "completion");
  await alice.keyboard.press("Tab");
  assertEquals(await alice.locator("textarea").inputValue(), "🎉 🚀 ");
});

pageTest("commands answer as rows, and a mistyped one is not sent", async (chat) => {
  const bob = await chat.client("bob");
  await bob.send("JOIN #lobby");
  await bob.barrier();
  bob.take();
  const alice = await chat.enter("alice");
  await alice.keyboard.type("@b");
  await alice.keyboard.press("Enter");
  assertEquals(await alice.locator("textarea").inputValue(), "bob: ");
  await alice.locator("textarea").fill("");
  await say(alice, "/tpoic x");
  await alice.getByText("did you mean /topic?").waitFor();
  await say(alice, "/who bob");
  await alice.getByText("bob is online as").waitFor();
  await say(alice, "/away at lunch");
  await alice.getByText("you are away").waitFor();
  await say(alice, "/help");
  await alice.getByText("/kick [ROOM] NAME [REASON]: remove a person").waitFor();
  await alice.keyboard.type("/invi");
  await alice.keyboard.press("Tab");
  assertEquals(await alice.locator("textarea").inputValue(), "/invite ");
  await alice.keyboard.press("Control+a");
  await say(alice, "//slash");
  assertEquals(await bob.until((line) => line.includes("PRIVMSG")), true);
  assertEquals(bob.take().filter((line) => line.includes("PRIVMSG")).map((line) => line.split(" :").at(-1)), [
    "/slash",
  ]);
});
