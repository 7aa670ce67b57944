/**
 * What draws attention, what several tabs share, and what outlives the connection, in a real Chromium. Run by
 * chromium_test.ts.
 */
/// <reference lib="dom" />
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { comesTrue } from "../support/guard.ts";
import { checkAccess, hasTitle, isLive, pageTest, say, shows, texts } from "./chat_pages.ts";
import type { ChatPages } from "./chat_pages.ts";

/** What a page has done to draw attention; see {@link RECORDER}. */
interface Recorded {
  readonly shown: { title: string; body: string; tag: string; isClosed: boolean; onclick: () => void }[];
  readonly tones: number;
  readonly asked: number;
  /** The person looks elsewhere, or at the page. */
  look(isAway: boolean): void;
}

/** Stands for the notifications and the sound of the system, and for the person that looks elsewhere. */
const RECORDER = `
  window.recorded = { shown: [], tones: 0, asked: 0, look(isAway) {
    Object.defineProperty(document, "visibilityState", { configurable: true, value: isAway ? "hidden" : "visible" });
    document.hasFocus = () => !isAway;
    document.dispatchEvent(new Event("visibilitychange"));
  } };
  window.Notification = class {
    static permission = sessionStorage.permission ?? "default";
    static async requestPermission() {
      recorded.asked++;
      Notification.permission = sessionStorage.permission = "granted";
    }
    constructor(title, { body, tag }) {
      Object.assign(this, { title, body, tag, isClosed: false });
      recorded.shown.push(this);
    }
    close() { this.isClosed = true; this.onclose?.(); }
  };
  const node = { connect() {}, gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} } };
  window.AudioContext = class {
    state = "running"; currentTime = 0; destination = node;
    async resume() {}
    createGain() { recorded.tones++; return node; }
  };
  window.OscillatorNode = class { connect() {} start() {} stop() {} };
`;

/** A page of `name` that records what it does to draw attention. */
async function enterRecorded(chat: ChatPages, name: string): Promise<Page> {
  const page = await chat.page();
  await page.context().addInitScript(RECORDER);
  await page.reload();
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Enter" }).click();
  await isLive(page);
  return page;
}

/** Another tab of the same browser. */
async function openTab(page: Page): Promise<Page> {
  const tab = await page.context().newPage();
  await tab.goto(page.url());
  await isLive(tab);
  return tab;
}

async function look(page: Page, isAway: boolean): Promise<void> {
  await page.evaluate(
    (isAway) => (globalThis as unknown as { recorded: Recorded }).recorded.look(isAway),
    isAway,
  );
}

/** Titles of the notifications that `page` has shown, `closed` behind those that are gone. */
async function notified(page: Page): Promise<string[]> {
  return await page.evaluate(() =>
    (globalThis as unknown as { recorded: Recorded }).recorded.shown.map(({ title, body, isClosed }) =>
      `${title}: ${body}${isClosed ? " closed" : ""}`
    )
  );
}

async function comesToNotify(page: Page, expected: readonly string[]): Promise<void> {
  const now = () => notified(page);
  await comesTrue(`notifications ${expected}`, async () => `${await now()}` === `${expected}`).catch(
    () => {},
  );
  assertEquals(await now(), expected);
}

pageTest("messages for a person who looks elsewhere are told, once they want it", async (chat) => {
  const alice = await enterRecorded(chat, "alice");
  const bob = await chat.client("bob");
  await bob.send("JOIN #lobby");
  const ask = alice.getByRole("button", { name: "Turn on notifications" });
  await bob.send("PRIVMSG #lobby :alice, you see this");
  await shows(alice, "you see this");
  assertEquals(await ask.count(), 0);
  await look(alice, true);
  await bob.send("PRIVMSG #lobby :this is for all");
  await bob.send("PRIVMSG #lobby :alice, this is for you");
  await ask.waitFor();
  assertEquals(await notified(alice), []);
  assertEquals(await alice.evaluate("recorded.asked"), 0);
  await hasTitle(alice, "(1) #lobby · ChatterBox");
  const icon = () => alice.locator("link[rel=icon]").getAttribute("href");
  assert((await icon())!.includes("icon_unread"));
  await look(alice, false);
  await checkAccess(alice, "asking whether to notify");
  await ask.click();
  await ask.waitFor({ state: "detached" });
  assertEquals(await alice.evaluate("recorded.asked"), 1);
  await hasTitle(alice, "#lobby · ChatterBox");
  assert(!(await icon())!.includes("icon_unread"));
  await look(alice, true);
  await bob.send("PRIVMSG alice :lunch\x02?\x07 now");
  await bob.send("PRIVMSG #lobby :not for a\u200blice");
  await comesToNotify(alice, ["bob: lunch?␇ now"]);
  await bob.send("PRIVMSG alice :or later?");
  await comesToNotify(alice, ["bob: lunch?␇ now", "bob: or later?"]);
  const tags = await alice.evaluate("recorded.shown.map(({ tag }) => tag)");
  assertEquals(tags, ["conversation bob", "conversation bob"]);
  await look(alice, false);
  await alice.evaluate("recorded.shown.at(-1).onclick()");
  await alice.getByRole("heading", { name: "bob", exact: true }).waitFor();
  await comesToNotify(alice, ["bob: lunch?␇ now", "bob: or later? closed"]);
  await alice.getByRole("button", { name: "Settings" }).click();
  await alice.getByRole("switch", { name: "Notifications" }).click();
  await look(alice, true);
  await bob.send("PRIVMSG alice :unheard");
  await shows(alice, "unheard");
  assertEquals((await notified(alice)).length, 2);
});

pageTest("of two tabs one notifies, and both know what is read, typed and chosen", async (chat) => {
  const alice = await enterRecorded(chat, "alice");
  await alice.evaluate("Notification.requestPermission()");
  const other = await openTab(alice);
  await other.evaluate("Notification.requestPermission()");
  await alice.getByRole("button", { name: "Settings" }).click();
  await alice.getByRole("switch", { name: "Sound" }).click();
  await alice.evaluate("recorded.tones = 0");
  await other.getByRole("button", { name: "Settings" }).click();
  await other.getByRole("switch", { name: "Sound", checked: true }).waitFor();
  const bob = await chat.client("bob");
  await bob.send("PRIVMSG alice :first");
  await comesToNotify(alice, ["bob: first"]);
  const unread = (page: Page) => page.getByRole("button", { name: "bob 1 unread, 1 for you" });
  await unread(other).waitFor();
  await unread(alice).waitFor();
  await other.getByRole("button", { name: "bob" }).click();
  await unread(alice).waitFor({ state: "detached" });
  await comesToNotify(alice, ["bob: first closed"]);
  await bob.send("PRIVMSG alice :seen in the other tab");
  await shows(other, "seen in the other tab");
  assertEquals([await notified(alice), await notified(other)], [["bob: first closed"], []]);
  const tones = "recorded.tones";
  assertEquals([await alice.evaluate(tones), await other.evaluate(tones)], [1, 0]);
  await alice.getByRole("button", { name: "bob" }).click();
  await alice.locator("textarea").fill("half a thought");
  await comesTrue(
    "the draft in the other tab",
    async () => await other.locator("textarea").inputValue() === "half a thought",
  );
  await say(other, "a whole thought");
  await shows(alice, "a whole thought");
  await comesTrue("the draft is sent", async () => await alice.locator("textarea").inputValue() === "");
  assertEquals((await texts(alice)).filter((text) => text === "a whole thought").length, 1);
  await look(other, true);
  await alice.close(); // the other one notifies from now on
  await bob.send("PRIVMSG alice :second");
  await comesTrue("the other tab notifies", async () => {
    await bob.send("PRIVMSG alice :third");
    return (await notified(other)).length > 0;
  });
  const third = await openTab(other);
  await third.getByRole("button", { name: "Log out" }).click();
  await other.getByLabel("Your name").waitFor();
});

pageTest("what is typed while the server is away outlives the page, and is sent once", async (chat) => {
  const alice = await chat.enter("alice");
  const other = await openTab(alice);
  await chat.kill();
  await alice.locator(".connection-waiting").waitFor();
  await say(alice, "from a tab that is closed");
  await shows(alice, "from a tab that is closed");
  await other.locator(".connection-waiting").waitFor();
  await say(other, "from a tab that stays");
  await shows(other, "from a tab that stays");
  assertEquals(await texts(alice), ["from a tab that is closed"]);
  await alice.close();
  await shows(other, "from a tab that is closed");
  const browser = other.context();
  await other.close();
  await chat.restart();
  const later = await browser.newPage();
  await later.goto(chat.address);
  await later.locator(".mark-durable").nth(1).waitFor();
  const both = ["from a tab that is closed", "from a tab that stays"];
  assertEquals((await texts(later)).sort(), both);
  const another = await openTab(later);
  await shows(another, "from a tab that stays");
  const bob = await chat.enter("bob");
  await shows(bob, "from a tab that stays");
  assertEquals((await texts(bob)).sort(), both);
});

pageTest(
  "what waits to be sent can be changed or discarded; what was refused is not sent again",
  async (chat) => {
    const alice = await chat.enter("alice");
    await say(alice, "/msg latecomer anybody?");
    await alice.getByText("Not delivered:").waitFor();
    await chat.client("latecomer"); // from now on it could be delivered
    await alice.reload();
    await isLive(alice);
    await alice.getByText("Not delivered:").waitFor();
    await alice.getByRole("button", { name: "Discard" }).click();
    await alice.getByRole("button", { name: "#lobby" }).click();
    await chat.kill();
    await alice.locator(".connection-waiting").waitFor();
    for (const text of ["one", "two", "three"]) await say(alice, text);
    const row = (text: string) => alice.locator("article", { hasText: text });
    await row("two").getByRole("button", { name: "Discard" }).click();
    await row("two").waitFor({ state: "detached" });
    await row("three").getByRole("button", { name: "Edit" }).click();
    await row("three").waitFor({ state: "detached" });
    await checkAccess(alice, "unsent");
    assertEquals(await alice.locator("textarea").inputValue(), "three");
    await say(alice, "three and a half");
    await chat.restart();
    await row("three and a half").locator(".mark-durable").waitFor();
    await alice.reload();
    await shows(alice, "three and a half");
    assertEquals(await texts(alice), ["one", "three and a half"]);
  },
);

pageTest("settings hold in this browser, and keys are listed", async (chat) => {
  const alice = await chat.enter("alice");
  await alice.getByRole("button", { name: "Settings" }).click();
  await checkAccess(alice, "settings");
  const ground = () => alice.evaluate("getComputedStyle(document.body).backgroundColor");
  const light = await ground();
  await alice.getByLabel("dark").check();
  assert(await ground() !== light);
  await checkAccess(alice, "dark settings");
  await alice.getByRole("switch", { name: "Enter sends" }).click();
  await alice.reload();
  await isLive(alice);
  assert(await ground() !== light);
  await alice.locator("textarea").fill("one");
  await alice.locator("textarea").press("Enter");
  assertEquals(await alice.locator("textarea").inputValue(), "one\n");
  await alice.locator("textarea").press("Control+Enter");
  await shows(alice, "one");
  await alice.keyboard.press("Control+/");
  await alice.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await checkAccess(alice, "keys");
  await alice.keyboard.press("Escape");
  await alice.locator("dialog").waitFor({ state: "detached" });
  await alice.locator("textarea").blur();
  await alice.keyboard.press("?");
  await alice.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
});

pageTest("a page is connected again when its network is back", async (chat) => {
  const alice = await chat.enter("alice");
  chat.allowOffline();
  await alice.context().setOffline(true);
  await alice.locator(".connection-waiting").waitFor();
  await say(alice, "kept");
  await alice.context().setOffline(false);
  await isLive(alice);
  await alice.locator(".mark-durable").waitFor();
});

pageTest("the page can be installed", async (chat) => {
  const alice = await chat.enter("alice");
  const devtools = await alice.context().newCDPSession(alice);
  const { errors, data } = await devtools.send("Page.getAppManifest");
  assertEquals(errors, []);
  assertEquals(JSON.parse(data!).start_url, "/");
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // The browser of the tests keeps nothing; with windows it says that no page can be installed in such a one.
  const errorIds = installabilityErrors.map(({ errorId }) => errorId);
  assertEquals(errorIds.filter((id) => id !== "in-incognito"), []);
});
