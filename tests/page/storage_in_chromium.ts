/** What the browser keeps of what the page shows as done, in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";
import { checkAccess, pageTest, say } from "./chat_pages.ts";
import type { ChatPages } from "./chat_pages.ts";

/** An account with a passphrase. */
async function registerLee(chat: ChatPages): Promise<void> {
  const lee = await chat.client("lee");
  await lee.send("CAP REQ draft/account-registration");
  await lee.send("REGISTER * * correct-horse");
  await lee.until((line) => line.includes(" REGISTER SUCCESS lee "), "the account");
  await lee.send("QUIT");
}

async function enterAsLee(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Use a passphrase instead" }).click();
  await page.getByLabel("Your name").fill("lee");
  await page.getByLabel("Passphrase").fill("correct-horse");
  await page.keyboard.press("Enter");
}

/**
 * The page does nothing more once something in it matches `selector` and has `text`, and has crashed then. `act` leads
 * to that.
 */
async function crashWhereShown(
  page: Page,
  selector: string,
  text: string,
  act: () => Promise<unknown>,
): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await page.evaluate(([selector, text]) => {
    new MutationObserver(() => {
      const found = Array.from(document.querySelectorAll(selector!));
      if (!found.some(({ textContent }) => textContent.includes(text!))) return;
      console.info("it is shown");
      for (;;);
    }).observe(document, { childList: true, characterData: true, subtree: true });
  }, [selector, text]);
  const shown = page.waitForEvent("console", (message) => message.text() === "it is shown");
  const crashed = page.waitForEvent("crash");
  act().catch(() => {}); // the page does not answer any more
  await shown;
  devtools.send("Page.crash").catch(() => {}); // nor does this
  await crashed;
  await page.close();
}

/** Another page of the browser, which enters by itself. */
async function enterAgain(chat: ChatPages, context: BrowserContext): Promise<Page> {
  const page = await chat.tab(context);
  await page.locator("textarea").waitFor();
  return page;
}

pageTest("what is shown as done is kept, even if the page crashes in that moment", async (chat) => {
  let page = await chat.page();
  const context = page.context();
  await page.getByLabel("Your name").fill("alice");
  await crashWhereShown(page, "textarea", "", () => page.keyboard.press("Enter"));

  page = await enterAgain(chat, context);
  await crashWhereShown(page, "h1", "#tea", () => say(page, "/join #tea"));

  page = await enterAgain(chat, context);
  await page.getByRole("heading", { name: "#tea", exact: true }).waitFor();
  await crashWhereShown(page, ".failure", "Not delivered", () => say(page, "/msg latecomer anybody?"));
  const latecomer = await chat.client("latecomer"); // from now on it could be delivered

  page = await enterAgain(chat, context);
  await page.getByText("Not delivered:").waitFor();
  await page.getByRole("button", { name: "#tea" }).click();
  await say(page, "sent");
  await page.locator(".mark-durable").waitFor();
  await latecomer.barrier();
  assertEquals(latecomer.take().filter((line) => line.includes(" PRIVMSG ")), []);
  await chat.kill();
  await page.locator(".connection-waiting").waitFor();
  await crashWhereShown(page, ".text", "while away", () => say(page, "while away"));

  await chat.restart();
  page = await enterAgain(chat, context);
  await page.locator("article", { hasText: "while away" }).locator(".mark-durable").waitFor();
});

/** The browser does not complete what is written until what is returned is called. */
async function holdWrites(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => {
    const { set } = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, "oncomplete")!;
    const { promise, resolve } = Promise.withResolvers<void>();
    Object.assign(globalThis, { completeWrites: resolve });
    Object.defineProperty(IDBTransaction.prototype, "oncomplete", {
      set(handle: () => void) {
        set!.call(this, () => void promise.then(handle));
      },
    });
  });
  return () => page.evaluate("completeWrites()");
}

pageTest("one is in the chat once the browser keeps under which name", async (chat) => {
  await registerLee(chat);
  const bob = await chat.client("bob");
  await bob.send("JOIN #lobby");
  const page = await chat.page();
  const complete = await holdWrites(page);
  await enterAsLee(page);
  await bob.until((line) => /^:lee!\S+ JOIN /.test(line), "that lee enters");
  assertEquals(await page.locator("textarea").count(), 0);
  await complete();
  await page.locator("textarea").waitFor();
});

pageTest("a browser that keeps nothing lets one in, and is told of", async (chat) => {
  await registerLee(chat);
  const page = await chat.page();
  await failWrites(page);
  await enterAsLee(page);
  await page.getByText("does not keep what you write here (QuotaExceededError)").waitFor();
  await checkAccess(page, "storage fault");
  await say(page, "not kept");
  await page.locator(".mark-durable").waitFor();
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await page.locator(".notice").waitFor({ state: "detached" });
  await say(page, "nor this");
  await page.getByText("does not keep what you write here").waitFor();
});

/** As where a disk is full: what is written fails when the transaction is to be complete. */
async function failWrites(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(IDBTransaction.prototype, "error", {
      get: () => new DOMException("", "QuotaExceededError"),
    });
    IDBTransaction.prototype.commit = function () {
      this.abort();
    };
  });
}
