/** The page in a real Chromium, as people use it. Run by chromium_test.ts, in a process with all permissions. */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { comesTrue } from "../support/guard.ts";
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

/** Texts of the messages that `page` shows. */
function texts(page: Page): Promise<string[]> {
  return page.locator("article .text").allInnerTexts();
}

async function shows(page: Page, text: string): Promise<void> {
  await page.locator("article", { hasText: text }).first().waitFor();
}

pageTest(
  "a name is enough to enter, is remembered, and belongs to the browser that made its key",
  async (chat) => {
    const alice = await chat.page();
    await checkAccess(alice, "login");
    await alice.getByRole("button", { name: "Use a passphrase instead" }).click();
    await checkAccess(alice, "passphrase");
    await alice.getByRole("button", { name: "Use a key instead" }).click();
    await alice.getByLabel("Your name").fill("two words");
    await alice.getByRole("button", { name: "Enter" }).click();
    await alice.getByText("A name has no spaces").waitFor();
    await checkAccess(alice, "problem");
    await alice.getByLabel("Your name").fill("alice");
    await alice.keyboard.press("Enter");
    await alice.getByRole("heading", { name: "#lobby", exact: true }).waitFor();
    await alice.getByText("#lobby is quiet").waitFor();
    await checkAccess(alice, "empty room");
    await say(alice, "mine");
    await shows(alice, "mine");
    await alice.reload();
    await shows(alice, "mine");
    assertEquals(await alice.locator(".sidebar-self strong").innerText(), "alice");
    const other = await chat.page();
    await other.getByLabel("Your name").fill("alice");
    await other.getByRole("button", { name: "Enter" }).click();
    await other.getByText("belongs to another key").waitFor();
    await other.getByLabel("Passphrase").waitFor();
    await checkAccess(other, "foreign name");
  },
);

pageTest("a passphrase opens the name of its account, and is asked for each time", async (chat) => {
  const lee = await chat.client("lee");
  await lee.send("CAP REQ draft/account-registration");
  await lee.send("REGISTER * * correct-horse");
  await lee.until((line) => line.includes(" REGISTER SUCCESS lee "), "the account");
  await lee.send("QUIT");
  const page = await chat.page();
  await page.getByRole("button", { name: "Use a passphrase instead" }).click();
  await page.getByLabel("Your name").fill("lee");
  await page.getByLabel("Passphrase").fill("wrong-horse");
  await page.keyboard.press("Enter");
  await page.getByText("This is not the passphrase of lee").waitFor();
  await page.getByLabel("Passphrase").fill("correct-horse");
  await page.keyboard.press("Enter");
  await page.locator("textarea").waitFor();
  await page.reload();
  await page.getByLabel("Passphrase").waitFor();
  assertEquals(await page.getByLabel("Your name").inputValue(), "lee");
});

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

pageTest(
  "a long room is read back to its beginning with few rows in the document, and nothing jumps",
  async (chat) => {
    const filler = await chat.client("filler");
    await filler.send("JOIN #long");
    const count = 1200;
    for (let start = 0; start < count; start += 20) {
      for (let nth = start; nth < start + 20; nth++) {
        await filler.send(`PRIVMSG #long :number ${nth} ${"some words ".repeat(nth % 13)}`);
      }
      await filler.barrier();
    }
    const alice = await chat.enter("alice");
    await alice.getByLabel("Enter or make a room").click();
    await alice.keyboard.type("long\n");
    await shows(alice, `number ${count - 1}`);
    let most = 0;
    const isAtBeginning = () => alice.locator("article", { hasText: /number 0 / }).count();
    await comesTrue("the first message is shown", async () => {
      const { moved, rows } = await scrollUp(alice);
      assertEquals(moved < 2, true, `a row jumped by ${moved} px`);
      most = Math.max(most, rows);
      return await isAtBeginning() > 0;
    });
    assertEquals(most <= 300, true, `${most} rows`);
    await alice.getByLabel("To the newest message").click();
    await shows(alice, `number ${count - 1}`);
  },
);

/** Scrolls up by a little, and says how far a row that is seen moves beside that while earlier messages come. */
async function scrollUp(page: Page): Promise<{ moved: number; rows: number }> {
  return await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const scroller = document.querySelector(".scroller")!;
    scroller.scrollTop -= 2500; // often to the top of what is loaded
    await frame();
    const articles = () => Array.from(document.querySelectorAll<HTMLElement>(".scroller article"));
    const seen = articles().find((article) => article.getBoundingClientRect().top > 100);
    const before = seen?.getBoundingClientRect().top ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 80));
    const after = articles().find(({ dataset }) => dataset.key === seen?.dataset.key);
    const moved = after === undefined ? 0 : Math.abs(after.getBoundingClientRect().top - before);
    return { moved, rows: scroller.childElementCount };
  });
}

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
