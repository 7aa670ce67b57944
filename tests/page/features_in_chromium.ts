/** What a page offers beside saying something, in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
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
